#include "notify/destination.h"

#include <gmock/gmock.h>

#include "test_support.h"

namespace plimsoll::notify {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Destination, KnowsWhatAMailAddressMayBe) {
  for (const char* good : {"a@b", "first.last+tag@mail.example.org", "o'neil@example.org"})
    EXPECT_TRUE(is_mail_address(good)) << good;
  for (const char* bad : {"", "@b", "a@", "a", "a b@c", "a@b c", "a@b\r\nRCPT TO:<x@y>", "a@b>", "<a@b",
                          "a,b@c", "a@b,c@d", "\"a\"@b", "a@b\n", "a@[127.0.0.1]", "\xC3\xBC@b"})
    EXPECT_FALSE(is_mail_address(bad)) << bad;
}

TEST(Destination, ReadsAWebhooksKey) {
  EXPECT_EQ(read_webhook_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")->size(), 24U);
  EXPECT_FALSE(read_webhook_secret("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
  EXPECT_FALSE(read_webhook_secret("whsec_c2hvcnQ="));
  EXPECT_FALSE(read_webhook_secret("whsec_*"));
}

TEST(Destination, TakesAUrlWithItsQuery) {
  const auto target = parse_target("https://example.org:8443/a/b?x=1&y=%20");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->origin.base_path + target->path, "/a/b?x=1&y=%20");
  EXPECT_EQ(parse_target("https://example.org")->path, "/");
  EXPECT_FALSE(parse_target("https://example.org/?a b"));
  EXPECT_FALSE(parse_target("https://example.org/?a#b"));
  EXPECT_FALSE(parse_target("ftp://example.org/"));
  EXPECT_FALSE(parse_target("https://user:password@example.org/"));
}

TEST(Destination, MayNotBeAtAPrivateAddress) {
  EXPECT_THAT(webhook().problems(), IsEmpty());
  for (const char* url :
       {"https://127.0.0.1/x", "https://localhost/x", "https://10.1.2.3/x", "https://169.254.169.254/latest",
        "https://[::1]/x", "https://[::ffff:10.0.0.1]/x"}) {
    auto to = webhook();
    to.url = url;
    EXPECT_THAT(to.problems(), ElementsAre(HasSubstr("allow_private"))) << url;
    to.allow_private = true;
    EXPECT_THAT(to.problems(), IsEmpty()) << url;
  }
}

TEST(Destination, WantsWhatItWasToldTo) {
  auto to = webhook();
  EXPECT_TRUE(to.wants(trigger("a")));
  to.min_asl = 4;
  EXPECT_FALSE(to.wants(trigger("a")));
  to.min_asl = 0;
  to.min_severity = Severity::kCritical;
  EXPECT_FALSE(to.wants(trigger("a")));
  EXPECT_TRUE(to.wants(trigger("a", Event::kAslTrigger, Severity::kCritical)));
  to.events.fill(false);
  EXPECT_FALSE(to.wants(trigger("a", Event::kAslTrigger, Severity::kCritical)));
}

TEST(Destination, TellsItsProblemsWithoutItsSecrets) {
  auto to = webhook();
  to.secrets = {"not-a-key"};
  ASSERT_THAT(to.problems(), ElementsAre(HasSubstr("whsec_")));
  EXPECT_THAT(to.problems().front(), testing::Not(HasSubstr("not-a-key")));
  to.url = "https://hooks.slack.com/services/T0/B0/verysecret";
  EXPECT_EQ(to.describe(), "ops: webhook https://hooks.slack.com, every event, info and above, every 60 s");
}

}  // namespace
}  // namespace plimsoll::notify
