#include "identity/rate_limiter.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "base/files.h"

namespace plimsoll::identity {
namespace {

// 10:30 of a day of UTC.
const Time kNow = Time(std::chrono::hours(24 * 20'000 + 10) + std::chrono::minutes(30));
const Digest kOne = sha256("one"), kTwo = sha256("two");

TEST(RateLimiter, CountsRequestsByTheHour) {
  RateLimiter limiter("");
  const policy::RateLimit limits{.requests_per_hour = 3, .tokens_per_day = 0};
  for (std::uint64_t left : {2U, 1U, 0U}) {
    const auto standing = limiter.admit(kOne, limits, kNow);
    EXPECT_EQ(standing.exceeded(), nullptr);
    EXPECT_EQ(standing.requests.left, left);
    EXPECT_EQ(standing.requests.reset, std::chrono::minutes(30));
  }
  const auto refused = limiter.admit(kOne, limits, kNow + std::chrono::minutes(29));
  ASSERT_EQ(refused.exceeded(), &refused.requests);
  EXPECT_EQ(refused.requests.reset, std::chrono::minutes(1));
  EXPECT_EQ(limiter.admit(kTwo, limits, kNow).exceeded(), nullptr) << "each for himself";
  EXPECT_EQ(limiter.admit(kOne, limits, kNow + std::chrono::minutes(30)).requests.left, 2U) << "a new hour";
}

TEST(RateLimiter, CountsTokensByTheDay) {
  RateLimiter limiter("");
  const policy::RateLimit limits{.requests_per_hour = 0, .tokens_per_day = 100};
  EXPECT_EQ(limiter.admit(kOne, limits, kNow).tokens.left, 100U);
  limiter.charge(kOne, 99, kNow);
  EXPECT_EQ(limiter.admit(kOne, limits, kNow).tokens.left, 1U);
  limiter.charge(kOne, 50, kNow);
  const auto refused = limiter.admit(kOne, limits, kNow);
  ASSERT_EQ(refused.exceeded(), &refused.tokens);
  EXPECT_EQ(refused.tokens.reset, std::chrono::minutes(13 * 60 + 30));
  EXPECT_NE(limiter.admit(kOne, limits, kNow + std::chrono::hours(13)).exceeded(), nullptr);
  EXPECT_EQ(limiter.admit(kOne, limits, kNow + std::chrono::hours(14)).exceeded(), nullptr);
}

TEST(RateLimiter, OfRequestsAtOnceLetsExactlySoManyPass) {
  RateLimiter limiter("");
  const policy::RateLimit limits{.requests_per_hour = 1'000, .tokens_per_day = 0};
  std::atomic<int> passed = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) passed += limiter.admit(kOne, limits, kNow).exceeded() == nullptr ? 1 : 0;
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(passed, 1'000);
}

TEST(RateLimiter, HoldsSoManyAndForgetsWhoAskedLeast) {
  RateLimiter limiter("");
  const policy::RateLimit limits{.requests_per_hour = 1'000'000, .tokens_per_day = 0};
  for (int i = 0; i < 1'000; ++i) limiter.admit(kOne, limits, kNow);
  for (std::size_t i = 0; i < kMaxAccounts + kMaxAccounts / 50; ++i)
    limiter.admit(sha256(std::to_string(i)), limits, kNow);
  EXPECT_EQ(limiter.admit(kOne, limits, kNow).requests.left, 1'000'000U - 1'001U);
}

class LimiterFile : public testing::Test {
 protected:
  ~LimiterFile() override { std::filesystem::remove(path_); }
  std::string path_ =
      (std::filesystem::temp_directory_path() / ("rate_limiter_test." + std::to_string(::getpid()))).string();
};

TEST_F(LimiterFile, KeepsTheCountsForTheNextStart) {
  const policy::RateLimit limits{.requests_per_hour = 10, .tokens_per_day = 100};
  {
    RateLimiter limiter(path_);
    limiter.admit(kOne, limits, kNow);
    limiter.charge(kOne, 30, kNow);
    limiter.save(kNow);
  }
  RateLimiter limiter(path_);
  limiter.load(kNow);
  const auto standing = limiter.admit(kOne, limits, kNow);
  EXPECT_EQ(standing.requests.left, 8U);
  EXPECT_EQ(standing.tokens.left, 70U);
  RateLimiter later(path_);
  later.load(kNow + std::chrono::hours(1));
  const auto next = later.admit(kOne, limits, kNow + std::chrono::hours(1));
  EXPECT_EQ(next.requests.left, 9U);
  EXPECT_EQ(next.tokens.left, 70U);
}

TEST_F(LimiterFile, ThatIsDamagedIsNoReasonToStop) {
  for (const auto* text : {"", "[]", "{", R"({"accounts":{"zz":[1,2,3,4]}})",
                           R"({"accounts":{"00000000000000000000000000000000":[1,-2,3,4]}})"}) {
    ASSERT_TRUE(replace_file(path_, text));
    RateLimiter limiter(path_);
    limiter.load(kNow);
    EXPECT_EQ(limiter.admit(kOne, {.requests_per_hour = 5, .tokens_per_day = 0}, kNow).requests.left, 4U);
  }
}

}  // namespace
}  // namespace plimsoll::identity
