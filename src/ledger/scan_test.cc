#include "scan.h"

#include <gtest/gtest.h>

#include <vector>

namespace plimsoll::ledger {
namespace {

constexpr std::uint64_t kSalt = 77;
constexpr Index kFirst = 1000;

// A segment with a batch for every inner list.
std::string segment(const std::vector<std::vector<std::string>>& batches) {
  auto bytes = encode({.first = kFirst, .salt = kSalt});
  auto index = kFirst;
  for (const auto& batch : batches) {
    for (const auto& entry : batch) append_record(bytes, kSalt, index, entry);
    index += batch.size();
  }
  return bytes;
}

struct Found {
  std::vector<std::string> entries;
  Scan::Rest rest;
};

Found scan(std::string_view bytes) {
  auto walk = *Scan::open(bytes);
  Found found{{}, Scan::Rest::kNothing};
  while (const auto record = walk.next()) found.entries.emplace_back(record->entry);
  found.rest = walk.rest();
  return found;
}

TEST(Scan, GivesTheEntriesInOrderAndEndsAtZeros) {
  const auto bytes = segment({{"a", "bb"}, {"ccc"}});
  for (const std::size_t zeros : {0, 1, 47, 48, 5000}) {
    const auto found = scan(bytes + std::string(zeros, '\0'));
    EXPECT_EQ(found.entries, (std::vector<std::string>{"a", "bb", "ccc"}));
    EXPECT_EQ(found.rest, Scan::Rest::kNothing) << zeros;
  }
}

TEST(Scan, CutAnywhereInTheLastBatchIsATornTailAndNotDamage) {
  const auto one = segment({{"first", "second"}});
  const auto both = segment({{"first", "second"}, {"third", "fourth"}});
  for (auto cut = one.size() + 1; cut < both.size(); ++cut) {
    const auto found = scan(both.substr(0, cut) + std::string(100, '\0'));
    ASSERT_GE(found.entries.size(), 2U) << cut;
    ASSERT_LE(found.entries.size(), 3U) << cut;
    EXPECT_EQ(found.rest, cut == both.size() - 54 ? Scan::Rest::kNothing : Scan::Rest::kTorn) << cut;
  }
}

TEST(Scan, AHoleInTheLastBatchIsATornTail) {
  auto bytes = segment({{"first"}, {"second", "third", "fourth"}});
  const auto hole = segment({{"first"}}).size();
  for (std::size_t i = 0; i < record_bytes(6); ++i) bytes[hole + i] = '\0';
  const auto found = scan(bytes);
  EXPECT_EQ(found.entries, std::vector<std::string>{"first"});
  EXPECT_EQ(found.rest, Scan::Rest::kTorn);
}

TEST(Scan, AnythingWrongBeforeALaterBatchIsDamage) {
  const auto whole = segment({{"first", "second"}, {"third"}});
  const auto last = segment({{"first", "second"}}).size();
  for (std::size_t at = kHeaderBytes; at < last; ++at) {
    auto bytes = whole;
    bytes[at] = static_cast<char>(~bytes[at]);
    const auto found = scan(bytes);
    EXPECT_LT(found.entries.size(), 2U) << at;
    EXPECT_EQ(found.rest, Scan::Rest::kDamage) << at;
  }
}

TEST(Scan, AnEntryThatLooksLikeARecordProvesNothing) {
  std::string forged;
  append_record(forged, kSalt + 1, kFirst + 1, "forged");
  auto bytes = segment({{"a", forged}});
  bytes[kHeaderBytes + kRecordHeaderBytes] ^= 1;
  EXPECT_EQ(scan(bytes).rest, Scan::Rest::kTorn);
}

TEST(Scan, RefusesALeafHashThatIsNotTheEntrysEvenUnderARightChecksum) {
  auto bytes = segment({{"entry"}});
  const auto record = kHeaderBytes;
  bytes[record + 16] ^= 1;
  const auto seed = crc32c(std::string("\x4d\0\0\0\0\0\0\0", 8));  // the salt
  const auto crc = crc32c(bytes.substr(record + 8), crc32c(bytes.substr(record, 4), seed));
  for (std::size_t i = 0; i < 4; ++i) bytes[record + 4 + i] = static_cast<char>(crc >> (8 * i));
  EXPECT_TRUE(decode_record(std::string_view(bytes).substr(record), kSalt));
  EXPECT_TRUE(scan(bytes).entries.empty());
}

TEST(Scan, RefusesARecordThatClaimsWhatCannotBe) {
  for (const Index synced : {kFirst - 1, kFirst + 1}) {
    auto bytes = encode({.first = kFirst, .salt = kSalt});
    append_record(bytes, kSalt, synced, "entry");
    EXPECT_TRUE(scan(bytes).entries.empty()) << synced;
  }
}

TEST(Scan, RefusesBytesThatAreNoSegment) {
  EXPECT_FALSE(Scan::open(""));
  EXPECT_FALSE(Scan::open(std::string(4096, '\0')));
}

}  // namespace
}  // namespace plimsoll::ledger
