#include "support_test.h"

namespace plimsoll::policy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

// Each kind of mistake, the least document that shows it, and what is said about it.
struct Mistake {
  std::string_view yaml;
  std::string_view problem;
};

void expect_each(std::initializer_list<Mistake> mistakes) {
  for (const Mistake& mistake : mistakes)
    EXPECT_THAT(problems_of(mistake.yaml), ElementsAre(StartsWith(std::string(mistake.problem))))
        << mistake.yaml;
}

constexpr std::string_view kRule = "rules:\n  - condition: prompt.contains_pii\n    action: block\n";

std::string rule_with(std::string_view line) {
  return std::string(kRule) + "    " + std::string(line) + "\n";
}

TEST(Validation, UnknownKeysAreNamedWithTheirLikelyMeaning) {
  expect_each({
      {"treshold: 1\nrules: [{condition: 'true', action: block}]",
       "1:1: unknown key 'treshold' in the policy; did you mean 'thresholds'?"},
      {"tiers: {general: {acess: x}}", "1:19: unknown key 'acess' in a tier; did you mean 'access'?"},
      {"thresholds: {a: {b: {target_maxx: 1}}}",
       "1:22: unknown key 'target_maxx' in threshold 'a.b'; did you mean 'target_max'?"},
      {"actions: {blok: {message: x}}", "1:11: unknown key 'blok' in 'actions'; did you mean 'block'?"},
      {"records: {zzzzzzzzz: 1}",
       "1:11: unknown key 'zzzzzzzzz' in 'records'; expected one of 'store_content', 'content_days', "
       "'retention' "
       "or 'wait_for_disk'"},
      {"records: {retention: {decision: 6 months}}",
       "1:23: unknown key 'decision' in 'retention'; did you mean 'decisions'?"},
      {"records: {retention: {decisions: 6 weeks}}",
       "1:34: 'decisions' must be a time such as '90 days', '6 months' or '10 years', up to 100 years, "
       "or 'for ever'"},
      {"incident_response: {clocks: [{id: a, name: n, source: s, as_of: 2026-01-01, hours: 1, kinds: "
       "[death], unit: x}]}",
       "1:103: unknown key 'unit' in a clock"},
      {"incident_response: {clocks: [{id: a, name: n, source: s, as_of: 2026-01-01, hours: 1, days: 1, "
       "kinds: [any]}]}",
       "1:30: a clock has 'days' or 'hours', one of them"},
      {"incident_response: {clocks: [{id: a, name: n, source: s, as_of: now, hours: 1, kinds: [any]}]}",
       "1:65: 'as_of' must be a day, YYYY-MM-DD"},
      {"incident_response: {clocks: [{id: a, name: n, source: s, as_of: 2026-01-01, hours: 1, kinds: "
       "[fire]}]}",
       "1:94: 'kinds' must name serious_incident, critical_infrastructure"},
      {"incident_response: {clocks: 3}", "1:29: 'clocks' must be a list of up to 32 clocks; found a number"},
      {"asl_triggers: {biological: {treshold: 0.2, threshold: 0.2}}", "1:29: unknown key 'treshold'"},
      {"risk_thresholds: {cbrn: {genral: 0.2}}", "1:26: unknown tier 'genral'; did you mean 'general'?"},
      {"risk_thresholds: {cbnr: {general: 0.2}}", "1:19: unknown category 'cbnr'; did you mean 'cbrn'?"},
      {"tiers: {gold: {}}", "1:9: unknown tier 'gold'"},
  });
  EXPECT_THAT(problems_of(rule_with("reasn: x")),
              ElementsAre("4:5: unknown key 'reasn' in a rule; did you mean 'reason'?"));
}

