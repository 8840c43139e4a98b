// The documents' own completion protocol: {"prompt","model","max_tokens"} in, {"content","model","usage"}
// out, and its event stream: plain text in "data:" events until the server closes.
#pragma once

#include <boost/json/object.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "model/verdict.h"
#include "wire/document.h"
#include "wire/stream.h"
#include "wire/surface.h"

namespace plimsoll::wire {

// `context` (an object, optional) is removed from the body and returned apart: it is for the gateway.
// `prompt` must be a string; every string in other members is inspected too. `conversation().surface` is
// "proxy.completion".
struct CompletionRequest {
  Document document;
  boost::json::object context;
};
Decoded<CompletionRequest> decode_completion_request(std::string_view body);
Decoded<Document> decode_completion_response(std::string_view body);

// Safe mode: the preamble in front of the prompt (where it stays when the prompt is replaced), sampling
// tightened, tools removed.
void make_safe_completion(Document& request, std::string_view preamble, double max_temperature);

// The same request for an upstream that speaks OpenAI's chat protocol, and its answer brought back. A
// preamble travels as system message.
std::string completion_as_chat(const Document& request, bool stream);
Decoded<Document> completion_from_chat(std::string_view chat_response);

// Client events: "data: <text>"; a client that joins an event's data lines with line feeds and appends event
// after event has the model's text (with CR and CRLF as LF). What ends early ends with "event: error" and
// completion_error() as data. Upstream events, by `from`:
enum class CompletionUpstream {
  kCompletion,  // "data: <text>" or "data: {"content": "<text>"}", "[DONE]" optional, the close ends it
  kChat,        // chat.completion.chunk objects
};
std::unique_ptr<StreamCodec> completion_stream(TextFilter& filter, CompletionUpstream from);

// {"error": {"message", "type"}}.
std::string completion_error(std::string_view message, std::string_view type);
// The same; of refusals also the decision's id, and beside the error the verdict's three keys.
std::string completion_problem(const Problem& problem);

}  // namespace plimsoll::wire
