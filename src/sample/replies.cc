#include "replies.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "answer.h"
#include "base/json.h"
#include "wire/sse.h"

namespace plimsoll::sample {
namespace {

constexpr std::string_view kAskedFor = "The prompt asked for this failure.";

std::string_view openai_type(int status) {
  return status == 429 ? "rate_limit_error" : status < 500 ? "invalid_request_error" : "server_error";
}

std::string_view anthropic_type(int status) {
  switch (status) {
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 413:
      return "request_too_large";
    case 429:
      return "rate_limit_error";
    case 529:
      return "overloaded_error";
    default:
      return status < 500 ? "invalid_request_error" : "api_error";
  }
}

std::string_view bedrock_type(int status) {
  switch (status) {
    case 403:
      return "AccessDeniedException";
    case 404:
      return "ResourceNotFoundException";
    case 408:
      return "ModelTimeoutException";
    case 429:
      return "ThrottlingException";
    case 503:
      return "ServiceUnavailableException";
    default:
      return status < 500 ? "ValidationException" : "InternalServerException";
  }
}

// How a stream of this protocol says, after so many events, that it cannot go on.
std::string failure_event(Protocol protocol, std::size_t events) {
  if (protocol == Protocol::kResponses)
    return frame({{"type", "error"},
                  {"sequence_number", events},
                  {"code", "server_error"},
                  {"message", kAskedFor},
                  {"param", nullptr}},
                 "error");
  if (protocol == Protocol::kBedrockStream) return invoke_exception("modelStreamErrorException", kAskedFor);
  const bool anthropic = protocol == Protocol::kMessages;
  std::string out;
  wire::append_sse(out, make_error(protocol, anthropic ? 529 : 500, kAskedFor).body,
                   anthropic ? "error" : "");
  return out;
}

json::object count_tokens(const Answer& answer) {
  return {{"input_tokens", answer.words_in}};
}

}  // namespace

Reply make_reply(Protocol protocol, const json::value& request, std::string_view model) {
  auto answer = think(request, model);
  if (protocol == Protocol::kBedrock) answer.stream = false;  // the path says
  if (protocol == Protocol::kBedrockStream) answer.stream = true;
  const bool streams =
      answer.stream && protocol != Protocol::kCountTokens && protocol != Protocol::kEmbeddings;
  const auto fault = answer.script.fault;
  Reply reply;
  if (fault == Fault::kStatus || (fault == Fault::kEvent && !streams)) {
    reply = make_error(protocol, fault == Fault::kStatus ? answer.script.status : 500, kAskedFor);
    reply.script = answer.script;
    reply.script.fault = Fault::kStatus;
    return reply;
  }
  reply.script = answer.script;
  switch (protocol) {
    case Protocol::kCompletion:
      complete(answer, reply);
      break;
    case Protocol::kChat:
      chat(answer, reply);
      break;
    case Protocol::kText:
      complete_texts(answer, request, reply);
      break;
    case Protocol::kMessages:
      messages(answer, reply);
      break;
    case Protocol::kBedrock:
    case Protocol::kBedrockStream:
      invoke(answer, reply);
      break;
    case Protocol::kCountTokens:
      reply.body = to_json(count_tokens(answer));
      break;
    case Protocol::kResponses:
      respond(answer, request, reply);
      break;
    case Protocol::kEmbeddings:
      reply.body = make_embeddings(request, model);
      break;
  }
  if (fault == Fault::kEvent) reply.failure = failure_event(protocol, reply.frames.size() / 2);
  return reply;
}

Reply make_error(Protocol protocol, int status, std::string_view message) {
  Reply reply;
  reply.status = status;
  if (status == 429) reply.headers.emplace_back("Retry-After", "1");
  if (protocol == Protocol::kBedrock || protocol == Protocol::kBedrockStream) {
    reply.headers.emplace_back("x-amzn-ErrorType", bedrock_type(status));
    reply.body = to_json(json::object{{"message", message}});
  } else if (protocol == Protocol::kMessages || protocol == Protocol::kCountTokens) {
    reply.body =
        to_json(json::object{{"type", "error"},
                             {"error", json::object{{"type", anthropic_type(status)}, {"message", message}}},
                             {"request_id", nullptr}});
  } else {
    reply.body = to_json(json::object{
        {"error",
         json::object{
             {"message", message}, {"type", openai_type(status)}, {"param", nullptr}, {"code", nullptr}}}});
  }
  return reply;
}

}  // namespace plimsoll::sample
