#include "review_form.h"

#include <charconv>

#include "base/json.h"
#include "model/caller.h"

namespace plimsoll::control {
namespace {

constexpr std::size_t kMaxNotes = 4'096;
constexpr std::size_t kMaxBody = 64U << 10U;
constexpr std::size_t kMaxAssignee = 256;

std::unexpected<net::QueryProblem> wrong(std::string_view name, std::string message) {
  return std::unexpected(net::QueryProblem{std::string(name), std::move(message)});
}

std::expected<void, net::QueryProblem> take(std::string_view name, std::string_view value, Review& out) {
  if (name == "decision") {
    if (value != "allow" && value != "block" && value != "redact")
      return wrong(name, "expected 'allow', 'block' or 'redact'");
    out.decision = value;
  } else if (name == "notes") {
    if (value.size() > kMaxNotes) return wrong(name, "may have 4096 bytes");
    out.notes = value;
  } else if (name == "assignee") {
    if (value.empty() || value.size() > kMaxAssignee) return wrong(name, "expected 1 to 256 bytes");
    out.assignee = value;
  } else if (name == "second") {
    if (value != "confirm" && value != "reject") return wrong(name, "expected 'confirm' or 'reject'");
    out.second = value;
  } else if (name == "update_policy") {
    if (value != "true" && value != "false") return wrong(name, "expected true or false");
    out.update_policy = value == "true";
  } else if (name == "category") {
    out.category = parse_category(value);
    if (!out.category) return wrong(name, "is no category of risk");
  } else if (name == "new_threshold") {
    double number = 0;
    const auto read = std::from_chars(value.data(), value.data() + value.size(), number);
    if (read.ec != std::errc() || read.ptr != value.data() + value.size() || !(number >= 0 && number <= 1))
      return wrong(name, "expected a number from 0 to 1");
    out.new_threshold = number;
  } else {
    return wrong(
        "a member",
        "is not known; expected decision, assignee, notes, second, update_policy, category or new_threshold");
  }
  return {};
}

}  // namespace

double floor_of(Category category) {
  return category == Category::kCbrn ? 0.10 : 0.20;
}

std::expected<Review, net::QueryProblem> read_review(const net::Request& request) {
  Review out;
  const auto parameters = net::parse_query(request.query, {"decision", "assignee", "notes", "second",
                                                           "update_policy", "category", "new_threshold"});
  if (!parameters) return std::unexpected(parameters.error());
  for (const auto& [name, value] : *parameters)
    if (auto taken = take(name, value, out); !taken) return std::unexpected(taken.error());
  if (!request.body.empty()) {
    if (request.body.size() > kMaxBody) return wrong("the body", "may have 64 KiB");
    const auto body = parse_json(request.body);
    const auto* object = body ? body->if_object() : nullptr;
    if (object == nullptr) return wrong("the body", "must be a JSON object");
    for (const auto& [name, value] : *object) {
      if (value.is_null()) continue;
      const auto text = value.is_string()                      ? std::string(value.get_string())
                        : value.is_bool() || value.is_number() ? to_json(value)
                                                               : std::string("{}");
      if (auto taken = take(name, text, out); !taken) return std::unexpected(taken.error());
    }
  }
  if (!out.second.empty()) {
    if (out.decision.empty() && out.assignee.empty() && !out.update_policy && !out.category &&
        !out.new_threshold)
      return out;
    return wrong("second", "stands alone: what was proposed is confirmed or rejected as it is");
  }
  if (out.decision.empty() && out.assignee.empty())
    return wrong("decision", "is missing: allow, block or redact");
  if (!out.decision.empty() && !out.assignee.empty())
    return wrong("assignee", "an item is assigned or decided, not both at once");
  if (out.new_threshold && !out.update_policy)
    return wrong("update_policy", "must be true where new_threshold is given");
  if (!out.update_policy) return out;
  if (out.decision.empty()) return wrong("decision", "is missing: a threshold changes with a decision");
  if (!out.category) return wrong("category", "is missing: whose threshold is to change");
  if (!out.new_threshold) return wrong("new_threshold", "is missing");
  if (*out.new_threshold < floor_of(*out.category))
    return wrong("new_threshold", *out.category == Category::kCbrn
                                      ? "is refused: it is under the floor of 0.10 for cbrn"
                                      : "is refused: it is under the floor of 0.20");
  return out;
}

std::optional<Review> read_proposal(std::string_view entry) {
  const auto body = parse_json(entry);
  const auto* decision = body ? find_string(*body, "decision") : nullptr;
  if (decision == nullptr) return std::nullopt;
  Review out;
  out.decision = *decision;
  if (const auto* notes = find_string(*body, "notes")) out.notes = *notes;
  const auto* category = find_string(*body, "category");
  const auto* value = find(*body, "new_threshold");
  if (category == nullptr || value == nullptr || !value->is_number()) return out;
  out.update_policy = true;
  out.category = parse_category(*category);
  out.new_threshold = value->to_number<double>();
  return out;
}

}  // namespace plimsoll::control
