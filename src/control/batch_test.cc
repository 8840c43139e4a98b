#include "batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace plimsoll::control {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

constexpr std::string_view kEvent =
    R"({"user_id":"u","org_id":"o","surface":"api","tier":"general","prompt":"hello"})";

std::string with(std::string_view member) {
  std::string event(kEvent);
  return event.substr(0, event.size() - 1) + "," + std::string(member) + "}";
}

std::expected<Batch, BatchProblem> read(const std::string& event, bool partial = false) {
  return parse_batch(R"({"events":[)" + std::string(kEvent) + "," + event + "]}", false, partial);
}

std::string problem_of(const std::string& event) {
  const auto batch = read(event);
  if (batch) return "none";
  return std::to_string(batch.error().index.value_or(99)) + " " + batch.error().field + ": " +
         batch.error().message;
}

TEST(Batch, ReadsAllOfAnEvent) {
  const auto batch = read(
      R"({"event_id":"e-1","timestamp":"2026-01-31T12:00:00+02:00","user_id":"jane","org_id":"acme","session_id":"s",)"
      R"("surface":"claude_web","tier":"research_sandbox","prompt":"a","completion":"b","model_version":"m-1",)"
      R"("risk_scores":{"cbrn":0.2,"self_harm":1},"tags":["x","y"],"lawful_basis":"consent"})");
  ASSERT_TRUE(batch) << batch.error().message;
  ASSERT_THAT(batch->events, SizeIs(2));
  const auto& event = batch->events[1];
  EXPECT_EQ(event.id, "e-1");
  EXPECT_EQ(event.occurred, from_rfc3339("2026-01-31T10:00:00Z"));
  EXPECT_EQ(event.user + event.org + event.session + event.model, "janeacmesm-1");
  EXPECT_EQ(event.surface, "claude_web");
  EXPECT_EQ(event.tier, Tier::kResearchSandbox);
  EXPECT_EQ(event.prompt, "a");
  EXPECT_EQ(event.completion, "b");
  EXPECT_EQ(event.reported[Category::kCbrn], 0.2);
  EXPECT_EQ(event.reported[Category::kSelfHarm], 1);
  EXPECT_THAT(event.tags, testing::ElementsAre("x", "y"));
  EXPECT_TRUE(event.lawful_basis);
  EXPECT_THAT(batch->events[0].id, SizeIs(36)) << "made where it is absent";
}

TEST(Batch, ReadsTimesAsPythonWritesThem) {
  EXPECT_EQ(read(with(R"("timestamp":"2026-01-31T12:00:00.123456")"))->events[1].occurred,
            from_rfc3339("2026-01-31T12:00:00.123456Z"));
  EXPECT_EQ(read(with(R"("timestamp":1769860800.5)"))->events[1].occurred,
            from_rfc3339("2026-01-31T12:00:00.500Z"));
  EXPECT_FALSE(read(with(R"("timestamp":null)"))->events[1].occurred);
}

TEST(Batch, NamesTheEventAndTheFieldThatIsWrong) {
  EXPECT_EQ(problem_of("3"), "1 : an event must be an object");
  EXPECT_EQ(problem_of("{}"), "1 user_id: is missing");
  EXPECT_EQ(problem_of(with(R"("tags":"x")")), "1 tags: must be a list of at most 32 strings");
  EXPECT_EQ(problem_of(with(R"("risk_scores":{"cbrn":1.1})")),
            "1 risk_scores.cbrn: must be a number from 0 to 1");
  EXPECT_EQ(problem_of(with(R"("risk_scores":{"cbnr":1})")), "1 risk_scores.cbnr: is no category of risk");
  EXPECT_EQ(problem_of(with(R"("timestamp":"yesterday")")),
            "1 timestamp: must be a time such as 2026-01-31T12:00:00Z, or seconds since 1970, before the year 2200");
  for (const auto* far : {"7258118400", "\"2200-01-01T00:00:00Z\"", "\"1969-12-31T23:59:59Z\"", "-1", "1e300"})
    EXPECT_THAT(problem_of(with(R"("timestamp":)" + std::string(far))), HasSubstr("1 timestamp: must be")) << far;
  EXPECT_EQ(problem_of(with(R"("promt":"x")")), "1 promt: is not a member of an event");
  EXPECT_EQ(problem_of(with(R"("my secret is 4111":"x")")), "1 (a name): is not a member of an event");
  EXPECT_EQ(problem_of(with(R"("event_id":"")")), "1 event_id: must be a string of 1 to 128 characters");
  EXPECT_EQ(problem_of(with(R"("event_id":")" + std::string(129, 'x') + R"(")")),
            "1 event_id: must be a string of 1 to 128 characters");
  std::string wide;
  for (int i = 0; i < 128; ++i) wide += "\xC3\xA9";
  EXPECT_EQ(problem_of(with(R"("event_id":")" + wide + R"(")")), "none");
  for (const auto& [from, to, field] : {std::tuple("\"api\"", "\"web\"", "surface"),
                                        {"\"general\"", "\"gold\"", "tier"},
                                        {"\"hello\"", "7", "prompt"},
                                        {"\"u\"", "\"\"", "user_id"},
                                        {"\"o\"", "null", "org_id"}}) {
    std::string event(kEvent);
    event.replace(event.find(from), std::string_view(from).size(), to);
    EXPECT_THAT(problem_of(event), HasSubstr("1 " + std::string(field) + ": "));
  }
}

TEST(Batch, StoresTheGoodOnesWhereAsked) {
  const auto batch = read(with(R"("tags":3)"), true);
  ASSERT_TRUE(batch);
  EXPECT_THAT(batch->events, SizeIs(1));
  ASSERT_THAT(batch->refused, SizeIs(1));
  EXPECT_EQ(batch->refused[0].index, 1U);
}

TEST(Batch, ReadsAnEventALine) {
  const auto lines = std::string(kEvent) + "\r\n\n" + std::string(kEvent);
  EXPECT_THAT(parse_batch(lines, true, false)->events, SizeIs(2));
  const auto wrong = parse_batch(lines + "\n{\"a\"", true, false);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().index, 2U);
}

TEST(Batch, HasLimits) {
  std::string many = R"({"events":[)";
  for (std::size_t i = 0; i <= kMaxEvents; ++i) many += "0,";
  many.back() = ']';
  EXPECT_EQ(parse_batch(many + "}", false, false).error().message, "a batch may have 10000 events");
  EXPECT_EQ(parse_batch(R"({"events":[],"more":1})", false, false).error().field, "more");
  EXPECT_EQ(parse_batch("[]", false, false).error().message, R"(the body must be an object: {"events":[…]})");
  EXPECT_TRUE(parse_batch(R"({"events":[]})", false, false)->events.empty());
}

}  // namespace
}  // namespace plimsoll::control
