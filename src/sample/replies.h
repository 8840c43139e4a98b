// The sample model's answers, in the shapes of four protocols. No I/O.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "script.h"

namespace plimsoll::sample {

struct Reply {
  int status = 200;
  Script script;                    // delays and faults, for whoever sends the reply
  std::string body;                 // JSON; of no use when there are frames
  std::vector<std::string> frames;  // a stream's events, one write each
};

enum class Protocol : std::uint8_t { kCompletion, kChat, kText, kMessages };

// Any JSON value gets an answer; what is missing has a default. `model` is named where the request names
// none.
Reply make_reply(Protocol protocol, const boost::json::value& request, std::string_view model);

// An error object as the protocol's servers write it.
std::string error_body(Protocol protocol, int status, std::string_view message);

std::string make_embeddings(const boost::json::value& request, std::string_view model);
std::string list_models(std::string_view model);

}  // namespace plimsoll::sample
