// The sample model's answers, in the shapes of the protocols. No I/O.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "script.h"

namespace plimsoll::sample {

struct Reply {
  int status = 200;
  Script script;                    // delays and faults, for whoever sends the reply
  std::string body;                 // JSON; of no use when there are frames
  std::vector<std::string> frames;  // a stream's events, one write each
  std::string content_type = "text/event-stream; charset=utf-8";  // of a stream
  std::string failure;  // for [[fault: event]]: how a stream says that something went wrong
  std::vector<std::pair<std::string, std::string>> headers;  // beside the usual ones
};

enum class Protocol : std::uint8_t {
  kCompletion,
  kChat,
  kText,
  kMessages,
  kCountTokens,
  kResponses,
  kEmbeddings,
  kBedrock,
  kBedrockStream,
};

// Any JSON value gets an answer; what is missing has a default. `model` is named where the request names
// none.
Reply make_reply(Protocol protocol, const boost::json::value& request, std::string_view model);

// An error as the protocol's servers write it: status, headers and body.
Reply make_error(Protocol protocol, int status, std::string_view message);

std::string make_embeddings(const boost::json::value& request, std::string_view model);

enum class Style : std::uint8_t { kOpenAi, kAnthropic };

std::string list_models(Style style, std::string_view model);
std::string show_model(Style style, std::string_view model);

}  // namespace plimsoll::sample
