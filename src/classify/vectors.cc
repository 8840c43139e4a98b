#include <cstring>
#include <fstream>
#include <iterator>
#include <unordered_set>

#include "base/hash.h"
#include "base/json.h"
#include "classify/train.h"
#include "ngrams.h"
#include "parameters.h"

namespace plimsoll::classify {
namespace {

constexpr std::string_view kMagic = "PLIMWORD";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kPreamble = 16;  // magic, version, length of the header
constexpr std::size_t kMaxBytes = 32U << 20U;

std::uint32_t read_u32(std::string_view bytes, std::size_t at) {
  std::uint32_t x = 0;
  std::memcpy(&x, bytes.data() + at, sizeof x);
  return x;
}

std::size_t count(const json::value& header, std::string_view name) {
  const auto* v = find(header, name);
  return v != nullptr && v->is_int64() && v->get_int64() > 0 ? static_cast<std::size_t>(v->get_int64()) : 0;
}

}  // namespace

Result<WordVectors> WordVectors::parse(std::string_view bytes) {
  if (bytes.size() > kMaxBytes) return fail(Code::kTooLarge, "larger than a file of word vectors may be");
  if (!bytes.starts_with(kMagic)) return fail(Code::kInvalid, "not a file of word vectors");
  if (bytes.size() < kPreamble + sizeof(Digest)) return fail(Code::kInvalid, "cut short");
  if (read_u32(bytes, 8) != kVersion)
    return fail(Code::kInvalid, "a format version this program does not read");
  std::string_view rest = bytes.substr(0, bytes.size() - sizeof(Digest));
  if (bytes_of(sha256(rest)) != bytes.substr(rest.size()))
    return fail(Code::kInvalid, "checksum does not match: damaged or cut short");
  const std::size_t header_size = read_u32(bytes, 12);
  rest.remove_prefix(kPreamble);
  if (header_size > rest.size()) return fail(Code::kInvalid, "header: longer than the file");
  const auto header = parse_json(rest.substr(0, header_size));
  if (!header) return std::unexpected(Error(header.error()).in("header"));
  rest.remove_prefix(header_size);

  WordVectors out;
  out.width_ = count(*header, "width");
  const std::size_t words = count(*header, "words");
  if (out.width_ == 0 || out.width_ % 64 != 0 || out.width_ > Parameters::kMaxWidth)
    return fail(Code::kInvalid, "header: 'width' must be a multiple of 64, at most 256");
  if (words == 0 || words > Parameters::kMaxWords)
    return fail(Code::kInvalid, "header: 'words' must be 1 to " + std::to_string(Parameters::kMaxWords));
  if (const auto* name = find_string(*header, "name")) out.name_ = *name;

  std::unordered_set<std::uint32_t> seen;
  for (std::size_t i = 0; i < words; ++i) {
    const std::size_t size = rest.empty() ? 0 : static_cast<unsigned char>(rest.front());
    if (rest.size() < 1 + size + out.width_)
      return fail(Code::kInvalid, "word " + std::to_string(i) + ": the file ends within it");
    const std::uint32_t key = word_key(rest.substr(1, size));
    rest.remove_prefix(1 + size);
    if (seen.insert(key).second) {  // "3" and "4" are one word to the model
      out.keys_.push_back(key);
      const auto* v = reinterpret_cast<const std::int8_t*>(rest.data());
      out.vectors_.insert(out.vectors_.end(), v, v + out.width_);
    }
    rest.remove_prefix(out.width_);
  }
  if (!rest.empty()) return fail(Code::kInvalid, "holds more than its header says");
  out.digest_ = to_hex(sha256(bytes));
  return out;
}

Result<WordVectors> WordVectors::load(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(Code::kNotFound, path + ": cannot be opened");
  std::string bytes(kMaxBytes + 1, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (in.bad()) return fail(Code::kUnavailable, path + ": cannot be read");
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  auto vectors = parse(bytes);
  if (!vectors) return std::unexpected(std::move(vectors).error().in(path));
  return vectors;
}

}  // namespace plimsoll::classify
