#include "measure.h"

#include <time.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/json.h"

namespace plimsoll::evaluate {
namespace {

json::value text(std::string_view value) {
  return json::value(json::string(value));
}

// Of this thread on a processor, so that nothing else that runs on the machine is counted.
double processor_microseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

// Where byte offsets lie in code points.
class CodePoints {
 public:
  explicit CodePoints(std::string_view text) {
    before_.reserve(text.size() + 1);
    std::uint32_t n = 0;
    for (const char c : text) {
      before_.push_back(n);
      n += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1U : 0U;
    }
    before_.push_back(n);
  }
  Span operator()(Span bytes) const { return {before_.at(bytes.begin), before_.at(bytes.end)}; }

 private:
  std::vector<std::uint32_t> before_;
};

bool is_place(const Finding& finding) {
  return finding.category == Category::kPii || finding.category == Category::kSecret;
}

json::object span_json(const NamedPlace& place) {
  return {{"start", place.span.begin}, {"end", place.span.end}, {"type", text(place.type)}};
}

std::string score_line(const dataset::Row& row, const Outcome& outcome, const Inspection& found,
                       const CodePoints& points) {
  json::object scores, action;
  for (std::size_t i = 0; i < kCategoryCount; ++i) {
    const auto category = static_cast<Category>(i);
    scores[to_string(category)] = outcome.measured.scores[category];
  }
  for (std::size_t i = 0; i < kColumns; ++i)
    action[column_name(i)] = text(to_string(outcome.measured.actions.at(i)));
  json::object line{{"id", text(row.id)},
                    {"source", text(row.source)},
                    {"scores", std::move(scores)},
                    {"action", std::move(action)}};
  if (row.spans) {
    json::array spans;
    for (const auto& finding : found.findings) {
      if (!is_place(finding)) continue;
      auto span = span_json({points(finding.span), std::string(canonical_type(finding.entity))});
      span["entity"] = text(finding.entity);
      span["detector"] = text(finding.detector);
      span["confidence"] = finding.confidence;
      spans.push_back(std::move(span));
    }
    line["spans"] = std::move(spans);
  }
  line["bytes"] = row.text.size();
  line["inspect_us"] = outcome.measured.inspect_us;
  return plimsoll::to_json(line) + "\n";
}

// The categories where the answer at the lowest threshold is not the label.
json::array wrong_categories(const Measured& measured, const policy::Policy& policy) {
  json::array wrong;
  for (std::size_t i = 0; i < kCategoryCount; ++i) {
    const auto category = static_cast<Category>(i);
    const auto truth = measured.truth.at(i);
    if (truth == Truth::kUnknown) continue;
    double threshold = is_found_not_scored(category) ? 0 : .5;
    const auto limits = limits_of(policy, category);
    if (!limits.empty()) threshold = std::ranges::min(limits, {}, &Limit::threshold).threshold;
    const double score = measured.scores[category];
    const bool found = threshold > 0 ? score >= threshold : score > 0;
    if (found == (truth == Truth::kPositive)) continue;
    wrong.push_back({{"category", text(to_string(category))},
                     {"wrong", found ? "false_positive" : "false_negative"},
                     {"score", score},
                     {"threshold", threshold}});
  }
  return wrong;
}

std::vector<Place> numbered(const std::vector<NamedPlace>& places, std::vector<std::string_view>& names) {
  std::vector<Place> out;
  for (const auto& place : places) {
    const auto at = std::ranges::find(names, place.type) - names.begin();
    if (static_cast<std::size_t>(at) == names.size()) names.emplace_back(place.type);
    out.push_back({place.span, static_cast<std::uint32_t>(at)});
  }
  return out;
}

// Spans that were missed, and found where there is none.
json::array wrong_spans(const Outcome& outcome) {
  std::vector<std::string_view> names;
  const auto marked = numbered(outcome.marked, names);
  const auto found = numbered(outcome.found, names);
  std::vector<bool> hit(marked.size()), right(found.size());
  for (const auto& [m, f] : match(marked, found, true)) hit[m] = right[f] = true;
  json::array wrong;
  const auto add = [&](const NamedPlace& place, std::string_view what) {
    auto span = span_json(place);
    span["wrong"] = text(what);
    wrong.push_back(std::move(span));
  };
  for (std::size_t m = 0; m < marked.size(); ++m)
    if (!hit[m]) add(outcome.marked[m], "false_negative");
  for (std::size_t f = 0; f < found.size(); ++f)
    if (!right[f]) add(outcome.found[f], "false_positive");
  return wrong;
}

std::string mistake_line(const dataset::Row& row, const Outcome& outcome, const Inspection& found,
                         const policy::Policy& policy) {
  auto categories = wrong_categories(outcome.measured, policy);
  auto spans = row.spans ? wrong_spans(outcome) : json::array();
  if (categories.empty() && spans.empty()) return {};
  json::array findings;
  for (const auto& finding : found.findings)
    findings.push_back({{"category", text(to_string(finding.category))},
                        {"detector", text(finding.detector)},
                        {"text", text(std::string_view(row.text).substr(
                                     finding.span.begin, finding.span.end - finding.span.begin))}});
  return plimsoll::to_json(json::object{{"id", text(row.id)},
                                        {"source", text(row.source)},
                                        {"categories", std::move(categories)},
                                        {"spans", std::move(spans)},
                                        {"findings", std::move(findings)},
                                        {"text", text(row.text)}}) +
         "\n";
}

void read_labels(const dataset::Row& row, Measured& measured) {
  measured.labelled = !row.labels.empty();
  for (const auto& label : row.labels.all()) {
    measured.any_positive = measured.any_positive || label.positive;
    if (const auto category = dataset::category_of(label.name))
      measured.truth.at(static_cast<std::size_t>(*category)) =
          label.positive ? Truth::kPositive : Truth::kNegative;
  }
}

}  // namespace

double score_of(const Inspection& found, Category category) {
  double score = found.scores[category];
  if (is_found_not_scored(category))
    for (const auto& finding : found.findings)
      if (finding.category == category) score = std::max(score, finding.confidence);
  return score;
}

std::vector<Limit> limits_of(const policy::Policy& policy, Category category) {
  std::vector<Limit> limits;
  for (std::size_t column = 0; column < kColumns; ++column)
    if (const auto limit = policy.risk_threshold(category, column_tier(column)))
      limits.push_back({column, *limit});
  return limits;
}

Outcome measure(const dataset::Row& row, const Judge& judge, detect::Scratch& scratch) {
  Outcome out;
  auto& measured = out.measured;
  Conversation conversation;
  conversation.direction = judge.direction;
  conversation.surface = "evaluate";
  conversation.segments.push_back({judge.direction == Direction::kPrompt ? Role::kUser : Role::kAssistant,
                                   SegmentKind::kText, row.text, "/text"});

  const double start = processor_microseconds();
  const auto found = judge.detector.inspect(conversation, scratch);
  const double inspected = processor_microseconds();
  const policy::Context context;
  for (std::size_t column = 0; column < kColumns; ++column) {
    Caller caller;
    caller.tier = column_tier(column);
    caller.lawful_basis = judge.lawful_basis;
    measured.actions.at(column) = judge.policy.decide({conversation, found, caller, context, {}}).action;
  }
  measured.inspect_us = static_cast<float>(inspected - start);
  measured.decide_us = static_cast<float>((processor_microseconds() - inspected) / kColumns);

  measured.bytes = static_cast<std::uint32_t>(row.text.size());
  measured.training = row.split == dataset::Split::kTrain || row.split == dataset::Split::kDev;
  read_labels(row, measured);
  for (std::size_t i = 0; i < kCategoryCount; ++i) {
    const auto category = static_cast<Category>(i);
    measured.scores.set(category, score_of(found, category));
  }
  const CodePoints points(row.spans ? std::string_view(row.text) : std::string_view());
  if (row.spans) {
    measured.has_spans = true;
    for (const auto& span : *row.spans)
      out.marked.push_back({points(span.span), std::string(canonical_type(span.type))});
    for (const auto& finding : found.findings)
      if (is_place(finding))
        out.found.push_back({points(finding.span), std::string(canonical_type(finding.entity))});
  }
  if (judge.want_score_line) out.score_line = score_line(row, out, found, points);
  if (judge.want_mistake_line) out.mistake_line = mistake_line(row, out, found, judge.policy);
  return out;
}

}  // namespace plimsoll::evaluate
