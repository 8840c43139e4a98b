#include "verbatim/corpus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iterator>

#include "test_corpus.h"
#include "verbatim/matcher.h"

namespace plimsoll::verbatim {
namespace {

std::string bytes_of_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> titles(const Index& index) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < index.works(); ++i) out.emplace_back(index.work(i).title);
  return out;
}

double ratio(const Folder& folder, const std::vector<std::string>& words) {
  return find_copying(open(folder), join(words)).ratio();
}

TEST(Corpus, WorksAddedOneByOneAreThoseAddedTogether) {
  Folder together, apart;
  std::vector<std::string> files;
  for (unsigned i = 0; i < 5; ++i)
    files.push_back(together.write("w" + std::to_string(i), join(random_words(300, i))));
  add(together, files);
  for (const auto& file : files) EXPECT_EQ(add(apart, {file}).works, 1U);
  EXPECT_EQ(bytes_of_file(together.index()), bytes_of_file(apart.index()));
}

TEST(Corpus, AKnownWorkIsNotAddedAgain) {
  Folder folder;
  const auto a = folder.write("a", join(random_words(300, 1)));
  const auto copy = folder.write("b", join(random_words(300, 1)));
  const auto added = add(folder, {a, copy, a});
  EXPECT_EQ(added.works, 1U);
  EXPECT_EQ(added.known, 2U);
  EXPECT_TRUE(added.published);
  EXPECT_FALSE(add(folder, {a}).published);
  EXPECT_EQ(open(folder)->works(), 1U);
}

TEST(Corpus, ARemovedWorkIsNoLongerFoundAndTheOthersAre) {
  Folder folder;
  const auto a = random_words(300, 1), b = random_words(301, 2), c = random_words(300, 3);
  add(folder, {folder.write("a", join(a)), folder.write("b", join(b))});
  add(folder, {folder.write("c", join(c))});
  const std::string id(open(folder)->work(1).id);
  {
    auto corpus = Corpus::open(folder.index());
    ASSERT_TRUE(corpus);
    EXPECT_EQ((*corpus)->remove("ffff0000ffff", no_progress).error().code, Code::kNotFound);
    EXPECT_EQ((*corpus)->remove("a", no_progress).error().code, Code::kInvalid);
    EXPECT_EQ(*(*corpus)->remove(id.substr(0, 6), no_progress), id + "  b");
  }
  EXPECT_EQ(titles(*open(folder)), (std::vector<std::string>{"a", "c"}));
  EXPECT_EQ(ratio(folder, a), 1);
  EXPECT_EQ(ratio(folder, b), 0);
  EXPECT_EQ(ratio(folder, c), 1);
}

TEST(Corpus, TheLastWorkCanBeRemoved) {
  Folder folder;
  const auto a = random_words(300, 1);
  add(folder, {folder.write("a", join(a))});
  auto corpus = Corpus::open(folder.index());
  ASSERT_TRUE((*corpus)->remove(std::string(open(folder)->work(0).id), no_progress));
  EXPECT_EQ(open(folder)->works(), 0U);
  EXPECT_EQ(ratio(folder, a), 0);
}

// A passage that stands in more works than are kept for a fingerprint is found, and stays so.
TEST(Corpus, WhatIsInManyWorksIsFoundWhicheverIsRemoved) {
  Folder folder;
  const auto shared = random_words(200, 99);
  std::vector<std::string> files;
  for (unsigned i = 0; i < 9; ++i)
    files.push_back(folder.write("w" + std::to_string(i), join(random_words(50, i)) + " " + join(shared)));
  add(folder, files);
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(ratio(folder, shared), 1) << i;
    auto corpus = Corpus::open(folder.index());
    ASSERT_TRUE((*corpus)->remove(std::string(open(folder)->work(0).id), no_progress));
  }
  EXPECT_EQ(ratio(folder, shared), 1);
}

