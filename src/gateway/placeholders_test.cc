#include "placeholders.h"

#include <gtest/gtest.h>

namespace plimsoll::gateway {
namespace {

Finding email() {
  Finding f;
  f.entity = "EMAIL_ADDRESS";
  return f;
}

constexpr std::string_view kPattern = "[REDACTED:{entity}]";

TEST(Placeholders, SameValueSamePlaceholder) {
  Placeholders p(kPattern, true);
  const auto a = p.stand_in(email(), "ann@example.com");
  EXPECT_TRUE(a.starts_with("[REDACTED:EMAIL_ADDRESS_1_")) << a;
  EXPECT_NE(p.stand_in(email(), "bob@example.com"), a);
  EXPECT_EQ(p.stand_in(email(), "ann@example.com"), a);
}

TEST(Placeholders, RestoresOnlyItsOwn) {
  Placeholders p(kPattern, true);
  Placeholders other(kPattern, true);
  const auto a = p.stand_in(email(), "ann@example.com");
  const auto b = other.stand_in(email(), "bob@example.com");
  EXPECT_EQ(p.restore(a + a + " " + b + " [REDACTED:EMAIL_ADDRESS_1] [REDACTED:EMAIL_ADDRESS]", false),
            "ann@example.comann@example.com " + b + " [REDACTED:EMAIL_ADDRESS_1] [REDACTED:EMAIL_ADDRESS]");
  EXPECT_EQ(other.restore(a, false), a);
}

TEST(Placeholders, EscapesInsideJson) {
  Placeholders p(kPattern, true);
  const auto a = p.stand_in(email(), "a\"b\\");
  EXPECT_EQ(p.restore("{\"to\":\"" + a + "\"}", true), "{\"to\":\"a\\\"b\\\\\"}");
}

TEST(Placeholders, APatternWithoutEntityIsFinal) {
  Placeholders p("***", true);
  EXPECT_EQ(p.stand_in(email(), "ann@example.com"), "***");
  EXPECT_TRUE(p.empty());
  Placeholders off(kPattern, false);
  EXPECT_EQ(off.stand_in(email(), "ann@example.com"), "[REDACTED:EMAIL_ADDRESS]");
}

// Lets everything through.
class Open final : public wire::TextFilter {
 public:
  bool feed(wire::Channel, std::string_view text, std::string& out) override {
    out += text;
    return true;
  }
  bool finish(wire::Channel, std::string&) override { return true; }
};

TEST(Restorer, WhereverTheStreamIsCut) {
  Placeholders p(kPattern, true);
  const auto a = p.stand_in(email(), "ann@example.com");
  const auto b = p.stand_in(email(), "bob@example.com");
  const std::string text = "x [REDACTED:" + a + b + "[RED" + a.substr(0, 30);
  const std::string whole = p.restore(text, false);
  EXPECT_NE(whole.find("[REDACTED:ann@example.combob@example.com[RED"), std::string::npos) << whole;
  for (std::size_t i = 0; i <= text.size(); ++i)
    for (std::size_t j = i; j <= text.size(); ++j) {
      Open open;
      Restorer restorer(open, p);
      const wire::Channel channel;
      std::string out;
      restorer.feed(channel, std::string_view(text).substr(0, i), out);
      restorer.feed(channel, std::string_view(text).substr(i, j - i), out);
      restorer.feed(channel, std::string_view(text).substr(j), out);
      restorer.finish(channel, out);
      ASSERT_EQ(out, whole) << i << " " << j;
    }
}

}  // namespace
}  // namespace plimsoll::gateway
