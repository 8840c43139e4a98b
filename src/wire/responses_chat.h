// Between OpenAI's Responses API and its chat completions: the text unchanged, nothing inspected. See
// wire/translate.h for the contract.
//
// Requests refuse, by name, what the other API has no word for: stored prompts, responses and conversations,
// built-in tools, encrypted reasoning; several choices, stop words, penalties, seeds. Dropped are hints (users,
// metadata, tiers, caching, whether to store: never) and the model's earlier reasoning where it can be read,
// which models do not get to see again.
#pragma once

#include <boost/json/value.hpp>
#include <memory>

#include "wire/document.h"
#include "wire/translate.h"

namespace plimsoll::wire {

Decoded<boost::json::value> chat_request_from_responses(const boost::json::value& request);
Decoded<boost::json::value> responses_request_from_chat(const boost::json::value& request);

// Whole answers. 502 for what is none: an answer that failed, or one that is not done.
Decoded<boost::json::value> chat_response_from_responses(const boost::json::value& body);
Decoded<boost::json::value> responses_response_from_chat(const boost::json::value& body,
                                                         const boost::json::value& request);

// `include_usage`: whether the client asked for a chunk with the usage before the end.
std::unique_ptr<StreamTranslator> chat_stream_from_responses(bool include_usage);
std::unique_ptr<StreamTranslator> responses_stream_from_chat(const boost::json::value& request);

}  // namespace plimsoll::wire
