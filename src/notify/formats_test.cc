#include "formats.h"

#include <gmock/gmock.h>

#include "base/hash.h"
#include "base/json.h"
#include "test_support.h"

namespace plimsoll::notify {
namespace {

using testing::HasSubstr;
using testing::Not;

const Time kNow = at("2026-11-28T18:00:00Z");

TEST(Notice, ReadsBackWhatItWrote) {
  auto many = notice();
  add(many, trigger("e-2", Event::kAslTrigger, Severity::kCritical));
  for (const auto& n : {notice(), many}) {
    const auto value = parse_json(to_json(to_object(n)));
    ASSERT_TRUE(value);
    auto back = read_notice(*value);
    ASSERT_TRUE(back) << back.error().message;
    back->first.asl = n.first.asl;  // only decides who is told
    EXPECT_EQ(*back, n);
  }
}

TEST(Notice, IsNoneOfWhatElseThereIs) {
  for (const char* text : {"{}", "[]", "1", R"({"event":"test"})"})
    EXPECT_FALSE(read_notice(*parse_json(text))) << text;
}

// Signed by hand: HMAC-SHA-256 of "<id>.<timestamp>.<body>"; the conformance tests have the reference library verify it.
TEST(Webhook, IsSignedWithEveryKey) {
  auto to = webhook();
  to.secrets.push_back("whsec_" + std::string(44, 'A'));
  const auto message = webhook_message(to, notice("msg_1"), kNow);
  EXPECT_EQ(message.headers.get("webhook-id"), "msg_1");
  EXPECT_EQ(message.headers.get("webhook-timestamp"), "1795888800");
  const std::string signature(message.headers.get("webhook-signature"));
  EXPECT_THAT(signature, testing::MatchesRegex("v1,[A-Za-z0-9+/=]{44} v1,[A-Za-z0-9+/=]{44}"));
  const auto key = read_webhook_secret(to.secrets[0]);
  const auto digest = hmac_sha256(*key, "msg_1.1795888800." + message.body);
  EXPECT_EQ(signature.substr(0, 47), "v1," + to_base64(bytes_of(digest)));
}

TEST(Slack, EscapesWhatItsMarkupWouldRead) {
  auto n = notice("n", "<!channel> `x` & y");
  const auto message = slack_message(webhook(), n);
  EXPECT_THAT(message.body, Not(HasSubstr("<!channel>")));
  EXPECT_THAT(message.body, HasSubstr("&lt;!channel&gt; 'x' &amp; y"));
}

TEST(PagerDuty, TriggersAndResolvesUnderOneKey) {
  auto to = webhook();
  to.kind = Kind::kPagerDuty;
  to.secrets = {"0123456789abcdef0123456789abcdef"};
  to.link_base = "https://control.example.org/";
  auto n = notice();
  const auto opened = *parse_json(pagerduty_message(to, n).body);
  n.first.resolved = true;
  const auto over = *parse_json(pagerduty_message(to, n).body);
  EXPECT_EQ(opened.at("dedup_key"), over.at("dedup_key"));
  EXPECT_EQ(opened.at("event_action"), "trigger");
  EXPECT_EQ(over.at("event_action"), "resolve");
  EXPECT_EQ(opened.at("payload").at("severity"), "error");
  EXPECT_EQ(opened.at("client_url"), "https://control.example.org/events/e-1");
}

TEST(Mail, HoldsNothingThatAClientCouldAddAHeaderWith) {
  auto to = webhook();
  to.kind = Kind::kEmail;
  to.from = "p@example.org";
  to.to = {"a@example.org"};
  auto n = notice("n-1", "x\r\nBcc: evil@example.org");
  n.first.summary = "Ü is no ASCII\r\nBcc: evil@example.org " + std::string(200, 'y');
  const auto mail = mail_message(to, n, kNow);
  const auto head = mail.substr(0, mail.find("\r\n\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("Bcc")));
  EXPECT_THAT(head, HasSubstr("Date: Sat, 28 Nov 2026 18:00:00 +0000\r\n"));
  EXPECT_THAT(head, HasSubstr("Subject: =?UTF-8?B?"));
  for (std::size_t from = 0, end = 0; end != std::string::npos; from = end + 2) {
    end = mail.find("\r\n", from);
    const auto line = mail.substr(from, end == std::string::npos ? end : end - from);
    EXPECT_LE(line.size(), 78U) << line;
    for (const char c : line) EXPECT_TRUE(c >= 0x20 && c < 0x7F) << line;
  }
}

}  // namespace
}  // namespace plimsoll::notify
