// The rules, compiled.
#pragma once

#include <hs/hs.h>
#include <re2/re2.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
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
  bool needs_digits = false;  // kept in the second database
};

struct DatabaseDeleter {
  void operator()(hs_database_t* database) const { hs_free_database(database); }
};
using Database = std::unique_ptr<hs_database_t, DatabaseDeleter>;

class RuleSet {
 public:
  // kInvalid, naming the rule, when one is not usable.
  static Result<RuleSet> compile();

  std::span<const CompiledRule> rules() const { return rules_; }
  // Rules found by their words, and rules found by their digits: those need at least kFewestDigits in a text.
  static constexpr std::size_t kFewestDigits = 6;
  const hs_database_t* words() const { return words_.get(); }
  const hs_database_t* digits() const { return digits_.get(); }
  const std::string& revision() const { return revision_; }

 private:
  std::vector<CompiledRule> rules_;
  Database words_, digits_;
  std::string revision_;
};

}  // namespace plimsoll::detect
