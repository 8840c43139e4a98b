#include "event_codec.h"

#include "base/json.h"
#include "collector.h"

namespace plimsoll::wire {

Result<StreamCodec::State> EventCodec::feed(std::string_view bytes, std::string& out) {
  if (state_ != State::kOpen) return state_;
  if (broken_) return plimsoll::fail(Code::kInvalid, "the stream was malformed before");

  std::vector<SseEvent> events;
  Result<void> read = decoder_.feed(bytes, events);
  for (const auto& event : events) {
    if (auto passed = on_event(event, out); !passed) {
      broken_ = true;
      return std::unexpected(std::move(passed).error());
    }
    if (state_ != State::kOpen) return state_;
  }
  if (!read) {
    broken_ = true;
    return std::unexpected(std::move(read).error());
  }
  return state_;
}

StreamCodec::State EventCodec::close(std::string& out) {
  if (state_ != State::kOpen) return state_;
  if (!broken_ && may_end()) {
    end(out);
  } else {
    fail("The model server stopped before its answer was complete.", out);
  }
  return state_;
}

void EventCodec::fail(std::string_view message, std::string& out) {
  if (state_ != State::kOpen) return;
  write_error(message, "server_error", "upstream_error", out);
  state_ = State::kEnded;
}

void EventCodec::pass_error(const json::value& error, std::string& out) {
  const auto label = [&](std::string_view member, std::string_view otherwise) {
    const auto* value = find(error, member);
    if (value != nullptr && value->is_string() && is_identifier(value->get_string()))
      return std::string(value->get_string());
    if (value != nullptr && value->is_int64()) return std::to_string(value->get_int64());
    return std::string(otherwise);
  };
  write_error("The model server reported an error.", label("type", "server_error"),
              label("code", "upstream_error"), out);
  state_ = State::kEnded;
}

}  // namespace plimsoll::wire
