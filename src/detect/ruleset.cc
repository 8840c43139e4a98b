#include "ruleset.h"

#include <utility>

#include "base/hash.h"

namespace plimsoll::detect {
namespace {

// Changes with the code around the rules, when the same rules would find something else.
constexpr std::string_view kCodeRevision = "1";

Result<Database> compile_database(std::span<const CompiledRule> rules, bool digits) {
  std::vector<std::string> patterns;
  std::vector<unsigned> ids, flags;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const auto& rule = *rules[i].rule;
    if (rules[i].needs_digits != digits) continue;
    patterns.push_back(portable_pattern(rule.trigger.empty() ? rule.pattern : rule.trigger));
    ids.push_back(static_cast<unsigned>(i));
    flags.push_back(HS_FLAG_MULTILINE | (rule.exact_case ? 0U : HS_FLAG_CASELESS));
  }
  std::vector<const char*> expressions;
  for (const auto& pattern : patterns) expressions.push_back(pattern.c_str());

  hs_database_t* database = nullptr;
  hs_compile_error_t* error = nullptr;
  if (hs_compile_multi(expressions.data(), flags.data(), ids.data(), static_cast<unsigned>(ids.size()),
                       HS_MODE_BLOCK, nullptr, &database, &error) != HS_SUCCESS) {
    std::string message = error->message;
    if (error->expression >= 0) message += " in " + patterns[static_cast<std::size_t>(error->expression)];
    hs_free_compile_error(error);
    return fail(Code::kInvalid, std::move(message));
  }
  return Database(database);
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
      set.rules_.push_back({.rule = &rule,
                            .expression = std::move(expression),
                            .automaton = *std::move(automaton),
                            .needs_digits = rule.needs_digits});
    }
  }
  auto words = compile_database(set.rules_, false);
  if (!words) return std::unexpected(std::move(words).error());
  auto digits = compile_database(set.rules_, true);
  if (!digits) return std::unexpected(std::move(digits).error());
  set.words_ = *std::move(words);
  set.digits_ = *std::move(digits);
  set.revision_ = revision_of(set.rules_);
  return set;
}

}  // namespace plimsoll::detect
