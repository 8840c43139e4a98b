#include "dataset/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>

namespace plimsoll::dataset {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Files that go when the test ends.
class ReaderTest : public testing::Test {
 protected:
  ReaderTest()
      : folder_(std::filesystem::temp_directory_path() / ("plimsoll-reader-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~ReaderTest() override { std::filesystem::remove_all(folder_); }

  std::string plain(const std::string& name, std::string_view text) const {
    const auto path = (folder_ / name).string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  std::string zipped(const std::string& name, std::string_view text) const {
    const auto path = (folder_ / name).string();
    auto* file = gzopen(path.c_str(), "wb");
    gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
    gzclose(file);
    return path;
  }
  static std::vector<std::string> ids(const std::string& path, RowLimits limits = {}) {
    std::vector<std::string> out;
    const auto read = read_files(
        std::vector{path},
        [&](const Row& row) {
          out.push_back(row.id);
          return Result<void>();
        },
        limits);
    if (!read) out.push_back("error: " + read.error().message);
    return out;
  }

  std::filesystem::path folder_;
};

constexpr std::string_view kTwo = "{\"id\":\"a\",\"text\":\"x\"}\n{\"id\":\"b\",\"text\":\"y\"}\n";

TEST_F(ReaderTest, ReadsPlainAndCompressedFilesAlike) {
  EXPECT_THAT(ids(plain("a.jsonl", kTwo)), ElementsAre("a", "b"));
  EXPECT_THAT(ids(zipped("a.jsonl.gz", kTwo)), ElementsAre("a", "b"));
  EXPECT_THAT(ids(zipped("misnamed.jsonl", kTwo)), ElementsAre("a", "b"));
}

TEST_F(ReaderTest, PassesOverBlankLinesAndNeedsNoLastLineEnd) {
  EXPECT_THAT(ids(plain("a", "\n{\"id\":\"a\",\"text\":\"x\"}\r\n \t\r\n{\"id\":\"b\",\"text\":\"y\"}")),
              ElementsAre("a", "b"));
  EXPECT_THAT(ids(plain("empty", "")), ElementsAre());
}

TEST_F(ReaderTest, ALineMayBeLongerThanTheBuffer) {
  const std::string text(300'000, 'x');
  const auto path = zipped("long.gz", "{\"id\":\"a\",\"text\":\"" + text + "\"}\n" + std::string(kTwo));
  EXPECT_THAT(ids(path), ElementsAre("a", "a", "b"));
}

TEST_F(ReaderTest, LinesMayEndAnywhereInTheBuffer) {
  // 131,072 bytes are read at a time; the first line's end falls on, before and after that edge.
  for (const std::size_t length : {131'070U, 131'071U, 131'072U, 131'073U}) {
    std::string line = "{\"id\":\"l\",\"text\":\"";
    line += std::string(length - line.size() - 2, 'x') + "\"}";
    ASSERT_EQ(line.size(), length);
    EXPECT_THAT(ids(plain("edge", line + "\n" + std::string(kTwo))), ElementsAre("l", "a", "b")) << length;
    EXPECT_THAT(ids(plain("edge", line)), ElementsAre("l")) << length;
  }
}

TEST_F(ReaderTest, GivesRowsWithoutAnIdOrSourceAName) {
  auto reader = Reader::open(plain("mine.jsonl.gz", "\n{\"text\":\"x\"}\n"));
  ASSERT_TRUE(reader);
  const auto row = reader->next();
  ASSERT_TRUE(row && *row);
  EXPECT_EQ((*row)->id, "2");
  EXPECT_EQ((*row)->source, "mine");
  EXPECT_EQ(reader->line(), 2U);
}

TEST_F(ReaderTest, ErrorsNameFileAndLine) {
  EXPECT_THAT(ids(plain("bad.jsonl", std::string(kTwo) + "{\"id\":\"c\"}\n")),
              ElementsAre("a", "b", HasSubstr("bad.jsonl:3: text: is missing")));
  EXPECT_THAT(ids((folder_ / "absent").string()), ElementsAre(HasSubstr("absent: No such file")));
  EXPECT_THAT(ids(folder_.string()), ElementsAre(HasSubstr("is a directory")));
  EXPECT_THAT(ids(plain("long", kTwo), {.max_line_bytes = 10}),
              ElementsAre(HasSubstr("long:1: longer than 10 bytes")));
}

TEST_F(ReaderTest, ALineIsNotKeptBeyondTheLimit) {
  EXPECT_THAT(ids(zipped("bomb.gz", std::string(5U << 20U, 'x'))),
              ElementsAre(HasSubstr("bomb.gz:1: longer than 1048576 bytes")));
}

TEST_F(ReaderTest, ADamagedFileIsAnErrorNotAnEnd) {
  std::string many;
  for (int i = 0; i < 2000; ++i)
    many += R"({"id":")" + std::to_string(i * 7919 % 2003) + "\",\"text\":\"x\"}\n";
  const auto path = zipped("cut.gz", many);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  EXPECT_THAT(ids(path).back(), HasSubstr("damaged gzip file"));
}

TEST_F(ReaderTest, AfterAnErrorItIsSpent) {
  auto reader = Reader::open(plain("bad", "x\n" + std::string(kTwo)));
  ASSERT_TRUE(reader);
  EXPECT_FALSE(reader->next());
  const auto after = reader->next();
  ASSERT_TRUE(after);
  EXPECT_FALSE(*after);
}

TEST_F(ReaderTest, StopsWhenTheTakerFails) {
  const auto read = read_files(std::vector{plain("a", kTwo)},
                               [](const Row&) -> Result<void> { return fail(Code::kInternal, "enough"); });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message, "enough");
}

// The training data beside the repository, when they are there.
TEST(TrainingData, AreReadWhole) {
  const std::filesystem::path folder = std::filesystem::path(PLIMSOLL_SOURCE_DIR) / "../shared/data/train";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no training data here";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    auto reader = Reader::open(entry.path().string());
    ASSERT_TRUE(reader);
    std::size_t rows = 0;
    for (;;) {
      const auto row = reader->next();
      ASSERT_TRUE(row) << row.error().message;
      if (!*row) break;
      ++rows;
    }
    EXPECT_GT(rows, 300U) << entry.path();
  }
}

}  // namespace
}  // namespace plimsoll::dataset
