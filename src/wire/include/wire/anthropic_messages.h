// Anthropic's Messages API: requests, answers, streams, errors, and the counting of tokens.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "wire/document.h"
#include "wire/stream.h"
#include "wire/surface.h"

namespace plimsoll::wire {

// A request body; `messages` and `max_tokens` are required. Every text that the model would read becomes a
// segment: the system prompt and content of all roles (strings and blocks), documents given as text, search
// results, tool input (string by string; objects with unusual keys as one JSON text; numbers of nine digits and
// more), tool results, thinking, tool definitions, and any string in members and blocks this codec does not
// know. Images, other documents, files, containers, threads and whatever is encrypted are attachments.
// Signatures of thinking blocks are neither, as long as they look like it. Problems are named as the API names
// them: "messages.2.content.0.text". `conversation().surface` is "messages".
Decoded<Document> decode_messages_request(std::string_view body);

// The same without `max_tokens`: "messages.count_tokens".
Decoded<Document> decode_count_tokens_request(std::string_view body);

// An answer body (not streamed): every text of every block.
Decoded<Document> decode_messages_response(std::string_view body);
Decoded<Document> decode_count_tokens_response(std::string_view body);

// A streamed answer. `filter` must outlive the codec. A content block is a channel by its index: kText for text
// and thinking, kToolArguments for tool input. What arrives whole (citations, results of the server's tools,
// stop sequences) passes string by string, each different string on a channel of its own, numbered from
// kFirstWholeText on. Events, blocks and members nobody knows pass as long as they carry no text, or filtered.
inline constexpr std::uint32_t kFirstWholeText = 4'096;
std::unique_ptr<StreamCodec> messages_stream(TextFilter& filter, std::string_view model);

// Safe mode: the preamble first in `system`; tools, their choice and MCP servers removed; a temperature above
// `max_temperature` lowered, and top_p to at most 1. Where no temperature is asked for, none is added, since
// current models refuse any; thinking goes where it could not stand beside the lowered one. A conversation in which
// tools were called keeps their bare names and may call none, since the API refuses it otherwise.
void make_messages_safe(Document& request, std::string_view preamble, double max_temperature);

// Empties an answer and gives it the stop reason "refusal".
void withhold_messages_response(Document& response);

// {"type":"error","error":{"type","message"}}. Refusals are an invalid_request_error with `code` and `inner` (as
// "innererror") beside it.
std::string anthropic_error(const Problem& problem);

}  // namespace plimsoll::wire
