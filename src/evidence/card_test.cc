#include "evidence/card.h"

#include <gtest/gtest.h>

namespace plimsoll::evidence {
namespace {

Card made(std::string_view text, bool system = false) {
  const auto sources = read_card_sources(text);
  EXPECT_TRUE(sources) << sources.error().message;
  const auto card = make_card(*sources, "", system);
  EXPECT_TRUE(card) << card.error().message;
  return *card;
}

constexpr std::string_view kEvidence = R"([
  {"artifactType":"model_card","modelVersion":"m-1","contentRef":"r","metadata":{
    "name":"<Harbour & Pilot>","description":"Finds | ships","owners":["Port Authority"],"limitations":["fog","night"],
    "controls":[{"framework":"ISO/IEC 42001","id":"A.6.2.4","conformance":0.9,"rationale":"tested"}],
    "ethical_considerations":[{"name":"surveillance","mitigation_strategy":"blur faces"}]}},
  {"artifactType":"eval_pack","modelVersion":"m-1","contentRef":"r","metadata":{
    "quality":{"pass_at_5":{"value":0.84,"ci":[0.8,0.88],"n":164,"dataset":"HumanEval"}},
    "subgroups":[{"metric":"selection_rate","attribute":"sex","group":"f","value":0.3,"n":100},
                 {"metric":"selection_rate","attribute":"sex","group":"m","value":0.5,"n":100},
                 {"metric":"selection_rate","attribute":"sex","group":"x","value":0.9,"n":5}]}}])";

TEST(Card, IsMadeOfEvidenceAndShowsWhatIsMissing) {
  const auto card = made(kEvidence);
  EXPECT_EQ(card.name, "<Harbour & Pilot>");
  ASSERT_EQ(card.metrics.size(), 4);
  EXPECT_EQ(card.metrics[0].upper, 0.88);
  EXPECT_EQ(card.metrics[0].n, 164);
  EXPECT_TRUE(std::ranges::find(card.missing, "datasets") != card.missing.end());
  EXPECT_FALSE(std::ranges::find(card.missing, "limitations") != card.missing.end());
  EXPECT_NE(to_markdown(card).find("missing: no evidence says"), std::string::npos);
}

TEST(Card, TheLaterEvidenceCounts) {
  const auto card = made(R"({"items":[
    {"artifact_type":"a","model_version":"m","stored_at":"2026-02-01T00:00:00Z","metadata":{"psi":0.2}},
    {"artifact_type":"a","model_version":"m","stored_at":"2026-01-01T00:00:00Z","metadata":{"psi":0.1}}]})");
  ASSERT_EQ(card.metrics.size(), 1);
  EXPECT_EQ(card.metrics[0].value, 0.2);
}

TEST(Card, WhatOthersWroteStaysText) {
  const auto card = made(kEvidence);
  EXPECT_EQ(to_html(card).find("<Harbour"), std::string::npos);
  EXPECT_NE(to_html(card).find("&lt;Harbour &amp; Pilot&gt;"), std::string::npos);
  EXPECT_NE(to_markdown(card).find("Finds \\| ships"), std::string::npos);
  EXPECT_NE(to_huggingface(card).find("value: 0.84"), std::string::npos);
}

TEST(Card, InJsonIsReadable) {
  for (const bool system : {false, true}) {
    const auto card = made(kEvidence, system);
    const auto bom = parse_json(to_cyclonedx(card));
    ASSERT_TRUE(bom);
    EXPECT_EQ(*find_string(*bom, "specVersion"), "1.6");
    EXPECT_EQ(to_cyclonedx(card), to_cyclonedx(card));
    EXPECT_NE(find(*bom, "declarations"), nullptr);
    EXPECT_TRUE(parse_json(to_google(card)));
  }
}

TEST(Card, ComparesGroupsThatAreLargeEnough) {
  const auto comparisons = compare_groups(made(kEvidence));
  ASSERT_EQ(comparisons.size(), 1);
  EXPECT_EQ(comparisons[0].groups.size(), 2);
  EXPECT_EQ(comparisons[0].too_small.size(), 1);
  EXPECT_DOUBLE_EQ(comparisons[0].difference, 0.2);
  EXPECT_DOUBLE_EQ(*comparisons[0].ratio, 0.6);
  EXPECT_TRUE(*comparisons[0].adverse_impact);
}

TEST(Card, IsRefusedWhereNothingIsKnown) {
  EXPECT_EQ(make_card({}, "m", false).error().code, Code::kNotFound);
  EXPECT_FALSE(read_card_sources("1"));
  EXPECT_FALSE(read_card_sources(R"({"artifactType":"a"})"));
  const auto sources = read_card_sources(
      R"({"artifactType":"a","modelVersion":"m","metadata":{"performance_metrics":[{"type":"x","value":"high"}]}})");
  EXPECT_NE(make_card(*sources, "", false).error().message.find("performance_metrics[0]"), std::string::npos);
}

}  // namespace
}  // namespace plimsoll::evidence
