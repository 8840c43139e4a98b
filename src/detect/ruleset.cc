#include "ruleset.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/hash.h"
#include "intern.h"

namespace plimsoll::detect {
namespace {

// Changes with the code around the rules, when the same rules would find something else.
constexpr std::string_view kCodeRevision = "3";

std::string quoted(std::string_view literal) {
  std::string out;
  for (const char c : literal) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
    if (!plain) out += '\\';
    out += c;
  }
  return out;
}

Result<Triggerer> compile_triggers(std::span<const CompiledRule> rules, bool digits) {
  std::map<std::string, std::vector<RuleIndex>> patterns;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const auto& rule = *rules[i].rule;
    const auto index = static_cast<RuleIndex>(i);
    if (rule.needs_digits != digits || rule.everyday) continue;
    const auto& literals = rules[i].automaton.literals;
    if (!rule.trigger.empty())
      patterns[portable_pattern(rule.trigger, rule.exact_case)].push_back(index);
    else if (literals.empty())
      patterns[portable_pattern(rule.pattern, rule.exact_case)].push_back(index);
    else
      for (const auto& literal : literals) patterns[quoted(literal)].push_back(index);
  }
  std::vector<const char*> expressions;
  std::vector<unsigned> ids, flags;
  Triggerer triggerer;
  for (auto& [pattern, users] : patterns) {
    expressions.push_back(pattern.c_str());
    ids.push_back(static_cast<unsigned>(ids.size()));
    flags.push_back(HS_FLAG_MULTILINE | HS_FLAG_CASELESS);
    triggerer.rules.push_back(std::move(users));
  }
  hs_database_t* database = nullptr;
  hs_compile_error_t* error = nullptr;
  if (hs_compile_multi(expressions.data(), flags.data(), ids.data(), static_cast<unsigned>(ids.size()),
                       HS_MODE_BLOCK, nullptr, &database, &error) != HS_SUCCESS) {
    std::string message = error->message;
    if (error->expression >= 0)
      message += std::string(" in ") + expressions[static_cast<std::size_t>(error->expression)];
    hs_free_compile_error(error);
    return fail(Code::kInvalid, std::move(message));
  }
  triggerer.database.reset(database);
  return triggerer;
}

// The ideas that are not everyday words and that one of `ideas` may meet.
std::uint32_t partners_of(std::uint32_t ideas, std::span<const CompiledRule> rules,
                          std::span<const Meeting> meetings) {
  const auto bit = [](Idea i) { return 1U << static_cast<unsigned>(i); };
  std::uint32_t everyday = bit(Idea::kNone), partners = 0;
  for (const auto& compiled : rules)
    if (compiled.rule->everyday) everyday |= bit(compiled.rule->idea);
  for (const auto& m : meetings)
    if ((m.ideas & ideas) != 0) partners |= m.ideas;
  return partners & ~everyday;
}

std::string revision_of(const RuleSet& set) {
  std::string all(kCodeRevision);
  const auto add = [&](std::string_view field) { (all += field) += '\n'; };
  const auto number = [&](double n) { add(std::to_string(n)); };
  for (const auto& compiled : set.rules()) {
    const auto& r = *compiled.rule;
    for (const auto field : {r.id, to_string(r.category), r.entity, r.pattern}) add(field);
    for (const auto n :
         {r.confidence, r.weight, r.exact_case ? 1. : 0., static_cast<double>(r.tail),
          static_cast<double>(r.idea), static_cast<double>(r.withdraws), r.check != nullptr ? 1. : 0.})
      number(n);
  }
  for (const auto& m : set.meetings()) {
    for (const auto field : {m.id, to_string(m.category), m.entity}) add(field);
    for (const auto n : {static_cast<double>(m.ideas), static_cast<double>(m.distance), m.weight}) number(n);
  }
  return "rules-" + to_hex(bytes_of(sha256(all))).substr(0, 12);
}

struct Usable {
  std::unique_ptr<RE2> expression;
  Automaton automaton;
};

Result<Usable> make_usable(std::string_view pattern, bool exact_case) {
  auto automaton = parse_pattern(pattern, exact_case);
  if (!automaton) return std::unexpected(std::move(automaton).error());
  if (automaton->longest > kMaxMatch)
    return fail(Code::kInvalid, "a match may have " + std::to_string(automaton->longest) +
                                    " bytes; at most " + std::to_string(kMaxMatch) + " are allowed");
  RE2::Options options(RE2::Latin1);
  options.set_case_sensitive(exact_case);
  options.set_log_errors(false);
  options.set_max_mem(8 << 20);
  auto expression = std::make_unique<RE2>("(?m:" + portable_pattern(pattern, exact_case) + ")", options);
  if (!expression->ok()) return fail(Code::kInvalid, expression->error());
  return Usable{.expression = std::move(expression), .automaton = *std::move(automaton)};
}

bool is_disabled(std::string_view id, const RuleOptions& options) {
  return std::ranges::binary_search(options.disabled, id, std::less<>());
}

double weight_of(std::string_view id, double weight, const RuleOptions& options) {
  const auto found =
      std::ranges::find(options.weights, id, [](const auto& w) { return std::string_view(w.first); });
  return found == options.weights.end() ? weight : found->second;
}

}  // namespace

