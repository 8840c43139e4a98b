#include "record.h"

#include <charconv>
#include <cstring>

#include "base/hash.h"

namespace plimsoll::vault {
namespace {

constexpr std::string_view kSuffix = ".sealed";
constexpr std::size_t kDigits = 20;

void put(std::string& out, std::uint32_t value) {
  for (unsigned shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(value >> shift));
}
std::uint32_t get(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < 4; ++i)
    value |= std::uint32_t{static_cast<std::uint8_t>(bytes[at + i])} << (8 * i);
  return value;
}
// Of the length and the tag: what is erased later leaves it as it is.
std::uint32_t checksum(std::string_view header) {
  return crc32c(header.substr(8), crc32c(header.substr(0, 4)));
}

}  // namespace

std::string encode(const Tag& tag, std::string_view sealed) {
  std::string out;
  out.reserve(kRecordHeader + sealed.size());
  put(out, static_cast<std::uint32_t>(sealed.size()));
  put(out, 0);
  out.append(bytes_of(tag));
  std::string sum;
  put(sum, checksum(out));
  out.replace(4, 4, sum);
  return out.append(sealed);
}

std::optional<Header> decode_header(std::string_view bytes) {
  if (bytes.size() < kRecordHeader) return std::nullopt;
  bytes = bytes.substr(0, kRecordHeader);
  Header header{.sealed = get(bytes, 0), .tag = {}};
  if (header.sealed < kSealed || header.sealed > kMaxSealed || get(bytes, 4) != checksum(bytes))
    return std::nullopt;
  std::memcpy(header.tag.data(), bytes.data() + 8, header.tag.size());
  return header;
}

std::string file_name(std::uint64_t number) {
  auto digits = std::to_string(number);
  digits.insert(0, kDigits - digits.size(), '0');
  return digits.append(kSuffix);
}

std::optional<std::uint64_t> parse_file_name(std::string_view name) {
  if (name.size() != kDigits + kSuffix.size() || !name.ends_with(kSuffix)) return std::nullopt;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + kDigits, number);
  if (error != std::errc() || end != name.data() + kDigits) return std::nullopt;
  return number;
}

}  // namespace plimsoll::vault
