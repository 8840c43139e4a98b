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

TEST(Event, IsCanonicalJson) {
  const auto entry = to_log_entry(event(), conversation(2), "key");
  const auto value = parse_json(entry);
  ASSERT_TRUE(value) << value.error().message;
  EXPECT_EQ(to_canonical_json(*value), entry);
}

TEST(Event, HoldsNoTextAndNoUserUnlessThePolicySaysSo) {
  auto e = event();
  EXPECT_EQ(to_log_entry(e, conversation(1), "key").find("secret text"), std::string::npos);
  EXPECT_EQ(to_log_entry(e, conversation(1), "key").find("someone"), std::string::npos);
  e.store_content = true;
  const auto entry = to_log_entry(e, conversation(1), "key");
  EXPECT_NE(entry.find("secret text"), std::string::npos);
  EXPECT_EQ(to_canonical_json(*parse_json(entry)), entry);
}

TEST(Event, CommitsToTheTextUnderTheKey) {
  const auto entry = [](std::string_view key) { return to_log_entry(event(), conversation(1), key); };
  EXPECT_EQ(entry("a"), entry("a"));
  EXPECT_NE(entry("a"), entry("b"));
}

TEST(Event, FitsAnEntryWhateverTheConversation) {
  auto e = event();
  e.store_content = true;
  e.findings.resize(10'000, e.findings.front());
  auto c = conversation(10'000);
  for (auto& s : c.segments) s.pointer = std::string(5'000, 'x');
  c.segments[0].text = std::string(1U << 20U, '\x01');
  c.model = std::string(1U << 20U, 'm');
  const auto entry = to_log_entry(e, c, "key");
  EXPECT_LE(entry.size(), kMaxEntryBytes);
  const auto value = parse_json(entry);
  ASSERT_TRUE(value);
  EXPECT_EQ(find(*value, "findings_total")->as_int64(), 10'000);
  EXPECT_EQ(find(*value, "segments_total")->as_int64(), 10'000);
}

}  // namespace
}  // namespace plimsoll
