#include "base/time.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

TEST(Time, ReadsWhatItWrites) {
  for (const std::string text : {"1970-01-01T00:00:00Z", "2024-02-29T23:59:59Z", "2100-12-31T12:00:01Z"})
    EXPECT_EQ(to_rfc3339(*from_rfc3339(text)), text);
  EXPECT_EQ(to_rfc3339_ms(*from_rfc3339("2024-01-15T10:00:00.25Z")), "2024-01-15T10:00:00.250Z");
}

TEST(Time, BringsOffsetsToUtc) {
  EXPECT_EQ(to_rfc3339(*from_rfc3339("2024-01-01T01:30:00+02:00")), "2023-12-31T23:30:00Z");
  EXPECT_EQ(to_rfc3339(*from_rfc3339("2024-01-01T01:30:00-02:00")), "2024-01-01T03:30:00Z");
}

TEST(Time, RefusesWhatIsNoInstant) {
  for (const char* text : {"", "2024", "2024-02-30T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:00:00",
                           "2024-01-01T00:00:00.Z", "2024-01-01T00:00:00Z ", "2024-13-01T00:00:00Z",
                           "9999-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "2262-01-01T00:00:00Z"})
    EXPECT_FALSE(from_rfc3339(text)) << text;
}

}  // namespace
}  // namespace plimsoll
