// The index file: docs/corpus_format.md. Little-endian; every section begins at a multiple of 64 bytes.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "verbatim/fingerprint.h"

namespace plimsoll::verbatim {

static_assert(std::endian::native == std::endian::little, "the index is mapped as it is");

inline constexpr std::array<char, 8> kIndexMagic = {'P', 'L', 'M', 'C', 'O', 'R', 'P', '1'};
inline constexpr std::uint32_t kIndexVersion = 1;
inline constexpr std::uint64_t kAlignment = 64;
inline constexpr std::uint32_t kMeanBucket = 8;  // fingerprints per bucket, about

enum SectionName : std::uint8_t { kWorks, kTitles, kWords, kBuckets, kRemainders, kPositions };
inline constexpr std::size_t kSectionCount = 6;

struct Section {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::uint32_t crc = 0;  // CRC-32C
  std::uint32_t reserved = 0;
};

struct Header {
  std::array<char, 8> magic{};
  std::uint32_t version = 0;
  std::uint32_t gram = 0;
  std::uint32_t window = 0;
  std::uint32_t occurrences = 0;  // of one fingerprint that are kept
  std::uint64_t works = 0;
  std::uint64_t words = 0;  // positions; a work begins at an even one
  std::uint64_t buckets = 0;
  std::uint64_t fingerprints = 0;
  std::array<Section, kSectionCount> sections{};
  std::uint32_t reserved = 0;
  std::uint32_t crc = 0;  // of all before it
};
static_assert(sizeof(Header) == 208);

struct WorkRecord {
  std::uint64_t first = 0;  // position of its first word
  std::uint64_t words = 0;
  std::uint64_t bytes = 0;
  std::uint32_t title = 0;  // offset into the titles
  std::uint32_t title_size = 0;
  std::array<char, 24> name{};  // "verbatim.<id>", NUL-padded
  std::array<std::uint8_t, 8> reserved{};
};
static_assert(sizeof(WorkRecord) == 64);

inline constexpr std::string_view kNamePrefix = "verbatim.";
inline constexpr std::size_t kIdSize = 12;  // hexadecimal digits of the SHA-256 of the work's bytes

// A bucket: where its fingerprints begin, and a filter of two bits for each that is in it.
constexpr std::uint64_t bucket_of(std::uint64_t key, std::uint64_t buckets) {
  return static_cast<std::uint64_t>((static_cast<unsigned __int128>(key) * buckets) >> 64U);
}
constexpr std::uint32_t filter_of(std::uint64_t key) {
  return (1U << (key >> 8U & 31U)) | (1U << (key >> 13U & 31U));
}
constexpr std::uint8_t remainder_of(std::uint64_t key) {
  return static_cast<std::uint8_t>(key);
}

// What is kept of a word: 4 bits, two words to a byte, the even one in the low half.
constexpr std::uint8_t nibble_of(std::uint64_t word_hash) {
  return static_cast<std::uint8_t>(word_hash >> 60U);
}

constexpr std::uint64_t aligned(std::uint64_t offset) {
  return (offset + kAlignment - 1) / kAlignment * kAlignment;
}

std::uint32_t checksum(const Header& header);
// Puts the right checksums into an index in memory, whatever it holds: for tests that damage one on purpose.
void seal(std::span<char> file);

}  // namespace plimsoll::verbatim
