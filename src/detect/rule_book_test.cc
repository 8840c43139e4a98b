#include <gtest/gtest.h>

#include "base/json.h"
#include "detect/detector.h"
#include "detect/rules.h"
#include "engine.h"
#include "phrases.h"
#include "ruleset.h"

namespace plimsoll::detect {
namespace {

struct Read {
  RuleOptions options;
  std::vector<std::string> problems;
};

Read read(std::string_view text, std::optional<std::string> directory = std::nullopt) {
  yaml::Problems problems("p.yaml");
  std::vector<yaml::Problem> elsewhere;
  Read out;
  if (const auto root = yaml::parse_yaml(text, problems))
    out.options = read_rule_options(*root, directory, problems, elsewhere);
  for (const auto& problem : problems.take()) out.problems.push_back(yaml::to_string(problem));
  for (const auto& problem : elsewhere) out.problems.push_back(yaml::to_string(problem));
  return out;
}

std::string first_problem(std::string_view text) {
  const auto all = read(text).problems;
  return all.empty() ? "none" : all.front();
}

TEST(RuleOptions, AddRulesWithVocabulariesOfTheirOwnAndTheShippedOnes) {
  const auto [options, problems] = read(R"(
vocabularies:
  projects: [project bluebird, "bluebird-[0-9]{2}"]
add:
  - id: own.project
    category: secret
    entity: PROJECT_NAME
    words: "{{projects}}"
    weight: 0.9
    match: [about Project Bluebird, in bluebird-07]
    no_match: blue birds
  - id: own.ask
    category: jailbreak
    entity: PROJECT_QUESTION
    pattern: 'tell\sme\s{{gap3}}{{projects}}'
    weight: 0.7
)");
  ASSERT_TRUE(problems.empty()) << problems.front();
  ASSERT_EQ(options.rules.size(), 2);
  EXPECT_EQ(options.rules[0].patterns,
            std::vector<std::string>{R"(\b(?:project\sbluebird\b|bluebird-[0-9]{2}\b))"});
}

TEST(RuleOptions, ChangeWhatADetectorFinds) {
  const auto [options, problems] = read(R"(
disable: [pii.email, jailbreak.ignore_previous]
weights: {jailbreak.ignore_all: 0.11}
add:
  - {id: own.project, category: jailbreak, entity: PROJECT_NAME, words: bluebird, weight: 0.77}
)");
  ASSERT_TRUE(problems.empty()) << problems.front();
  const auto plain = *Detector::create();
  const auto changed = Detector::create({.rules = options, .model = {}, .names = {}});
  ASSERT_TRUE(changed.has_value()) << changed.error().message;
  const auto* rules = &(*changed)->impl().rules;
  EXPECT_NE(rules->revision(), plain->revision());
  const auto score = [](const Detector& detector) {
    const auto scratch = detector.make_scratch();
    return detector.inspect("Where is bluebird?", *scratch).scores[Category::kJailbreak];
  };
  EXPECT_EQ(score(*plain), 0);
  EXPECT_NEAR(score(**changed), .77, 1e-6);
  const auto weight = [&](std::string_view id) {
    for (const auto& rule : rules->rules())
      if (rule.rule->id == id) return rule.rule->weight;
    return -1.;
  };
  EXPECT_EQ(weight("pii.email"), -1);
  EXPECT_EQ(weight("jailbreak.ignore_previous"), -1);
  EXPECT_EQ(weight("jailbreak.ignore_all"), .11);
  EXPECT_EQ(weight("own.project"), .77);
}

TEST(RuleOptions, SeeWhereLinesEndAndBegin) {
  const auto [options, problems] = read(R"(
add:
  - {id: own.end, category: jailbreak, entity: A_LINE_ENDS, pattern: '[a-f]\n[0-9]{2}', weight: 0.4}
  - {id: own.begin, category: jailbreak, entity: A_LINE_BEGINS, pattern: '^[g-k][0-9]{3}', weight: 0.4}
)");
  ASSERT_TRUE(problems.empty()) << problems.front();
  const auto detector = Detector::create({.rules = options, .model = {}, .names = {}});
  ASSERT_TRUE(detector.has_value()) << detector.error().message;
  const auto scratch = (*detector)->make_scratch();
  const auto found = [&](std::string_view text) {
    return (*detector)->inspect(text, *scratch).scores[Category::kJailbreak] > .3;
  };
  EXPECT_TRUE(found("a word\nf\n12 more"));
  EXPECT_FALSE(found("a word\nf 12 more"));
  EXPECT_TRUE(found("a word\nk123 more"));
  EXPECT_FALSE(found("a word k123 more"));
}

// What each finding of a text says and where it stands.
std::vector<std::string> found_in(std::string_view text, const Detector& detector) {
  const auto scratch = detector.make_scratch();
  std::vector<std::string> found;
  for (const auto& f : detector.inspect(text, *scratch).findings)
    found.push_back(std::string(f.entity) + " " +
                    std::string(text.substr(f.span.begin, f.span.end - f.span.begin)));
  return found;
}

TEST(RuleOptions, EnableWhatIsOff) {
  const auto [options, problems] = read("enable: [pii.url, pii.domain, pii.date, pii.date_in_words]\n");
  ASSERT_TRUE(problems.empty()) << problems.front();
  EXPECT_EQ(options.enabled, optional_rules());
  const auto detector = *Detector::create({.rules = options, .model = {}, .names = {}});
  const auto plain = *Detector::create();
  for (const std::string_view text :
       {"DATE_TIME 2012-01-04 14:56:41", "DATE_TIME 2012-01-04T14:56Z", "DATE_TIME 11/15/1979",
        "DATE_TIME 1.12.2019", "DATE_TIME 5 January 1980", "DATE_TIME May 3rd, 2021",
        "DATE_TIME 5 février 1980", "DATE_TIME 12 de marzo de 2001", "URL http://www.visualtrips.hu/",
        "URL https://a.b/c?d=e&f#g", "URL www.example.org", "URL shop.example.co.uk/basket",
        "URL example.com"}) {
    const auto said = text.substr(text.find(' ') + 1);
    const auto sentence = "It was at " + std::string(said) + ", they say.";
    EXPECT_EQ(found_in(sentence, *detector), std::vector<std::string>{std::string(text)});
    EXPECT_EQ(found_in(sentence, *plain), std::vector<std::string>());
  }
  for (const std::string_view text :
       {"Version 1.12.2.3", "99/99/2020", "2020-02-30", "3 Junk 2020", "part 12-34-5678", "5 January 180",
        "new java.net.Socket()", "readme.md", "Node.js", "done.com_port", "a ratio of 3/4/5"})
    EXPECT_EQ(found_in(text, *detector), std::vector<std::string>()) << text;
}

TEST(RuleOptions, AreReadAgainFromTheirCanonicalForm) {
  const auto [options, problems] = read(R"(
disable: [toxicity.slur, pii.email]
enable: [pii.url]
weights: {cbrn.make_agent: 0.5}
add:
  - {id: own.idea, category: cbrn, idea: own, words: [été, "*bombe", бомба], everyday: true}
  - {id: own.no, category: cbrn, idea: no_own, words: nope, withdraws: [own], excuses: [own, weapon_agent]}
meetings:
  - {id: own.meeting, category: cbrn, entity: OWN, ideas: [own, weapon_agent], within: 50, weight: 0.4}
)");
  ASSERT_TRUE(problems.empty()) << problems.front();
  const auto again = read(plimsoll::to_json(to_json(options)));
  ASSERT_TRUE(again.problems.empty()) << again.problems.front();
  EXPECT_EQ(again.options, options);
}

TEST(RuleOptions, SayWhereTheyAreWrong) {
  EXPECT_EQ(first_problem("disable: [pii.emial]"),
            "p.yaml:1:11: no rule 'pii.emial'; did you mean 'pii.email'?");
  EXPECT_EQ(first_problem("weights: {ask: 0.5}"), "p.yaml:1:11: no rule with a weight is called 'ask'");
  EXPECT_EQ(first_problem("weights: {toxicity.slur: 2}").substr(0, 13), "p.yaml:1:26: ");
  EXPECT_EQ(first_problem("add: [{id: pii.email, category: pii, entity: X, pattern: abc, weight: 0.5}]"),
            "p.yaml:1:12: rule id 'pii.email' is taken");
  EXPECT_EQ(first_problem("add: [{id: a, category: pii, entity: X, pattern: 'abc.*', weight: 0.5}]"),
            "p.yaml:1:50: '.' fits everything; write a class such as [\\w ], at byte 4 of the pattern");
  EXPECT_EQ(first_problem("add: [{id: a, category: pii, entity: X, pattern: 'abc\\d+', weight: 0.5}]"),
            "p.yaml:1:50: '*' and '+' have no bound; write {0,n}, at byte 6 of the pattern");
  EXPECT_EQ(first_problem("add: [{id: a, category: pii, entity: X, pattern: '{{agents}}', weight: 0.5}]")
                .substr(0, 38),
            "p.yaml:1:50: no vocabulary 'agents' so");
  EXPECT_EQ(first_problem("add: [{id: a, category: pii, entity: X, pattern: '[a-z]{0,190}x', weight: 0.5}]"),
            "p.yaml:1:50: a match may have 191 bytes; at most 184 are allowed");
  EXPECT_EQ(first_problem("add: [{id: a, category: pii, entity: X, words: abc}]"),
            "p.yaml:1:7: a rule needs 'weight'");
  EXPECT_EQ(
      first_problem("add: [{id: a, category: pii, entity: X, words: abc, weight: 0.5, excuses: [attack]}]"),
      "p.yaml:1:75: 'excuses' is for rules with an 'idea', and names at most 8");
  EXPECT_EQ(first_problem("files: [x.yaml]"),
            "p.yaml:1:9: 'files' only works in a policy that is itself a file");
  EXPECT_EQ(
      first_problem("add: [{id: a, category: pii, entity: X, words: abc, weight: 0.5, no_match: an abc}]"),
      "p.yaml:1:1: rule 'a' finds its example 'an abc'");
  EXPECT_EQ(first_problem("meetings: [{id: m, category: cbrn, entity: X, ideas: [weapon_agent, wepon_act], "
                          "within: 50, weight: 0.5}]"),
            "p.yaml:1:12: no rule has the idea 'wepon_act'");
}

TEST(RuleOptions, BoundWhatAPatternCosts) {
  std::string nested = "x";
  for (int i = 0; i < 2'000; ++i) nested = "(?:" + nested + ")";
  EXPECT_FALSE(usable_pattern(nested, false, false));
  EXPECT_FALSE(usable_pattern("(?:(?:(?:a{200}){200}){200}){200}", false, false));
  EXPECT_FALSE(usable_pattern("é?x", false, false));
  EXPECT_FALSE(usable_pattern("[é]", false, false));
  EXPECT_FALSE(usable_pattern("a{0,3}", false, false));
  EXPECT_FALSE(usable_pattern("(?i:a)", false, false));
  EXPECT_TRUE(usable_pattern(R"(\b(?:abc|(?:é)?de)\s{1,3}\d{4})", false, false));
}

bool found(std::string_view phrase, std::string_view text) {
  const std::string one(phrase);
  const auto [patterns, toned] = word_patterns({&one, 1}, normalizer());
  const auto finds_it = [&](const std::string& pattern) { return finds(pattern, false, text); };
  return std::ranges::any_of(patterns, finds_it) || std::ranges::any_of(toned, finds_it);
}

TEST(Phrases, StandAsWords) {
  EXPECT_TRUE(found("nerve gas", "a Nerve\ngas."));
  EXPECT_FALSE(found("nerve gas", "nerve gaskets"));
  EXPECT_FALSE(found("nerve gas", "unnerve gas"));
  EXPECT_TRUE(found("sprengstoff*", "Sprengstoffe"));
  EXPECT_TRUE(found("*bombe", "Rohrbombe"));
  EXPECT_FALSE(found("*bombe", "bomber"));
}

TEST(Phrases, FitWithoutTheirAccents) {
  for (const auto* text : {"étape", "etape", "Étape", "l'étape"}) EXPECT_TRUE(found("étape", text)) << text;
  EXPECT_FALSE(found("étape", "metape"));
  for (const auto* text : {"grün", "gruen", "grun"}) EXPECT_TRUE(found("grün", text)) << text;
  EXPECT_TRUE(found("santé", "la sante"));
  EXPECT_FALSE(found("santé", "santeria"));
}

TEST(Phrases, OfOneAccentedLetterInEitherCaseBegin) {
  for (const bool exact_case : {false, true}) {
    EXPECT_TRUE(finds("(?:é|É)tape", exact_case, "étape"));
    EXPECT_TRUE(finds("(?:é|É)tape", exact_case, "l'Étape"));
    EXPECT_FALSE(finds("(?:é|É)tape", exact_case, "\xE3\xA9tape"));
  }
}

TEST(Phrases, OfOtherScriptsFitInEitherCase) {
  EXPECT_TRUE(found("зарин", "Зарин"));
  EXPECT_TRUE(found("沙林", "制造沙林毒气"));
}

}  // namespace
}  // namespace plimsoll::detect
