#include "format.h"

#include <gtest/gtest.h>

#include "ledger/proof.h"

namespace plimsoll::ledger {
namespace {

constexpr std::uint64_t kSalt = 0x0123456789ABCDEF;

std::string record(std::string_view entry, Index synced = 0) {
  std::string bytes;
  append_record(bytes, kSalt, synced, entry);
  return bytes;
}

// Checksums by another implementation of the description in format.h.
TEST(Format, IsLaidOutAsDocumented) {
  const auto header = encode({.first = 0x0102, .salt = kSalt});
  EXPECT_EQ(to_hex(header),
            "504c494d5345470a01000000"
            "4b20bdf1"
            "0201000000000000"
            "efcdab8967452301");
  const auto bytes = record("abc", 7);
  EXPECT_EQ(to_hex(std::string_view(bytes).substr(0, 4)), "03000000");
  EXPECT_EQ(to_hex(std::string_view(bytes).substr(4, 4)), "870c42d4");
  EXPECT_EQ(to_hex(std::string_view(bytes).substr(8, 8)), "0700000000000000");
  EXPECT_EQ(std::string_view(bytes).substr(16, 32), bytes_of(sha256(std::string("\0abc", 4))));
  EXPECT_EQ(std::string_view(bytes).substr(48), "abc");
}

TEST(Format, GivesBackWhatWasWritten) {
  const auto header = decode_header(encode({.first = 42, .salt = kSalt}));
  ASSERT_TRUE(header);
  EXPECT_EQ(header->first, 42U);
  EXPECT_EQ(header->salt, kSalt);
  for (const std::size_t size : {std::size_t{1}, std::size_t{400}, kMaxEntryBytes}) {
    const std::string entry(size, 'e');
    const auto bytes = record(entry, 9) + "more";
    const auto decoded = decode_record(bytes, kSalt);
    ASSERT_TRUE(decoded) << size;
    EXPECT_EQ(decoded->entry, entry);
    EXPECT_EQ(decoded->synced, 9U);
    EXPECT_EQ(decoded->leaf_hash, leaf_hash(entry));
  }
}

TEST(Format, NoticesEveryChangedBitAndEveryMissingByte) {
  const auto header = encode({.first = 1, .salt = kSalt});
  const auto bytes = record("an entry");
  for (std::size_t bit = 0; bit < 8 * header.size(); ++bit) {
    auto changed = header;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(decode_header(changed)) << "bit " << bit;
  }
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    auto changed = bytes;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(decode_record(changed, kSalt)) << "bit " << bit;
  }
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_record(std::string_view(bytes).substr(0, size), kSalt)) << size << " bytes";
  for (std::size_t size = 0; size < header.size(); ++size)
    EXPECT_FALSE(decode_header(std::string_view(header).substr(0, size))) << size << " bytes";
}

TEST(Format, TakesARecordOfAnotherSegmentForNone) {
  EXPECT_FALSE(decode_record(record("an entry"), kSalt + 1));
}

TEST(Format, NamesSegmentsInOrder) {
  EXPECT_EQ(segment_name(48213), "00000000000000048213.seg");
  EXPECT_EQ(parse_segment_name(segment_name(~Index{0})), ~Index{0});
  for (const std::string_view name :
       {"LOCK", "48213.seg", "00000000000000048213.seg.tmp", "0000000000000004821x.seg",
        "-0000000000000048213.seg", "99999999999999999999.seg"})
    EXPECT_FALSE(parse_segment_name(name)) << name;
}

}  // namespace
}  // namespace plimsoll::ledger
