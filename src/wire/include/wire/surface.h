// The APIs that clients speak, each as a table of what the request path needs from it.
#pragma once

#include <boost/json/value.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "wire/document.h"
#include "wire/stream.h"

namespace plimsoll::wire {

// What an upstream can be spoken to in. A request whose surface speaks one of the first three can be carried
// over to an upstream that speaks another of them (wire/translate.h).
enum class Protocol : std::uint8_t { kChat, kMessages, kResponses, kCompletions, kEmbeddings, kCompletion };

// Why there is no answer, apart from how a protocol says so.
enum class ProblemKind : std::uint8_t {
  kInvalid,    // the request cannot be used: 400, 404, 405, 413, 422
  kRefused,    // by policy: 400, with what was decided in `inner`
  kUndecided,  // no decision could be made: 503
  kStranger,   // who asks is unknown or may not: 401, 403
  kLimited,    // 429
  kUpstream,   // the model's server failed or said no: its status, 502, 503
  kTimeout,    // it did not answer in time: 504
  kInternal,   // 500
};

struct Problem {
  ProblemKind kind = ProblemKind::kInvalid;
  int status = 400;
  std::string message = {};       // for people; quotes nothing that was inspected
  std::string code = {};          // "content_filter", "invalid_body", "upstream_timeout", …
  std::string param = {};         // "messages[2].content"; empty: none in particular
  boost::json::value inner = {};  // of refusals: Azure's "innererror" object; null: none
};

// One API. Everything is a plain function, so that every surface passes through one and the same path.
struct Surface {
  std::string_view name;  // "chat.completions": in records, metrics and `fail_open_routes`
  Protocol protocol;

  // What the model would read, as segments; texts nobody knows included. `conversation().surface` is `name`.
  Decoded<Document> (*decode_request)(std::string_view body);
  // What the model wrote.
  Decoded<Document> (*decode_response)(std::string_view body);
  // A streamed answer; `filter` must outlive the codec; `model` as asked for. Null: this API never streams.
  std::unique_ptr<StreamCodec> (*stream)(TextFilter& filter, std::string_view model);

  // Safe mode: the preamble first, tools removed, sampling tightened. Null: nothing is generated.
  void (*make_safe)(Document& request, std::string_view preamble, double max_temperature);
  // Takes every text out of an answer and gives it the API's native "withheld" end. Null: answers have none.
  void (*withhold)(Document& response);
  // The API's error object.
  std::string (*error)(const Problem& problem);
  int refusal_status = 400;
  std::string_view content = {};  // the request's member that a refusal names
  bool counts_tokens = false;     // Anthropic's /v1/messages/count_tokens: nothing is generated
};

}  // namespace plimsoll::wire
