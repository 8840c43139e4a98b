#include <gmock/gmock.h>

#include "base/json.h"
#include "wire/guardrails.h"

namespace plimsoll::wire {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> places(const Conversation& conversation) {
  std::vector<std::string> found;
  for (const auto& s : conversation.segments)
    found.push_back(s.pointer + " " + std::string(to_string(s.role)) + " " + std::string(to_string(s.kind)) +
                    " " + s.text);
  return found;
}

// A verdict with what led to it.
struct Decided {
  Verdict verdict;
  Scores scores;
  std::vector<Finding> findings;

  explicit Decided(Action action) {
    verdict.action = action;
    verdict.fired.add(action);
  }
  Decided& find(Category category, std::string_view entity) {
    findings.push_back({.category = category, .entity = entity, .detector = "d", .span = {0, 1}});
    return *this;
  }
  Decided& score(Category category, double value) {
    scores.set(category, value);
    return *this;
  }
  GuardrailDecision decision() const {
    return {verdict, scores, findings, "Refused.", "[REDACTED:{entity}]"};
  }
};

ApplyGuardrailRequest asked(std::string_view content, std::string_view more = "") {
  auto request = decode_apply_guardrail(R"({"source":"INPUT","content":)" + std::string(content) +
                                        std::string(more) + "}");
  EXPECT_TRUE(request) << request.error().message;
  return *std::move(request);
}

json::value answer(const ApplyGuardrailRequest& request, const Decided& decided) {
  return parse_json(encode_apply_guardrail(request, decided.decision())).value();
}

TEST(ApplyGuardrail, EveryBlockIsInspectedByWhoSaidIt) {
  const auto input = asked(
      R"([{"text":{"text":"hi"}},{"image":{"format":"png","source":{"bytes":"AA=="}}},
      {"text":{"text":"source","qualifiers":["grounding_source"]}},{"text":{"text":"q","qualifiers":["query"]}}])");
  EXPECT_THAT(
      places(input.document.conversation()),
      ElementsAre("/content/0/text/text user text hi", "/content/1/image user attachment ",
                  "/content/2/text/text tool tool_result source", "/content/3/text/text user text q"));
  EXPECT_EQ(input.document.conversation().surface, "guardrail.bedrock");
  EXPECT_EQ(input.document.conversation().direction, Direction::kPrompt);

  const auto output = decode_apply_guardrail(
      R"({"source":"OUTPUT","content":[{"text":{"text":"a","qualifiers":["guard_content"]}},{"text":{"text":"q","qualifiers":["query"]}}],"outputScope":"FULL"})");
  ASSERT_TRUE(output);
  EXPECT_TRUE(output->full);
  EXPECT_EQ(output->document.conversation().direction, Direction::kOutput);
  EXPECT_THAT(places(output->document.conversation()),
              ElementsAre("/content/0/text/text assistant text a", "/content/1/text/text user text q"));
}

TEST(ApplyGuardrail, RefusesWhatItCannotUseWithoutQuotingIt) {
  const std::pair<const char*, const char*> cases[] = {
      {"{}", "source"},
      {"zq", ""},
      {R"({"source":"zq","content":[]})", "source"},
      {R"({"source":"INPUT"})", "content"},
      {R"({"source":"INPUT","content":"zq"})", "content"},
      {R"({"source":"INPUT","content":["zq"]})", "content[0]"},
      {R"({"source":"INPUT","content":[{}]})", "content[0]"},
      {R"({"source":"INPUT","content":[{"text":{"text":"zq"},"image":{}}]})", "content[0]"},
      {R"({"source":"INPUT","content":[{"text":"zq"}]})", "content[0].text"},
      {R"({"source":"INPUT","content":[{"text":{}}]})", "content[0].text.text"},
      {R"({"source":"INPUT","content":[{"text":{"text":7}}]})", "content[0].text.text"},
      {R"({"source":"INPUT","content":[],"outputScope":"zq"})", "outputScope"}};
  for (const auto& [body, param] : cases) {
    const auto request = decode_apply_guardrail(body);
    ASSERT_FALSE(request) << body;
    EXPECT_EQ(request.error().param, param) << body;
    EXPECT_THAT(request.error().message, Not(HasSubstr("zq")));
  }
}