TEST(Validation, WrongTypesSayWhatWasExpected) {
  expect_each({
      {"rules: 3", "1:8: 'rules' must be a list of rules; found a number"},
      {"rules: [3]", "1:9: a rule must be a mapping; found a number"},
      {"- a", "1:1: the policy must be a mapping; found a list"},
      {"thresholds: []", "1:13: 'thresholds' must be a mapping; found a list"},
      {"thresholds: {quality: 0.8}",
       "1:23: 'thresholds.quality' must be a mapping of metrics; found a number"},
      {"thresholds: {quality: {pass_at_5: 0.8}}", "1:35: threshold 'quality.pass_at_5' must be a mapping"},
      {"thresholds: {a: {b: {target_max: high}}}", "1:34: 'target_max' must be a number; found 'high'"},
      {"thresholds: {a: {b: {target_max: '0.8'}}}", "1:34: 'target_max' must be a number; found '0.8'"},
      {"thresholds: {a: {b: {target_max: 1, block_above: soon}}}",
       "1:50: 'block_above' must be a number, true or"},
      {"thresholds: {a: {b: {target_max: .nan}}}", "1:34: 'target_max' must be a number; found '.nan'"},
      {"risk_thresholds: {cbrn: 0.2}",
       "1:25: 'cbrn' must be a mapping of tiers to thresholds; found a number"},
      {"risk_thresholds: [cbrn]", "1:18: 'risk_thresholds' must be a mapping; found a list"},
      {"tiers: x", "1:8: 'tiers' must be a mapping; found text"},
      {"tiers: {general: {rate_limits: {requests_per_hour: -1}}}",
       "1:52: 'requests_per_hour' must be a whole number from 0 to"},
      {"tiers: {general: {rate_limits: {requests_per_hour: 1.5}}}",
       "1:52: 'requests_per_hour' must be a whole"},
      {"asl_triggers: 1", "1:15: 'asl_triggers' must be a mapping; found a number"},
      {"actions: {safe_mode: {max_temperature: 9}}",
       "1:40: 'max_temperature' must be from 0 to 2; found '9'"},
      {"actions: {escalate: {sla_hours: soon}}", "1:33: 'sla_hours' must be a number; found 'soon'"},
      {"actions: {redact: {pattern: '[{name}]'}}", "1:29: unknown placeholder in 'pattern'"},
      {"actions: {redact: {pattern: ''}}", "1:29: 'pattern' must be 1 to 200 bytes"},
      {"actions: {care: {message: ''}}", "1:17: a self-harm refusal is never bare"},
      {"actions: {care: {resources: []}}", "1:17: a self-harm refusal is never bare"},
      {"records: {store_content: yes}",
       "1:26: 'store_content' must be 'none', 'redacted' or 'full'; found 'yes'"},
      {"records: {wait_for_disk: yes}", "1:26: 'wait_for_disk' must be true or false; found 'yes'"},
      {"streaming: {hold_back_bytes: 0}", "1:30: 'hold_back_bytes' must be a whole number from 1 to 65536"},
      {"fail_open_routes: {a: 1}", "1:19: 'fail_open_routes' must be a list of text; found a mapping"},
  });
}

TEST(Validation, RulesAreReadStrictly) {
  expect_each({
      {"rules: [{action: block}]", "1:9: a rule needs 'condition'"},
      {"rules: [{condition: prompt.contains_pii}]", "1:9: a rule needs 'action'"},
      {"rules: [{condition: [], action: block}]", "1:21: 'condition' must be text; found a list"},
      {"rules: [{condition: prompt.contains_pii, action: blok}]",
       "1:50: unknown action 'blok'; did you mean 'block'?"},
      {"rules: [{condition: prompt.contains_pii, action: error_block}]",
       "1:50: unknown action 'error_block'"},
  });
  for (const Mistake& mistake : {
           Mistake{"when: always", "4:11: 'when' must be 'prompt', 'output' or 'both'; found 'always'"},
           Mistake{"mode: test", "4:11: 'mode' must be 'enforce' or 'shadow'; found 'test'"},
           Mistake{"on_error: ignore", "4:15: 'on_error' must be 'closed' or 'open'; found 'ignore'"},
           Mistake{"id: a b", "4:9: 'id' must be 1 to 64 letters"},
           Mistake{"reason: ''", "4:13: 'reason' must be 1 to 200 bytes of text"},
           Mistake{"reason: \"a\\nb\"", "4:13: 'reason' must be a single line"},
           Mistake{"redact: [pii]", "4:13: 'redact' says what to replace, but the action is 'block'"},
           Mistake{"review: maybe", "4:13: 'review' must be true or false; found 'maybe'"},
           Mistake{"direction: prompt\n    when: both",
                   "4:16: 'direction' says the same as 'when'; keep one"},
       })
    EXPECT_THAT(problems_of(rule_with(mistake.yaml)), ElementsAre(StartsWith(std::string(mistake.problem))))
        << mistake.yaml;
  EXPECT_THAT(problems_of("rules: [{condition: prompt.contains_pii, action: redact, redact: [pi]}]"),
              ElementsAre("1:67: unknown category 'pi'; did you mean 'pii'?"));
  EXPECT_THAT(problems_of("rules: [{condition: prompt.contains_pii, action: log_only, care: true}]"),
              ElementsAre(StartsWith("1:66: 'care' words a refusal, but the action is 'log_only'")));
}

