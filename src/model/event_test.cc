#include "model/event.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace plimsoll {
namespace {

Event event() {
  Event e;
  e.decision_id = "d-1";
  e.request_id = "r-1";
  e.time = *from_rfc3339("2025-01-31T00:00:00.5Z");
  e.policy_version = "sha256:00";
  e.detector_revision = "rules-1";
  e.caller = {.user = "someone@example.org", .org = "acme", .tier = Tier::kEnterprise};
  e.verdict.action = Action::kBlock;
  e.verdict.reasons = {"PII without \"lawful\" basis"};
  e.verdict.rules = {{.id = "pii", .action = Action::kBlock},
                     {.id = "x", .action = Action::kAllow, .shadow = true}};
  e.scores.set(Category::kSelfHarm, 0.3);
  e.scores.set(Category::kCbrn, 0.98765);
  e.findings = {
      {.category = Category::kPii, .entity = "EMAIL_ADDRESS", .detector = "pii.email", .span = {3, 9}}};
  return e;
}

Conversation conversation(std::size_t segments) {
  Conversation c;
  c.surface = "filter.prompt";
  for (std::size_t i = 0; i < segments; ++i)
    c.segments.push_back({.text = "my secret text \xC3\xA9", .pointer = "/p"});
  return c;
}

std::string entry(const Conversation& c, std::string_view key = "key", Event e = event()) {
  e.segments = record_segments(c, key, e.decision_id);
  e.segments_total = c.segments.size();
  e.surface = c.surface;
  e.model = c.model;
  return to_log_entry(e, key);
}

TEST(Event, IsCanonicalJson) {
  for (const bool with_content : {false, true}) {
    auto e = event();
    if (with_content)
      e.content = {.kept = "redacted", .parts = {{.file = 1, .offset = 0}, {.file = 1, .offset = 99}}};
    const auto written = entry(conversation(2), "key", e);
    EXPECT_EQ(written.find("\"content\"") != std::string::npos, with_content);
    const auto value = parse_json(written);
    ASSERT_TRUE(value) << value.error().message;
    EXPECT_EQ(to_canonical_json(*value), written);
  }
}

TEST(Event, HoldsNoTextAndNoUser) {
  EXPECT_EQ(entry(conversation(1)).find("secret text"), std::string::npos);
  EXPECT_EQ(entry(conversation(1)).find("someone"), std::string::npos);
}

TEST(Event, CommitsToTheTextUnderTheKey) {
  EXPECT_EQ(entry(conversation(1), "a"), entry(conversation(1), "a"));
  EXPECT_NE(entry(conversation(1), "a"), entry(conversation(1), "b"));
}

TEST(Event, FitsAnEntryWhateverTheConversation) {
  auto e = event();
  e.findings.resize(10'000, e.findings.front());
  auto c = conversation(10'000);
  for (auto& s : c.segments) s.pointer = std::string(5'000, 'x');
  c.segments[0].text = std::string(1U << 20U, '\x01');
  c.model = std::string(1U << 20U, 'm');
  e.content = {.kept = "full", .parts = {}, .complete = false};
  e.content->parts.resize(1'000, {.file = ~std::uint64_t{0} >> 11U, .offset = ~std::uint64_t{0} >> 11U});
  const auto written = entry(c, "key", e);
  EXPECT_LE(written.size(), kMaxEntryBytes);
  const auto value = parse_json(written);
  ASSERT_TRUE(value);
  EXPECT_EQ(find(*value, "findings_total")->as_int64(), 10'000);
  EXPECT_EQ(find(*value, "segments_total")->as_int64(), 10'000);
}

}  // namespace
}  // namespace plimsoll
