#include "responses_item.h"

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
constexpr std::size_t kMaxItems = 4'096;

bool is_one_of(std::string_view key, std::initializer_list<std::string_view> keys) {
  return std::ranges::find(keys, key) != keys.end();
}

std::optional<Role> parse_role(std::string_view name) {
  if (name == "system" || name == "developer") return Role::kSystem;
  if (name == "user") return Role::kUser;
  if (name == "assistant") return Role::kAssistant;
  return std::nullopt;
}

bool is_reference(std::string_view key) {
  return is_one_of(key,
                   {"file_id", "file_ids", "container_id", "skill_id", "vector_store_id", "vector_store_ids",
                    "encrypted_content", "image_url", "file_url", "audio_url", "video_url"});
}

struct Shape {
  Role role;
  SegmentKind kind;
};

// Whose words an item's are, when it is not a message.
Shape shape_of(std::string_view type) {
  if (type.ends_with("_call") || is_one_of(type, {"mcp_approval_request", "program"}))
    return {Role::kAssistant, SegmentKind::kToolArguments};
  if (type.ends_with("_output")) return {Role::kTool, SegmentKind::kToolResult};
  if (is_one_of(type, {"mcp_list_tools", "additional_tools"}))
    return {Role::kSystem, SegmentKind::kToolDefinition};
  if (is_one_of(type, {"reasoning", "compaction"})) return {Role::kAssistant, SegmentKind::kText};
  return {Role::kUser, SegmentKind::kText};
}

// What a call brings back, where the protocol keeps it in the call itself.
bool is_result(std::string_view key) {
  return is_one_of(key, {"output", "outputs", "results", "result", "error"});
}

std::string_view name_of(const json::value& tool) {
  for (const char* member : {"name", "type"})
    if (const auto* name = find_string(tool, member); name != nullptr) return *name;
  return {};
}

const json::string* text_member(const json::value& part, std::string_view type) {
  return find_string(part, type == "refusal" ? "refusal" : "text");
}

bool is_text_part(std::string_view type) {
  return is_one_of(type, {"input_text", "output_text", "text", "refusal", "summary_text", "reasoning_text"});
}

}  // namespace

bool is_item_label(std::string_view key) {
  return is_one_of(key, {"type", "id", "call_id", "status", "role", "name", "object", "detail", "format",
                         "phase", "namespace", "server_label", "approval_request_id", "execution"});
}

bool is_item_attachment(std::string_view type) {
  return is_one_of(
      type, {"input_image", "input_file", "input_audio", "input_video", "output_image", "output_audio",
             "image", "image_url", "audio", "video", "file", "computer_screenshot", "image_generation_call"});
}

bool may_be_bytes(std::string_view text) {
  return text.starts_with("data:") || std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
                  c == '/' || c == '=' || c == '-' || c == '_';
         });
}

bool ItemReader::items(const json::value& items) {
  const auto* array = items.if_array();
  if (array == nullptr) return into_.wrong_type(items, "an array of objects");
  if (array->size() > kMaxItems)
    return into_.refuse("Array too long: expected at most " + std::to_string(kMaxItems) + " items, but got " +
                        std::to_string(array->size()) + " instead.");
  for (std::size_t i = 0; i < array->size(); ++i) {
    const Step step(into_, i);
    if (!item((*array)[i])) return false;
  }
  return true;
}

