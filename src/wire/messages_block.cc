#include "messages_block.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>
#include <initializer_list>

#include "base/json.h"

namespace plimsoll::wire {
namespace {

using Step = Collector::Step;
constexpr std::size_t kMaxOpaque = 1U << 20U;
constexpr double kLongNumber = 1e8;  // what could be a card's or an account's

// How a block is read.
struct Reading {
  Role role;
  SegmentKind kind;
  Direction direction;
  bool strict = false;
};

bool is_one_of(std::string_view key, std::initializer_list<std::string_view> keys) {
  return std::ranges::find(keys, key) != keys.end();
}

bool is_base64(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/' || c == '=' || c == '-' || c == '_';
  });
}

bool is_attachment(std::string_view type) {
  return is_one_of(type, {"image", "container_upload", "file", "audio", "video"});
}

bool is_label(std::string_view key) {
  return is_one_of(key, {"type", "id", "tool_use_id", "cache_control", "caller", "media_type", "toolset_name",
                         "server_name", "mcp_server_name", "tool_name", "error_code", "file_type", "file_id",
                         "retrieved_at"});
}

// What an attachment says in words: addresses, names; not its bytes.
bool collect_words(Collector& into, const json::object& attachment, Role role) {
  return std::ranges::all_of(attachment, [&](const auto& member) {
    const Step step(into, member.key());
    const auto& value = member.value();
    if (is_label(member.key())) return collect_labels(into, value, role);
    if (value.is_object()) return collect_words(into, value.get_object(), role);
    if (const auto* text = value.if_string(); text != nullptr)
      if (text->starts_with("data:") || (member.key() == "data" && is_base64(*text))) return true;
    return into.leaves(value, role, SegmentKind::kText);
  });
}

// What a tool is called with. A number can be as telling as a string; an object whose keys are unusual is read
// as one text, keys included.
bool collect_input(Collector& into, const json::value& value, Role role) {
  constexpr auto kKind = SegmentKind::kToolArguments;
  if (const auto* text = value.if_string(); text != nullptr) return into.text(*text, role, kKind);
  if (value.is_number())
    return std::abs(value.to_number<double>()) < kLongNumber || into.text(to_json(value), role, kKind);
  if (const auto* array = value.if_array(); array != nullptr) {
    for (std::size_t i = 0; i < array->size(); ++i) {
      const Step step(into, i);
      if (!collect_input(into, (*array)[i], role)) return false;
    }
    return true;
  }
  const auto* object = value.if_object();
  if (object == nullptr) return true;
  if (!std::ranges::all_of(*object, [](const auto& member) { return is_identifier(member.key()); }))
    return into.text(to_json(value), role, kKind);
  return std::ranges::all_of(*object, [&](const auto& member) {
    const Step step(into, member.key());
    const auto* text = member.value().if_string();
    if (member.key() == "type" && text != nullptr && *text == "text") return true;
    return collect_input(into, member.value(), role);
  });
}

bool collect_block(Collector& into, const json::value& block, Reading how);

bool collect_blocks(Collector& into, const json::array& blocks, Reading how) {
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const Step step(into, i);
    if (!collect_block(into, blocks[i], how)) return false;
  }
  return true;
}

bool collect_content(Collector& into, const json::value& content, Reading how) {
  if (const auto* text = content.if_string(); text != nullptr) return into.text(*text, how.role, how.kind);
  if (const auto* blocks = content.if_array(); blocks != nullptr) return collect_blocks(into, *blocks, how);
  if (how.strict) return field_should_be(into, "a valid string or list");
  return content.is_null() || collect_block(into, content, how);
}

bool check_shape(Collector& into, const json::value& block) {
  const auto* object = block.if_object();
  if (object == nullptr) return field_should_be(into, "a valid dictionary");
  const auto* type = object->if_contains("type");
  if (type == nullptr) return field_required(into, "type");
  if (!type->is_string()) {
    const Step step(into, "type");
    return field_should_be(into, "a valid string");
  }
  if (type->get_string() != "text") return true;
  const auto* text = object->if_contains("text");
  if (text == nullptr) return field_required(into, "text");
  const Step step(into, "text");
  return text->is_string() || field_should_be(into, "a valid string");
}

