#include "retry.h"

#include <gtest/gtest.h>

namespace plimsoll::notify {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Retry, TriesAgainWhatMayGoBetterAnotherTime) {
  for (const int status : {200, 201, 202, 204}) EXPECT_EQ(judge_http(status), Verdict::kDelivered) << status;
  for (const int status : {408, 425, 429, 500, 502, 503, 504})
    EXPECT_EQ(judge_http(status), Verdict::kAgain) << status;
  for (const int status : {301, 302, 307, 308, 400, 401, 403, 404, 410, 413})
    EXPECT_EQ(judge_http(status), Verdict::kRefused) << status;
  EXPECT_EQ(judge_smtp(250), Verdict::kDelivered);
  EXPECT_EQ(judge_smtp(451), Verdict::kAgain);
  EXPECT_EQ(judge_smtp(550), Verdict::kRefused);
  EXPECT_EQ(judge_smtp(0), Verdict::kAgain);
}

TEST(Retry, WaitsLongerEachTimeAndNeverTooLong) {
  EXPECT_EQ(pause_after(1, 0), milliseconds(1'000));
  EXPECT_EQ(pause_after(1, 1), milliseconds(500));
  EXPECT_EQ(pause_after(4, 0), milliseconds(8'000));
  EXPECT_EQ(pause_after(100, 0), milliseconds(kLongestPause));
}

TEST(Retry, ReadsWhenToComeAgain) {
  const Time now = *from_rfc3339("1994-11-06T08:49:00Z");
  EXPECT_EQ(read_retry_after("7", now), seconds(7));
  EXPECT_EQ(read_retry_after("999999", now), kLongestRetryAfter);
  EXPECT_EQ(read_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now), seconds(37));
  EXPECT_EQ(read_retry_after("Sun, 06 Nov 1994 08:00:00 GMT", now), seconds(0));
  for (const char* text :
       {"", "-1", "soon", "1.5", "Sun, 06 Nov 1994 08:49:37", "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 25:49:37 GMT", "99999999999999999999"})
    EXPECT_FALSE(read_retry_after(text, now)) << text;
}

}  // namespace
}  // namespace plimsoll::notify
