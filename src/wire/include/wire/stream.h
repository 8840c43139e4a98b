// Streams that pass a filter on their way.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/conversation.h"

namespace plimsoll::wire {

// One of the texts that a stream carries side by side: a choice's content, one of its tool calls' arguments.
struct Channel {
  std::uint32_t choice = 0;
  SegmentKind kind = SegmentKind::kText;
  std::uint32_t index = 0;  // of the tool call within the choice
  friend bool operator==(const Channel&, const Channel&) = default;
};

// Decides which text may leave. The gateway implements it; codecs call it.
class TextFilter {
 public:
  virtual ~TextFilter() = default;
  // Text that arrived on a channel in (whole characters); text that may leave appended to `out` (perhaps
  // none, perhaps more than came in just now, perhaps with replacements). False: nothing more of this stream
  // may leave.
  virtual bool feed(Channel channel, std::string_view text, std::string& out) = 0;
  // The channel has ended: what was held back is decided.
  virtual bool finish(Channel channel, std::string& out) = 0;
};

// Turns an upstream's event stream into the client's, through a TextFilter. Push parser: no I/O, pieces of
// any size, bounded memory; the bytes that come out do not depend on how the input was cut.
class StreamCodec {
 public:
  virtual ~StreamCodec() = default;

  enum class State {
    kOpen,      // goes on
    kEnded,     // the protocol's own end has been written
    kWithheld,  // the filter said no: the protocol's native "withheld" end has been written
  };

  // Upstream bytes in, client bytes appended to `out`. An error (malformed or oversized event) leaves the
  // codec unusable; call fail() to tell the client.
  virtual Result<State> feed(std::string_view bytes, std::string& out) = 0;

  // The upstream closed. If its protocol's end was not seen, an error event is written: never a silent stop.
  virtual State close(std::string& out) = 0;

  // Writes the protocol's error event and end.
  virtual void fail(std::string_view message, std::string& out) = 0;
};

}  // namespace plimsoll::wire