// Whether the model reads something in the block that nobody else can.
bool is_sealed(const json::object& block, std::string_view type) {
  if (type == "redacted_thinking" || block.contains("file_id")) return true;
  const auto* source = block.if_contains("source");
  if (source == nullptr || !source->is_object()) return false;
  const auto* kind = find_string(*source, "type");
  return kind == nullptr || !is_one_of(*kind, {"text", "content"});
}

bool collect_member(Collector& into, std::string_view key, const json::value& value, std::string_view type,
                    Reading how) {
  const Step step(into, key);
  const auto* text = value.if_string();
  const bool called = type.ends_with("tool_use");
  if (is_label(key) || (called && key == "name")) return collect_labels(into, value, how.role);
  if (called && key == "input") return collect_input(into, value, how.role);
  if ((key == "signature" || key == "encrypted_index") && text != nullptr && is_opaque(*text)) return true;
  if (key == "data" && type == "redacted_thinking" && text != nullptr && is_opaque(*text)) return true;
  if (key.starts_with("encrypted_") && text != nullptr && is_opaque(*text))
    return text->empty() || into.attachment(how.role);
  if (key == "source" && value.is_object()) {
    how.strict = false;
    const auto* kind = find_string(value, "type");
    const bool open = kind != nullptr && is_one_of(*kind, {"text", "content"});
    return open ? collect_block(into, value, how) : collect_words(into, value.get_object(), how.role);
  }
  if (key == "citations" && value.is_object()) return collect_labels(into, value, how.role);
  if (key == "content" || key == "citations" || key == "tool_references") {
    how.strict = how.strict && type == "tool_result" && !value.is_null();
    return collect_content(into, value, how);
  }
  if (key == "tools") return into.leaves(value, how.role, SegmentKind::kToolDefinition);
  return into.leaves(value, how.role, how.kind);
}

bool collect_block(Collector& into, const json::value& block, Reading how) {
  if (how.strict && !check_shape(into, block)) return false;
  const auto* object = block.if_object();
  if (object == nullptr) return into.leaves(block, how.role, how.kind);
  const auto* name = find_string(block, "type");
  const bool known = name != nullptr && is_identifier(*name);
  const std::string_view type = known ? std::string_view(*name) : std::string_view();
  if (is_attachment(type)) return into.attachment(how.role) && collect_words(into, *object, how.role);
  if (type.ends_with("tool_result")) {
    how.kind = SegmentKind::kToolResult;
    if (how.direction == Direction::kPrompt) how.role = Role::kTool;
  } else if (type.ends_with("tool_use")) {
    how.kind = SegmentKind::kToolArguments;
  }
  if (is_sealed(*object, type) && !into.attachment(how.role)) return false;
  return std::ranges::all_of(*object, [&](const auto& member) {
    return collect_member(into, member.key(), member.value(), type, how);
  });
}

}  // namespace

bool collect_messages_content(Collector& into, const json::value& content, Role role, Direction direction) {
  return collect_content(into, content,
                         {role, SegmentKind::kText, direction, direction == Direction::kPrompt});
}

bool collect_labels(Collector& into, const json::value& value, Role role) {
  if (const auto* array = value.if_array(); array != nullptr) {
    for (std::size_t i = 0; i < array->size(); ++i) {
      const Step step(into, i);
      if (!collect_labels(into, (*array)[i], role)) return false;
    }
    return true;
  }
  if (const auto* object = value.if_object(); object != nullptr)
    return std::ranges::all_of(*object, [&](const auto& member) {
      const Step step(into, member.key());
      return collect_labels(into, member.value(), role);
    });
  return into.identifier(value, role);
}

bool is_opaque(std::string_view text) {
  return is_identifier(text) || (text.size() <= kMaxOpaque && is_base64(text));
}

bool field_required(Collector& into, std::string_view member) {
  const Step step(into, member);
  return into.refuse("Field required");
}

bool field_should_be(Collector& into, std::string_view expected) {
  return into.refuse("Input should be " + std::string(expected));
}

BadBody in_anthropic_words(BadBody problem) {
  std::string place;
  for (const char c : problem.param)
    if (c != ']') place += c == '[' ? '.' : c;
  problem.param = std::move(place);
  if (!problem.param.empty()) problem.message = problem.param + ": " + problem.message;
  return problem;
}

}  // namespace plimsoll::wire
