// Between OpenAI's chat completions and Anthropic's Messages API. See wire/translate.h for the contract.
//
// What has no counterpart is refused by name, but for hints that change no text (caching, tiers, users, metadata,
// stored answers) and for what its writer alone can use: thinking of earlier turns, its signatures, citations.
#pragma once

#include <boost/json/value.hpp>
#include <memory>
#include <string>

#include "wire/document.h"
#include "wire/translate.h"

namespace plimsoll::wire {

// Requests. Tool results become messages of their own and come first; system messages are gathered in front.
// A Messages request without a limit of tokens gets 4,096; its temperature is at most 1; reasoning effort goes
// both ways, a budget of thinking becomes the nearest effort. Problems are named as the client's protocol does.
Decoded<boost::json::value> chat_request_from_messages(const boost::json::value& body);
Decoded<boost::json::value> messages_request_from_chat(const boost::json::value& body);

// Whole answers; what is none in the upstream's protocol, or holds blocks nobody asked for, is a 502.
Decoded<boost::json::value> chat_response_from_messages(const boost::json::value& body);
Decoded<boost::json::value> messages_response_from_chat(const boost::json::value& body);

// Streamed answers. `include_usage`: the chat client asked for a last chunk with the usage. `model`: what a chunk
// without a model came from.
std::unique_ptr<StreamTranslator> chat_stream_from_messages(bool include_usage);
std::unique_ptr<StreamTranslator> messages_stream_from_chat(std::string model);

}  // namespace plimsoll::wire