TEST(Validation, ProblemsOfAConditionStandWhereTheyAreWritten) {
  const auto one = [](std::string_view yaml) {
    const auto found = problems_of(yaml);
    return found.size() == 1 ? found[0] : std::to_string(found.size()) + " problems";
  };
  EXPECT_THAT(one("rules:\n  - condition: promt.contains_pii\n    action: block\n"), StartsWith("2:16: "));
  EXPECT_THAT(one("rules:\n  - condition: 1 == 1 && prompt.contains_pi\n    action: block\n"),
              StartsWith("2:"));
  EXPECT_THAT(
      one("rules:\n  - action: block\n    condition: |\n      prompt.contains_pii &&\n        nobody > 3\n"),
      StartsWith("5:9: "));
  EXPECT_THAT(
      one("rules:\n  - action: block\n    condition: >-\n      prompt.contains_pii\n      and nobody\n"),
      StartsWith("5:11: "));
  EXPECT_THAT(one("rules:\n  - {action: block, condition: 'caller.tier == ''general'' && nobody'}"),
              StartsWith("2:63: "));
  EXPECT_THAT(one("rules:\n  - {action: block, condition: \"model == \\\"a\\\" && nobody\"}"),
              StartsWith("2:51: "));
  EXPECT_THAT(one("c: &c nobody\nrules:\n  - {action: block, condition: prompt.text ==}"),
              HasSubstr("problems"))
      << "an unknown key and a syntax error";
}

TEST(Validation, ConditionsAreTypeChecked) {
  for (const auto* condition :
       {"prompt.jailbreak_score > \"high\"", "prompt.text && true", "prompt.contains_pii == 1",
        "size(findings.entity) > 1", "findings.exists(f, f.entiti == \"x\")", "prompt.nothing",
        "caller.tier.name == \"x\"", "has(prompt.nothing)", "unknown_function(prompt.text)"})
    EXPECT_THAT(problems_of("rules: [{action: block, condition: '" + std::string(condition) + "'}]"),
                testing::Not(IsEmpty()))
        << condition;
  EXPECT_THAT(problems_of("rules: [{action: block, condition: prompt.jailbreak_score}]"),
              ElementsAre("1:36: a condition must be true or false; this one is of type double"));
}

TEST(Validation, RulesThatCannotBeMeantAreProblems) {
  expect_each({
      {"rules: [{action: block, condition: 'false'}]",
       "1:36: the condition is never true, so the rule never fires"},
      {"rules: [{action: block, condition: 1 > 2 && true}]", "1:36: the condition is never true"},
      {"rules: [{action: block, condition: 1 / 0 == 1}]", "1:36: the condition always fails"},
      {"rules: [{action: block, condition: prompt.jailbreak_score > 80}]",
       "1:61: 'prompt.jailbreak_score' is from 0 to 1, so comparing it with 80 always gives the same answer"},
      {"rules: [{action: block, condition: 1.5 <= scores.cbrn}]", "1:36: 'scores.cbrn' is from 0 to 1"},
      {"rules: [{action: block, condition: verbatim_ratio >= 0.0}]", "1:54: 'verbatim_ratio' is from 0 to 1"},
      {"rules: [{action: block, when: output, condition: prompt.contains_pii}]",
       "1:50: 'prompt.contains_pii' is always empty where the rule applies (when: output)"},
      {"rules:\n  - {id: a, action: block, condition: disguised}\n  - {id: a, action: block, condition: "
       "stream}",
       "3:5: duplicate rule id 'a'; the first is on line 2"},
      {"rules:\n  - {id: a, action: block, condition: disguised and stream}\n"
       "  - {id: b, action: redact, condition: disguised  &&  stream}",
       "3:40: rule 'b' has the condition of rule 'a' (line 2), which already does as much; merge them"},
  });
}

