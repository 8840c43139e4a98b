#include "wire/sse.h"

namespace plimsoll::wire {
namespace {
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
}

SseDecoder::SseDecoder(std::size_t max_event_bytes) : max_event_bytes_(max_event_bytes) {}

Result<std::vector<SseEvent>> SseDecoder::feed(std::string_view bytes) {
  std::vector<SseEvent> events;
  auto fed = feed(bytes, events);
  if (!fed) return std::unexpected(std::move(fed).error());
  return events;
}

Result<void> SseDecoder::feed(std::string_view bytes, std::vector<SseEvent>& events) {
  while (!bytes.empty() && !broken_) {
    if (after_cr_) {
      after_cr_ = false;
      if (bytes.front() == '\n') {
        bytes.remove_prefix(1);
        continue;
      }
    }
    const auto end = bytes.find_first_of("\r\n");
    const auto part = bytes.substr(0, end);
    if (event_.data.size() + line_.size() + part.size() > max_event_bytes_) {
      broken_ = true;
      break;
    }
    if (end == std::string_view::npos) {
      line_ += part;
      break;
    }
    if (line_.empty()) {
      end_line(part, events);
    } else {
      line_ += part;
      end_line(line_, events);
      line_.clear();
    }
    after_cr_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
  }
  if (broken_)
    return fail(Code::kTooLarge, "an event is longer than " + std::to_string(max_event_bytes_) + " bytes");
  return {};
}

bool SseDecoder::idle() const {
  return line_.empty() && !has_data_;
}

void SseDecoder::end_line(std::string_view line, std::vector<SseEvent>& events) {
  if (at_start_ && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  at_start_ = false;
  if (line.empty()) {
    if (has_data_) events.push_back(std::move(event_));
    event_ = {};
    has_data_ = false;
    return;
  }
  const auto colon = line.find(':');
  const auto field = line.substr(0, colon);
  auto value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "data") {
    if (has_data_) event_.data += '\n';
    event_.data += value;
    has_data_ = true;
  } else if (field == "event") {
    event_.name = value;
  }
}

void append_sse(std::string& out, std::string_view data, std::string_view name) {
  if (!name.empty()) out.append("event: ").append(name).append("\n");
  while (true) {
    const auto end = data.find_first_of("\r\n");
    out.append("data: ").append(data.substr(0, end)).append("\n");
    if (end == std::string_view::npos) break;
    data.remove_prefix(data.substr(end).starts_with("\r\n") ? end + 2 : end + 1);
  }
  out += '\n';
}

}  // namespace plimsoll::wire
