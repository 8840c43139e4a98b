#include "verbatim/index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>

#include "base/hash.h"
#include "format.h"
#include "test_corpus.h"
#include "verbatim/matcher.h"

namespace plimsoll::verbatim {
namespace {

std::string bytes_of_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Index, SaysWhatItHolds) {
  Folder folder;
  const auto a = random_words(301, 1);
  const auto b = random_words(200, 2);
  const auto index = index_of(folder, {join(a), join(b)});
  ASSERT_EQ(index->works(), 2U);
  EXPECT_EQ(index->work(0).words, 301U);
  EXPECT_EQ(index->work(0).bytes, join(a).size());
  EXPECT_EQ(index->work(0).title, "work0");
  EXPECT_EQ(index->work(0).id, to_hex(sha256(join(a))).substr(0, 12));
  EXPECT_EQ(index->work(0).name, "verbatim." + std::string(index->work(0).id));
  EXPECT_EQ(index->work(1).first, 302U);
  EXPECT_EQ(index->work_at(300), 0U);
  EXPECT_EQ(index->work_at(301), Index::kNone);
  EXPECT_EQ(index->work_at(302), 1U);
  EXPECT_EQ(index->work_at(502), Index::kNone);
  EXPECT_NEAR(static_cast<double>(index->fingerprints()), 501 * 2.0 / 23, 12);
}

TEST(Index, AMissingFileSaysWhatToDo) {
  const auto index = Index::open("/nowhere/works.plc");
  ASSERT_FALSE(index);
  EXPECT_EQ(index.error().code, Code::kNotFound);
  EXPECT_NE(index.error().message.find("plimsoll corpus add"), std::string::npos);
}

TEST(Index, EveryDamagedByteIsNoticed) {
  Folder folder;
  index_of(folder, {join(random_words(200, 1))});
  const auto good = bytes_of_file(folder.index());
  ASSERT_TRUE(Index::read(good, "good"));
  const auto* header = reinterpret_cast<const Header*>(good.data());
  for (std::size_t i = 0; i < good.size(); ++i) {
    // Bytes between the sections are not read.
    const bool read =
        i < sizeof(Header) ||
        std::ranges::any_of(
            header->sections, [&](const Section& s) { return i >= s.offset && i < s.offset + s.size; });
    if (!read || i % 7 != 0) continue;
    auto bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x10);
    EXPECT_FALSE(Index::read(bad, "bad")) << "byte " << i;
  }
}

TEST(Index, ACutFileIsRefused) {
  Folder folder;
  index_of(folder, {join(random_words(200, 1))});
  const auto good = bytes_of_file(folder.index());
  for (std::size_t size = 0; size < good.size(); size += 13) {
    const auto index = Index::read(std::string_view(good).substr(0, size), "cut.plc");
    ASSERT_FALSE(index) << size;
    EXPECT_EQ(index.error().code, Code::kInvalid);
    EXPECT_NE(index.error().message.find("cut.plc"), std::string::npos);
  }
}

// Whatever its tables say, with the right checksums: refused, or searched within its bytes (seen under ASan).
TEST(Index, AForgedTableIsRefusedOrHarmless) {
  Folder folder;
  const auto words = random_words(400, 1);
  index_of(folder, {join(words)});
  const auto good = bytes_of_file(folder.index());
  std::mt19937 random(1);
  for (int round = 0; round < 3'000; ++round) {
    std::vector<std::uint64_t> memory((good.size() + 7) / 8);
    const std::span<char> bad(reinterpret_cast<char*>(memory.data()), good.size());
    std::ranges::copy(good, bad.begin());
    for (int k = 0; k < 3; ++k) bad[random() % bad.size()] = static_cast<char>(random());
    seal(bad);
    const auto index = Index::read({bad.data(), bad.size()}, "forged");
    if (index) static_cast<void>(find_copying(*index, join(words)));
  }
}

}  // namespace
}  // namespace plimsoll::verbatim