TEST(Validation, OneConditionMayHaveSeveralEffectsThatAddUp) {
  EXPECT_THAT(problems_of("rules:\n"
                          "  - {id: a, action: safe_mode, condition: disguised}\n"
                          "  - {id: b, action: redact, condition: disguised}\n"
                          "  - {id: c, action: block, mode: shadow, condition: disguised}\n"
                          "  - {id: d, action: block, when: output, condition: stream}\n"
                          "  - {id: e, action: block, when: prompt, condition: stream}\n"),
              IsEmpty());
}

TEST(Validation, ThresholdsThatContradictThemselvesAreProblems) {
  const auto threshold = [](std::string_view form) {
    const auto found = problems_of("thresholds: {g: {m: {" + std::string(form) + "}}}");
    return found.empty() ? "fine" : found[0].substr(found[0].find(' ') + 1);
  };
  EXPECT_THAT(threshold("target_min: 0.9, target_max: 0.8"), StartsWith("no value can pass"));
  EXPECT_THAT(threshold("target_max: 0.5, warn_at: 0.6"), StartsWith("'warn_at' 0.6 is never reached"));
  EXPECT_THAT(threshold("target_min: 0.5, warn_at: 0.4"), StartsWith("'warn_at' 0.4 is never reached"));
  EXPECT_THAT(threshold("target_max: 0.5, block_above: 0.4"), StartsWith("'block_above' 0.4 blocks before"));
  EXPECT_THAT(threshold("target_min: 0.5, block_below: 0.6"), StartsWith("'block_below' 0.6 blocks before"));
  EXPECT_THAT(threshold("target: 0.5"), StartsWith("'target' has no direction"));
  EXPECT_THAT(threshold("operator: '>='"), StartsWith("'operator' needs a 'target'"));
  EXPECT_THAT(threshold("target: 0.5, operator: '='"), StartsWith("'operator' must be '>='"));
  EXPECT_THAT(threshold("block_above: true"),
              StartsWith("'block_above' without a number needs 'target_max'"));
  EXPECT_THAT(threshold("warn_at: 1"), StartsWith("'warn_at' needs exactly one limit"));
  EXPECT_THAT(threshold("target_min: 0, target_max: 1, warn_at: 0.5"),
              StartsWith("'warn_at' needs exactly one"));
  EXPECT_THAT(threshold("description: x"), StartsWith("threshold 'g.m' has no limit"));
  EXPECT_THAT(problems_of("thresholds: {drift: {psi: {target_max: 1, required: false}}}"),
              ElementsAre(HasSubstr("'drift.psi' is always required")));
  EXPECT_THAT(problems_of("thresholds: {g: {m: {target_max: 1}}, g.m: {target_max: 1}}"),
              ElementsAre("1:39: duplicate threshold 'g.m'"));
}

