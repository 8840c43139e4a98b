#include <algorithm>

#include "impl.h"
#include "scene.h"

namespace plimsoll::policy {
namespace {

enum class Outcome { kTrue, kFalse, kFailed };

Outcome evaluate(const cel::Program& program, const Scene& scene) {
  const auto value = program.evaluate(scene);
  if (!value || value->kind() != cel::Type::Kind::kBool) return Outcome::kFailed;
  return value->as_bool() ? Outcome::kTrue : Outcome::kFalse;
}

void fail(const Rule& rule, Verdict& verdict) {
  const Action action = rule.fail_open ? Action::kAllow : Action::kErrorBlock;
  verdict.rules.push_back({rule.id, action, rule.shadow, true});
  if (rule.shadow || rule.fail_open) return;
  verdict.fired.add(Action::kErrorBlock);
  verdict.reasons.push_back("rule " + rule.id + " could not be evaluated");
}

void fire(const Rule& rule, Verdict& verdict) {
  verdict.rules.push_back({rule.id, rule.action, rule.shadow, false});
  if (rule.shadow) return;
  verdict.fired.add(rule.action);
  verdict.reasons.push_back(rule.reason);
  if (rule.action == Action::kRedact) verdict.redact.add(rule.redact);
  if (rule.review) verdict.review = true;
  if (rule.care) verdict.care = true;
}

void fire(const LimitCheck& check, double score, Verdict& verdict) {
  const Action action = check.action(score);
  verdict.rules.push_back({check.id, action});
  verdict.fired.add(action);
  verdict.reasons.push_back(check.reason);
  if (action == Action::kRedact) verdict.redact.add(check.category);
  if (check.category == Category::kSelfHarm) verdict.care = true;
}

// Images, files, references to what lies elsewhere: nothing is known of them, so nothing is assumed.
void judge_attachments(const Conversation& conversation, bool pass, Verdict& verdict) {
  const bool any = std::ranges::any_of(conversation.segments,
                                       [](const Segment& s) { return s.kind == SegmentKind::kAttachment; });
  if (!any) return;
  const Action action = pass ? Action::kLogOnly : Action::kBlock;
  verdict.rules.push_back({kUninspected, action});
  verdict.fired.add(action);
  verdict.reasons.emplace_back("content that cannot be inspected");
}

// What nobody looked at is not clean.
void note_uninspected(Verdict& verdict) {
  verdict.rules.push_back({kUninspected, Action::kLogOnly});
  verdict.fired.add(Action::kLogOnly);
  verdict.reasons.emplace_back("inspection is switched off by the policy");
}

void fire_windows(const std::vector<Accumulation>& accumulations, std::span<const Accumulated> facts,
                  Verdict& verdict) {
  for (const Accumulated& fact : facts) {
    const auto found = std::ranges::find(accumulations, fact.id, &Accumulation::name);
    if (found == accumulations.end() || !found->reached(fact.count, fact.sum)) continue;
    const auto per = static_cast<std::size_t>(fact.per);
    verdict.rules.push_back({found->ids.at(per), found->action, found->shadow, false});
    if (found->shadow) continue;
    verdict.asl_level = std::max(verdict.asl_level, found->level);
    verdict.fired.add(found->action);
    verdict.reasons.push_back(found->reasons.at(per));
    if (found->review && !fact.noticed) verdict.review = true;
    if (found->action == Action::kRedact)
      for (const Category c : found->categories) verdict.redact.add(c);
  }
}

void conclude(Verdict& verdict) {
  verdict.action = verdict.fired.strictest();
  if (verdict.fired.has(Action::kEscalate)) verdict.review = true;
  if (verdict.allowed()) verdict.care = false;
}

}  // namespace

Verdict Policy::decide(const Facts& facts) const {
  const Impl& policy = *impl_;
  const Scene scene(facts);
  const Direction direction = facts.conversation.direction;
  Verdict verdict;

  for (const CompiledRule& compiled : policy.rules) {
    const Rule& rule = policy.rule(compiled);
    if (!rule.judges(direction)) continue;
    const auto outcome = evaluate(compiled.program, scene);
    if (outcome == Outcome::kTrue) fire(rule, verdict);
    if (outcome == Outcome::kFailed) fail(rule, verdict);
  }

  judge_attachments(facts.conversation, policy.document.settings.attachments_pass, verdict);
  if (!policy.document.settings.inspect) note_uninspected(verdict);

  const std::size_t column = Impl::column_of(facts);
  for (const LimitCheck& check : policy.limits.at(column)) {
    const double score = Impl::judged_score(facts, check.category);
    if (score >= check.limit) fire(check, score, verdict);
  }

  for (std::size_t i = 0; i < policy.triggers.at(column).size(); ++i) {
    const AslCheck& check = policy.triggers.at(column)[i];
    if (Impl::judged_score(facts, *check.trigger) < check.trigger->threshold) continue;
    verdict.asl_level = std::max(verdict.asl_level, check.trigger->level);
    verdict.rules.push_back({policy.asl_ids[i], check.action, check.shadow, false});
    if (check.shadow) continue;
    verdict.fired.add(check.action);
    verdict.reasons.push_back(policy.asl_reasons[i]);
    if (check.review) verdict.review = true;
    if (check.action == Action::kRedact)
      for (const Category c : check.trigger->categories) verdict.redact.add(c);
  }

  fire_windows(policy.document.accumulations, facts.accumulated, verdict);
  conclude(verdict);
  return verdict;
}

void Policy::add_accumulated(Verdict& verdict, std::span<const Accumulated> facts) const {
  if (facts.empty()) return;
  fire_windows(impl_->document.accumulations, facts, verdict);
  conclude(verdict);
}

}  // namespace plimsoll::policy
