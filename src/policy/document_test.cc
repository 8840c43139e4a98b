// Whole documents: the shipped one, the two seeds' shapes, and the effective form.
#include <fstream>

#include "support_test.h"

namespace plimsoll::policy {
namespace {

using testing::ElementsAre;

const Threshold* find(const Policy& policy, std::string_view name) {
  for (const Threshold& threshold : policy.thresholds())
    if (threshold.name == name) return &threshold;
  return nullptr;
}

TEST(Document, TheShippedPolicyIsTheOneBesideTheSource) {
  const auto from_disk = Policy::load(PLIMSOLL_SOURCE_DIR "/policies/adr-006.embedded-governance.yaml");
  ASSERT_TRUE(from_disk);
  EXPECT_EQ((*from_disk)->version(), shipped().version());
}

TEST(Document, TheShippedThresholdsAreTheContracts) {
  EXPECT_EQ(find(shipped(), "quality.pass_at_5")->minimum, 0.82);
  EXPECT_EQ(find(shipped(), "fairness.subgroup_delta")->maximum, 0.05);
  EXPECT_EQ(find(shipped(), "safety.harmful_rate")->maximum, 0.005);
  EXPECT_EQ(find(shipped(), "drift.psi")->warn_above, 0.1);
  EXPECT_EQ(find(shipped(), "drift.psi")->maximum, 0.2);
  EXPECT_EQ(find(shipped(), "privacy.reid_risk")->maximum, 0.001);
  EXPECT_EQ(find(shipped(), "latency.p95_seconds")->maximum, 2.0);
  std::vector<std::string> required;
  for (const Threshold& threshold : shipped().thresholds())
    if (threshold.required) required.push_back(threshold.name);
  EXPECT_THAT(required, ElementsAre("quality.pass_at_5", "fairness.subgroup_delta", "safety.harmful_rate",
                                    "drift.psi"));
}

TEST(Document, TheShippedSettingsAreTheDefaults) {
  const Settings& shipped_settings = shipped().settings();
  const Settings defaults;
  EXPECT_EQ(shipped_settings.redaction, defaults.redaction);
  EXPECT_EQ(shipped_settings.safety_preamble, defaults.safety_preamble);
  EXPECT_EQ(shipped_settings.safe_mode_max_temperature, defaults.safe_mode_max_temperature);
  EXPECT_EQ(shipped_settings.refusal_message, defaults.refusal_message);
  EXPECT_EQ(shipped_settings.care_message, defaults.care_message);
  EXPECT_EQ(shipped_settings.crisis_resources, defaults.crisis_resources);
  EXPECT_EQ(shipped_settings.escalation_message, defaults.escalation_message);
  EXPECT_EQ(shipped_settings.review_sla_hours, 24);
  EXPECT_EQ(shipped_settings.incident_clocks, defaults.incident_clocks);
  EXPECT_EQ(shipped_settings.incident_clocks.size(), 5U);
  EXPECT_EQ(shipped_settings.hold_back_bytes, defaults.hold_back_bytes);
  EXPECT_EQ(shipped_settings.rate_limits, defaults.rate_limits);
  EXPECT_EQ(shipped_settings.rate_limits[0], (RateLimit{100, 50'000}));
  EXPECT_EQ(shipped_settings.rate_limits[1], (RateLimit{1'000, 1'000'000}));
  EXPECT_EQ(shipped_settings.rate_limits[2], (RateLimit{500, 500'000}));
  EXPECT_EQ(shipped_settings.store_content, defaults.store_content);
}

TEST(Document, GovernedSpeedsShapesLoadUnchanged) {
  const auto policy = parsed(R"(
thresholds:
  fairness:
    subgroup_delta: { target_max: 0.05, block_above: true }
  quality:
    pass_at_5: { target: 0.82, operator: ">=", block_below: true }
  drift:
    psi: { target_max: 0.1, warn_at: 0.1, block_above: 0.2 }
runtime:
  rules:
    - condition: prompt.contains_pii == true and lawful_basis == false
      action: block
      reason: PII without lawful basis
    - condition: prompt.jailbreak_score > 0.8 AND NOT (verbatim_ratio > 0.9)
      action: safe_mode
    - condition: output.verbatim_ratio > 0.2
      action: summarize
)");
  ASSERT_TRUE(policy);
  EXPECT_EQ(World().says(R"({"contains_pii":true,"lawful_basis":false})").decide(*policy).action,
            Action::kBlock);
  EXPECT_EQ(World().says(R"({"jailbreak_score":0.9})").decide(*policy).action, Action::kSafeMode);
  EXPECT_EQ(World().output().says(R"({"verbatim_ratio":0.3})").decide(*policy).action, Action::kSummarize);
  EXPECT_EQ(find(*policy, "quality.pass_at_5")->minimum, 0.82);
  EXPECT_EQ(find(*policy, "drift.psi")->warn_above, 0.1);
  EXPECT_EQ(find(*policy, "drift.psi")->maximum, 0.2);
}

TEST(Document, TheControlPlanesShapesLoadUnchanged) {
  const auto by_category = parsed(
      "risk_thresholds:\n  cbrn:\n    general: 0.15\n    enterprise: 0.18\n    research_sandbox: 0.25\n");
  const auto by_tier = parsed(R"(
thresholds:
  general:
    access: claude.ai public users
    cbrn: 0.15    # strictest safety
    jailbreak: 0.30

  enterprise:
    access: verified organizations
    cbrn: 0.18    # balanced for business
    jailbreak: 0.45

  research_sandbox:
    access: safety researchers only
    cbrn: 0.25    # allows controlled testing
    jailbreak: 0.60
)");
  for (const auto& policy : {by_category, by_tier}) {
    ASSERT_TRUE(policy);
    const auto decide = [&](Tier tier) {
      return World().tier(tier).score(Category::kCbrn, 0.26).decide(*policy).action;
    };
    EXPECT_EQ(decide(Tier::kGeneral), Action::kBlock);
    EXPECT_EQ(decide(Tier::kEnterprise), Action::kEscalate);
    EXPECT_EQ(decide(Tier::kResearchSandbox), Action::kRedact);
  }
  EXPECT_EQ(by_tier->document().at("tiers").at("enterprise").at("access"), "verified organizations");
}

TEST(Document, TriggersMayBeGroupedByLevel) {
  const auto policy =
      parsed("asl_triggers: {asl_3: {biological: 0.2, cyber: 0.5}, ASL-4: {social_engineering: 0.8}}");
  EXPECT_EQ(policy->document().at("asl_triggers").at("cyber").at("categories"),
            *parse_json(R"(["exploitation","cyber_offense"])"));
  EXPECT_EQ(policy->document().at("asl_triggers").at("social_engineering").at("level"), 4);
}

TEST(Document, EveryThresholdFormIsUnderstood) {
  struct Form {
    const char* yaml;
    std::optional<double> minimum, maximum, warn_below, warn_above;
  };
  const std::optional<double> no;
  for (const Form& form : {
           Form{"target_min: 0.8", 0.8, no, no, no},
           Form{"target_max: 0.8", no, 0.8, no, no},
           Form{"target_min: 0.1, target_max: 0.8", 0.1, 0.8, no, no},
           Form{"target: 0.8, operator: '>='", 0.8, no, no, no},
           Form{"target: 0.8, operator: lte", no, 0.8, no, no},
           Form{"target: 0.8, block_above: true", no, 0.8, no, no},
           Form{"target: 0.8, block_below: 0.5", 0.5, no, 0.8, no},
           Form{"block_above: 0.8", no, 0.8, no, no},
           Form{"block_below: 0.8, warn_at: 0.9", 0.8, no, 0.9, no},
           Form{"target_max: 0.1, block_above: 0.2", no, 0.2, no, 0.1},
           Form{"target_max: 0.1, block_above: false", no, no, no, 0.1},
           Form{"target_min: 0.1, block_below: false", no, no, 0.1, no},
           Form{"target_min: 0.8, operator: '>='", 0.8, no, no, no},
       }) {
    const auto policy = parsed("thresholds: {g: {m: {" + std::string(form.yaml) + "}}}");
    ASSERT_TRUE(policy) << form.yaml;
    const Threshold& t = policy->thresholds().at(0);
    EXPECT_EQ(t.minimum, form.minimum) << form.yaml;
    EXPECT_EQ(t.maximum, form.maximum) << form.yaml;
    EXPECT_EQ(t.warn_below, form.warn_below) << form.yaml;
    EXPECT_EQ(t.warn_above, form.warn_above) << form.yaml;
  }
}

TEST(Document, LimitsAreInclusiveUnlessTheOperatorSaysOtherwise) {
  const auto judged = [](std::string_view form, double value) {
    return judge(parsed("thresholds: {g: {m: {" + std::string(form) + "}}}")->thresholds().at(0), value);
  };
  EXPECT_EQ(judged("target_max: 0.05", 0.05), Standing::kPass);
  EXPECT_EQ(judged("target_max: 0.05", 0.0501), Standing::kViolation);
  EXPECT_EQ(judged("target: 0.05, operator: '<'", 0.05), Standing::kViolation);
  EXPECT_EQ(judged("target: 0.05, operator: '>'", 0.05), Standing::kViolation);
  EXPECT_EQ(judged("warn_at: 0.1, block_above: 0.2", 0.1), Standing::kPass);
  EXPECT_EQ(judged("warn_at: 0.1, block_above: 0.2", 0.15), Standing::kWarn);
  EXPECT_EQ(judged("warn_at: 0.1, block_above: 0.2", 0.2), Standing::kWarn);
  EXPECT_EQ(judged("target_max: 0.05", std::numeric_limits<double>::quiet_NaN()), Standing::kViolation);
}

TEST(Document, TheEffectiveFormLoadsAsThePolicyItIs) {
  for (const std::string& yaml :
       {std::string(shipped_yaml()),
        std::string(
            "thresholds: {g: {a: {target: 1, operator: '<', warn_at: 0.5}, b: {target_min: 1, block_below: "
            "false}}}\nrules: [{condition: disguised, action: mask, mode: shadow, on_error: open}]"
            "\nabout: {version: 3}"),
        std::string("rules: [{condition: disguised, action: mask}]\n"
                    "detection: {model_alone: {jailbreak: 1, cbrn: 0.25}, rules: {disable: [pii.email], "
                    "enable: [pii.url], weights: {jailbreak.ignore_all: 0.5}, add: [{id: "
                    "own, category: jailbreak, entity: OWN, words: [blue bird, étage], weight: 0.6}]}}")}) {
    const auto policy = parsed(yaml);
    const auto again = parsed(to_json(policy->document()));
    ASSERT_TRUE(again);
    EXPECT_EQ(policy->version(), again->version());
  }
}

TEST(Document, SpellingDoesNotChangeTheVersionAndMeaningDoes) {
  const auto a = parsed("rules: [{id: r, condition: disguised, action: redact}]");
  const auto b =
      parsed("# a comment\nrules:\n  - action: mask\n    id: r\n    when: both\n    condition: disguised\n");
  const auto c = parsed("rules: [{id: r, condition: disguised, action: block}]");
  EXPECT_EQ(a->version(), b->version());
  EXPECT_NE(a->version(), c->version());
  EXPECT_EQ(a->version().size(), 64U);
}

std::string written(const std::string& name, std::string_view text) {
  const auto path = testing::TempDir() + name;
  std::ofstream(path) << text;
  return path;
}

TEST(Document, RulesOfDetectionMayStandInFilesBesideThePolicy) {
  written("own_rules.yaml", "rules: [{id: own, category: pii, entity: OWN, words: blue bird, weight: 0.6}]");
  const auto path = written("policy_with_rules.yaml",
                            "rules: [{condition: disguised, action: mask}]\n"
                            "detection: {rules: {files: [own_rules.yaml]}}");
  const auto policy = Policy::load(path);
  ASSERT_TRUE(policy) << to_string(policy.error().front());
  ASSERT_EQ((*policy)->settings().detection_rules.rules.size(), 1U);
  EXPECT_EQ((*policy)->settings().detection_rules.rules[0].id, "own");

  written("own_rules.yaml", "rules:\n  - {id: own, category: pii, entity: OWN, pattern: 'a+', weight: 0.6}");
  const auto refused = Policy::load(path);
  ASSERT_FALSE(refused);
  EXPECT_EQ(to_string(refused.error().front()),
            path.substr(0, path.rfind('/')) +
                "/own_rules.yaml:2:52: '*' and '+' have no bound; write {0,n}, at byte 2 of the "
                "pattern");
}

}  // namespace
}  // namespace plimsoll::policy
