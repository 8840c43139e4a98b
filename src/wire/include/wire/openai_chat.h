// OpenAI's chat completions: requests, answers, streams, errors.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "wire/document.h"
#include "wire/stream.h"

namespace plimsoll::wire {

struct Problem;

// A request body. Every text that the model would read becomes a segment: content in all roles (strings and
// parts), tool-call arguments, tool results, names and descriptions inside tool definitions and response
// formats, predictions, and any string in members this codec does not know. Images, audio and files are
// attachments. `conversation().surface` is "chat.completions".
Decoded<Document> decode_chat_request(std::string_view body);

// An answer body (not streamed): content, refusal, reasoning, tool-call arguments of every choice.
Decoded<Document> decode_chat_response(std::string_view body);

// Safe mode: the preamble as first system message, tools and their calls' choice removed, sampling tightened
// (temperature at most `max_temperature`, top_p at most 1, one choice as asked for).
void make_safe(Document& request, std::string_view preamble, double max_temperature);

// A streamed answer. `filter` must outlive the codec. Every string of a delta is a channel: of kText 0 is the
// content, 1 the refusal, 2 and 3 the reasoning, 4 the audio's transcript, from 5 on whatever else comes; of
// kToolArguments the call's index (128: the legacy function_call). Other members pass as long as they carry
// no text; token probabilities, sound and text anywhere else are left out, because they would tell what the
// filter still holds. The first chunk's labels are put on chunks of our own; `model` where it has none.
std::unique_ptr<StreamCodec> chat_stream(TextFilter& filter, std::string_view model);

// Blanks every choice of an answer and gives each finish_reason "content_filter".
void withhold_chat_response(Document& response);

// A whole answer that carries `content` from the assistant: for care messages and the like.
std::string chat_answer(std::string_view model, std::string_view content, std::string_view finish_reason);

// The error object: {"error":{"message","type","param","code"}}. For refusals code is "content_filter" and
// `inner` (may be null) becomes "innererror", Azure's shape; the official SDKs raise their BadRequestError.
std::string openai_error(std::string_view message, std::string_view type, std::string_view code,
                         std::string_view param = {}, const boost::json::value* inner = nullptr);

// The same for a problem (wire/surface.h), whose kind tells the type.
std::string chat_error(const Problem& problem);

}  // namespace plimsoll::wire
