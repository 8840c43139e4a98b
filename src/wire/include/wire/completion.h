// The documents' own completion protocol: {"prompt","model","max_tokens"} in, {"content","model","usage"}
// out, and its event stream: plain text in "data:" events until the server closes.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "wire/document.h"
#include "wire/stream.h"

namespace plimsoll::wire {

// `context` (an object, optional) is removed from the body and returned apart: it is for the gateway.
struct CompletionRequest {
  Document document;
  boost::json::object context;
};
Decoded<CompletionRequest> decode_completion_request(std::string_view body);
Decoded<Document> decode_completion_response(std::string_view body);

void make_safe_completion(Document& request, std::string_view preamble, double max_temperature);

// The same request for an upstream that speaks OpenAI's chat protocol, and its answer brought back.
std::string completion_as_chat(const Document& request, bool stream);
Decoded<Document> completion_from_chat(std::string_view chat_response);

// Client events: "data: <text>". Upstream events, by `from`:
enum class CompletionUpstream {
  kCompletion,  // "data: <text>" or "data: {"content": "<text>"}", "[DONE]" optional, the close ends it
  kChat,        // chat.completion.chunk objects
};
std::unique_ptr<StreamCodec> completion_stream(TextFilter& filter, CompletionUpstream from);

// {"error": {"message", "type"}} plus the verdict's three keys where there is one.
std::string completion_error(std::string_view message, std::string_view type);

}  // namespace plimsoll::wire
