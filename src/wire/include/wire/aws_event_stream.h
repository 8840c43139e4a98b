// AWS's binary event streams (application/vnd.amazon.eventstream), and what Bedrock sends in them.
//
// A message: total length, length of its headers (both 32 bits, big-endian), the CRC-32 of those eight bytes,
// headers, payload, the CRC-32 of everything before.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "wire/translate.h"

namespace plimsoll::wire {

struct AwsBytes {
  std::string bytes;
  friend bool operator==(const AwsBytes&, const AwsBytes&) = default;
};
struct AwsTimestamp {
  std::int64_t milliseconds = 0;  // since 1970
  friend bool operator==(const AwsTimestamp&, const AwsTimestamp&) = default;
};
using AwsUuid = std::array<std::uint8_t, 16>;
using AwsValue = std::variant<bool, std::int8_t, std::int16_t, std::int32_t, std::int64_t, AwsBytes,
                              std::string, AwsTimestamp, AwsUuid>;

struct AwsHeader {
  std::string name;  // 1 to 255 bytes
  AwsValue value;    // strings and bytes: at most 65,535
  friend bool operator==(const AwsHeader&, const AwsHeader&) = default;
};

struct AwsEvent {
  std::vector<AwsHeader> headers;
  std::string payload;

  // The text of a header; empty when there is none of that name, or when it is no string.
  std::string_view header(std::string_view name) const;
  friend bool operator==(const AwsEvent&, const AwsEvent&) = default;
};

// Splits a stream into its messages. Feed it what arrived, in pieces of any size. An error (a wrong sum, a
// malformed or repeated header: kInvalid; a message over the limit: kTooLarge) comes after the messages that
// were complete before it, and leaves the decoder unusable.
class AwsEventDecoder {
 public:
  explicit AwsEventDecoder(std::size_t max_message_bytes = 1U << 20U)
      : max_message_bytes_(max_message_bytes) {}
  Result<void> feed(std::string_view bytes, std::vector<AwsEvent>& events);
  bool idle() const { return held_.empty(); }  // nothing unfinished is held

 private:
  Result<void> take_messages(std::vector<AwsEvent>& events);

  std::size_t max_message_bytes_;
  std::string held_;  // an unfinished message
  bool broken_ = false;
};

// The message of an event within the limits above.
std::string encode_aws_event(const AwsEvent& event);

// What Bedrock's InvokeModelWithResponseStream says of an Anthropic model, as Anthropic's own event stream:
// each chunk's {"bytes": base64 of an event} becomes "event: <type>" and its data. An exception becomes
// Anthropic's "error" event, without its words, and ends the stream: nothing comes after it.
std::unique_ptr<StreamTranslator> bedrock_events_to_sse();

// The other way: one event as a chunk. For tests, and for stand-ins of Bedrock.
std::string bedrock_chunk(std::string_view event_json);

}  // namespace plimsoll::wire
