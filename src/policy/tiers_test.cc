#include <cmath>

#include "support_test.h"

namespace plimsoll::policy {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

double just_under(double limit) {
  return std::nextafter(limit, 0);
}
double just_over(double limit) {
  return std::nextafter(limit, 1);
}

struct Cell {
  Category category;
  std::optional<Tier> tier;
  double limit;
  Action at;       // from the limit on
  Action at_half;  // from 0.5 on
};

constexpr auto kGeneral = Tier::kGeneral;
constexpr auto kEnterprise = Tier::kEnterprise;
constexpr auto kResearch = Tier::kResearchSandbox;

// The contract's tables, written out.
const Cell kCells[] = {
    {Category::kCbrn, kGeneral, 0.15, Action::kBlock, Action::kBlock},
    {Category::kCbrn, kEnterprise, 0.18, Action::kEscalate, Action::kEscalate},
    {Category::kCbrn, kResearch, 0.25, Action::kRedact, Action::kRedact},
    {Category::kCbrn, std::nullopt, 0.15, Action::kBlock, Action::kBlock},
    {Category::kSelfHarm, kGeneral, 0.30, Action::kBlock, Action::kBlock},
    {Category::kSelfHarm, kEnterprise, 0.50, Action::kEscalate, Action::kEscalate},
    {Category::kSelfHarm, kResearch, 0.80, Action::kRedact, Action::kRedact},
    {Category::kSelfHarm, std::nullopt, 0.30, Action::kBlock, Action::kBlock},
    {Category::kJailbreak, kGeneral, 0.30, Action::kRedact, Action::kBlock},
    {Category::kJailbreak, kEnterprise, 0.45, Action::kRedact, Action::kEscalate},
    {Category::kJailbreak, kResearch, 0.60, Action::kRedact, Action::kRedact},
    {Category::kExploitation, kGeneral, 0.30, Action::kRedact, Action::kBlock},
    {Category::kExploitation, kEnterprise, 0.45, Action::kRedact, Action::kEscalate},
    {Category::kExploitation, kResearch, 0.60, Action::kRedact, Action::kRedact},
    {Category::kExploitation, std::nullopt, 0.50, Action::kBlock, Action::kBlock},
    {Category::kToxicity, std::nullopt, 0.80, Action::kBlock, Action::kBlock},
};

std::string name_of(const Cell& cell) {
  return std::string(to_string(cell.category)) + " " +
         (cell.tier ? std::string(to_string(*cell.tier)) : "untiered");
}

// The tier table alone: the shipped one without triggers, whose levels lie among the thresholds.
const Policy& table_only() {
  static const auto policy = [] {
    std::string yaml(shipped_yaml());
    const auto begin = yaml.find("\nasl_triggers:");
    const auto end = yaml.find("\nactions:");
    return parsed(yaml.erase(begin, end - begin));
  }();
  return *policy;
}

World at(const Cell& cell, double score) {
  World world;
  world.caller.tier = cell.tier;
  return world.score(cell.category, score);
}

TEST(TierTable, EveryCellIsReachedAtItsThresholdAndNotJustUnderIt) {
  for (const Cell& cell : kCells) {
    EXPECT_EQ(at(cell, just_under(cell.limit)).decide(table_only()).action, Action::kAllow) << name_of(cell);
    EXPECT_EQ(at(cell, cell.limit).decide(table_only()).action, cell.limit < 0.5 ? cell.at : cell.at_half)
        << name_of(cell);
    EXPECT_EQ(at(cell, just_over(cell.limit)).decide(table_only()).action,
              cell.limit < 0.5 ? cell.at : cell.at_half)
        << name_of(cell);
  }
}

TEST(TierTable, AHighScoreIsOneFromAHalfOn) {
  for (const Cell& cell : kCells) {
    if (cell.limit >= 0.5) continue;
    EXPECT_EQ(at(cell, just_under(0.5)).decide(table_only()).action, cell.at) << name_of(cell);
    EXPECT_EQ(at(cell, 0.5).decide(table_only()).action, cell.at_half) << name_of(cell);
    EXPECT_EQ(at(cell, just_over(0.5)).decide(table_only()).action, cell.at_half) << name_of(cell);
  }
}

TEST(TierTable, SaysWhichThresholdWasPassed) {
  const auto verdict = World().tier(kGeneral).score(Category::kCbrn, 0.15).decide(shipped());
  EXPECT_THAT(verdict.reasons, ElementsAre("cbrn score over general threshold"));
  ASSERT_EQ(verdict.rules.size(), 1U);
  EXPECT_EQ(verdict.rules[0].id, "risk_thresholds.cbrn.general");
  EXPECT_THAT(World().score(Category::kCbrn, 0.15).decide(shipped()).reasons,
              ElementsAre("cbrn score over threshold"));
}

TEST(TierTable, RedactsTheCategoryThatWasPassed) {
  const auto verdict = World().tier(kGeneral).score(Category::kExploitation, 0.4).decide(shipped());
  EXPECT_EQ(verdict.action, Action::kRedact);
  EXPECT_TRUE(verdict.redact.has(Category::kExploitation));
  EXPECT_FALSE(verdict.redact.has(Category::kJailbreak));
}

TEST(TierTable, ReadsReportedScoresButNotTheContexts) {
  World reported = World().tier(kGeneral);
  reported.reported.set(Category::kCbrn, 0.16);
  EXPECT_EQ(reported.decide(shipped()).action, Action::kBlock);
  EXPECT_EQ(World().tier(kGeneral).says(R"({"cbrn_score":0.9})").decide(shipped()).action, Action::kAllow);
  EXPECT_EQ(World().says(R"({"cbrn_score":0.9,"tier":"general"})").decide(shipped()).action, Action::kAllow);
}

TEST(TierTable, ATierComesFromTheCallerNotFromTheContext) {
  const auto verdict =
      World().says(R"({"tier":"research_sandbox"})").score(Category::kCbrn, 0.16).decide(shipped());
  EXPECT_EQ(verdict.action, Action::kBlock);
}

TEST(TierTable, UntieredJailbreaksAreDecidedByTheRuleAlone) {
  for (const double score : {0.3, 0.5, 0.8})
    EXPECT_EQ(World().score(Category::kJailbreak, score).decide(shipped()).action, Action::kAllow) << score;
  const auto verdict = World().score(Category::kJailbreak, 0.95).decide(shipped());
  EXPECT_EQ(verdict.action, Action::kSafeMode);
  EXPECT_THAT(verdict.reasons, ElementsAre("high jailbreak score"));
}

TEST(TierTable, SelfHarmIsRefusedWithCare) {
  EXPECT_TRUE(World().score(Category::kSelfHarm, 0.3).decide(shipped()).care);
  EXPECT_TRUE(World().tier(kGeneral).score(Category::kSelfHarm, 0.3).decide(shipped()).care);
  EXPECT_TRUE(World().tier(kEnterprise).score(Category::kSelfHarm, 0.5).decide(shipped()).care);
  EXPECT_FALSE(World().tier(kResearch).score(Category::kSelfHarm, 0.8).decide(shipped()).care)
      << "not refused";
  EXPECT_FALSE(World().score(Category::kCbrn, 0.3).decide(shipped()).care);
}

TEST(TierTable, EscalationsAreReviewed) {
  EXPECT_TRUE(World().tier(kEnterprise).score(Category::kCbrn, 0.18).decide(shipped()).review);
  EXPECT_FALSE(World().tier(kGeneral).score(Category::kCbrn, 0.18).decide(shipped()).review);
}

struct Trigger {
  const char* name;
  Category category;
  double threshold;
  int level;
};
const Trigger kTriggers[] = {
    {"biological", Category::kCbrn, 0.20, 3},
    {"cyber", Category::kExploitation, 0.50, 3},
    {"cyber", Category::kCyberOffense, 0.50, 3},
    {"deception", Category::kJailbreak, 0.50, 3},
    {"deception", Category::kDeception, 0.50, 3},
    {"autonomous_replication", Category::kAutonomousReplication, 0.50, 3},
    {"autonomous_research", Category::kAutonomousResearch, 0.80, 4},
    {"scientific_automation", Category::kScientificAutomation, 0.70, 4},
    {"social_engineering", Category::kSocialEngineering, 0.80, 4},
};

TEST(AslTriggers, AreReachedAtTheirLevelAndNotJustUnderIt) {
  for (const Trigger& t : kTriggers)
    for (const auto tier : {kGeneral, kEnterprise, kResearch}) {
      EXPECT_EQ(World().tier(tier).score(t.category, just_under(t.threshold)).decide(shipped()).asl_level, 0)
          << t.name;
      for (const double score : {t.threshold, just_over(t.threshold)}) {
        const auto verdict = World().tier(tier).score(t.category, score).decide(shipped());
        EXPECT_EQ(verdict.asl_level, t.level) << t.name;
        EXPECT_TRUE(verdict.review) << t.name;
        EXPECT_THAT(verdict.reasons, Contains("ASL-" + std::to_string(t.level) + " trigger: " + t.name));
      }
    }
}

TEST(AslTriggers, BlockGeneralEscalateEnterpriseAndLetResearchGoOn) {
  const auto decide = [](Tier tier) {
    return World().tier(tier).score(Category::kAutonomousReplication, 0.6).decide(shipped());
  };
  EXPECT_EQ(decide(kGeneral).action, Action::kBlock);
  EXPECT_EQ(decide(kEnterprise).action, Action::kEscalate);
  EXPECT_EQ(decide(kResearch).action, Action::kAllow);
  EXPECT_TRUE(decide(kResearch).review);
}

TEST(AslTriggers, AreRecordedWithoutEffectForUntieredCallers) {
  const auto verdict = World().score(Category::kDeception, 0.6).decide(shipped());
  EXPECT_EQ(verdict.action, Action::kAllow);
  EXPECT_EQ(verdict.asl_level, 3);
  EXPECT_THAT(verdict.reasons, IsEmpty());
  EXPECT_FALSE(verdict.review);
  ASSERT_EQ(verdict.rules.size(), 1U);
  EXPECT_EQ(verdict.rules[0].id, "asl_triggers.deception");
  EXPECT_TRUE(verdict.rules[0].shadow);
}

TEST(AslTriggers, TheHighestLevelIsTheVerdicts) {
  const auto verdict = World()
                           .tier(kGeneral)
                           .score(Category::kDeception, 0.6)
                           .score(Category::kSocialEngineering, 0.9)
                           .decide(shipped());
  EXPECT_EQ(verdict.asl_level, 4);
}

TEST(RiskThreshold, GivesTheCellOrNothing) {
  EXPECT_EQ(shipped().risk_threshold(Category::kCbrn, kEnterprise), 0.18);
  EXPECT_EQ(shipped().risk_threshold(Category::kToxicity, std::nullopt), 0.8);
  EXPECT_EQ(shipped().risk_threshold(Category::kJailbreak, std::nullopt), std::nullopt);
}

}  // namespace
}  // namespace plimsoll::policy
