// What the items of a streamed Responses answer share: its filter, its events, its limits.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "json_escapes.h"
#include "utf8.h"
#include "wire/stream.h"

namespace plimsoll::wire {

// What became of an upstream's event. Once it is not kPassed, nothing further may be asked of the answer but
// to be closed.
enum class Relayed : std::uint8_t { kPassed, kWithheld, kMalformed };

class StreamedAnswer {
 public:
  explicit StreamedAnswer(TextFilter& filter) : filter_(filter) {}

  TextFilter& filter() { return filter_; }

  // One event of our own, numbered.
  void write(std::string_view type, boost::json::object members);
  std::string take_written();

  // Strings that arrive whole, anywhere below `value`, become what may leave of them; labels stay, and so does
  // what nobody can read (encrypted reasoning); pictures and sound become null.
  Relayed filter_whole(std::string_view member, boost::json::value& value);

  // False once the answer has become too large to be repeated at its end.
  bool keep(std::size_t bytes);
  bool keep_part() { return ++parts_ <= kMaxParts; }

 private:
  static constexpr std::size_t kMaxKept = 16U << 20U;
  static constexpr std::size_t kMaxParts = 4'096;

  Relayed filter_string(std::string_view member, boost::json::value& value);

  TextFilter& filter_;
  std::string written_;
  std::int64_t sequence_ = 0;
  std::unordered_map<std::string, std::string> whole_;  // as it came, as it may leave
  std::size_t kept_ = 0;
  std::size_t parts_ = 0;
};

// A text that arrives in pieces. All that has left of it is kept, to be repeated.
class FilteredText {
 public:
  FilteredText(Channel channel, bool is_json) : channel_(channel), is_json_(is_json) {}

  // Adds what may leave now to `piece`.
  Relayed feed(StreamedAnswer& answer, std::string_view arrived, std::string& piece);
  Relayed finish(StreamedAnswer& answer, std::string& piece);

  const std::string& sent() const { return sent_; }
  bool began() const { return began_; }
  bool ended() const { return ended_; }
  void abandon() { ended_ = true; }

 private:
  Relayed release(StreamedAnswer& answer, std::string_view ready, std::string& piece);

  Channel channel_;
  bool is_json_;
  bool began_ = false;
  bool ended_ = false;
  JsonUnescaper arrived_;
  Utf8Joiner released_;
  std::string sent_;
};

// Ids that providers give: longer than other labels, and perhaps base64.
bool is_id(std::string_view text);

}  // namespace plimsoll::wire
