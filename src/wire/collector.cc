#include "collector.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <utility>

#include "base/json.h"
#include "pointer.h"

namespace plimsoll::wire {
namespace {

std::string_view kind_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return "null";
    case json::kind::bool_:
      return "a boolean";
    case json::kind::int64:
    case json::kind::uint64:
      return "an integer";
    case json::kind::double_:
      return "a decimal";
    case json::kind::string:
      return "a string";
    case json::kind::array:
      return "an array";
    case json::kind::object:
      return "an object";
  }
  return "something else";
}

constexpr bool is_identifier_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
         c == ':' || c == '/' || c == '-';
}

}  // namespace

bool is_identifier(std::string_view text) {
  return !text.empty() && text.size() <= 128 && std::ranges::all_of(text, is_identifier_char);
}

Collector::Step::Step(Collector& collector, std::string_view member)
    : pointer_(collector.pointer_), size_(pointer_.size()) {
  append_step(pointer_, member);
}

Collector::Step::Step(Collector& collector, std::size_t index)
    : pointer_(collector.pointer_), size_(pointer_.size()) {
  pointer_.append("/").append(std::to_string(index));
}

bool Collector::text(std::string_view text, Role role, SegmentKind kind) {
  return text.empty() || append({role, kind, std::string(text), pointer_});
}

bool Collector::attachment(Role role) {
  return append({role, SegmentKind::kAttachment, {}, pointer_});
}

bool Collector::append(Segment segment) {
  if (out_.segments.size() == kMaxSegments) {
    problem_.message = "Too many separate texts: at most " + std::to_string(kMaxSegments) + " are read.";
    return false;
  }
  if (pointer_.size() > kMaxPointerBytes) {
    problem_.message = "Member names are too long, or too deeply nested.";
    return false;
  }
  out_.segments.push_back(std::move(segment));
  return true;
}

bool Collector::identifier(const json::value& value, Role role, SegmentKind kind) {
  if (const auto* string = value.if_string(); string != nullptr && is_identifier(*string)) return true;
  return leaves(value, role, kind);
}

bool Collector::leaves(const json::value& value, Role role, SegmentKind kind) {
  if (const auto* string = value.if_string(); string != nullptr) return text(*string, role, kind);
  if (const auto* array = value.if_array(); array != nullptr) {
    for (std::size_t i = 0; i < array->size(); ++i) {
      const Step step(*this, i);
      if (!leaves((*array)[i], role, kind)) return false;
    }
  }
  if (const auto* object = value.if_object(); object != nullptr) {
    for (const auto& member : *object) {
      const Step step(*this, member.key());
      const bool is_type = kind == SegmentKind::kToolDefinition && member.key() == "type";
      const bool read = is_type ? identifier(member.value(), role, kind) : leaves(member.value(), role, kind);
      if (!read) return false;
    }
  }
  return true;
}

bool Collector::missing(std::string_view member) {
  const Step step(*this, member);
  return refuse("Missing required parameter: '" + as_param(pointer_) + "'.");
}

bool Collector::wrong_type(const json::value& value, std::string_view expected) {
  return refuse("Invalid type for '" + as_param(pointer_) + "': expected " + std::string(expected) +
                ", but got " + std::string(kind_of(value)) + " instead.");
}

bool Collector::refuse(std::string message) {
  problem_.param = as_param(pointer_);
  problem_.message = std::move(message);
  return false;
}

}  // namespace plimsoll::wire
