#include "usage.h"

#include <gtest/gtest.h>

namespace plimsoll::gateway {
namespace {

std::optional<std::uint64_t> total_of(std::string_view text) {
  UsageReader reader;
  reader.feed(text);
  return reader.total();
}

TEST(UsageReader, ReadsWhatEachProtocolSays) {
  EXPECT_EQ(total_of(R"({"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}})"), 7U);
  EXPECT_EQ(total_of(R"({"usage" : {"input_tokens":3,"output_tokens":4}})"), 7U);
  EXPECT_EQ(total_of(R"({"usage":{"inputTokens":3,"outputTokens":4}})"), 7U);
  EXPECT_EQ(total_of(R"({"usage":{"input_tokens":1,"cache_read_input_tokens":9,"output_tokens":4}})"), 14U);
  EXPECT_EQ(
      total_of(
          R"({"usage":{"prompt_tokens_details":{"cached_tokens":2},"prompt_tokens":3,"total_tokens":3}})"),
      3U);
  EXPECT_EQ(total_of(R"({"usage":null})"), std::nullopt);
  EXPECT_EQ(total_of(R"({"choices":[]})"), std::nullopt);
}

constexpr std::string_view kStream =
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":12,"
    "\"output_tokens\":1}}}\n\nevent: message_delta\ndata: "
    "{\"type\":\"message_delta\",\"delta\":{\"text\":\"a "
    "\\\"usage\\\":{\\\"output_tokens\\\":9999}\"},\"usage\":{\"output_tokens\":30}}\n\n";

TEST(UsageReader, ReadsTheSameWhereverTheStreamIsCut) {
  EXPECT_EQ(total_of(kStream), 42U);
  for (std::size_t first = 0; first <= kStream.size(); ++first)
    for (std::size_t size : {std::size_t{1}, std::size_t{5}, std::size_t{8}, kStream.size()}) {
      UsageReader reader;
      reader.feed(kStream.substr(0, first));
      for (auto rest = kStream.substr(first); !rest.empty(); rest.remove_prefix(std::min(size, rest.size())))
        reader.feed(rest.substr(0, size));
      EXPECT_EQ(reader.total(), 42U) << first << " " << size;
    }
}

TEST(UsageReader, TakesNoTextOfAModelForIt) {
  EXPECT_EQ(total_of(R"({"content":"\"usage\":{\"total_tokens\":5}"})"), std::nullopt);
}

TEST(UsageReader, GivesUpAnObjectThatIsTooLong) {
  UsageReader reader;
  reader.feed(R"({"usage":{"x":")" + std::string(2 * kMaxUsageBytes, 'a') +
              R"("}} {"usage":{"total_tokens":5}})");
  EXPECT_EQ(reader.total(), 5U);
}

}  // namespace
}  // namespace plimsoll::gateway
