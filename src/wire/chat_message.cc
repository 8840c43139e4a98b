#include "chat_message.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <initializer_list>
#include <optional>

#include "base/json.h"
#include "json_escapes.h"

namespace plimsoll::wire {
namespace {

using Step = Collector::Step;

std::optional<Role> parse_role(std::string_view name) {
  if (name == "system" || name == "developer") return Role::kSystem;
  if (name == "user") return Role::kUser;
  if (name == "assistant") return Role::kAssistant;
  if (name == "tool" || name == "function") return Role::kTool;
  return std::nullopt;
}

SegmentKind kind_of(Role role) {
  return role == Role::kTool ? SegmentKind::kToolResult : SegmentKind::kText;
}

bool is_one_of(std::string_view key, std::initializer_list<std::string_view> keys) {
  return std::ranges::find(keys, key) != keys.end();
}

bool is_attachment(std::string_view type) {
  return is_one_of(type, {"image_url", "input_audio", "file", "image", "audio", "video", "audio_url",
                          "video_url", "input_image", "input_file", "input_video"});
}

// Bytes written as text: there is nothing to read in them.
bool is_bulk(std::string_view key, std::string_view text) {
  if (text.starts_with("data:")) return true;
  return is_one_of(key, {"data", "file_data", "b64_json"}) && std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
                  c == '/' || c == '=' || c == '-' || c == '_';
         });
}

// What an attachment says in words: addresses, file names, transcripts; not its bytes.
bool collect_attachment_words(Collector& into, const json::object& attachment, Role role) {
  return std::ranges::all_of(attachment, [&](const auto& member) {
    const Step step(into, member.key());
    const auto& value = member.value();
    if (value.is_object()) return collect_attachment_words(into, value.get_object(), role);
    if (value.is_string() && is_bulk(member.key(), value.get_string())) return true;
    if (is_one_of(member.key(), {"type", "detail", "format", "id", "file_id"}))
      return into.identifier(value, role);
    return into.leaves(value, role, SegmentKind::kText);
  });
}

bool collect_part(Collector& into, const json::value& part, Role role, Direction direction) {
  const bool strict = direction == Direction::kPrompt;
  const auto* object = part.if_object();
  if (object == nullptr) {
    if (strict) return into.wrong_type(part, "an object");
    return into.leaves(part, role, kind_of(role));
  }
  const auto* type = find_string(part, "type");
  if (strict && type == nullptr) {
    const auto* other = object->if_contains("type");
    if (other == nullptr) return into.missing("type");
    const Step step(into, "type");
    return into.wrong_type(*other, "a string");
  }
  if (type != nullptr && is_attachment(*type)) {
    return into.attachment(role) && collect_attachment_words(into, *object, role);
  }
  if (strict && (*type == "text" || *type == "refusal")) {
    const auto* words = object->if_contains(*type);
    if (words == nullptr) return into.missing(*type);
    const Step step(into, *type);
    if (!words->is_string()) return into.wrong_type(*words, "a string");
  }
  return std::ranges::all_of(*object, [&](const auto& member) {
    const Step step(into, member.key());
    if (member.key() == "type") return into.identifier(member.value(), role);
    return into.leaves(member.value(), role, kind_of(role));
  });
}

// The function (or custom tool) that a call names, with its arguments.
bool collect_called(Collector& into, const json::value& called, Direction direction) {
  const auto* object = called.if_object();
  if (object == nullptr && direction == Direction::kPrompt) return into.wrong_type(called, "an object");
  if (object == nullptr) return into.leaves(called, Role::kAssistant, SegmentKind::kToolArguments);
  return std::ranges::all_of(*object, [&](const auto& member) {
    const Step step(into, member.key());
    if (member.key() == "name")
      return into.identifier(member.value(), Role::kAssistant, SegmentKind::kToolArguments);
    if (direction == Direction::kPrompt && member.key() == "arguments" && !member.value().is_string())
      return into.wrong_type(member.value(), "a string");
    if (member.key() == "arguments" && member.value().is_string())
      return into.text(without_needless_escapes(member.value().get_string()), Role::kAssistant,
                       SegmentKind::kToolArguments);
    return into.leaves(member.value(), Role::kAssistant, SegmentKind::kToolArguments);
  });
}

bool collect_call(Collector& into, const json::value& call, Direction direction) {
  const auto* object = call.if_object();
  if (object == nullptr && direction == Direction::kPrompt) return into.wrong_type(call, "an object");
  if (object == nullptr) return into.leaves(call, Role::kAssistant, SegmentKind::kToolArguments);
  return std::ranges::all_of(*object, [&](const auto& member) {
    const Step step(into, member.key());
    if (member.key() == "id" || member.key() == "type")
      return into.identifier(member.value(), Role::kAssistant, SegmentKind::kToolArguments);
    if (member.key() == "function" || member.key() == "custom")
      return collect_called(into, member.value(), direction);
    return into.leaves(member.value(), Role::kAssistant, SegmentKind::kToolArguments);
  });
}

bool collect_calls(Collector& into, const json::value& calls, Direction direction) {
  const auto* array = calls.if_array();
  if (array == nullptr && !calls.is_null() && direction == Direction::kPrompt)
    return into.wrong_type(calls, "an array of objects");
  if (array == nullptr) return into.leaves(calls, Role::kAssistant, SegmentKind::kToolArguments);
  for (std::size_t i = 0; i < array->size(); ++i) {
    const Step step(into, i);
    if (!collect_call(into, (*array)[i], direction)) return false;
  }
  return true;
}

bool collect_member(Collector& into, std::string_view key, const json::value& value, Role role,
                    Direction direction) {
  const Step step(into, key);
  if (key == "content") return collect_content(into, value, role, direction);
  if (key == "tool_calls") return collect_calls(into, value, direction);
  if (key == "function_call" && !value.is_null()) return collect_called(into, value, direction);
  if (key == "audio" && value.is_object()) {
    if (find_string(value, "data") != nullptr && !into.attachment(role)) return false;
    return collect_attachment_words(into, value.get_object(), role);
  }
  if (is_one_of(key, {"role", "name", "id", "type", "tool_call_id"})) return into.identifier(value, role);
  return into.leaves(value, role, kind_of(role));
}

}  // namespace

bool collect_content(Collector& into, const json::value& content, Role role, Direction direction) {
  if (content.is_null()) return true;
  if (content.is_string()) return into.text(content.get_string(), role, kind_of(role));
  const auto* parts = content.if_array();
  if (parts == nullptr) {
    if (direction == Direction::kPrompt)
      return into.wrong_type(content, "one of a string or array of objects");
    return into.leaves(content, role, kind_of(role));
  }
  for (std::size_t i = 0; i < parts->size(); ++i) {
    const Step step(into, i);
    if (!collect_part(into, (*parts)[i], role, direction)) return false;
  }
  return true;
}

bool collect_message(Collector& into, const json::value& message, Direction direction) {
  const auto* object = message.if_object();
  if (object == nullptr) return into.wrong_type(message, "an object");

  auto role = Role::kAssistant;
  if (direction == Direction::kPrompt) {
    const auto* name = object->if_contains("role");
    if (name == nullptr) return into.missing("role");
    const Step step(into, "role");
    if (!name->is_string()) return into.wrong_type(*name, "a string");
    const auto known = parse_role(name->get_string());
    if (!known)
      return into.refuse(
          "Invalid value. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and "
          "'developer'.");
    role = *known;
  }
  return std::ranges::all_of(*object, [&](const auto& member) {
    return collect_member(into, member.key(), member.value(), role, direction);
  });
}

}  // namespace plimsoll::wire
