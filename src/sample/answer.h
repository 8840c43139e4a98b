// Everything an answer of the sample model is made of, whatever its shape.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "replies.h"
#include "script.h"

namespace plimsoll::sample {

constexpr std::int64_t kCreated = 1'735'689'600;  // 2025-01-01: the same request, the same answer

struct Tool {
  std::string name;
  std::string arguments;  // JSON, an object
};

struct Answer {
  Script script;
  std::optional<Tool> tool;
  std::string id;
  std::string model;
  std::int64_t choices = 1;
  std::size_t words_in = 0;
  bool cut = false;  // by max_tokens
  bool stream = false;
  bool usage_in_stream = false;

  std::vector<std::string> parts() const { return pieces(said(), script.chunk_bytes); }
  std::vector<std::string> thoughts() const { return pieces(script.thinking, script.chunk_bytes); }
  const std::string& said() const { return tool ? tool->arguments : script.text; }
  std::size_t words_thought() const { return count_words(script.thinking); }
  std::size_t words_out() const { return count_words(said()) + words_thought(); }
};

// Any request of any protocol. `model` is named where the request names none.
Answer think(const boost::json::value& request, std::string_view model);

// The words in a message's content: a string, or parts (blocks) of which some hold text.
std::string text_of(const boost::json::value& content);

// The text after max_tokens. Whether something was cut.
bool cut_text(const boost::json::value& request, std::string& text);

std::int64_t integer(const boost::json::value& object, std::string_view member, std::int64_t otherwise);
bool is_true(const boost::json::value& object, std::string_view member);

// One server-sent event.
std::string frame(const boost::json::object& data, std::string_view name = {});

// The shapes: each fills in the body and, for a stream, the frames.
void complete(const Answer& answer, Reply& reply);
void chat(const Answer& answer, Reply& reply);
void complete_texts(const Answer& answer, const boost::json::value& request, Reply& reply);
void messages(const Answer& answer, Reply& reply);
void respond(const Answer& answer, const boost::json::value& request, Reply& reply);
void invoke(const Answer& answer, Reply& reply);

// Anthropic's message, whole and as the events of a stream.
struct Message {
  boost::json::object whole;
  std::vector<boost::json::object> events;
};
Message as_message(const Answer& answer);

// How Bedrock breaks a stream off.
std::string invoke_exception(std::string_view type, std::string_view message);

}  // namespace plimsoll::sample