TEST(Validation, RiskThresholdsAreProbabilitiesThatFallNowhere) {
  expect_each({
      {"detection: {model_alone: {pii: 1}}", "1:27: the model does not score 'pii'"},
      {"detection: {model_alone: {jailbreak: 2}}", "1:38: 'jailbreak' must be from 0 to 1; found '2'"},
      {"detection: {model_alone: 1}", "1:26: 'model_alone' must name categories, such as {jailbreak: 1}"},
      {"risk_thresholds: {cbrn: {general: 15}}", "1:35: 'cbrn.general' must be from 0 to 1; found '15'"},
      {"risk_thresholds: {cbrn: {general: -0.1}}", "1:35: 'cbrn.general' must be from 0 to 1"},
      {"risk_thresholds: {cbrn: {general: 0}}", "1:35: 'cbrn.general' of 0 is reached by every text"},
      {"risk_thresholds: {cbrn: {general: 0.3, enterprise: 0.2}}",
       "1:52: cbrn: enterprise 0.2 is stricter than general 0.3"},
      {"risk_thresholds: {cbrn: {general: 0.3, research_sandbox: 0.2}}",
       "1:58: cbrn: research_sandbox 0.2 is stricter than general 0.3"},
      {"thresholds: {general: {cbrn: 0.1}}\nrisk_thresholds: {cbrn: {general: 0.2}}",
       "2:35: cbrn.general is 0.2 here and 0.1 on line 1"},
      {"asl_triggers: {biological: 2}", "1:28: 'biological' must be from 0 to 1"},
      {"asl_triggers: {unheard_of: 0.2}", "1:16: trigger 'unheard_of' needs 'categories'"},
      {"asl_triggers: {biological: {categories: [cbrn]}}", "1:28: an ASL trigger needs 'threshold'"},
      {"asl_triggers: {biological: {threshold: 0.2, level: 9}}",
       "1:52: 'level' must be a whole number from 2 to 5"},
      {"asl_triggers: {biological: 0.2, asl_3: {biological: 0.3}}",
       "1:41: duplicate ASL trigger 'biological'"},
      {"tiers: {general: {on_threshold: {moderate: block, high: redact}}}",
       "1:33: 'high' (redact) is weaker than 'moderate' (block)"},
  });
}

TEST(Validation, APolicyThatDecidesNothingIsAProblem) {
  expect_each({{"title: x", "1:1: the policy decides nothing"}});
}

TEST(Validation, AllProblemsAreReportedAtOnceInOrder) {
  EXPECT_THAT(
      problems_of("rules:\n  - {condition: nobody, action: blok}\nthresholds: 1\nextra: 2\n"),
      ElementsAre(StartsWith("2:17: "), StartsWith("2:33: "), StartsWith("3:13: "), StartsWith("4:1: ")));
}

TEST(Validation, RequiredCardFieldsAreNames) {
  constexpr std::string_view kRest = "thresholds: {quality: {pass_at_5: {target_min: 0.8}}}\n";
  EXPECT_THAT(problems_of(std::string(kRest) + "card_required: [owners, limitations]"), IsEmpty());
  EXPECT_THAT(problems_of(std::string(kRest) + "card_required: ['no name']"),
              ElementsAre(StartsWith("2:16: 'card_required' must be up to 64 names")));
  EXPECT_THAT(problems_of(std::string(kRest) + "card_required: {owners: yes}"), testing::SizeIs(1));
}

TEST(Validation, AnUnreadableFileIsAProblem) {
  const auto policy = Policy::load("/nonexistent/policy.yaml");
  ASSERT_FALSE(policy);
  EXPECT_EQ(to_string(policy.error()[0]), "/nonexistent/policy.yaml:1:1: no such file");
  EXPECT_EQ(Policy::load("/").error()[0].message, "not a file");
}

TEST(Validation, AnOversizedDocumentIsAProblem) {
  EXPECT_THAT(problems_of(std::string((4U << 20U) + 1, '#')), ElementsAre("1:1: larger than 4 MiB"));
}

// Time that grows with the square of the text would show here as minutes.
TEST(Validation, ALargeDocumentIsReadInTimeThatGrowsWithIt) {
  const auto repeated = [](std::string_view piece, std::size_t bytes) {
    std::string out;
    while (out.size() < bytes) out += piece;
    return out;
  };
  constexpr std::size_t kBytes = 1U << 18U;
  std::string keys = "{";
  for (int i = 0; keys.size() < kBytes; ++i) keys += "key" + std::to_string(i) + ": 1, ";
  for (const auto& yaml :
       {"metadata: [" + repeated("a, ", kBytes) + "]", "metadata: " + keys + "}", keys + "}",
        "risk_thresholds: " + keys + "}", "thresholds: {g: " + keys + "}}", "asl_triggers: " + keys + "}",
        "rules:\n" + repeated("- {condition: 'a b', action: x}\n", kBytes),
        "metadata: |\n" + repeated("  x\n", kBytes)})
    EXPECT_THAT(problems_of(yaml), testing::Not(IsEmpty())) << yaml.substr(0, 20);
}

}  // namespace
}  // namespace plimsoll::policy
