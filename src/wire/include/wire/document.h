// A JSON body that has been read, is inspected, and can be written again.
#pragma once

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/conversation.h"

namespace plimsoll::wire {

// A request or an answer together with its Conversation. Each segment remembers the JSON string it came
// from, so replacing a segment's text changes the body. What is forwarded is always body(): the re-serialised
// form of exactly what was inspected, never the bytes that came in.
//
// Segments keep the pointers they were read with, also after members of the body were removed or a message
// was put in front: the document finds their place again, or does nothing where there is none any more.
//
// The body may live in a room of the document's own: then what is moved or copied out of json() does so, too, and
// must not outlive the document.
class Document {
 public:
  using Room = std::unique_ptr<boost::json::monotonic_resource>;
  // Enough, mostly, for what is read from a text of so many bytes.
  static Room room_for(std::size_t bytes);

  Document(boost::json::value body, Conversation conversation, Room room = nullptr) noexcept;
  Document(Document&&) noexcept = default;
  Document& operator=(Document&& other) noexcept;

  const Conversation& conversation() const { return conversation_; }
  Conversation& conversation() { return conversation_; }
  boost::json::value& json() { return body_; }
  const boost::json::value& json() const { return body_; }

  // Replaces the text of segment `index`, in the conversation and in the body. Segments whose place is not a
  // JSON string (an attachment's part) are removed from the body instead and replaced by a text part. An
  // answer's `logprobs`, which tell the same text token by token, go with the text they repeat.
  void replace(std::size_t index, std::string text);

  std::string body() const;

  // Puts an instruction before everything else that the model reads: a first item of the array member
  // `array`, or (for a protocol that has no messages) text in front of the string member `text`, where it
  // stays when that segment is replaced.
  void put_first(std::string_view array, boost::json::value item);
  void put_before(std::string_view text, const std::string& preamble);
  std::string_view preamble() const { return preamble_; }

 private:
  boost::json::value* locate(std::string_view pointer);

  Room room_;  // null: the body's memory is its own
  boost::json::value body_;
  Conversation conversation_;
  std::string shifted_;  // the array that put_first() made longer
  std::size_t shift_ = 0;
  std::string preceded_;  // pointer of the string that put_before() made longer
  std::string preamble_;
};

// Why a body could not be used: what an API's own error object wants to know.
struct BadBody {
  int status = 400;
  std::string param;    // "messages[2].content"; empty when the body as a whole is meant
  std::string message;  // for people; quotes nothing of the body's values
};
template <class T>
using Decoded = std::expected<T, BadBody>;

}  // namespace plimsoll::wire