bool ItemReader::item(const json::value& item) {
  const auto* object = item.if_object();
  if (object == nullptr) {
    if (strict()) return into_.wrong_type(item, "an object");
    return words(item, Role::kAssistant, SegmentKind::kText);
  }
  std::string_view type = object->contains("role") ? "message" : "item_reference";
  if (const auto* given = object->if_contains("type"); given != nullptr && !given->is_null()) {
    if (given->is_string()) {
      type = given->get_string();
    } else if (strict()) {
      const Step step(into_, "type");
      return into_.wrong_type(*given, "a string");
    }
  } else if (strict() && type == "item_reference" && !object->contains("id")) {
    return into_.missing("type");
  }
  if (type == "message") return message(*object);
  if (is_item_attachment(type))
    return into_.attachment(as(Role::kAssistant)) && attached(*object, Role::kAssistant);
  if (type == "item_reference" && strict() && !into_.attachment(Role::kUser)) return false;

  const auto [role, kind] = shape_of(type);
  return std::ranges::all_of(*object, [&](const auto& member) {
    const Step step(into_, member.key());
    return item_member(type, member.key(), member.value(), role, kind);
  });
}

bool ItemReader::item_member(std::string_view type, std::string_view key, const json::value& value, Role role,
                             SegmentKind kind) {
  if (key == "tools" && value.is_array()) return tools(value);
  if (strict() && key == "arguments" && type == "function_call" && !value.is_string())
    return into_.wrong_type(value, "a string");
  if (key == "output" && is_one_of(type, {"function_call_output", "custom_tool_call_output"}))
    return content(value, role, kind);
  if (kind == SegmentKind::kToolArguments && is_result(key))
    return member(key, value, Role::kTool, SegmentKind::kToolResult);
  return member(key, value, role, kind);
}

bool ItemReader::message(const json::object& item) {
  auto role = Role::kAssistant;
  if (strict()) {
    const auto* name = item.if_contains("role");
    if (name == nullptr) return into_.missing("role");
    const Step step(into_, "role");
    if (!name->is_string()) return into_.wrong_type(*name, "a string");
    const auto known = parse_role(name->get_string());
    if (!known)
      return into_.refuse(
          "Invalid value. Supported values are: 'assistant', 'system', 'developer', and 'user'.");
    role = *known;
  }
  return std::ranges::all_of(item, [&](const auto& member) {
    const Step step(into_, member.key());
    if (member.key() == "content") return content(member.value(), role, SegmentKind::kText);
    return this->member(member.key(), member.value(), role, SegmentKind::kText);
  });
}

bool ItemReader::content(const json::value& content, Role role, SegmentKind kind) {
  if (content.is_null()) return true;
  if (content.is_string()) return into_.text(content.get_string(), as(role), kind);
  const auto* parts = content.if_array();
  if (parts == nullptr) {
    if (strict()) return into_.wrong_type(content, "one of a string or array of objects");
    return words(content, role, kind);
  }
  for (std::size_t i = 0; i < parts->size(); ++i) {
    const Step step(into_, i);
    if (!part((*parts)[i], role, kind)) return false;
  }
  return true;
}

bool ItemReader::part(const json::value& part, Role role, SegmentKind kind) {
  if (!strict()) return words(part, role, kind);
  const auto* object = part.if_object();
  if (object == nullptr) return into_.wrong_type(part, "an object");
  const auto* type = object->if_contains("type");
  if (type == nullptr) return into_.missing("type");
  if (!type->is_string()) {
    const Step step(into_, "type");
    return into_.wrong_type(*type, "a string");
  }
  if (is_text_part(type->get_string()) && text_member(part, type->get_string()) == nullptr) {
    const std::string_view name = type->get_string() == "refusal" ? "refusal" : "text";
    const auto* given = object->if_contains(name);
    if (given == nullptr) return into_.missing(name);
    const Step step(into_, name);
    return into_.wrong_type(*given, "a string");
  }
  return words(part, role, kind);
}

bool ItemReader::words(const json::value& value, Role role, SegmentKind kind) {
  if (value.is_string()) return into_.text(value.get_string(), as(role), kind);
  if (const auto* array = value.if_array(); array != nullptr) {
    for (std::size_t i = 0; i < array->size(); ++i) {
      const Step step(into_, i);
      if (!words((*array)[i], role, kind)) return false;
    }
  }
  if (const auto* object = value.if_object(); object != nullptr) {
    if (const auto* type = find_string(value, "type"); type != nullptr && is_item_attachment(*type))
      return into_.attachment(as(role)) && attached(*object, role);
    for (const auto& inner : *object) {
      const Step step(into_, inner.key());
      if (!member(inner.key(), inner.value(), role, kind)) return false;
    }
  }
  return true;
}

