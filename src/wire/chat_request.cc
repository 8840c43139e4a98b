#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/json.h"
#include "chat_message.h"
#include "collector.h"
#include "sampling.h"
#include "wire/openai_chat.h"

namespace plimsoll::wire {
namespace {

using Step = Collector::Step;
constexpr std::size_t kMaxMessages = 4'096;
constexpr std::int64_t kMaxChoices = 128;

bool collect_messages(Collector& into, const json::value& messages) {
  const auto* array = messages.if_array();
  if (array == nullptr) return into.wrong_type(messages, "an array of objects");
  if (array->empty())
    return into.refuse(
        "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array "
        "instead.");
  if (array->size() > kMaxMessages)
    return into.refuse("Invalid 'messages': array too long. Expected an array with maximum length " +
                       std::to_string(kMaxMessages) + ", but got an array with length " +
                       std::to_string(array->size()) + " instead.");
  for (std::size_t i = 0; i < array->size(); ++i) {
    const Step step(into, i);
    if (!collect_message(into, (*array)[i], Direction::kPrompt)) return false;
  }
  return true;
}

// The name under which a tool is called; a built-in one goes by its type.
std::string_view name_of(const json::value& tool) {
  for (const char* holder : {"function", "custom"})
    if (const auto* called = find(tool, holder); called != nullptr)
      if (const auto* name = find_string(*called, "name"); name != nullptr) return *name;
  for (const char* member : {"name", "type"})
    if (const auto* name = find_string(tool, member); name != nullptr) return *name;
  return {};
}

bool collect_tools(Collector& into, const json::value& tools) {
  if (tools.is_null()) return true;
  const auto* array = tools.if_array();
  if (array == nullptr) return into.wrong_type(tools, "an array of objects");
  for (std::size_t i = 0; i < array->size(); ++i) {
    const Step step(into, i);
    const auto& tool = (*array)[i];
    if (!tool.is_object()) return into.wrong_type(tool, "an object");
    into.conversation().tools.emplace_back(name_of(tool));
    if (!into.leaves(tool, Role::kSystem, SegmentKind::kToolDefinition)) return false;
  }
  return true;
}

bool read_model(Collector& into, const json::value& model) {
  if (!model.is_string()) return into.wrong_type(model, "a string");
  into.conversation().model = model.get_string();
  return into.identifier(model, Role::kUser);
}

bool read_stream(Collector& into, const json::value& stream) {
  if (!stream.is_bool() && !stream.is_null()) return into.wrong_type(stream, "a boolean");
  into.conversation().stream = stream.is_bool() && stream.get_bool();
  return true;
}

bool check_choices(Collector& into, const json::value& n) {
  if (n.is_null()) return true;
  if (!n.is_int64()) return into.wrong_type(n, "an integer");
  if (n.get_int64() < 1 || n.get_int64() > kMaxChoices)
    return into.refuse("Invalid 'n': expected an integer from 1 to " + std::to_string(kMaxChoices) + ".");
  return true;
}

bool is_identifier_member(std::string_view key) {
  constexpr std::array<std::string_view, 8> kMembers = {
      "user",         "safety_identifier", "prompt_cache_key", "prompt_cache_retention",
      "service_tier", "reasoning_effort",  "verbosity",        "tool_choice"};
  return std::ranges::find(kMembers, key) != kMembers.end();
}

bool collect_member(Collector& into, std::string_view key, const json::value& value) {
  const Step step(into, key);
  if (key == "messages") return collect_messages(into, value);
  if (key == "model") return read_model(into, value);
  if (key == "stream") return read_stream(into, value);
  if (key == "n") return check_choices(into, value);
  if (key == "tools" || key == "functions") return collect_tools(into, value);
  if (key == "stream_options" && !value.is_object() && !value.is_null())
    return into.wrong_type(value, "an object");
  if (key == "response_format" || (key == "tool_choice" && value.is_object()))
    return into.leaves(value, Role::kSystem, SegmentKind::kToolDefinition);
  if (key == "prediction" && value.is_object())
    return std::ranges::all_of(value.get_object(), [&](const auto& member) {
      const Step inner(into, member.key());
      if (member.key() == "type") return into.identifier(member.value(), Role::kAssistant);
      if (member.key() == "content")
        return collect_content(into, member.value(), Role::kAssistant, Direction::kPrompt);
      return into.leaves(member.value(), Role::kAssistant, SegmentKind::kText);
    });
  if (is_identifier_member(key)) return into.identifier(value, Role::kUser);
  return into.leaves(value, Role::kUser, SegmentKind::kText);
}

}  // namespace

Decoded<Document> decode_chat_request(std::string_view body) {
  auto room = Document::room_for(body.size());
  auto parsed = parse_json(body, {}, room.get());
  if (!parsed)
    return std::unexpected(
        BadBody{parsed.error().code == Code::kTooLarge ? 413 : 400,
                {},
                "We could not parse the JSON body of your request: " + parsed.error().message + "."});
  const auto* object = parsed->if_object();
  if (object == nullptr)
    return std::unexpected(BadBody{400, {}, "The body of a request must be a JSON object."});

  Conversation conversation;
  conversation.surface = "chat.completions";
  Collector into(conversation);
  const bool complete = object->contains("messages") || into.missing("messages");
  const bool read = complete && std::ranges::all_of(*object, [&](const auto& member) {
                      return collect_member(into, member.key(), member.value());
                    });
  if (!read) return std::unexpected(into.problem());
  return Document(*std::move(parsed), std::move(conversation), std::move(room));
}

void make_safe(Document& request, std::string_view preamble, double max_temperature) {
  auto* body = request.json().if_object();
  if (body == nullptr) return;
  tighten_sampling(*body, max_temperature);
  request.conversation().tools.clear();
  request.put_first("messages", json::object{{"role", "system"}, {"content", preamble}});
}

}  // namespace plimsoll::wire