// A stock phrase stands at more places than are kept: what is around it is found all the same.
TEST(Corpus, APassageAroundAStockPhraseIsFound) {
  Folder folder;
  std::vector<std::string> files;
  std::vector<std::vector<std::string>> works;
  for (unsigned i = 0; i < 5; ++i) {
    auto words = random_words(2'000, i);
    for (std::size_t at = 0; at + 5 < words.size(); at += 20)
      for (std::size_t k = 0; k < 5; ++k) words[at + k] = std::vector{"at", "the", "end", "of", "the"}[k];
    works.push_back(words);
    files.push_back(folder.write("w" + std::to_string(i), join(words)));
  }
  add(folder, files);
  const auto index = open(folder);
  const auto length = index->grain().guarantee();
  for (const auto& work : works)
    for (std::size_t at = 0; at + length <= work.size(); at += 3)
      ASSERT_EQ(find_copying(index, join(slice(work, at, length))).ratio(), 1) << at;
}

TEST(Corpus, FoldersAreReadAndWhatIsNoWorkIsPassedOver) {
  Folder folder;
  std::filesystem::create_directories(folder.path / "in" / "deep");
  folder.write("in/one.txt", join(random_words(100, 1)));
  folder.write("in/deep/two.txt", join(random_words(100, 2)));
  folder.write("in/short.txt", "too short");
  const auto added = add(folder, {(folder.path / "in").string()});
  EXPECT_EQ(added.works, 2U);
  EXPECT_THAT(added.skipped, testing::ElementsAre(testing::HasSubstr("short.txt has fewer than")));
  EXPECT_EQ(titles(*open(folder)), (std::vector<std::string>{"two", "one"}));
}

TEST(Corpus, AnUnknownPathIsRefusedBeforeAnythingIsAdded) {
  Folder folder;
  auto corpus = Corpus::open(folder.index());
  const auto added =
      (*corpus)->add({folder.write("a", join(random_words(100, 1))), "/nowhere"}, "", no_progress);
  ASSERT_FALSE(added);
  EXPECT_THAT(added.error().message, testing::HasSubstr("/nowhere"));
  EXPECT_FALSE(std::filesystem::exists(folder.index()));
}

TEST(Corpus, AnAdditionThatWasInterruptedGoesOn) {
  Folder folder;
  const auto a = folder.write("a", join(random_words(300, 1)));
  const auto b = folder.write("b", join(random_words(300, 2)));
  add(folder, {a});
  const auto old = bytes_of_file(folder.index());
  add(folder, {b});
  // As if it had stopped between writing the works and the index.
  std::ofstream(folder.index(), std::ios::binary) << old;
  const auto again = add(folder, {a, b});
  EXPECT_EQ(again.works, 0U);
  EXPECT_TRUE(again.published);
  EXPECT_EQ(open(folder)->works(), 2U);
}

TEST(Corpus, ADamagedShardIsNamed) {
  Folder folder;
  add(folder, {folder.write("a", join(random_words(300, 1)))});
  const auto shard = folder.index() + ".d/00000001.shard";
  const auto good = bytes_of_file(shard);
  for (const std::size_t at : {std::size_t{3}, std::size_t{30}, good.size() / 2, good.size() - 1}) {
    auto bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    std::ofstream(shard, std::ios::binary) << bad;
    auto corpus = Corpus::open(folder.index());
    const auto added = (*corpus)->add({folder.path.string() + "/a"}, "", no_progress);
    ASSERT_FALSE(added) << at;
    EXPECT_THAT(added.error().message, testing::HasSubstr("00000001.shard"));
  }
}

TEST(Corpus, OneProcessAtATimeHoldsIt) {
  Folder folder;
  const auto first = Corpus::open(folder.index());
  ASSERT_TRUE(first);
  const auto second = Corpus::open(folder.index());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::kUnavailable);
}

TEST(Corpus, TitlesArePrintable) {
  Folder folder;
  auto corpus = Corpus::open(folder.index());
  ASSERT_TRUE((*corpus)->add({folder.write("a", join(random_words(100, 1)))},
                             "Caf\xC3\xA9\n\xFF" + std::string(300, 'x'), no_progress));
  const auto index = open(folder);
  EXPECT_TRUE(index->work(0).title.starts_with("Caf\xC3\xA9??xxx"));
  EXPECT_EQ(index->work(0).title.size(), kMaxTitle);
}

TEST(Corpus, WorksThatFillSeveralShardsAreAllFound) {
  Folder folder;
  Grain dense{.gram = 5, .window = 1};
  std::vector<std::string> files;
  std::vector<std::vector<std::string>> works;
  for (unsigned i = 0; i < 3; ++i) {
    works.push_back(random_words(1'600'000 / (i + 1), i));
    files.push_back(folder.write("w" + std::to_string(i), join(works.back())));
  }
  add(folder, files, dense);
  EXPECT_TRUE(std::filesystem::exists(folder.index() + ".d/00000002.shard"));
  for (const auto& work : works) EXPECT_EQ(ratio(folder, slice(work, 1'000, 200)), 1);
}

}  // namespace
}  // namespace plimsoll::verbatim
