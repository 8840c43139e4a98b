// `plimsoll sample-model`: a server that answers like a model's and thinks nothing.
//
// For trying the gateway without a provider, and for tests of what the gateway does with a provider's
// answers. The same request always gets the same answer. By default it repeats the last user message ("You
// said: …"), so that what was redacted on the way can be seen. It logs nothing.
//
//   GET  /                     this list             GET  /health
//   POST /completion           JSON, or plain text events with "stream": true
//   POST /v1/chat/completions  JSON or events; n, tools, response_format, stream_options.include_usage
//   POST /v1/completions       JSON or events; several prompts, n, echo
//   POST /v1/responses         JSON or events; tools, reasoning, text.format, instructions repeated
//   POST /v1/messages          Anthropic's shapes: JSON or events; tools, thinking, output_format
//   POST /v1/messages/count_tokens
//   POST /model/{id}/invoke    Bedrock's way to the same messages; …/invoke-with-response-stream in its frames
//   POST /v1/embeddings        a vector of words: similar texts lie close; base64 and dimensions as asked
//   GET  /v1/models            and /v1/models/{id}; Anthropic's shape when anthropic-version is sent
//   GET  /_last                the last POST body received (up to 1 MiB), for tests to look at
//   GET  /_last_headers        its headers, names in lower case; also :method, :path and :query
//
// A token is a word. A limit of tokens cuts the answer. A tool is called when tools are offered and the last
// user message says "call the tool", or tool_choice demands it; its arguments satisfy its schema. Where the
// request asks for JSON of a schema, the answer is JSON that satisfies it (schema.h), its strings what the
// answer would have been, unless that is JSON already. Directives in the last user message change the
// answer; they are not repeated:
//
//   [[say: text]]          answer exactly this
//   [[say64: base64]]      the same, for texts that must not be in the prompt: base64 of the text with the top bit
//                          of each byte turned over, so that no detector reads it there
//   [[canned: name]]       answer with a made-up email | card | aws-key | crlf | empty
//   [[repeat: 1000]]       the text so many times (16 MiB at most)
//   [[think: text]]        think this before the answer; [[think64: base64]] the same
//   [[args: {json}]]       call the tool with these arguments, without "]]" in them; [[args64: base64]] any
//   [[chunks: 3]]          stream in pieces of so many bytes, never inside a character (default: words)
//   [[delay: 20ms]]        between pieces            [[first-delay: 500ms]]  before the answer; ms or s
//   [[fault: 500]]         answer with this status (400 to 599), in the protocol's error shape
//   [[fault: reset]]       break off half way        [[fault: truncate]]  end half way, as if it were the end
//   [[fault: stall]]       go silent half way        [[fault: garbage]]   something unreadable half way
//   [[fault: event]]       the protocol's error event half way; 500 when not streamed
#pragma once

#include <chrono>
#include <string>

#include "net/http.h"
#include "net/server.h"

namespace plimsoll::sample {

struct SampleOptions {
  std::string model = "plimsoll-sample-1";   // named in answers to requests that name none
  std::chrono::milliseconds stall{120'000};  // how long [[fault: stall]] is silent before it hangs up
};

// Copies of the handler share what /_last shows; it may serve several workers.
net::Handler make_sample_model(SampleOptions options = {});

}  // namespace plimsoll::sample
