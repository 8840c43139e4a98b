#include "ruleset.h"

#include <map>
#include <utility>

#include "base/hash.h"

namespace plimsoll::detect {
namespace {

// Changes with the code around the rules, when the same rules would find something else.
constexpr std::string_view kCodeRevision = "1";

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
      patterns[portable_pattern(rule.trigger)].push_back(index);
    else if (literals.empty())
      patterns[portable_pattern(rule.pattern)].push_back(index);
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

// The ideas that are not everyday words and that `idea` may meet.
std::uint32_t partners_of(Concept idea, std::span<const CompiledRule> rules) {
  const auto bit = [](Concept c) { return 1U << static_cast<unsigned>(c); };
  std::uint32_t everyday = bit(Concept::kNone), partners = 0;
  for (const auto& compiled : rules)
    if (compiled.rule->everyday) everyday |= bit(compiled.rule->idea);
  for (const auto& m : meetings())
    if (idea == m.first || idea == m.second || idea == m.third)
      partners |= bit(m.first) | bit(m.second) | bit(m.third);
  return partners & ~everyday;
}

std::string revision_of(std::span<const CompiledRule> rules) {
  std::string all(kCodeRevision);
  const auto add = [&](std::string_view field) { (all += field) += '\n'; };
  const auto number = [&](double n) { add(std::to_string(n)); };
  for (const auto& compiled : rules) {
    const auto& r = *compiled.rule;
    for (const auto field : {r.id, to_string(r.category), r.entity, r.pattern}) add(field);
    for (const auto n : {r.confidence, r.weight, r.exact_case ? 1. : 0., static_cast<double>(r.tail),
                         static_cast<double>(r.idea), r.check != nullptr ? 1. : 0.})
      number(n);
  }
  for (const auto& m : meetings()) {
    for (const auto field : {m.id, to_string(m.category), m.entity}) add(field);
    for (const auto n : {static_cast<double>(m.first), static_cast<double>(m.second),
                         static_cast<double>(m.third), static_cast<double>(m.distance), m.weight})
      number(n);
  }
  return "rules-" + to_hex(bytes_of(sha256(all))).substr(0, 12);
}

}  // namespace

Result<RuleSet> RuleSet::compile() {
  RuleSet set;
  for (const auto table : {pii_rules(), secret_rules(), injection_rules(), harm_rules()}) {
    for (const auto& rule : table) {
      auto automaton = parse_pattern(rule.pattern, rule.exact_case);
      if (!automaton) return std::unexpected(std::move(automaton).error().in(rule.id));
      if (automaton->longest > kMaxMatch)
        return fail(Code::kInvalid, std::string(rule.id) + ": a match may have " +
                                        std::to_string(automaton->longest) + " bytes");
      RE2::Options options(RE2::Latin1);
      options.set_case_sensitive(rule.exact_case);
      options.set_log_errors(false);
      options.set_max_mem(1 << 20);
      auto expression = std::make_unique<RE2>("(?m:" + portable_pattern(rule.pattern) + ")", options);
      if (!expression->ok()) return fail(Code::kInvalid, std::string(rule.id) + ": " + expression->error());
      set.rules_.push_back(
          {.rule = &rule, .expression = std::move(expression), .automaton = *std::move(automaton)});
    }
  }
  for (std::size_t i = 0; i < set.rules_.size(); ++i)
    if (const auto& rule = *set.rules_[i].rule; rule.everyday)
      set.everyday_.push_back(
          {.rule = static_cast<RuleIndex>(i), .partners = partners_of(rule.idea, set.rules_)});
  auto words = compile_triggers(set.rules_, false);
  if (!words) return std::unexpected(std::move(words).error());
  auto digits = compile_triggers(set.rules_, true);
  if (!digits) return std::unexpected(std::move(digits).error());
  set.words_ = *std::move(words);
  set.digits_ = *std::move(digits);
  set.revision_ = revision_of(set.rules_);
  return set;
}

}  // namespace plimsoll::detect
