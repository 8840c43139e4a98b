#include "responses_kinds.h"

#include <algorithm>
#include <array>

namespace plimsoll::wire {
namespace {

// The first four are numbered so by part_channel().
constexpr std::array<StreamedKind, 9> kKinds = {{
    {"response.output_text", "text", "content_index", "output_text"},
    {"response.refusal", "refusal", "content_index", "refusal"},
    {"response.reasoning_text", "text", "content_index", "reasoning_text"},
    {"response.reasoning_summary_text", "text", "summary_index", "summary_text"},
    {"response.function_call_arguments", "arguments", "", "", true},
    {"response.mcp_call_arguments", "arguments", "", "", true},
    {"response.custom_tool_call_input", "input", "", ""},
    {"response.code_interpreter_call_code", "code", "", ""},
    {"response.shell_call_command", "command", "command_index", ""},
}};

constexpr std::array<CallType, 5> kCalls = {{{"function_call", "arguments", &kKinds[4]},
                                             {"mcp_call", "arguments", &kKinds[5]},
                                             {"custom_tool_call", "input", &kKinds[6]},
                                             {"code_interpreter_call", "code", &kKinds[7]},
                                             {"shell_call", "action", &kKinds[8]}}};

}  // namespace

const StreamedKind* streamed_kind(std::string_view event) {
  const auto* const found = std::ranges::find(kKinds, event, &StreamedKind::event);
  return found != kKinds.end() ? found : nullptr;
}

const StreamedKind* part_kind(std::string_view type) {
  const auto* const found = std::ranges::find(kKinds, type, &StreamedKind::part);
  return found != kKinds.end() && !type.empty() ? found : nullptr;
}

const CallType* call_type(std::string_view item) {
  const auto* const found = std::ranges::find(kCalls, item, &CallType::item);
  return found != kCalls.end() ? found : nullptr;
}

Channel part_channel(std::uint32_t item, std::string_view type, std::uint32_t number) {
  const auto* kind = part_kind(type);
  const auto which = kind != nullptr ? static_cast<std::uint32_t>(kind - kKinds.data()) : 0U;
  return {item, SegmentKind::kText, 4 * number + which};
}

}  // namespace plimsoll::wire