Result<void> usable_pattern(std::string_view pattern, bool exact_case, bool everyday) {
  auto usable = make_usable(pattern, exact_case);
  if (!usable) return std::unexpected(std::move(usable).error());
  // Found by itself: then Hyperscan must take it, too.
  if (!everyday && usable->automaton.literals.empty()) {
    hs_database_t* database = nullptr;
    hs_compile_error_t* error = nullptr;
    if (hs_compile(portable_pattern(pattern, exact_case).c_str(), HS_FLAG_MULTILINE | HS_FLAG_CASELESS,
                   HS_MODE_BLOCK, nullptr, &database, &error) != HS_SUCCESS) {
      std::string message = error->message;
      hs_free_compile_error(error);
      return fail(Code::kInvalid, std::move(message));
    }
    hs_free_database(database);
  }
  return {};
}

bool finds(std::string_view pattern, bool exact_case, std::string_view text) {
  const auto usable = make_usable(pattern, exact_case);
  return usable && RE2::PartialMatch({text.data(), text.size()}, *usable->expression);
}

Result<Idea> RuleSet::idea(std::string_view name) {
  if (name.empty()) return Idea::kNone;
  auto found = std::ranges::find(ideas_, name);
  if (found == ideas_.end()) {
    if (ideas_.size() == kMostIdeas) return fail(Code::kInvalid, "more than 31 ideas");
    ideas_.push_back(intern(name));
    found = ideas_.end() - 1;
  }
  return static_cast<Idea>(found - ideas_.begin());
}

Result<void> RuleSet::add(const RuleDefinition& d) {
  const auto own = idea(d.idea);
  if (!own) return std::unexpected(own.error());
  std::uint32_t withdraws = 0;
  for (const auto& name : d.withdraws) {
    const auto number = idea(name);
    if (!number) return std::unexpected(number.error());
    withdraws |= 1U << static_cast<unsigned>(*number);
  }
  for (const auto& pattern : d.patterns)
    definitions_.push_back({.id = intern(d.id),
                            .category = d.category,
                            .entity = intern(d.entity),
                            .pattern = patterns_.emplace_back(pattern),
                            .exact_case = d.exact_case,
                            .confidence = d.confidence,
                            .weight = d.weight,
                            .idea = *own,
                            .withdraws = withdraws,
                            .everyday = d.everyday});
  return {};
}

Result<void> RuleSet::define(const RuleBook& book, const RuleOptions& options) {
  for (const auto table : {pii_rules(), secret_rules()})
    for (const auto& rule : table) definitions_.push_back(rule);
  for (const auto& rules : {std::span(book.rules), std::span(options.rules)})
    for (const auto& rule : rules)
      if (auto added = add(rule); !added) return added;
  for (const auto& meetings : {std::span(book.meetings), std::span(options.meetings)})
    for (const auto& m : meetings) {
      if (is_disabled(m.id, options)) continue;
      std::uint32_t ideas = 0;
      for (const auto& name : m.ideas)
        if (const auto number = idea(name))
          ideas |= 1U << static_cast<unsigned>(*number);
        else
          return std::unexpected(number.error());
      meetings_.push_back({.id = intern(m.id),
                           .category = m.category,
                           .entity = intern(m.entity),
                           .ideas = ideas,
                           .distance = m.distance,
                           .weight = weight_of(m.id, m.weight, options)});
    }
  std::erase_if(definitions_, [&](const Rule& rule) { return is_disabled(rule.id, options); });
  for (auto& rule : definitions_)
    if (rule.weight > 0) rule.weight = weight_of(rule.id, rule.weight, options);
  return {};
}

Result<RuleSet> RuleSet::compile(const RuleOptions& options) {
  RuleSet set;
  if (const auto problems = shipped_problems(false); !problems.empty())
    return fail(Code::kInvalid, yaml::to_string(problems.front()));
  if (auto defined = set.define(shipped_rules(), options); !defined)
    return std::unexpected(std::move(defined).error());
  for (const auto& rule : set.definitions_) {
    auto usable = make_usable(rule.pattern, rule.exact_case);
    if (!usable) return std::unexpected(std::move(usable).error().in(rule.id));
    set.rules_.push_back({.rule = &rule,
                          .expression = std::move(usable->expression),
                          .automaton = std::move(usable->automaton)});
  }
  for (std::size_t i = 0; i < set.rules_.size(); ++i)
    if (const auto& rule = *set.rules_[i].rule; rule.everyday)
      set.everyday_.push_back(
          {.rule = static_cast<RuleIndex>(i),
           .partners = partners_of(1U << static_cast<unsigned>(rule.idea) | rule.withdraws, set.rules_,
                                   set.meetings_)});
  auto words = compile_triggers(set.rules_, false);
  if (!words) return std::unexpected(std::move(words).error());
  auto digits = compile_triggers(set.rules_, true);
  if (!digits) return std::unexpected(std::move(digits).error());
  set.words_ = *std::move(words);
  set.digits_ = *std::move(digits);
  set.revision_ = revision_of(set);
  return set;
}

}  // namespace plimsoll::detect
