#include "wire/moderations.h"

#include <gmock/gmock.h>

#include "base/json.h"

namespace plimsoll::wire {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> places(const Conversation& input) {
  std::vector<std::string> found;
  for (const auto& s : input.segments)
    found.push_back(s.pointer + " " + std::string(to_string(s.kind)) + " " + s.text);
  return found;
}

Verdict verdict(Action action) {
  Verdict v;
  v.action = action;
  v.fired.add(action);
  return v;
}

Finding finding(Category category, std::string_view entity, double confidence = 1) {
  return {.category = category, .entity = entity, .detector = "d", .span = {0, 1}, .confidence = confidence};
}

json::value encoded(const ModerationResult& result) {
  const auto answer = parse_json(encode_moderation("7", "m", {&result, 1})).value();
  EXPECT_EQ(answer.at("id"), "modr-7");
  EXPECT_EQ(answer.at("model"), "m");
  return answer.at("results").at(0);
}

TEST(Moderations, EveryStringIsAnInputOfItsOwn) {
  const auto one = decode_moderation_request(R"({"input":"all","model":"omni-moderation-latest"})");
  ASSERT_TRUE(one);
  ASSERT_EQ(one->inputs.size(), 1U);
  EXPECT_EQ(one->model, "omni-moderation-latest");
  EXPECT_EQ(one->inputs[0].surface, "moderations");
  EXPECT_THAT(places(one->inputs[0]), ElementsAre("/input text all"));

  const auto several = decode_moderation_request(R"({"input":["a","","b"]})");
  ASSERT_TRUE(several);
  ASSERT_EQ(several->inputs.size(), 3U);
  EXPECT_THAT(places(several->inputs[1]), ElementsAre());
  EXPECT_THAT(places(several->inputs[2]), ElementsAre("/input/2 text b"));
}

TEST(Moderations, PartsAreOneInputAndImagesAreNotInspected) {
  const auto request = decode_moderation_request(
      R"({"input":[{"type":"text","text":"look"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]})");
  ASSERT_TRUE(request);
  ASSERT_EQ(request->inputs.size(), 1U);
  EXPECT_THAT(places(request->inputs[0]), ElementsAre("/input/0/text text look", "/input/1 attachment "));
  const auto result = encoded(moderation_result(request->inputs[0], verdict(Action::kAllow), {}, {}));
  EXPECT_EQ(to_json(result.at("category_applied_input_types").at("self-harm")), R"(["text"])");
  EXPECT_EQ(to_json(result.at("category_applied_input_types").at("policy")), R"(["text","image"])");
}

TEST(Moderations, RefusesWhatItCannotUseWithoutQuotingIt) {
  std::string many = R"({"input":["a")";
  for (std::size_t i = 0; i < kMaxModerations; ++i) many += R"(,"a")";
  const std::pair<std::string, const char*> cases[] = {
      {"{}", "input"},
      {"zq", ""},
      {R"({"input":[]})", "input"},
      {R"({"input":7})", "input"},
      {R"({"input":["zq",7]})", "input[1]"},
      {R"({"input":[{"type":"text","text":"zq"},"zq"]})", "input[1]"},
      {R"({"input":[{"type":"text","text":7}]})", "input[0].text"},
      {R"({"input":"a","model":"z q"})", "model"},
      {many + "]}", "input"}};
  for (const auto& [body, param] : cases) {
    const auto request = decode_moderation_request(body);
    ASSERT_FALSE(request) << body;
    EXPECT_EQ(request.error().param, param) << body;
    EXPECT_THAT(request.error().message, Not(HasSubstr("zq")));
  }
}

TEST(Moderations, AnAllowedInputHasEveryOneOfOpenAIsKeysAndNoneIsFlagged) {
  ModerationResult result;
  result.scores.set(Category::kPii, 0.9);  // found, and allowed
  const auto answer = encoded(result);
  EXPECT_FALSE(answer.at("flagged").as_bool());
  for (const char* key :
       {"harassment", "harassment/threatening", "hate", "hate/threatening", "illicit", "illicit/violent",
        "self-harm", "self-harm/instructions", "self-harm/intent", "sexual", "sexual/minors", "violence",
        "violence/graphic", "pii", "secret", "jailbreak", "policy"}) {
    EXPECT_FALSE(answer.at("categories").at(key).as_bool()) << key;
    EXPECT_TRUE(answer.at("category_scores").at(key).is_number()) << key;
    EXPECT_TRUE(answer.at("category_applied_input_types").at(key).is_array()) << key;
  }
  EXPECT_EQ(to_json(answer.at("category_scores").at("pii")), "0.9");
  EXPECT_EQ(to_json(answer.at("category_applied_input_types").at("sexual")), "[]");
  EXPECT_EQ(to_json(answer.at("verdict")), R"({"allowed":true,"action":"allow","reasons":[]})");
}

std::string flagged_keys(const json::value& answer) {
  std::string keys;
  for (const auto& member : answer.at("categories").as_object())
    if (member.value().as_bool()) keys.append(member.key()).append(" ");
  return keys;
}

TEST(Moderations, OurCategoriesAreTheirsOnlyWhereTheyMeanTheSame) {
  const auto flagged = [](Category category, std::string_view entity) {
    ModerationResult result{.verdict = verdict(Action::kBlock), .scores = {}, .findings = {}};
    result.scores.set(category, 0.8);
    if (!entity.empty()) result.findings.push_back(finding(category, entity));
    return flagged_keys(encoded(result));
  };
  EXPECT_EQ(flagged(Category::kToxicity, ""), "harassment toxicity policy ");
  EXPECT_EQ(flagged(Category::kToxicity, "ABUSE"), "harassment toxicity policy ");
  EXPECT_EQ(flagged(Category::kToxicity, "HATE"), "hate toxicity policy ");
  EXPECT_EQ(flagged(Category::kCbrn, "WEAPON_REQUEST"), "illicit illicit/violent cbrn policy ");
  EXPECT_EQ(flagged(Category::kExploitation, "FRAUD"), "illicit exploitation policy ");
  EXPECT_EQ(flagged(Category::kCyberOffense, ""), "illicit cyber_offense policy ");
  EXPECT_EQ(flagged(Category::kSelfHarm, "SELF_HARM_RISK"), "self-harm self-harm/intent self_harm policy ");
  EXPECT_EQ(flagged(Category::kSelfHarm, "SELF_HARM_METHOD"),
            "self-harm self-harm/instructions self_harm policy ");
  EXPECT_EQ(flagged(Category::kJailbreak, ""), "jailbreak policy ");
}

TEST(Moderations, AFindingWithoutAScoreCountsByItsConfidence) {
  ModerationResult result{.verdict = verdict(Action::kRedact),
                          .scores = {},
                          .findings = {finding(Category::kPii, "EMAIL_ADDRESS", 0.75)}};
  const auto answer = encoded(result);
  EXPECT_EQ(flagged_keys(answer), "pii policy ");
  EXPECT_EQ(to_json(answer.at("category_scores").at("pii")), "0.75");
  EXPECT_TRUE(answer.at("flagged").as_bool());
}

TEST(Moderations, WhatIsOnlyLoggedIsNotFlagged) {
  ModerationResult result{.verdict = verdict(Action::kLogOnly),
                          .scores = {},
                          .findings = {finding(Category::kPii, "EMAIL_ADDRESS")}};
  EXPECT_EQ(flagged_keys(encoded(result)), "");
}

TEST(Moderations, ResultsComeInTheOrderOfTheirInputs) {
  const std::vector<ModerationResult> results = {
      {.verdict = verdict(Action::kBlock), .scores = {}, .findings = {}},
      {.verdict = verdict(Action::kAllow), .scores = {}, .findings = {}}};
  const auto answer = parse_json(encode_moderation("7", "m", results)).value();
  EXPECT_TRUE(answer.at("results").at(0).at("flagged").as_bool());
  EXPECT_FALSE(answer.at("results").at(1).at("flagged").as_bool());
}

}  // namespace
}  // namespace plimsoll::wire
