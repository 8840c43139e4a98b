// OpenAI's Responses API: requests, answers, streams, errors.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "wire/document.h"
#include "wire/stream.h"

namespace plimsoll::wire {

struct Problem;

// A request body. Every text that the model would read becomes a segment: instructions, input of every kind of
// item, tool definitions, formats, a prompt template's variables, and any string in members this codec does
// not know. What the request only refers to (a previous response, a conversation, a stored prompt or item,
// files, addresses, containers, vector stores, servers of tools, encrypted reasoning) is an attachment.
// `background` is refused: its answer would be fetched past the gateway. `conversation().surface` is
// "responses".
Decoded<Document> decode_responses_request(std::string_view body);

// An answer body (not streamed): every text of its output items, and what it repeats of the request. Token
// probabilities are taken out, because they say again what may be replaced.
Decoded<Document> decode_responses_response(std::string_view body);

// A streamed answer. `filter` must outlive the codec. A channel's choice is the output's index. Of kText, index
// 4·n is the n-th content part's text, 4·n+1 its refusal, 4·n+2 its reasoning, 4·n+3 the n-th part of the
// reasoning's summary; from 65536 on come strings that arrive whole, each distinct one once. Of
// kToolArguments, 0 is a call's arguments, input or code; from 1 on a shell's commands.
//
// Whatever repeats a text (every "done" event, every item and the response at the end) repeats what left, so
// that much of an answer is kept until its end. Answers beyond 16 MiB are malformed. Token probabilities, sound,
// images and events that nobody knows and that carry text are left out. What the upstream forgets to announce
// or to close is announced and closed here.
std::unique_ptr<StreamCodec> responses_stream(TextFilter& filter, std::string_view model);

// Safe mode: the preamble in front of the instructions, tools and their choice removed, sampling tightened.
void make_responses_safe(Document& request, std::string_view preamble, double max_temperature);

// Empties every message, drops every other item; the status is "incomplete" because of "content_filter".
void withhold_responses_response(Document& response);

// The error object, the same as the chat protocol's.
std::string responses_error(const Problem& problem);

}  // namespace plimsoll::wire
