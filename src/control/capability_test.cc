#include "capability.h"

#include <gmock/gmock.h>

namespace plimsoll::control {
namespace {

using testing::HasSubstr;

std::string body(std::string_view more) {
  return R"({"model_version":"m-2","threat":"biological","method":"multiple choice","evaluator":"red team",)" +
         std::string(more) + "}";
}

TEST(Capability, TheIntervalSaysWhatIsRuledOut) {
  struct Row {
    const char* interval;
    Capability status;
  };
  // A threshold of 0.5: under it, on it, over it.
  for (const Row& row :
       {Row{"[0.1,0.4999]", Capability::kRuledOut}, Row{"[0.1,0.5]", Capability::kCannotRuleOut},
        Row{"[0.4999,0.9]", Capability::kCannotRuleOut}, Row{"[0.5,0.9]", Capability::kRuledIn}}) {
    const auto read = read_capability_evaluation(body(std::string(R"("score":0.)") +
                                                      (row.status == Capability::kRuledOut ? "3" : "5") +
                                                      R"(,"threshold":0.5,"interval":)" + row.interval));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->status(), row.status) << row.interval;
    EXPECT_EQ(read->crossed(), row.status != Capability::kRuledOut)
        << "what cannot be ruled out acts as reached";
  }
}

TEST(Capability, CountsGiveTheirOwnInterval) {
  const auto read = read_capability_evaluation(body(R"("successes":3,"n":400,"threshold":0.03)"));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_DOUBLE_EQ(read->score, .0075);
  EXPECT_DOUBLE_EQ(read->low, .0015);
  EXPECT_DOUBLE_EQ(read->high, .0218);
  EXPECT_EQ(read->status(), Capability::kRuledOut);
  EXPECT_EQ(read_capability_evaluation(body(R"("successes":3,"n":40,"threshold":0.03)"))->status(),
            Capability::kCannotRuleOut)
      << "three of forty say less than three of four hundred";
}

TEST(Capability, AnEvaluatorCanMakeItGraverAndNeverMilder) {
  const auto status = [](std::string_view more) {
    return read_capability_evaluation(
               body(std::string(R"("score":0.3,"interval":[0.2,0.4],)") + std::string(more)))
        ->status();
  };
  EXPECT_EQ(status(R"("threshold":0.5)"), Capability::kRuledOut);
  EXPECT_EQ(status(R"("threshold":0.5,"status":"ruled_in")"), Capability::kRuledIn);
  EXPECT_EQ(status(R"("threshold":0.3,"status":"ruled_out")"), Capability::kCannotRuleOut);
  EXPECT_EQ(status(R"("status":"cannot_rule_out")"), Capability::kCannotRuleOut);
}

TEST(Capability, SaysWhatIsWrongAndQuotesNothing) {
  const std::pair<std::string, const char*> cases[] = {
      {"[]", "the body"},
      {"", "the body"},
      {body(R"("score":1.5,"interval":[0,1])"), "score"},
      {body(R"("score":0.5,"threshold":0.5)"), "interval"},
      {body(R"("interval":[0,1],"threshold":0.5)"), "score"},
      {body(R"("score":0.5,"interval":[0.6,0.9],"threshold":0.5)"), "interval"},
      {body(R"("score":0.5,"interval":[0.9,0.1],"threshold":0.5)"), "interval"},
      {body(R"("score":0.5,"interval":[0.1,0.9])"), "threshold"},
      {body(R"("successes":5,"threshold":0.5)"), "n"},
      {body(R"("successes":5,"n":4,"threshold":0.5)"), "successes"},
      {body(R"("successes":5,"n":9,"score":0.5,"threshold":0.5)"), "score"},
      {body(R"("successes":-5,"n":9,"threshold":0.5)"), "successes"},
      {body(R"("score":0.5,"interval":[0.1,0.9],"threshold":0.5,"threshold_id":"CBRN-3")"), "framework"},
      {body(R"("score":0.5,"interval":[0.1,0.9],"status":"secret")"), "status"},
      {body(R"("score":0.5,"interval":[0.1,0.9],"threshold":0.5,"as_of":"secret")"), "as_of"},
      {body(R"("secret":1)"), "a member"},
      {R"({"model_version":"m"})", "evaluator"},
      {R"({"model_version":"m","threat":"Secret Threat","method":"x","evaluator":"y","score":0.5,"interval":[0,1],"threshold":1})",
       "threat"},
      {body(R"("notes":")" + std::string(5'000, 'x') + R"(")"), "notes"}};
  for (const auto& [text, name] : cases) {
    const auto read = read_capability_evaluation(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().name, name) << text;
    EXPECT_THAT(read.error().message, testing::Not(HasSubstr("secret")));
  }
}

TEST(Capability, ADecisionNamesWhoDecided) {
  EXPECT_TRUE(read_capability_decision(R"({"decision":"freeze","decided_by":"A. Officer"})"));
  EXPECT_EQ(read_capability_decision(R"({"decision":"freeze"})").error().name, "decided_by");
  EXPECT_EQ(read_capability_decision(R"({"decision":"accept","decided_by":"A"})").error().name, "notes");
  EXPECT_EQ(read_capability_decision(R"({"decision":"ignore","decided_by":"A"})").error().name, "decision");
}

}  // namespace
}  // namespace plimsoll::control
