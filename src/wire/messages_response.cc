#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/json.h"
#include "chat_choice.h"
#include "collector.h"
#include "messages_block.h"
#include "wire/anthropic_messages.h"

namespace plimsoll::wire {
namespace {

using Step = Collector::Step;
constexpr std::array<std::string_view, 4> kLabels = {"id", "type", "role", "model"};

bool is_settings(std::string_view member) {
  constexpr std::array<std::string_view, 6> kMembers = {"stop_reason", "stop_details", "usage",
                                                        "container",   "diagnostics",  "context_management"};
  return std::ranges::find(kLabels, member) != kLabels.end() ||
         std::ranges::find(kMembers, member) != kMembers.end();
}

std::unexpected<BadBody> bad(std::string message, std::string param = {}) {
  return std::unexpected(BadBody{502, std::move(param), "The model server's answer: " + std::move(message)});
}

Decoded<Document> decode(std::string_view body, std::string_view surface, std::string_view required) {
  auto parsed = parse_json(body, {.max_bytes = 32U << 20U});
  if (!parsed) return bad(parsed.error().message);
  const auto* object = parsed->if_object();
  if (object == nullptr) return bad("not a JSON object");
  if (!object->contains(required)) return bad("incomplete", std::string(required));

  Conversation conversation;
  conversation.direction = Direction::kOutput;
  conversation.surface = surface;
  if (const auto* model = find_string(*parsed, "model"); model != nullptr) conversation.model = *model;
  Collector into(conversation);
  const bool read = std::ranges::all_of(*object, [&](const auto& member) {
    const Step step(into, member.key());
    if (member.key() == "content")
      return member.value().is_array()
                 ? collect_messages_content(into, member.value(), Role::kAssistant, Direction::kOutput)
                 : field_should_be(into, "a valid list");
    if (is_settings(member.key())) return collect_labels(into, member.value(), Role::kAssistant);
    return into.leaves(member.value(), Role::kAssistant, SegmentKind::kText);
  });
  if (!read) return bad(into.problem().message, into.problem().param);
  return Document(*std::move(parsed), std::move(conversation));
}

std::string_view by_status(int status) {
  switch (status) {
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 413:
      return "request_too_large";
    case 429:
      return "rate_limit_error";
    case 504:
      return "timeout_error";
    case 529:
      return "overloaded_error";
    default:
      return status >= 500 ? "api_error" : "invalid_request_error";
  }
}

std::string_view type_of(const Problem& problem) {
  switch (problem.kind) {
    case ProblemKind::kRefused:
      return "invalid_request_error";
    case ProblemKind::kLimited:
      return "rate_limit_error";
    case ProblemKind::kTimeout:
      return "timeout_error";
    case ProblemKind::kUndecided:
    case ProblemKind::kInternal:
      return "api_error";
    case ProblemKind::kStranger:
      return problem.status == 403 ? "permission_error" : "authentication_error";
    case ProblemKind::kInvalid:
    case ProblemKind::kUpstream:
      return by_status(problem.status);
  }
  return "api_error";
}

}  // namespace

Decoded<Document> decode_messages_response(std::string_view body) {
  return decode(body, "messages", "content");
}

Decoded<Document> decode_count_tokens_response(std::string_view body) {
  return decode(body, "messages.count_tokens", "input_tokens");
}

void withhold_messages_response(Document& response) {
  json::object kept;
  for (const auto label : kLabels)
    if (const auto* value = find(response.json(), label); value != nullptr && is_textless(*value, true))
      kept.emplace(label, *value);
  kept.emplace("content", json::array());
  kept.emplace("stop_reason", "refusal");
  kept.emplace("stop_sequence", nullptr);
  if (const auto* usage = find(response.json(), "usage"); usage != nullptr && is_textless(*usage, true))
    kept.emplace("usage", *usage);
  response.json() = std::move(kept);
}

std::string anthropic_error(const Problem& problem) {
  json::object error{{"type", type_of(problem)}, {"message", problem.message}};
  if (!problem.inner.is_null() || problem.kind == ProblemKind::kRefused) {
    if (!problem.code.empty()) error.emplace("code", problem.code);
    if (!problem.inner.is_null()) error.emplace("innererror", problem.inner);
  }
  return to_json(json::object{{"type", "error"}, {"error", std::move(error)}});
}

}  // namespace plimsoll::wire
