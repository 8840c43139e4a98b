#include "base/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace plimsoll {
namespace {

class Files : public testing::Test {
 protected:
  Files() : folder_(std::filesystem::temp_directory_path() / ("files_test." + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~Files() override { std::filesystem::remove_all(folder_); }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

 private:
  std::filesystem::path folder_;
};

TEST_F(Files, AreReplacedWholeAndForTheirOwnerOnly) {
  ASSERT_TRUE(replace_file(path("a"), "first"));
  ASSERT_TRUE(replace_file(path("a"), std::string(100'000, 'x')));
  EXPECT_EQ(*read_file(path("a"), 100'000), std::string(100'000, 'x'));
  struct stat known{};
  ASSERT_EQ(::stat(path("a").c_str(), &known), 0);
  EXPECT_EQ(known.st_mode & 0777U, 0600U);
  EXPECT_FALSE(std::filesystem::exists(path("a.new")));
}

TEST_F(Files, ThatCannotBeReadSayWhy) {
  EXPECT_EQ(read_file(path("none"), 10).error().code, Code::kNotFound);
  ASSERT_TRUE(replace_file(path("long"), "12345678901"));
  const auto read = read_file(path("long"), 10);
  EXPECT_EQ(read.error().code, Code::kTooLarge);
  EXPECT_NE(read.error().message.find("long"), std::string::npos);
  EXPECT_FALSE(replace_file(path("no/such/folder"), "x"));
}

TEST_F(Files, FoldersAreMadeWithTheirParents) {
  ASSERT_TRUE(make_directory(path("x/y/z")));
  EXPECT_TRUE(std::filesystem::is_directory(path("x/y/z")));
  EXPECT_TRUE(make_directory(path("x/y")));
  ASSERT_TRUE(replace_file(path("f"), ""));
  EXPECT_FALSE(make_directory(path("f")));
}

}  // namespace
}  // namespace plimsoll
