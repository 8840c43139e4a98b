// A JSON body that has been read, is inspected, and can be written again.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/conversation.h"

namespace plimsoll::wire {

// A request or an answer together with its Conversation. Each segment remembers the JSON string it came
// from, so replacing a segment's text changes the body. What is forwarded is always body(): the re-serialised
// form of exactly what was inspected, never the bytes that came in.
class Document {
 public:
  Document(boost::json::value body, Conversation conversation) noexcept;
  Document(Document&&) noexcept = default;
  Document& operator=(Document&&) noexcept = default;

  const Conversation& conversation() const { return conversation_; }
  Conversation& conversation() { return conversation_; }
  boost::json::value& json() { return body_; }
  const boost::json::value& json() const { return body_; }

  // Replaces the text of segment `index`, in the conversation and in the body. Segments whose place is not a
  // JSON string (an attachment's part) are removed from the body instead and replaced by a text part.
  void replace(std::size_t index, std::string text);

  std::string body() const;

 private:
  boost::json::value body_;
  Conversation conversation_;
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
