// The rules, compiled.
#pragma once

#include <hs/hs.h>
#include <re2/re2.h>

#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "detect/rules.h"
#include "pattern.h"
#include "rule.h"

namespace plimsoll::detect {

using RuleIndex = std::uint16_t;

// No match covers more than this of the original text (its tail aside), however it is disguised: what is
// longer is not one. It bounds how much of a stream is ever held back.
inline constexpr std::size_t kMaxMatch = 184;

struct CompiledRule {
  const Rule* rule = nullptr;
  std::unique_ptr<RE2> expression;
  Automaton automaton;
};

struct DatabaseDeleter {
  void operator()(hs_database_t* database) const { hs_free_database(database); }
};
using Database = std::unique_ptr<hs_database_t, DatabaseDeleter>;

// A Hyperscan database and the rules that each of its patterns may be the trigger of.
struct Triggerer {
  Database database;
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
  // Rules found by their words; and those found by their digits, of which a text needs kFewestDigits.
  static constexpr std::size_t kFewestDigits = 6;
  const Triggerer& words() const { return words_; }
  const Triggerer& digits() const { return digits_; }
  // Rules without a trigger, each with the ideas of which the text must hold one (bits by Idea).
  struct Everyday {
    RuleIndex rule;
    std::uint32_t partners;
  };
  std::span<const Everyday> everyday() const { return everyday_; }
  const std::string& revision() const { return revision_; }

 private:
  Result<Idea> idea(std::string_view name);
  Result<void> define(const RuleBook& book, const RuleOptions& options);
  void add(const RuleDefinition& definition, Idea idea);

  std::deque<std::string> patterns_;
  std::deque<Rule> definitions_;
  std::vector<CompiledRule> rules_;
  std::vector<Meeting> meetings_;
  std::vector<std::string_view> ideas_ = {{}};
  std::vector<Everyday> everyday_;
  Triggerer words_, digits_;
  std::string revision_;
};

// Whether a pattern may be one of a rule's: within the subset and the limits, and one that the engines take.
Result<void> usable_pattern(std::string_view pattern, bool exact_case, bool everyday);
// Whether it matches somewhere in `text`.
bool finds(std::string_view pattern, bool exact_case, std::string_view text);

}  // namespace plimsoll::detect
