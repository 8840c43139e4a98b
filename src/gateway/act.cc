#include "act.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/json.h"

namespace plimsoll::gateway {
namespace {

constexpr std::string_view kDefaultRefusal = "This request was withheld by policy.";

// Categories to redact for which no finding says where.
Categories without_span(const Judgement& j) {
  Categories spanned;
  for (const Finding& f : j.found.findings)
    if (has_span(f)) spanned.add(f.category);
  Categories missing;
  for (std::size_t i = 0; i < kCategoryCount; ++i) {
    const auto category = static_cast<Category>(i);
    if (j.verdict.redact.has(category) && !spanned.has(category)) missing.add(category);
  }
  return missing;
}

Category first_of(Categories categories) {
  for (std::size_t i = 0; i < kCategoryCount; ++i)
    if (categories.has(static_cast<Category>(i))) return static_cast<Category>(i);
  return Category::kPii;
}

// What stands for a whole text.
std::string withheld_text(const Judgement& j, Categories categories) {
  Finding whole;
  whole.category = first_of(categories);
  return placeholder(j.policy->settings().redaction, whole);
}
std::string withheld_text(const Judgement& j, const Inspection& found) {
  Categories categories;
  for (std::size_t i = 0; i < kCategoryCount; ++i)
    if (found.scores[static_cast<Category>(i)] > 0) categories.add(static_cast<Category>(i));
  for (const Finding& f : found.findings) categories.add(f.category);
  return withheld_text(j, categories);
}

}  // namespace

std::string redact(std::string_view text, const std::vector<Finding>& findings, std::uint32_t segment,
                   Categories categories, Placeholders& placeholders) {
  return decide::redact(
      text, findings, segment, categories,
      [&](const Finding& finding, std::string_view value) { return placeholders.stand_in(finding, value); });
}

std::string redact(const Segment& segment, std::uint32_t index, const Judgement& j,
                   Placeholders& placeholders) {
  for (const auto& refusal : j.past)
    if (refusal.segment == index) return withheld_text(j, refusal.found);
  const Categories missing = without_span(j);
  if (missing.empty() || segment.role == Role::kSystem)
    return redact(segment.text, j.found.findings, index, j.verdict.redact, placeholders);
  return withheld_text(j, missing);
}

void redact(wire::Document& document, const Judgement& j, Placeholders& placeholders) {
  const auto& segments = document.conversation().segments;
  for (std::uint32_t i = 0; i < segments.size(); ++i) {
    std::string changed = redact(segments[i], i, j, placeholders);
    if (changed != segments[i].text) document.replace(i, std::move(changed));
  }
}

void redact(wire::Document& document, const Judgement& j) {
  Placeholders final_ones(j.policy->settings().redaction, false);
  redact(document, j, final_ones);
}

void restore(wire::Document& answer, const Placeholders& placeholders) {
  if (placeholders.empty()) return;
  const auto& segments = answer.conversation().segments;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const Segment& s = segments[i];
    const bool json = s.kind == SegmentKind::kToolArguments && s.text.starts_with('{');
    std::string changed = placeholders.restore(s.text, json);
    if (changed != s.text) answer.replace(i, std::move(changed));
  }
}

std::string_view pattern_of(const Judgement& j) {
  return j.policy ? std::string_view(j.policy->settings().redaction) : std::string_view();
}

// Azure's "innererror": what was found, by category, never the text.
wire::Problem refusal(const Judgement& j) {
  json::object result;
  for (std::size_t i = 0; i < kCategoryCount; ++i) {
    const auto category = static_cast<Category>(i);
    if (j.scores[category] > 0)
      result[to_string(category)] = json::object{{"filtered", true}, {"score", j.scores[category]}};
  }
  for (const Finding& f : j.found.findings)
    if (result.if_contains(to_string(f.category)) == nullptr)
      result[to_string(f.category)] = json::object{{"filtered", true}, {"detected", true}};
  json::array reasons;
  for (const auto& reason : j.verdict.reasons) reasons.emplace_back(json::string_view(reason));

  const bool undecided = j.verdict.action == Action::kErrorBlock;
  wire::Problem problem;
  problem.kind = undecided ? wire::ProblemKind::kUndecided : wire::ProblemKind::kRefused;
  problem.status = undecided ? 503 : 400;
  problem.message = refusal_text(j);
  problem.code = undecided ? "error_block" : "content_filter";
  problem.inner = json::object{{"code", "ResponsibleAIPolicyViolation"},
                               {"action", to_string(j.verdict.action)},
                               {"decision_id", j.id},
                               {"reasons", std::move(reasons)},
                               {"content_filter_result", std::move(result)}};
  return problem;
}

std::string refusal_text(const Judgement& j) {
  if (j.verdict.action == Action::kErrorBlock) return "No decision could be made, so this was withheld.";
  if (!j.policy) return std::string(kDefaultRefusal);
  const auto& settings = j.policy->settings();
  if (j.verdict.care && !settings.care_message.empty()) {
    std::string text = settings.care_message;
    for (const auto& resource : settings.crisis_resources) text.append("\n- ").append(resource);
    return text;
  }
  if (j.verdict.action == Action::kEscalate && !settings.escalation_message.empty())
    return settings.escalation_message + " (review " + j.id + ")";
  return settings.refusal_message.empty() ? std::string(kDefaultRefusal) : settings.refusal_message;
}

}  // namespace plimsoll::gateway
