// The model file; docs/model_format.md is its description.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <span>
#include <unordered_set>

#include "base/hash.h"
#include "base/json.h"
#include "glosses.h"
#include "parameters.h"

namespace plimsoll::classify {
namespace {

static_assert(std::endian::native == std::endian::little, "the file is little-endian and read as it is");

constexpr std::string_view kMagic = "PLIMRISK";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kMaxHeader = 1U << 18U;
constexpr std::size_t kPreamble = 16;  // magic, version, length of the header

// What the model sees of a window: ngrams.h.
const std::string& features() {
  static const std::string name = "v3-" + Glosses::shipped().digest();
  return name;
}

template <class T, class A>
void append(std::string& out, const std::vector<T, A>& values) {
  out.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

std::uint32_t read_u32(std::string_view bytes, std::size_t at) {
  std::uint32_t x = 0;
  std::memcpy(&x, bytes.data() + at, sizeof x);
  return x;
}

json::array to_array(const PerHead& values) {
  json::array out;
  for (const double v : values) out.emplace_back(v);
  return out;
}

json::object header_of(const Parameters& p) {
  json::array heads;
  json::array calibration;
  for (std::size_t h = 0; h < kHeadCount; ++h) {
    heads.emplace_back(to_string(kHeads[h]));
    calibration.push_back({{"slope", p.calibration[h].slope},
                           {"offset", p.calibration[h].offset},
                           {"base_rate", p.calibration[h].base_rate}});
  }
  return {{"heads", std::move(heads)},
          {"features", features()},
          {"row_bits", p.row_bits},
          {"bias", to_array(p.bias)},
          {"scale", to_array(p.scale)},
          {"shrink", p.shrink},
          {"width", p.width},
          {"hidden", p.hidden},
          {"words", p.word_keys.size()},
          {"gain", p.gain},
          {"floor", p.floor},
          {"window_penalty", to_array(p.window_penalty)},
          {"calibration", std::move(calibration)},
          {"training", parse_json(p.training).value_or(json::object())}};
}

// Reads members of the header; the first thing wrong is kept.
class Header {
 public:
  explicit Header(const json::value& value) : value_(value) {}

  double number(const json::value* v, const std::string& name, double low, double high) {
    double x = low;
    if (v != nullptr && v->is_double()) {
      x = v->get_double();
    } else if (v != nullptr && v->is_int64()) {
      x = static_cast<double>(v->get_int64());
    } else if (v != nullptr && v->is_uint64()) {
      x = static_cast<double>(v->get_uint64());
    } else {
      wrong("header: '" + name + "' is not a number");
    }
    if (std::isfinite(x) && x >= low && x <= high) return x;
    wrong("header: '" + name + "' is out of range");
    return low;
  }
  double number(const char* name, double low, double high) {
    return number(find(value_, name), name, low, high);
  }
  std::size_t count(const char* name, std::size_t low, std::size_t high) {
    const double x = number(name, static_cast<double>(low), static_cast<double>(high));
    if (x != std::floor(x)) wrong(std::string("header: '") + name + "' is not a whole number");
    return static_cast<std::size_t>(x);
  }
  const json::array* per_head(const char* name) {
    const auto* a = find_array(value_, name);
    if (a != nullptr && a->size() == kHeadCount) return a;
    wrong(std::string("header: '") + name + "' does not have one item for each head");
    return nullptr;
  }
  PerHead numbers(const char* name, double low, double high) {
    PerHead out{};
    if (const auto* a = per_head(name))
      for (std::size_t h = 0; h < kHeadCount; ++h) out[h] = number(&(*a)[h], name, low, high);
    return out;
  }
  void wrong(std::string message) {
    if (error_.empty()) error_ = std::move(message);
  }
  const std::string& error() const { return error_; }
  const json::value& value() const { return value_; }

 private:
  const json::value& value_;
  std::string error_;
};

void read_header(Header& header, Parameters& p) {
  if (const auto* heads = header.per_head("heads"))
    for (std::size_t h = 0; h < kHeadCount; ++h)
      if (!(*heads)[h].is_string() || (*heads)[h].get_string() != to_string(kHeads[h]))
        header.wrong("header: 'heads' are not this program's: retrain the model");
  const auto* features = find_string(header.value(), "features");
  if (features == nullptr || *features != classify::features())
    header.wrong("header: 'features' are not this program's: retrain the model");
  p.row_bits =
      static_cast<unsigned>(header.count("row_bits", Parameters::kMinRowBits, Parameters::kMaxRowBits));
  p.bias = header.numbers("bias", -1e6, 1e6);
  p.scale = header.numbers("scale", 0, 1e6);
  p.shrink = header.number("shrink", 0, 1e6);
  p.width = header.count("width", 0, Parameters::kMaxWidth);
  p.hidden = header.count("hidden", 0, Parameters::kMaxHidden);
  p.gain = header.number("gain", 0, 1e6);
  p.floor = header.number("floor", 0, 1e12);
  if (p.shrink <= 0 || (p.hidden > 0 && p.floor <= 0))
    header.wrong("header: 'shrink' and 'floor' must be positive");
  p.window_penalty = header.numbers("window_penalty", 0, 1e6);
  if (const auto* a = header.per_head("calibration"))
    for (std::size_t h = 0; h < kHeadCount; ++h) {
      p.calibration[h].slope = header.number(find((*a)[h], "slope"), "slope", 1e-6, 1e6);
      p.calibration[h].offset = header.number(find((*a)[h], "offset"), "offset", -1e6, 1e6);
      p.calibration[h].base_rate = header.number(find((*a)[h], "base_rate"), "base_rate", 0, 1);
    }
  const std::size_t words = header.count("words", 0, Parameters::kMaxWords);
  p.word_keys.resize(words);
  if (p.width % 64 != 0 || p.hidden % 8 != 0)
    header.wrong("header: 'width' or 'hidden' is not a multiple of a lane");
  if ((p.width == 0) != (words == 0) || (p.width == 0) != (p.hidden == 0))
    header.wrong("header: 'width', 'hidden' and 'words' must all be 0, or none of them");
  if (const auto* training = find_object(header.value(), "training")) {
    p.training = to_canonical_json(*training);
  } else {
    header.wrong("header: 'training' is missing");
  }
}

template <class T, class A>
void take(std::string_view& bytes, std::vector<T, A>& values) {
  if (values.empty()) return;
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  bytes.remove_prefix(values.size() * sizeof(T));
}

bool all_finite(std::span<const float> values) {
  return std::ranges::all_of(values, [](float x) { return std::isfinite(x) && std::abs(x) < 1e6F; });
}

}  // namespace

std::string write_parameters(const Parameters& p) {
  const std::string header = to_canonical_json(header_of(p));
  std::string out(kMagic);
  for (const auto n : {kVersion, static_cast<std::uint32_t>(header.size())})
    out.append(reinterpret_cast<const char*>(&n), sizeof n);
  out += header;
  append(out, p.rows);
  append(out, p.word_keys);
  append(out, p.vectors);
  append(out, p.in);
  append(out, p.hidden_bias);
  append(out, p.out);
  const Digest digest = sha256(out);
  out += bytes_of(digest);
  return out;
}

Result<Parameters> read_parameters(std::string_view bytes) {
  if (bytes.size() > Model::kMaxBytes) return fail(Code::kTooLarge, "larger than a model file may be (8 MB)");
  if (!bytes.starts_with(kMagic)) return fail(Code::kInvalid, "not a risk model file");
  if (bytes.size() < kPreamble + sizeof(Digest)) return fail(Code::kInvalid, "cut short");
  if (const auto version = read_u32(bytes, 8); version != kVersion)
    return fail(Code::kInvalid, "format version " + std::to_string(version) +
                                    ", this program reads version " + std::to_string(kVersion));
  const std::string_view sealed = bytes.substr(0, bytes.size() - sizeof(Digest));
  if (bytes_of(sha256(sealed)) != bytes.substr(sealed.size()))
    return fail(Code::kInvalid, "checksum does not match: damaged or cut short");
  const std::size_t header_size = read_u32(bytes, 12);
  if (header_size > kMaxHeader || header_size > sealed.size() - kPreamble)
    return fail(Code::kInvalid, "header: longer than the file");
  const auto value =
      parse_json(sealed.substr(kPreamble, header_size), {.max_bytes = kMaxHeader, .max_depth = 16});
  if (!value) return std::unexpected(Error(value.error()).in("header"));

  Parameters p;
  Header header(*value);
  read_header(header, p);
  if (!header.error().empty()) return fail(Code::kInvalid, header.error());
  p.rows.resize(std::size_t{1} << p.row_bits);
  p.vectors.resize(p.word_keys.size() * p.width);
  p.in.resize(p.width * p.hidden);
  p.hidden_bias.resize(p.hidden);
  p.out.resize(p.hidden * 8);
  const std::size_t size = p.rows.size() * 8 + p.word_keys.size() * 4 + p.vectors.size() +
                           (p.in.size() + p.hidden_bias.size() + p.out.size()) * 4;
  std::string_view rest = sealed.substr(kPreamble + header_size);
  if (rest.size() != size)
    return fail(Code::kInvalid, "holds " + std::to_string(rest.size()) +
                                    " bytes of weights, its header says " + std::to_string(size));
  take(rest, p.rows);
  take(rest, p.word_keys);
  take(rest, p.vectors);
  take(rest, p.in);
  take(rest, p.hidden_bias);
  take(rest, p.out);
  if (!all_finite(p.in) || !all_finite(p.hidden_bias) || !all_finite(p.out))
    return fail(Code::kInvalid, "a weight is not a number in range");
  if (std::unordered_set(p.word_keys.begin(), p.word_keys.end()).size() != p.word_keys.size())
    return fail(Code::kInvalid, "a word is listed twice");
  return p;
}

}  // namespace plimsoll::classify
