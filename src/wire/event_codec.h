// What the codecs of all event streams have in common: the order in which a stream ends.
#pragma once

#include <boost/json/value.hpp>

#include "wire/sse.h"
#include "wire/stream.h"

namespace plimsoll::wire {

class EventCodec : public StreamCodec {
 public:
  Result<State> feed(std::string_view bytes, std::string& out) final;
  State close(std::string& out) final;
  void fail(std::string_view message, std::string& out) final;

 protected:
  // One event of the upstream. kInvalid says what is malformed.
  virtual Result<void> on_event(const SseEvent& event, std::string& out) = 0;
  // Whether an upstream that closes now has said all it had to say.
  virtual bool may_end() const = 0;
  // Decides what is held back and writes the end: ended(), or withheld() when the filter says no.
  virtual void end(std::string& out) = 0;
  virtual void write_error(std::string_view message, std::string_view type, std::string_view code,
                           std::string& out) = 0;

  void ended() { state_ = State::kEnded; }
  void withheld() { state_ = State::kWithheld; }
  bool holds_unfinished_event() const { return !decoder_.idle(); }

  // The upstream's own error object, told without its message, which may repeat the prompt.
  void pass_error(const boost::json::value& error, std::string& out);

 private:
  SseDecoder decoder_{16U << 20U};  // the last event of a response repeats all of it
  State state_ = State::kOpen;
  bool broken_ = false;
};

}  // namespace plimsoll::wire
