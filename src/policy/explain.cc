#include "policy/explain.h"

#include <algorithm>

#include "base/json.h"
#include "impl.h"
#include "scene.h"

namespace plimsoll::policy {
namespace {

json::value text(std::string_view value) {
  return json::value(json::string(value));
}

json::array names(Categories set) {
  json::array out;
  for (std::size_t i = 0; i < kCategoryCount; ++i)
    if (set.has(static_cast<Category>(i))) out.push_back(text(to_string(static_cast<Category>(i))));
  return out;
}

// The value of a variable, unless it is or holds the traffic's own words.
std::string shown(const Variable& variable, const Scene& scene, std::size_t index) {
  if (variable.field.is_text) {
    const auto value = scene.get(index);
    return "(" + std::to_string(value.as_string().size()) + " bytes)";
  }
  if (variable.is_group) return "(object)";
  const auto value = scene.get(index);
  if (value.kind() == cel::Type::Kind::kMap) return "(" + std::to_string(value.as_map().size()) + " members)";
  if (value.kind() == cel::Type::Kind::kList && variable.name == "findings")
    return "(" + std::to_string(value.as_list().size()) + " findings)";
  return value.to_string(120);
}

json::object explain_rule(const Rule& rule, const cel::Program& program, const Scene& scene) {
  json::object out;
  out["id"] = text(rule.id);
  out["line"] = rule.mark.line;
  out["condition"] = text(rule.condition);
  out["action"] = text(to_string(rule.action));
  out["mode"] = rule.shadow ? "shadow" : "enforce";
  const auto direction = scene.facts().conversation.direction;
  if (!rule.judges(direction)) {
    out["result"] = "skipped";
    out["why"] =
        text(direction == Direction::kPrompt ? "applies to outputs only" : "applies to prompts only");
    return out;
  }
  const auto value = program.evaluate(scene);
  if (!value) {
    out["result"] = "error";
    out["why"] = text(value.error().message);
  } else if (value->kind() != cel::Type::Kind::kBool) {
    out["result"] = "error";
    out["why"] = "the condition gave neither true nor false";
  } else {
    out["result"] = value->as_bool() ? "true" : "false";
  }
  json::object variables;
  for (const std::size_t index : program.variables()) {
    const Variable& variable = vocabulary().variables()[index];
    variables[variable.name] = text(shown(variable, scene, index));
  }
  out["variables"] = std::move(variables);
  return out;
}

}  // namespace

boost::json::value to_json(const Verdict& verdict) {
  json::array reasons, rules;
  for (const auto& reason : verdict.reasons) reasons.push_back(text(reason));
  for (const RuleHit& hit : verdict.rules)
    rules.push_back({{"id", text(hit.id)},
                     {"action", text(to_string(hit.action))},
                     {"state", hit.failed   ? "failed"
                               : hit.shadow ? "shadow"
                                            : "fired"}});
  return {{"allowed", verdict.allowed()},    {"action", text(to_string(verdict.action))},
          {"reasons", std::move(reasons)},   {"rules", std::move(rules)},
          {"redact", names(verdict.redact)}, {"asl_level", verdict.asl_level},
          {"review", verdict.review},        {"care", verdict.care}};
}

boost::json::value Policy::explain(const Facts& facts) const {
  const Impl& policy = *impl_;
  const Scene scene(facts);
  json::array rules, limits, triggers;
  for (const CompiledRule& compiled : policy.rules)
    rules.push_back(explain_rule(policy.rule(compiled), compiled.program, scene));

  const std::size_t column = Impl::column_of(facts);
  for (const LimitCheck& check : policy.limits.at(column)) {
    const double score = Impl::judged_score(facts, check.category);
    limits.push_back({{"id", text(check.id)},
                      {"category", text(to_string(check.category))},
                      {"score", score},
                      {"limit", check.limit},
                      {"reached", score >= check.limit},
                      {"action", text(to_string(check.action(score)))}});
  }
  for (std::size_t i = 0; i < policy.triggers.at(column).size(); ++i) {
    const AslCheck& check = policy.triggers.at(column)[i];
    const double score = Impl::judged_score(facts, *check.trigger);
    triggers.push_back({{"id", text(policy.asl_ids[i])},
                        {"level", check.trigger->level},
                        {"score", score},
                        {"limit", check.trigger->threshold},
                        {"reached", score >= check.trigger->threshold},
                        {"action", text(to_string(check.action))},
                        {"mode", check.shadow ? "shadow" : "enforce"}});
  }
  json::array windows;
  for (const Accumulated& fact : facts.accumulated) {
    const auto found = std::ranges::find(policy.document.accumulations, fact.id, &Accumulation::name);
    if (found == policy.document.accumulations.end()) continue;
    windows.push_back({{"id", text(found->ids.at(static_cast<std::size_t>(fact.per)))},
                       {"window", window_text(found->window)},
                       {"score", fact.score},
                       {"count", fact.count},
                       {"sum", fact.sum},
                       {"count_limit", found->count ? json::value(*found->count) : json::value(nullptr)},
                       {"sum_limit", found->sum ? json::value(*found->sum) : json::value(nullptr)},
                       {"reached", found->reached(fact.count, fact.sum)},
                       {"action", text(to_string(found->action))},
                       {"mode", found->shadow ? "shadow" : "enforce"}});
  }
  return {{"policy_version", text(policy.version)},
          {"direction", text(to_string(facts.conversation.direction))},
          {"tier", text(column_name(column))},
          {"verdict", to_json(decide(facts))},
          {"rules", std::move(rules)},
          {"risk_thresholds", std::move(limits)},
          {"asl_triggers", std::move(triggers)},
          {"accumulate", std::move(windows)}};
}

}  // namespace plimsoll::policy
