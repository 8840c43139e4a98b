// One content block of a streamed answer of Anthropic's Messages API.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "json_escapes.h"
#include "utf8.h"
#include "wire/stream.h"

namespace plimsoll::wire {

enum class Passed { kYes, kWithheld, kMalformed };

// Texts that arrive whole: each different string is asked about once, on a channel of its own.
class WholeTexts {
 public:
  explicit WholeTexts(TextFilter& filter) : filter_(filter) {}

  // Replaces every string below that is no label by what may leave. Short identifiers in the places of labels
  // ("type", "id", …) and what is encrypted stay.
  Passed pass(boost::json::value& value);

 private:
  Passed pass_text(boost::json::value& value);

  TextFilter& filter_;
  std::map<std::string, std::string, std::less<>> known_;
  std::size_t bytes_ = 0;
};

// Takes a block's start and deltas, puts every text in them through the filter, and says which events leave in
// their place. Every string of a delta is a text, so that a kind of delta nobody has heard of yet is filtered
// like the others. The signature waits for the text that it follows.
class MessagesBlock {
 public:
  MessagesBlock(TextFilter& filter, WholeTexts& whole, std::uint32_t index)
      : filter_(filter), whole_(whole), index_(index) {}

  // The block as it starts, without the text that it starts with; that goes into `deltas`.
  Passed start(boost::json::object& block, std::vector<boost::json::object>& deltas);
  Passed pass(boost::json::object& delta, std::vector<boost::json::object>& deltas);
  // Ends every text. What was held back, and the signature.
  Passed finish(std::vector<boost::json::object>& deltas);

  std::uint32_t index() const { return index_; }

 private:
  struct Text {
    std::string type;    // of the delta
    std::string member;  // of the delta
    Channel channel;
    JsonUnescaper arrived;  // of tool input
    Utf8Joiner released;
  };

  Text* text_of(std::string_view type, std::string_view member);
  Passed pass_text(std::string_view type, std::string_view member, std::string_view piece,
                   std::vector<boost::json::object>& deltas);
  bool add_signature(const boost::json::value& value);
  static boost::json::object carry(const Text& text, std::string_view piece);

  TextFilter& filter_;
  WholeTexts& whole_;
  std::uint32_t index_;
  std::vector<Text> texts_;
  std::string signature_;
};

}  // namespace plimsoll::wire
