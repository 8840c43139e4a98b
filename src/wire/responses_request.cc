#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/json.h"
#include "collector.h"
#include "responses_item.h"
#include "sampling.h"
#include "wire/openai_responses.h"

namespace plimsoll::wire {
namespace {

using Step = Collector::Step;

bool read_model(Collector& into, const json::value& model) {
  if (!model.is_string()) return into.wrong_type(model, "a string");
  into.conversation().model = model.get_string();
  return into.identifier(model, Role::kUser);
}

bool read_flag(Collector& into, const json::value& value, bool& flag) {
  if (!value.is_bool() && !value.is_null()) return into.wrong_type(value, "a boolean");
  flag = value.is_bool() && value.get_bool();
  return true;
}

bool refuse_background(Collector& into, const json::value& background) {
  bool asked = false;
  if (!read_flag(into, background, asked)) return false;
  if (!asked) return true;
  return into.refuse(
      "Unsupported parameter: 'background'. An answer that is fetched later cannot be inspected here.");
}

bool collect_input(Collector& into, ItemReader& reader, const json::value& input) {
  if (input.is_string()) return into.text(input.get_string(), Role::kUser, SegmentKind::kText);
  if (input.is_null()) return true;
  if (!input.is_array()) return into.wrong_type(input, "one of a string or array of objects");
  return reader.items(input);
}

bool collect_instructions(Collector& into, ItemReader& reader, const json::value& instructions) {
  if (instructions.is_array()) return reader.items(instructions);
  if (!instructions.is_string() && !instructions.is_null()) return into.wrong_type(instructions, "a string");
  return into.leaves(instructions, Role::kSystem, SegmentKind::kText);
}

// An id, or an object that has one.
bool collect_kept_elsewhere(Collector& into, ItemReader& reader, const json::value& value) {
  const auto* object = value.if_object();
  if (object == nullptr) return reader.reference(value, Role::kUser);
  return std::ranges::all_of(*object, [&](const auto& member) {
    const Step step(into, member.key());
    if (member.key() == "id") return reader.reference(member.value(), Role::kUser);
    if (member.key() == "version") return into.identifier(member.value(), Role::kUser);
    return reader.words(member.value(), Role::kUser, SegmentKind::kText);
  });
}

bool is_identifier_member(std::string_view key) {
  constexpr std::array<std::string_view, 9> kMembers = {
      "user",         "safety_identifier", "prompt_cache_key", "prompt_cache_retention",
      "service_tier", "truncation",        "verbosity",        "tool_choice",
      "include"};
  return std::ranges::find(kMembers, key) != kMembers.end();
}

bool collect_settings(Collector& into, const json::value& value) {
  if (const auto* array = value.if_array(); array != nullptr) {
    for (std::size_t i = 0; i < array->size(); ++i) {
      const Step step(into, i);
      if (!into.identifier((*array)[i], Role::kUser)) return false;
    }
    return true;
  }
  const auto* object = value.if_object();
  if (object == nullptr) return into.identifier(value, Role::kUser);
  return std::ranges::all_of(*object, [&](const auto& member) {
    const Step step(into, member.key());
    return into.identifier(member.value(), Role::kUser);
  });
}

bool collect_member(Collector& into, std::string_view key, const json::value& value) {
  const Step step(into, key);
  ItemReader reader(into, Direction::kPrompt);
  if (key == "input") return collect_input(into, reader, value);
  if (key == "instructions") return collect_instructions(into, reader, value);
  if (key == "model") return read_model(into, value);
  if (key == "stream") return read_flag(into, value, into.conversation().stream);
  if (key == "background") return refuse_background(into, value);
  if (key == "tools") return reader.tools(value);
  if (key == "previous_response_id" || key == "conversation" || key == "prompt")
    return collect_kept_elsewhere(into, reader, value);
  if (key == "text" && value.is_object())
    return std::ranges::all_of(value.get_object(), [&](const auto& member) {
      const Step inner(into, member.key());
      if (member.key() == "verbosity") return into.identifier(member.value(), Role::kUser);
      return into.leaves(member.value(), Role::kSystem, SegmentKind::kToolDefinition);
    });
  if (key == "tool_choice" && value.is_object())
    return into.leaves(value, Role::kSystem, SegmentKind::kToolDefinition);
  if (key == "reasoning" || is_identifier_member(key)) return collect_settings(into, value);
  return reader.member(key, value, Role::kUser, SegmentKind::kText);
}

// Without an input of its own a request goes on with what is kept elsewhere.
bool asks_something(const json::value& request) {
  return std::ranges::any_of(std::array{"input", "previous_response_id", "conversation", "prompt"},
                             [&](std::string_view member) {
                               const auto* value = find(request, member);
                               return value != nullptr && !value->is_null();
                             });
}

// Tools that stand in the input are offered like others.
void empty_offers(json::value& input) {
  auto* items = input.if_array();
  if (items == nullptr) return;
  for (auto& item : *items) {
    auto* object = item.if_object();
    auto* tools = object != nullptr ? object->if_contains("tools") : nullptr;
    if (tools != nullptr) *tools = json::array();
  }
}

}  // namespace

Decoded<Document> decode_responses_request(std::string_view body) {
  auto parsed = parse_json(body);
  if (!parsed)
    return std::unexpected(
        BadBody{parsed.error().code == Code::kTooLarge ? 413 : 400,
                {},
                "We could not parse the JSON body of your request: " + parsed.error().message + "."});
  const auto* object = parsed->if_object();
  if (object == nullptr)
    return std::unexpected(BadBody{400, {}, "The body of a request must be a JSON object."});

  Conversation conversation;
  conversation.surface = "responses";
  Collector into(conversation);
  const bool complete = asks_something(*parsed) || into.missing("input");
  const bool read = complete && std::ranges::all_of(*object, [&](const auto& member) {
                      return collect_member(into, member.key(), member.value());
                    });
  if (!read) return std::unexpected(into.problem());
  return Document(*std::move(parsed), std::move(conversation));
}

void make_responses_safe(Document& request, std::string_view preamble, double max_temperature) {
  auto* body = request.json().if_object();
  if (body == nullptr) return;
  tighten_sampling(*body, max_temperature);
  body->erase("max_tool_calls");
  if (auto* input = body->if_contains("input"); input != nullptr) empty_offers(*input);
  request.conversation().tools.clear();

  const auto* instructions = body->if_contains("instructions");
  if (instructions != nullptr && instructions->is_array()) {
    request.put_first("instructions",
                      json::object{{"type", "message"}, {"role", "system"}, {"content", preamble}});
  } else if (instructions != nullptr && instructions->is_string() && !instructions->get_string().empty()) {
    request.put_before("instructions", std::string(preamble) + "\n\n");
  } else {
    (*body)["instructions"] = preamble;
  }
}

}  // namespace plimsoll::wire
