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

namespace {

// "/messages/2/content/0" and "/messages/2/content/1" stand in one message.
std::string_view message_of(std::string_view pointer) {
  const auto list = pointer.find('/', 1);
  return pointer.substr(0, list == std::string_view::npos ? list : pointer.find('/', list + 1));
}

}  // namespace

std::size_t latest_turn(const Conversation& conversation) {
  const auto& segments = conversation.segments;
  std::size_t begin = segments.size();
  while (begin > 0 && segments[begin - 1].role != Role::kUser) --begin;
  if (begin == 0) return 0;
  const auto message = message_of(segments[--begin].pointer);
  while (begin > 0 && message_of(segments[begin - 1].pointer) == message) --begin;
  for (std::size_t i = 0; i < begin; ++i)
    if (segments[i].role == Role::kAssistant) return begin;
  return 0;
}

}  // namespace plimsoll
