// The rules, compiled.
#pragma once

#include <hs/hs.h>
#include <re2/re2.h>

#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "detect/rules.h"
#include "first_words.h"
#include "literal_scan.h"
#include "opening.h"
#include "pattern.h"
#include "rule.h"
#include "text/views.h"

namespace plimsoll::detect {

using RuleIndex = std::uint16_t;

// No match covers more than this of the original text (its tail aside), however it is disguised: what is
// longer is not one. It bounds how much of a stream is ever held back.
inline constexpr std::size_t kMaxMatch = 184;

// A rule's pattern in RE2, which is made when it is first asked for: few ever are, and each takes as much memory as the
// rest of the rule. Any thread may ask.
class Expression {
 public:
  Expression(std::string_view pattern, bool exact_case) : pattern_(pattern), exact_case_(exact_case) {}
  const RE2& get() const;

 private:
  std::string_view pattern_;
  bool exact_case_;
  mutable std::once_flag made_;
  mutable std::unique_ptr<RE2> expression_;
};

struct CompiledRule {
  const Rule* rule = nullptr;
  std::unique_ptr<Expression> expression;
  Automaton automaton;  // without its states once a Detector has them
  Opening opening;
  bool by_first_words = false, by_digits = false;  // how it is found
  std::uint16_t everyday_group = 0;  // of a rule for everyday words: of those that may meet the same

  // False where no match begins. `at` is within `text`.
  bool may_begin(std::string_view text, std::size_t at) const {
    if (!automaton.begins[static_cast<unsigned char>(text[at])]) return false;
    switch (automaton.before) {
      case Before::kAnything:
        return true;
      case Before::kWordBoundary:
        return is_word(text[at]) != (at > 0 && is_word(text[at - 1]));
      case Before::kLineStart:
        return at == 0 || text[at - 1] == '\n';
    }
    return true;
  }
};

struct DatabaseDeleter {
  void operator()(hs_database_t* database) const { hs_free_database(database); }
};
using Database = std::unique_ptr<hs_database_t, DatabaseDeleter>;

// A Hyperscan database and the rules that each of its patterns may be the trigger of.
struct Triggerer {
  Database database;
  std::size_t longest = 0;  // bytes, of what matches the rules
  // All of the rules look for data, have no tails, and match within a line. So of a view that differs from another only lines
  // that do are searched.
  bool by_line = true;
  std::vector<std::vector<RuleIndex>> rules;
};

class RuleSet {
 public:
  // The program's rules, as `options` change them. kInvalid, naming the rule, when one is not usable.
  static Result<RuleSet> compile(const RuleOptions& options = {});

  std::span<const CompiledRule> rules() const { return rules_; }
  std::span<const Meeting> meetings() const { return meetings_; }
  // By Idea; the first is none.
  std::span<const std::string_view> ideas() const { return ideas_; }
  // Rules found by their words; and those found by their digits, of which a match has kFewestDigits within kDigitsWithin
  // bytes, and one at least that is so large.
  static constexpr std::size_t kFewestDigits = 6, kDigitsWithin = 24;
  static constexpr char kLeastOfNumber = '2';
  const Triggerer& words() const { return words_; }
  const Triggerer& digits() const { return digits_; }
  // Those found by what every match holds; of the rules that are looked for in such a view.
  const LiteralScan& literals(text::Layer layer) const {
    return layer == text::Layer::kWritten ? data_literals_ : literals_;
  }
  // Those found by how their matches begin.
  const FirstWords& first_words(text::Layer layer) const {
    return layer == text::Layer::kWritten ? data_first_words_ : first_words_;
  }
  // Rules that only count in some texts, each with the ideas of which the text must hold one (bits by Idea); and
  // the literals and first words of those that have any.
  struct Everyday {
    RuleIndex rule;
    IdeaSet partners;
    bool has_places;  // where literals or first words are; else it may match anywhere
  };
  std::span<const Everyday> everyday() const { return everyday_; }
  std::size_t everyday_groups() const { return everyday_groups_; }
  // The groups of everyday rules that an idea, which is none of everyday words, may meet, or whose meetings they keep it
  // from; and within how many bytes.
  struct Met {
    std::uint16_t group;
    std::uint16_t distance;
  };
  std::span<const Met> met_by(Idea idea) const { return met_[static_cast<std::size_t>(idea)]; }
  const LiteralScan& everyday_literals() const { return everyday_literals_; }
  const FirstWords& everyday_first_words() const { return everyday_first_words_; }
  // The rules whose matches have a tail, by what each of those matches holds.
  struct Tailed {
    RuleIndex rule;
    std::string literal;  // folded
  };
  std::span<const Tailed> tailed() const { return tailed_; }
  // The automata of the rules are needed no more.
  void forget_states();
  const std::string& revision() const { return revision_; }

 private:
  Result<Idea> idea(std::string_view name);
  Result<void> define(const RuleBook& book, const RuleOptions& options);
  Result<void> add(const RuleDefinition& definition);
  Result<void> compile_rules();
  void gather(std::span<const std::vector<LiteralScan::Entry>> entries);
  void settle_everyday();
  void find_meetings_of_everyday();

  std::deque<std::string> patterns_;
  std::deque<Rule> definitions_;
  std::vector<CompiledRule> rules_;
  std::vector<Meeting> meetings_;
  std::vector<std::string_view> ideas_ = {{}};
  std::vector<Everyday> everyday_;
  std::size_t everyday_groups_ = 0;
  std::vector<std::vector<Met>> met_;
  Triggerer words_, digits_;
  LiteralScan literals_, data_literals_, everyday_literals_;
  FirstWords first_words_, data_first_words_, everyday_first_words_;
  std::vector<Tailed> tailed_;
  std::string revision_;
};

// Of the texts that rules read.
const text::Normalizer& normalizer();
// Whether a pattern may be one of a rule's: within the subset and the limits, and one that the engines take.
Result<void> usable_pattern(std::string_view pattern, bool exact_case, bool everyday);
// Whether it matches somewhere in `text`.
bool finds(std::string_view pattern, bool exact_case, std::string_view text);

}  // namespace plimsoll::detect
