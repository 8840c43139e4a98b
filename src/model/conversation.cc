#include "model/conversation.h"

namespace plimsoll {

std::string_view to_string(Role role) {
  switch (role) {
    case Role::kSystem:
      return "system";
    case Role::kUser:
      return "user";
    case Role::kAssistant:
      return "assistant";
    case Role::kTool:
      return "tool";
  }
  return "user";
}

std::string_view to_string(SegmentKind kind) {
  switch (kind) {
    case SegmentKind::kText:
      return "text";
    case SegmentKind::kToolDefinition:
      return "tool_definition";
    case SegmentKind::kToolArguments:
      return "tool_arguments";
    case SegmentKind::kToolResult:
      return "tool_result";
    case SegmentKind::kAttachment:
      return "attachment";
  }
  return "text";
}

std::string_view to_string(Direction direction) {
  return direction == Direction::kPrompt ? "prompt" : "output";
}

}  // namespace plimsoll
