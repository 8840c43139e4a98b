#include "support_test.h"

namespace plimsoll::policy {
namespace {

Result<Context> read(std::string_view text) {
  static json::value kept;
  kept = *parse_json(text);
  return read_context(kept.get_object());
}

TEST(Context, ReadsScoresFlagsBasisTierAndLabels) {
  const auto context = read(R"({"jailbreak_score":0.9,"verbatim_ratio":0.5,"harmful_content_score":1,
      "contains_pii":true,"contains_secrets":true,"lawful_basis":"consent","tier":"enterprise",
      "user_id":"u","org_id":"o","anything":[1]})");
  ASSERT_TRUE(context);
  EXPECT_EQ(context->scores[Category::kJailbreak], 0.9);
  EXPECT_EQ(context->scores[Category::kVerbatim], 0.5);
  EXPECT_EQ(context->scores[Category::kHarmfulContent], 1);
  EXPECT_TRUE(context->contains_pii);
  EXPECT_TRUE(context->contains_secrets);
  EXPECT_TRUE(context->lawful_basis);
  EXPECT_EQ(context->tier, Tier::kEnterprise);
  EXPECT_EQ(context->user, "u");
  EXPECT_EQ(context->org, "o");
  EXPECT_TRUE(context->raw->contains("anything"));
}

TEST(Context, ReadsAScoreOfEveryCategory) {
  for (std::size_t i = 0; i < kCategoryCount; ++i) {
    const auto category = static_cast<Category>(i);
    const auto context = read("{\"" + std::string(to_string(category)) + "_score\":0.25}");
    ASSERT_TRUE(context);
    EXPECT_EQ(context->scores[category], 0.25) << to_string(category);
  }
}

TEST(Context, NullIsAsGoodAsAbsent) {
  const auto context =
      read(R"({"jailbreak_score":null,"contains_pii":null,"lawful_basis":null,"tier":null,"user_id":null})");
  ASSERT_TRUE(context);
  EXPECT_EQ(context->scores, Scores());
  EXPECT_FALSE(context->lawful_basis);
}

TEST(Context, NamesTheMemberThatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"jailbreak_score":1.5})", "context.jailbreak_score: must be a number from 0 to 1"},
      {R"({"jailbreak_score":-1})", "context.jailbreak_score: must be a number from 0 to 1"},
      {R"({"jailbreak_score":"high"})", "context.jailbreak_score: must be a number from 0 to 1"},
      {R"({"verbatim_ratio":true})", "context.verbatim_ratio: must be a number from 0 to 1"},
      {R"({"contains_pii":"yes"})", "context.contains_pii: must be true or false"},
      {R"({"lawful_basis":1})", "context.lawful_basis: must be true, false or the name of a lawful basis"},
      {R"({"tier":"gold"})", "context.tier: must be 'general', 'enterprise' or 'research_sandbox'"},
      {R"({"user_id":7})", "context.user_id: must be text of at most 256 bytes"},
  };
  for (const auto& [text, message] : cases) {
    const auto context = read(text);
    ASSERT_FALSE(context) << text;
    EXPECT_EQ(context.error().code, Code::kInvalid);
    EXPECT_EQ(context.error().message, message);
  }
}

}  // namespace
}  // namespace plimsoll::policy
