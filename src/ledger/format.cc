#include "format.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cstring>

#include "ledger/proof.h"

namespace plimsoll::ledger {
namespace {

constexpr std::string_view kMagic = "PLIMSEG\n";
constexpr std::uint32_t kVersion = 1;
constexpr std::string_view kSuffix = ".seg";
constexpr std::size_t kIndexDigits = 20;
constexpr std::uint32_t kRemoved = 1U << 31U;

template <class Integer>
void put(std::string& out, Integer value) {
  for (std::size_t i = 0; i < sizeof value; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

template <class Integer>
void put_at(char* out, Integer value) {
  for (std::size_t i = 0; i < sizeof value; ++i) out[i] = static_cast<char>(value >> (8 * i));
}

template <class Integer>
Integer get(std::string_view bytes, std::size_t at) {
  Integer value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i)
    value |= static_cast<Integer>(static_cast<Integer>(static_cast<std::uint8_t>(bytes[at + i])) << (8 * i));
  return value;
}

std::uint32_t header_crc(std::string_view header) {
  return crc32c(header.substr(16, 16), crc32c(header.substr(0, 12)));
}

// `record` without its entry where that was removed.
std::uint32_t record_crc(std::string_view record, std::uint64_t salt) {
  char seed[sizeof salt];
  put_at(seed, salt);
  return crc32c(record.substr(8), crc32c(record.substr(0, 4), crc32c({seed, sizeof seed})));
}

}  // namespace

std::string encode(const Header& header) {
  std::string out(kMagic);
  put(out, kVersion);
  put(out, std::uint32_t{0});
  put(out, header.first);
  put(out, header.salt);
  put_at(out.data() + 12, header_crc(out));
  return out;
}

Result<Header> decode_header(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes) return fail(Code::kInvalid, "the header is cut short");
  const auto header = bytes.substr(0, kHeaderBytes);
  if (!header.starts_with(kMagic)) return fail(Code::kInvalid, "this is not a segment of a log");
  if (get<std::uint32_t>(header, 12) != header_crc(header))
    return fail(Code::kInvalid, "the header is damaged");
  if (get<std::uint32_t>(header, 8) != kVersion)
    return fail(Code::kInvalid, "version " + std::to_string(get<std::uint32_t>(header, 8)) + " is unknown");
  return Header{get<std::uint64_t>(header, 16), get<std::uint64_t>(header, 24)};
}

Digest append_record(std::string& out, std::uint64_t salt, Index synced, std::string_view entry) {
  assert(!entry.empty() && entry.size() <= kMaxEntryBytes);
  const auto start = out.size();
  put(out, static_cast<std::uint32_t>(entry.size()));
  put(out, std::uint32_t{0});
  put(out, synced);
  const auto leaf = leaf_hash(entry);
  out.append(bytes_of(leaf));
  out.append(entry);
  put_at(out.data() + start + 4, record_crc(std::string_view(out).substr(start), salt));
  return leaf;
}

std::optional<std::size_t> record_length(std::string_view bytes) {
  if (bytes.size() < kRecordHeaderBytes) return std::nullopt;
  const auto length = get<std::uint32_t>(bytes, 0) & ~kRemoved;
  if (length == 0 || length > kMaxEntryBytes) return std::nullopt;
  return record_bytes(length);
}

std::optional<Record> decode_record(std::string_view bytes, std::uint64_t salt) {
  const auto length = record_length(bytes);
  if (!length || bytes.size() < *length) return std::nullopt;
  const bool removed = (get<std::uint32_t>(bytes, 0) & kRemoved) != 0;
  const auto record = bytes.substr(0, removed ? kRecordHeaderBytes : *length);
  if (get<std::uint32_t>(record, 4) != record_crc(record, salt)) return std::nullopt;
  Record decoded;
  decoded.synced = get<std::uint64_t>(record, 8);
  std::memcpy(decoded.leaf_hash.data(), record.data() + 16, decoded.leaf_hash.size());
  decoded.entry = record.substr(kRecordHeaderBytes);
  decoded.bytes = *length;
  return decoded;
}

void remove_entry(std::string& segment, std::size_t offset, std::uint64_t salt) {
  const auto length = get<std::uint32_t>(segment, offset) & ~kRemoved;
  put_at(segment.data() + offset, length | kRemoved);
  const auto entry = segment.begin() + static_cast<std::ptrdiff_t>(offset + kRecordHeaderBytes);
  std::fill(entry, entry + length, '\0');
  put_at(segment.data() + offset + 4,
         record_crc(std::string_view(segment).substr(offset, kRecordHeaderBytes), salt));
}

std::string segment_name(Index first) {
  auto digits = std::to_string(first);
  digits.insert(0, kIndexDigits - digits.size(), '0');
  return digits.append(kSuffix);
}

std::optional<Index> parse_segment_name(std::string_view name) {
  if (name.size() != kIndexDigits + kSuffix.size() || !name.ends_with(kSuffix)) return std::nullopt;
  Index first = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + kIndexDigits, first);
  if (error != std::errc() || end != name.data() + kIndexDigits) return std::nullopt;
  return first;
}

}  // namespace plimsoll::ledger
