// Server-sent events (WHATWG HTML, "Server-sent events", section 9.2).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace plimsoll::wire {

struct SseEvent {
  std::string name;  // "event:" field; empty when absent
  std::string data;  // "data:" lines joined with a line feed
  friend bool operator==(const SseEvent&, const SseEvent&) = default;
};

// Splits an event stream into its events. Reads LF, CR and CRLF, a leading BOM, comments. Feed it what
// arrived, in pieces of any size. kTooLarge once an event exceeds the limit; the decoder is then unusable.
class SseDecoder {
 public:
  explicit SseDecoder(std::size_t max_event_bytes = 1U << 20U);
  Result<std::vector<SseEvent>> feed(std::string_view bytes);
  // The same, keeping the events that were complete before the one that is too large: so what is seen of a
  // stream does not depend on how it was cut.
  Result<void> feed(std::string_view bytes, std::vector<SseEvent>& events);
  bool idle() const;  // nothing unfinished is held

 private:
  void end_line(std::string_view line, std::vector<SseEvent>& events);

  std::size_t max_event_bytes_;
  std::string line_;  // unfinished
  SseEvent event_;    // unfinished
  bool has_data_ = false;
  bool after_cr_ = false;  // a line feed that follows belongs to the same line end
  bool at_start_ = true;   // a byte order mark may still come
  bool broken_ = false;
};

// Appends one event. A line break of any kind inside `data` becomes a further "data:" line, so that no
// content can break the framing. `name` has no line breaks.
void append_sse(std::string& out, std::string_view data, std::string_view name = {});

}  // namespace plimsoll::wire
