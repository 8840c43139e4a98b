#include "act.h"

#include <algorithm>

namespace plimsoll::gateway {
namespace {

constexpr std::string_view kDefaultRefusal = "This request was withheld by policy.";

bool has_span(const Finding& f) {
  return f.span.end > f.span.begin;
}

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

}  // namespace

std::string placeholder(std::string_view pattern, const Finding& finding) {
  std::string out(pattern);
  constexpr std::string_view kField = "{entity}";
  if (const auto at = out.find(kField); at != std::string::npos)
    out.replace(at, kField.size(), finding.entity.empty() ? to_string(finding.category) : finding.entity);
  return out;
}

std::string redact(std::string_view text, const std::vector<Finding>& findings, std::uint32_t segment,
                   Categories categories, std::string_view pattern) {
  std::vector<const Finding*> hits;
  for (const Finding& f : findings)
    if (f.segment == segment && categories.has(f.category) && has_span(f)) hits.push_back(&f);
  std::ranges::sort(hits, [](const Finding* a, const Finding* b) { return starts_before(*a, *b); });

  std::string out;
  out.reserve(text.size());
  std::size_t done = 0;
  for (const Finding* f : hits) {
    const std::size_t end = std::min(f->span.end, text.size());
    if (end <= done) continue;
    if (f->span.begin >= done) {
      out.append(text.substr(done, f->span.begin - done));
      out.append(placeholder(pattern, *f));
    }
    done = end;
  }
  return out.append(text.substr(done));
}

void redact(wire::Document& document, const Judgement& j) {
  const std::string& pattern = j.policy->settings().redaction;
  const Categories missing = without_span(j);
  const auto& segments = document.conversation().segments;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (!missing.empty() && segments[i].role != Role::kSystem) {
      Finding whole;
      whole.category = first_of(missing);
      document.replace(i, placeholder(pattern, whole));
      continue;
    }
    std::string changed =
        redact(segments[i].text, j.found.findings, static_cast<std::uint32_t>(i), j.verdict.redact, pattern);
    if (changed != segments[i].text) document.replace(i, std::move(changed));
  }
}

std::string refusal_text(const Judgement& j) {
  if (!j.policy) return std::string(kDefaultRefusal);
  const auto& settings = j.policy->settings();
  if (j.verdict.care && !settings.care_message.empty()) {
    std::string text = settings.care_message;
    for (const auto& resource : settings.crisis_resources) text.append("\n- ").append(resource);
    return text;
  }
  if (j.verdict.action == Action::kEscalate && !settings.escalation_message.empty())
    return settings.escalation_message + " (review " + j.id + ")";
  if (j.verdict.action == Action::kErrorBlock)
    return "No decision could be made about this request, so it was not sent.";
  return settings.refusal_message.empty() ? std::string(kDefaultRefusal) : settings.refusal_message;
}

}  // namespace plimsoll::gateway
