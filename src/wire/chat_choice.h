// One choice of a streamed chat answer.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "json_escapes.h"
#include "utf8.h"
#include "wire/stream.h"

namespace plimsoll::wire {

// Takes the choice's deltas, puts every text in them through the filter, and leaves in each delta what may
// leave now. Every string member of a delta is a text, so that a field nobody has heard of yet is filtered
// like content. What cannot be filtered piece by piece (text deeper in unknown members, audio) is left out;
// so are ids and names of tool calls after their first time, since clients join what they are sent.
class ChatChoice {
 public:
  enum class Outcome { kPassed, kWithheld, kMalformed };

  ChatChoice(TextFilter& filter, std::uint32_t index) : filter_(filter), index_(index) {}

  Outcome pass(boost::json::object& delta);

  // Ends every text. One delta for each that had something left.
  Outcome finish(std::vector<boost::json::object>& deltas);

  std::uint32_t index() const { return index_; }
  bool finished() const { return finished_; }

 private:
  // How a delta carries a text.
  enum class Carrier : std::uint8_t { kMember, kTranscript, kFunction, kCustom, kLegacyFunction };
  struct Text {
    Carrier carrier;
    std::string member;  // of the delta, for kMember
    Channel channel;
    JsonUnescaper arrived;  // of JSON carriers
    Utf8Joiner released;
  };
  struct Call {
    std::uint32_t index;
    bool has_id = false;
    bool has_type = false;
    bool has_name = false;
  };

  Text* text_of(Carrier carrier, std::string_view member, std::uint32_t index);
  Call* call_of(const boost::json::object& call);

  // Replaces `value`, a string, by what may leave; by null where nothing may yet.
  Outcome pass_text(boost::json::value& value, Carrier carrier, std::string_view member, std::uint32_t index);
  Outcome pass_calls(boost::json::value& calls);
  Outcome pass_call(boost::json::object& call, boost::json::array& kept);
  Outcome pass_called(boost::json::value& called, Carrier carrier, Call& state);
  Outcome pass_audio(boost::json::value& audio);
  bool feed(Text& text, std::string_view arrived, std::string& released);
  static boost::json::object carry(const Text& text, std::string_view piece);

  TextFilter& filter_;
  std::uint32_t index_;
  bool finished_ = false;
  bool has_role_ = false;
  std::vector<Text> texts_;
  std::vector<Call> calls_;
  Call legacy_call_{};
};

// Whether a value holds no text: no strings, or (with `labels`) none but short identifiers; and no lists of
// numbers, which may be a text's token ids.
bool is_textless(const boost::json::value& value, bool labels);

}  // namespace plimsoll::wire