bool ItemReader::member(std::string_view key, const json::value& value, Role role, SegmentKind kind) {
  const auto* string = value.if_string();
  if (string != nullptr && is_item_label(key)) return into_.identifier(value, as(role), kind);
  if (string != nullptr && key == "arguments")
    return into_.text(without_needless_escapes(*string), as(role), kind);
  if (is_reference(key)) return reference(value, role);
  return words(value, role, kind);
}

bool ItemReader::reference(const json::value& value, Role role) {
  if (const auto* array = value.if_array(); array != nullptr) {
    for (std::size_t i = 0; i < array->size(); ++i) {
      const Step step(into_, i);
      if (!reference((*array)[i], role)) return false;
    }
    return true;
  }
  const auto* string = value.if_string();
  if (string == nullptr) return words(value, role, SegmentKind::kText);
  if (strict() && !string->empty() && !into_.attachment(role)) return false;
  if (may_be_bytes(*string)) return true;
  return into_.identifier(value, as(role));
}

// What an attachment says in words: addresses, file names, transcripts; not its bytes.
bool ItemReader::attached(const json::object& attachment, Role role) {
  return std::ranges::all_of(attachment, [&](const auto& member) {
    const Step step(into_, member.key());
    const auto& value = member.value();
    if (value.is_object()) return attached(value.get_object(), role);
    const auto* string = value.if_string();
    const bool holds_bytes = is_reference(member.key()) ||
                             is_one_of(member.key(), {"data", "file_data", "b64_json", "result", "url"});
    if (string != nullptr && holds_bytes && may_be_bytes(*string)) return true;
    if (string != nullptr && (is_item_label(member.key()) || is_reference(member.key())))
      return into_.identifier(value, as(role));
    return into_.leaves(value, as(role), SegmentKind::kText);
  });
}

bool ItemReader::tools(const json::value& tools) {
  if (tools.is_null()) return true;
  const auto* array = tools.if_array();
  if (array == nullptr) {
    if (strict()) return into_.wrong_type(tools, "an array of objects");
    return words(tools, Role::kSystem, SegmentKind::kToolDefinition);
  }
  for (std::size_t i = 0; i < array->size(); ++i) {
    const Step step(into_, i);
    if (!tool((*array)[i])) return false;
  }
  return true;
}

bool ItemReader::tool(const json::value& tool) {
  const auto* object = tool.if_object();
  if (object == nullptr && strict()) return into_.wrong_type(tool, "an object");
  if (object == nullptr) return words(tool, Role::kSystem, SegmentKind::kToolDefinition);
  into_.conversation().tools.emplace_back(name_of(tool));
  return std::ranges::all_of(*object, [&](const auto& member) {
    const Step step(into_, member.key());
    const auto& value = member.value();
    if (member.key() == "tools" && value.is_array()) return tools(value);
    if (member.key() == "vector_store_ids") return reference(value, Role::kSystem);
    if (member.key() == "container" && value.is_string()) return reference(value, Role::kSystem);
    if (is_one_of(member.key(), {"container", "environment"}))
      return words(value, Role::kSystem, SegmentKind::kToolDefinition);
    // The model is told the tools of a server that the gateway never sees.
    if (is_one_of(member.key(), {"server_url", "connector_id"})) {
      if (strict() && !into_.attachment(Role::kSystem)) return false;
    }
    if (member.key() == "type")
      return into_.identifier(value, as(Role::kSystem), SegmentKind::kToolDefinition);
    return into_.leaves(value, as(Role::kSystem), SegmentKind::kToolDefinition);
  });
}

}  // namespace plimsoll::wire
