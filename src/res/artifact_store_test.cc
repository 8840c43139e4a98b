#include "artifact_store.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "base/hash.h"

namespace plimsoll::res {
namespace {

namespace fs = std::filesystem;

class Artifacts : public testing::Test {
 protected:
  Artifacts() { fs::remove_all(directory_); }
  ~Artifacts() override { fs::remove_all(directory_); }

  static std::string digest_of(std::string_view bytes) { return to_hex(sha256(bytes)); }
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(directory_), fs::directory_iterator()));
  }

  const fs::path directory_ =
      fs::path(testing::TempDir()) / ("artifacts-" + std::to_string(::getpid()) + "-" +
                                      testing::UnitTest::GetInstance()->current_test_info()->name());
  ArtifactStore store_{directory_.string()};
};

TEST_F(Artifacts, AreReadBackAsTheyCame) {
  const std::string bytes(100'000, 'x');
  auto upload = store_.begin(digest_of(bytes), bytes.size());
  ASSERT_TRUE(upload) << upload.error().message;
  EXPECT_FALSE((*upload)->write(std::string_view(bytes).substr(0, 70'000)));
  EXPECT_FALSE((*upload)->write(std::string_view(bytes).substr(70'000)));
  EXPECT_FALSE(store_.bytes_of(digest_of(bytes))) << "before it is whole";
  EXPECT_TRUE((*upload)->keep().value());
  EXPECT_EQ(store_.bytes_of(digest_of(bytes)), bytes.size());
  const auto stored = store_.open(digest_of(bytes));
  ASSERT_TRUE(stored);
  EXPECT_EQ((*stored)->read(0, 200'000).value(), bytes);
  EXPECT_EQ((*stored)->read(99'999, 10).value(), "x");
  EXPECT_EQ((*stored)->read(100'000, 10).value(), "");
}

TEST_F(Artifacts, AreStoredOnceHoweverOftenTheyCome) {
  for (const bool first : {true, false}) {
    auto upload = store_.begin(digest_of("a"), 1).value();
    EXPECT_FALSE(upload->write("a"));
    EXPECT_EQ(upload->keep().value(), first);
  }
  EXPECT_EQ(files(), 1);
}

TEST_F(Artifacts, OfAnotherDigestLeaveNothing) {
  {
    auto upload = store_.begin(digest_of("a"), 1).value();
    EXPECT_FALSE(upload->write("b"));
    const auto kept = upload->keep();
    ASSERT_FALSE(kept);
    EXPECT_EQ(kept.error().code, Code::kInvalid);
    EXPECT_NE(kept.error().message.find(digest_of("b")), std::string::npos);
  }
  EXPECT_EQ(files(), 0);
  EXPECT_EQ(store_.open(digest_of("a")).error().code, Code::kNotFound);
}

TEST_F(Artifacts, ThatBreakOffLeaveNothing) {
  {
    auto upload = store_.begin(digest_of("ab"), 2).value();
    EXPECT_FALSE(upload->write("a"));
    EXPECT_EQ(files(), 1);
  }
  EXPECT_EQ(files(), 0);
}

TEST_F(Artifacts, ThatAStoppedProcessLeftAreRemoved) {
  fs::create_directories(directory_);
  std::ofstream(directory_ / ".upload-1") << "half";
  std::ofstream(directory_ / digest_of("a")) << "a";
  const ArtifactStore again(directory_.string());
  EXPECT_EQ(files(), 1);
  EXPECT_EQ(again.bytes_of(digest_of("a")), 1);
}

TEST_F(Artifacts, BeyondTheDiskAreRefusedAndLeaveNothing) {
  EXPECT_EQ(store_.begin(digest_of("a"), std::uint64_t{1} << 60U).error().code, Code::kTooLarge);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{.rlim_cur = 100'000, .rlim_max = before.rlim_max};
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  {
    auto upload = store_.begin(digest_of("a"), 1).value();
    const auto refused = upload->write(std::string(200'000, 'a'));
    EXPECT_EQ(refused ? refused->status : 0, 507);
  }
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(files(), 0);
}

TEST_F(Artifacts, AreNamedByDigestsOnly) {
  EXPECT_TRUE(is_artifact_digest(digest_of("")));
  for (const auto* bad : {"", "a", "../../../../../../../../../../../../../../../../../../../../etc/passwd",
                          "ABCDEFabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcd"})
    EXPECT_FALSE(is_artifact_digest(bad)) << bad;
}

}  // namespace
}  // namespace plimsoll::res
