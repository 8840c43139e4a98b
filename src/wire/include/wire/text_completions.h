// OpenAI's legacy completions (/v1/completions): requests, answers, streams, and the errors that this API
// shares with embeddings and moderations.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "wire/document.h"
#include "wire/stream.h"
#include "wire/surface.h"

namespace plimsoll::wire {

// A request body. `prompt` (a string, or an array of strings), `suffix` and every other string are segments.
// Prompts given as token ids, and vLLM's `prompt_embeds`, cannot be read: they are attachments.
// `conversation().surface` is "completions".
Decoded<Document> decode_text_completion_request(std::string_view body);

// An answer body (not streamed): every choice's text. `logprobs`, which tell the text token by token, stay
// only where their tokens are exactly the text; token ids never.
Decoded<Document> decode_text_completion_response(std::string_view body);

// A streamed answer. `filter` must outlive the codec. One channel per choice: kText 0 of the choice's index.
// Other members pass as long as they carry no text; probabilities and token ids are left out, because they
// would tell what the filter still holds. The first chunk's labels are put on chunks of our own; `model`
// where it has none.
std::unique_ptr<StreamCodec> text_completion_stream(TextFilter& filter, std::string_view model);

// Safe mode: the preamble in front of every prompt, sampling tightened. Redact first: in front of a single
// prompt the preamble stays when the segment is replaced, in front of one of several it does not. Prompts
// given as token ids take no preamble.
void make_text_completion_safe(Document& request, std::string_view preamble, double max_temperature);

// Blanks every choice of an answer and gives each finish_reason "content_filter".
void withhold_text_completion(Document& response);

// OpenAI's error object for a problem, with the types and codes that the official SDKs know.
std::string text_completion_error(const Problem& problem);

}  // namespace plimsoll::wire
