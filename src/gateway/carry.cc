#include "carry.h"

#include "base/json.h"
#include "impl.h"
#include "wire/aws_event_stream.h"
#include "wire/completion.h"

namespace plimsoll::gateway {
namespace {

using wire::Protocol;

wire::BadBody unreadable() {
  return {.status = 502, .param = {}, .message = "the model's answer could not be read"};
}

wire::Decoded<json::value> parsed(std::string_view body) {
  auto value = parse_json(body, {.max_bytes = 64U << 20U});
  if (!value) return std::unexpected(unreadable());
  return *std::move(value);
}

// The documents' own protocol travels as chat wherever it is not spoken.
wire::Decoded<json::value> chat_of(const wire::Document& completion) {
  return parsed(wire::completion_as_chat(completion, completion.conversation().stream));
}

}  // namespace

wire::Decoded<json::value> carry(const wire::Surface& api, wire::Document& request, Protocol to, bool last) {
  if (to == api.protocol) {
    if (to == Protocol::kCompletion && request.conversation().stream)
      request.json().as_object()["stream"] = true;
    if (last) return std::move(request.json());
    return request.json();
  }
  if (api.protocol != Protocol::kCompletion) return wire::translate_request(request.json(), api.protocol, to);
  auto chat = chat_of(request);
  if (!chat || to == Protocol::kChat) return chat;
  return wire::translate_request(*chat, Protocol::kChat, to);
}

wire::Decoded<wire::Document> carry_back(const wire::Surface& api, std::string_view body, Protocol from,
                                         const wire::Document& request) {
  if (from == api.protocol) return api.decode_response(body);
  const bool completion = api.protocol == Protocol::kCompletion;
  if (completion && from == Protocol::kChat) return wire::completion_from_chat(body);
  auto value = parsed(body);
  if (!value) return std::unexpected(value.error());
  const Protocol to = completion ? Protocol::kChat : api.protocol;
  value = wire::translate_response(*value, from, to, request.json());
  if (!value) return std::unexpected(value.error());
  const std::string carried = to_json(*value);
  return completion ? wire::completion_from_chat(carried) : api.decode_response(carried);
}

bool is_event_stream(const Reply& reply) {
  const auto type = reply.incoming->headers().get("content-type");
  return reply.aws_frames ? type.starts_with("application/vnd.amazon.eventstream")
                          : type.starts_with("text/event-stream");
}

Inflow::Inflow(const wire::Surface& api, const Reply& reply, const wire::Document& request) {
  if (reply.aws_frames) steps_.push_back(wire::bedrock_events_to_sse());
  const Protocol to = api.protocol == Protocol::kCompletion ? Protocol::kChat : api.protocol;
  const Protocol from = reply.attempt.protocol;
  if (from != to && from != Protocol::kCompletion)
    steps_.push_back(wire::translate_stream(from, to, request.json()));
}

Result<void> Inflow::push(std::size_t step, std::string_view bytes, std::string& out) {
  if (step == steps_.size()) {
    out.append(bytes);
    return {};
  }
  std::string next;
  auto fed = steps_[step]->feed(bytes, next);
  if (!next.empty())
    if (auto pushed = push(step + 1, next, out); !pushed) return pushed;
  return fed;
}

Result<void> Inflow::feed(std::string_view bytes, std::string& out) {
  return push(0, bytes, out);
}

Result<void> Inflow::close(std::string& out) {
  for (std::size_t step = 0; step < steps_.size(); ++step) {
    std::string rest;
    steps_[step]->close(rest);
    if (auto pushed = push(step + 1, rest, out); !pushed) return pushed;
  }
  return {};
}

std::unique_ptr<wire::StreamCodec> codec_of(const wire::Surface& api, const Reply& reply,
                                            const wire::Document& request, wire::TextFilter& filter) {
  if (api.protocol == Protocol::kCompletion)
    return wire::completion_stream(filter, reply.attempt.protocol == Protocol::kCompletion
                                               ? wire::CompletionUpstream::kCompletion
                                               : wire::CompletionUpstream::kChat);
  return api.stream(filter, request.conversation().model);
}

}  // namespace plimsoll::gateway
