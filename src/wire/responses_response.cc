#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/json.h"
#include "chat_choice.h"
#include "collector.h"
#include "responses_item.h"
#include "wire/openai_responses.h"

namespace plimsoll::wire {
namespace {

using Step = Collector::Step;

constexpr std::array<std::string_view, 11> kLabels = {
    "id",           "object",     "created_at",           "completed_at", "model",     "status",
    "service_tier", "truncation", "previous_response_id", "tool_choice",  "background"};

void drop_token_probabilities(json::value& item) {
  auto* object = item.if_object();
  auto* content = object != nullptr ? object->if_contains("content") : nullptr;
  auto* parts = content != nullptr ? content->if_array() : nullptr;
  if (parts == nullptr) return;
  for (auto& part : *parts)
    if (auto* inner = part.if_object(); inner != nullptr)
      if (auto* logprobs = inner->if_contains("logprobs"); logprobs != nullptr) *logprobs = json::array();
}

bool collect_output(Collector& into, ItemReader& reader, json::value& output) {
  auto* array = output.if_array();
  if (array == nullptr) return into.wrong_type(output, "an array of objects");
  for (auto& item : *array) drop_token_probabilities(item);
  return reader.items(output);
}

bool collect_details(Collector& into, const json::value& value) {
  const auto* object = value.if_object();
  if (object == nullptr) return into.identifier(value, Role::kAssistant);
  return std::ranges::all_of(*object, [&](const auto& member) {
    const Step step(into, member.key());
    return into.identifier(member.value(), Role::kAssistant);
  });
}

bool collect_member(Collector& into, std::string_view key, json::value& value) {
  const Step step(into, key);
  ItemReader reader(into, Direction::kOutput);
  if (key == "output") return collect_output(into, reader, value);
  if (key == "instructions" && value.is_array()) return reader.items(value);
  if (key == "tools") return reader.tools(value);
  if (key == "incomplete_details" || key == "reasoning") return collect_details(into, value);
  if (key == "text" && value.is_object())
    return std::ranges::all_of(value.get_object(), [&](const auto& member) {
      const Step inner(into, member.key());
      if (member.key() == "verbosity") return into.identifier(member.value(), Role::kAssistant);
      return into.leaves(member.value(), Role::kAssistant, SegmentKind::kToolDefinition);
    });
  if (std::ranges::find(kLabels, key) != kLabels.end() && value.is_string())
    return into.identifier(value, Role::kAssistant);
  return reader.member(key, value, Role::kAssistant, SegmentKind::kText);
}

bool is_plain(const json::value& value) {
  return !value.is_structured() && (!value.is_string() || is_identifier(value.get_string()));
}

// A message of the same id that says nothing.
json::object emptied(const json::value& message) {
  json::object kept{{"type", "message"}};
  if (const auto* id = find_string(message, "id"); id != nullptr && is_identifier(*id))
    kept.emplace("id", *id);
  kept.emplace("role", "assistant");
  kept.emplace("status", "incomplete");
  json::object part{{"type", "output_text"}, {"text", ""}, {"annotations", json::array()}};
  json::array content;
  content.push_back(std::move(part));
  kept.emplace("content", std::move(content));
  return kept;
}

}  // namespace

Decoded<Document> decode_responses_response(std::string_view body) {
  const auto bad = [](std::string message, std::string param = {}) {
    return std::unexpected(
        BadBody{502, std::move(param), "The model server's answer: " + std::move(message)});
  };
  auto parsed = parse_json(body, {.max_bytes = 32U << 20U});
  if (!parsed) return bad(parsed.error().message);
  auto* object = parsed->if_object();
  if (object == nullptr) return bad("not a JSON object");

  Conversation conversation;
  conversation.direction = Direction::kOutput;
  conversation.surface = "responses";
  if (const auto* model = find_string(*parsed, "model"); model != nullptr) conversation.model = *model;
  Collector into(conversation);
  const bool complete = object->contains("output") || into.missing("output");
  const bool read = complete && std::ranges::all_of(*object, [&](auto& member) {
                      return collect_member(into, member.key(), member.value());
                    });
  if (!read) return bad(into.problem().message, into.problem().param);
  conversation.tools.clear();  // of the request that is repeated here
  return Document(*std::move(parsed), std::move(conversation));
}

void withhold_responses_response(Document& response) {
  json::object kept;
  for (const auto label : kLabels)
    if (const auto* value = find(response.json(), label); value != nullptr && is_plain(*value))
      kept.emplace(label, *value);
  json::array output;
  if (const auto* items = find_array(response.json(), "output"); items != nullptr)
    for (const auto& item : *items)
      if (const auto* type = find_string(item, "type"); type != nullptr && *type == "message")
        output.push_back(emptied(item));
  kept["status"] = "incomplete";
  kept["error"] = nullptr;
  kept["incomplete_details"] = json::object{{"reason", "content_filter"}};
  kept["output"] = std::move(output);
  kept["tools"] = json::array();
  kept.emplace("tool_choice", "auto");
  for (const char* number : {"parallel_tool_calls", "temperature", "top_p", "usage"})
    if (const auto* value = find(response.json(), number); value != nullptr && is_textless(*value, false))
      kept.emplace(number, *value);
  response.json() = std::move(kept);
}

}  // namespace plimsoll::wire