TEST(ApplyGuardrail, NothingFoundIsNoAction) {
  const auto told =
      encode_apply_guardrail(asked(R"([{"text":{"text":"héllo"}}])"), Decided(Action::kAllow).decision());
  EXPECT_EQ(
      told,
      R"({"usage":{"topicPolicyUnits":1,"contentPolicyUnits":1,"wordPolicyUnits":0,"sensitiveInformationPolicyUnits":1,"sensitiveInformationPolicyFreeUnits":0,"contextualGroundingPolicyUnits":0},"action":"NONE","actionReason":"No action.","outputs":[],"assessments":[{}],"guardrailCoverage":{"textCharacters":{"guarded":5,"total":5}}})");
}

TEST(ApplyGuardrail, ARedactionGivesEveryGuardedTextAndNeverTheValue) {
  auto request = asked(
      R"([{"text":{"text":"clean"}},{"text":{"text":"zq@example.com"}},{"text":{"text":"s","qualifiers":["grounding_source"]}}])");
  request.document.replace(1, "[REDACTED:EMAIL_ADDRESS]");
  Decided decided(Action::kRedact);
  decided.verdict.redact.add(Category::kPii);
  decided.find(Category::kPii, "EMAIL_ADDRESS")
      .find(Category::kPii, "TAX_ID")
      .find(Category::kSecret, "OPENAI_KEY");
  const auto told = answer(request, decided);
  EXPECT_EQ(told.at("action"), "GUARDRAIL_INTERVENED");
  EXPECT_EQ(told.at("actionReason"), "Guardrail masked.");
  EXPECT_EQ(to_json(told.at("outputs")), R"([{"text":"clean"},{"text":"[REDACTED:EMAIL_ADDRESS]"}])");
  EXPECT_EQ(
      to_json(told.at("assessments")),
      R"([{"sensitiveInformationPolicy":{"piiEntities":[{"match":"[REDACTED:EMAIL_ADDRESS]","action":"ANONYMIZED","detected":true,"type":"EMAIL"}],"regexes":[{"match":"[REDACTED:TAX_ID]","action":"ANONYMIZED","detected":true,"name":"TAX_ID"}]}}])");
  EXPECT_THAT(to_json(told), Not(HasSubstr("zq")));

  const auto full = asked(R"([{"text":{"text":"x"}}])", R"(,"outputScope":"FULL")");
  EXPECT_THAT(
      to_json(answer(full, decided)),
      HasSubstr(R"({"match":"[REDACTED:OPENAI_KEY]","action":"NONE","detected":true,"name":"OPENAI_KEY"})"));
}

TEST(ApplyGuardrail, ARefusalIsTheMessageAndWhy) {
  Decided decided(Action::kBlock);
  decided.verdict.reasons = {"jailbreak", "PII without lawful basis"};
  decided.score(Category::kJailbreak, 0.9).score(Category::kSelfHarm, 0.6).score(Category::kToxicity, 0.3);
  decided.find(Category::kPii, "US_SSN");
  const auto told = answer(asked(R"([{"text":{"text":"x"}},{"image":{}}])"), decided);
  EXPECT_EQ(told.at("action"), "GUARDRAIL_INTERVENED");
  EXPECT_EQ(told.at("actionReason"), "jailbreak; PII without lawful basis");
  EXPECT_EQ(to_json(told.at("outputs")), R"([{"text":"Refused."}])");
  EXPECT_EQ(
      to_json(told.at("assessments").at(0)),
      R"({"topicPolicy":{"topics":[{"name":"self_harm","type":"DENY","action":"BLOCKED","detected":true}]},"contentPolicy":{"filters":[{"type":"PROMPT_ATTACK","confidence":"HIGH","action":"BLOCKED","detected":true}]},"sensitiveInformationPolicy":{"piiEntities":[{"match":"[REDACTED:US_SSN]","action":"BLOCKED","detected":true,"type":"US_SOCIAL_SECURITY_NUMBER"}],"regexes":[]}})");
  EXPECT_EQ(to_json(told.at("guardrailCoverage").at("images")), R"({"guarded":0,"total":1})");
}

