// What is inspected: every text of a request or an answer, whatever protocol it came in.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll {

enum class Role : std::uint8_t { kSystem, kUser, kAssistant, kTool };
std::string_view to_string(Role role);

enum class SegmentKind : std::uint8_t { kText, kToolDefinition, kToolArguments, kToolResult, kAttachment };
std::string_view to_string(SegmentKind kind);

// A text and the place it came from. Spans of findings are byte offsets into `text`.
struct Segment {
  Role role = Role::kUser;
  SegmentKind kind = SegmentKind::kText;
  std::string text;     // UTF-8
  std::string pointer;  // RFC 6901 pointer into the message it was read from: "/messages/2/content"
};

enum class Direction : std::uint8_t { kPrompt, kOutput };
std::string_view to_string(Direction direction);  // "prompt", "output"

// One request (kPrompt: everything the model would read) or one answer (kOutput: everything it wrote).
struct Conversation {
  Direction direction = Direction::kPrompt;
  std::string surface;  // the route's name: "filter.prompt", "chat.completions", …
  std::string model;    // as asked for; empty when not stated
  std::vector<Segment> segments;
  std::vector<std::string> tools;  // names of the tools offered
  bool stream = false;
};

// Where the latest turn of a prompt begins: the index of the first segment of its last user message, when an
// answer of the model's stands before that; 0 when there is no earlier turn. Texts of Role::kSystem before it
// belong to every turn.
std::size_t latest_turn(const Conversation& conversation);

}  // namespace plimsoll