TEST(ApplyGuardrail, OurCategoriesAreBedrocksOnlyWhereTheyMeanTheSame) {
  const auto listed = [](Category category, std::string_view entity) {
    Decided decided(Action::kBlock);
    decided.score(category, 0.7);
    if (!entity.empty()) decided.find(category, entity);
    const auto told = answer(asked(R"([{"text":{"text":"x"}}])"), decided);
    std::string names;
    for (const auto& policy : told.at("assessments").at(0).as_object())
      for (const auto& list : policy.value().as_object())
        for (const auto& item : list.value().as_array())
          names += std::string(item.at(policy.key() == "topicPolicy" ? "name" : "type").as_string()) + " ";
    return names;
  };
  EXPECT_EQ(listed(Category::kToxicity, "ABUSE"), "INSULTS ");
  EXPECT_EQ(listed(Category::kToxicity, "HATE"), "HATE ");
  EXPECT_EQ(listed(Category::kCbrn, ""), "MISCONDUCT ");
  EXPECT_EQ(listed(Category::kDisguise, ""), "PROMPT_ATTACK ");
  EXPECT_EQ(listed(Category::kVerbatim, ""), "verbatim ");
  EXPECT_EQ(listed(Category::kPii, ""), "policy ");  // no finding says what
}

TEST(ApplyGuardrail, AFailureToDecideIsARefusal) {
  EXPECT_EQ(answer(asked(R"([{"text":{"text":"x"}}])"), Decided(Action::kErrorBlock)).at("action"),
            "GUARDRAIL_INTERVENED");
}

TEST(ApplyGuardrail, ThePathNamesTheGuardrailAndItsVersion) {
  const auto path = parse_guardrail_path("/guardrail/abc123/version/DRAFT/apply");
  ASSERT_TRUE(path);
  EXPECT_EQ(path->id, "abc123");
  EXPECT_EQ(path->version, "DRAFT");
  for (const char* other : {"", "/guardrail/", "/guardrail//version/1/apply", "/guardrail/a/version//apply",
                            "/guardrail/a/version/1", "/guardrail/a/version/1/apply/",
                            "/guardrail/a/b/version/1/apply", "/x/guardrail/a/version/1/apply"})
    EXPECT_FALSE(parse_guardrail_path(other)) << other;
}

TEST(ApplyGuardrail, ErrorsHaveTheNamesThatBoto3Knows) {
  const auto error = guardrail_error(
      {.kind = ProblemKind::kInvalid, .message = "no", .code = {}, .param = "content[0]", .inner = {}});
  EXPECT_EQ(error.status, 400);
  EXPECT_EQ(error.type, "ValidationException");
  EXPECT_EQ(error.body, R"({"message":"content[0]: no"})");
  const std::pair<ProblemKind, int> statuses[] = {
      {ProblemKind::kStranger, 403}, {ProblemKind::kLimited, 429}, {ProblemKind::kUndecided, 503},
      {ProblemKind::kTimeout, 503},  {ProblemKind::kRefused, 400}, {ProblemKind::kInternal, 500}};
  for (const auto& [kind, status] : statuses)
    EXPECT_EQ(guardrail_error({.kind = kind, .message = "m", .code = {}, .param = {}, .inner = {}}).status,
              status);
}

}  // namespace
}  // namespace plimsoll::wire
