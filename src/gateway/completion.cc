// POST /proxy/completion and /proxy/completion/stream: the documents' own protocol.
#include "wire/completion.h"

#include <boost/json/value.hpp>

#include "base/json.h"
#include "impl.h"

namespace plimsoll::gateway {
namespace {

net::Response refusal(const Judgement& j) {
  json::array reasons;
  for (const auto& reason : j.verdict.reasons) reasons.emplace_back(json::string_view(reason));
  json::object error{{"message", refusal_text(j)}, {"type", "content_filter"}, {"decision_id", j.id}};
  json::object body{{"allowed", false},
                    {"action", to_string(j.verdict.action)},
                    {"reasons", std::move(reasons)},
                    {"error", std::move(error)}};
  return net::json_response(j.verdict.action == Action::kErrorBlock ? 503 : 403, to_json(body));
}

net::Response failure(const Error& error) {
  const auto problem = describe(error);
  return net::json_response(problem.status, wire::completion_error(problem.message, problem.code));
}

net::Response bad_request(const wire::BadBody& bad) {
  std::string message = bad.param.empty() ? bad.message : bad.param + ": " + bad.message;
  return net::json_response(bad.status, wire::completion_error(message, "invalid_request_error"));
}

}  // namespace

net::Task<std::unique_ptr<net::Incoming>> Gateway::Impl::ask_completion(Passage& p, bool stream,
                                                                        CompletionAsked& asked) {
  auto request = wire::decode_completion_request(p.request().body);
  if (!request) {
    auto refused = bad_request(request.error());
    co_await answer(p, std::move(refused));
    co_return nullptr;
  }
  asked.context = std::move(request->context);
  auto context = policy::read_context(asked.context);
  if (!context) {
    auto refused = bad_request({.status = 422, .param = "context", .message = context.error().message});
    co_await answer(p, std::move(refused));
    co_return nullptr;
  }
  adopt(p, *std::move(context));
  wire::Document& document = asked.document.emplace(std::move(request->document));
  document.conversation().stream = stream;

  asked.prompt = judge_now(p, document.conversation());
  co_await record(p, asked.prompt, document.conversation());
  const Judgement& prompt = asked.prompt;
  if (!prompt.verdict.allowed()) {
    auto refused = refusal(prompt);
    co_await answer(p, std::move(refused), &prompt);
    co_return nullptr;
  }
  if (prompt.verdict.fired.has(Action::kRedact)) redact(document, prompt);
  if (prompt.verdict.fired.has(Action::kSafeMode))
    wire::make_safe_completion(document, p.policy->settings().safety_preamble,
                               p.policy->settings().safe_mode_max_temperature);

  const Upstream& model = shared.options.upstream;
  std::string body;
  if (speaks_completion(model)) {
    if (stream) document.json().as_object()["stream"] = true;
    body = document.body();
  } else {
    body = wire::completion_as_chat(document, stream);
  }
  auto upstream = co_await forward(p, completion_path(model), std::move(body), stream);
  if (!upstream) {
    auto failed = failure(upstream.error());
    co_await answer(p, std::move(failed), &prompt);
    co_return nullptr;
  }
  if ((*upstream)->status() != 200) {
    auto failed =
        net::json_response(502, wire::completion_error("the model's server refused the request with status " +
                                                           std::to_string((*upstream)->status()),
                                                       "upstream_error"));
    co_await answer(p, std::move(failed), &prompt);
    co_return nullptr;
  }
  co_return *std::move(upstream);
}

net::Task<> Gateway::Impl::completion(Passage& p) {
  CompletionAsked asked;
  auto upstream = co_await ask_completion(p, false, asked);
  if (!upstream) co_return;

  net::Incoming* const source = upstream.get();
  p.exchange.on_disconnect([source] { source->abandon(); });
  auto body = co_await source->read_all(shared.options.max_answer_bytes);
  p.exchange.on_disconnect({});
  std::optional<wire::Decoded<wire::Document>> reply;
  if (body)
    reply = speaks_completion(shared.options.upstream) ? wire::decode_completion_response(*body)
                                                       : wire::completion_from_chat(*body);
  if (!reply || !*reply) {
    auto failed = failure(body ? Error{Code::kInvalid, "unreadable"} : body.error());
    co_await answer(p, std::move(failed), &asked.prompt);
    co_return;
  }
  wire::Document& document = **reply;
  document.conversation().surface = asked.document->conversation().surface;
  if (document.conversation().model.empty())
    document.conversation().model = asked.document->conversation().model;

  Judgement output = judge_now(p, document.conversation());
  co_await record(p, output, document.conversation());
  if (!output.verdict.allowed()) {
    auto refused = refusal(output);
    co_await answer(p, std::move(refused), &output);
    co_return;
  }
  if (output.verdict.fired.has(Action::kRedact)) redact(document, output);
  if (output.verdict.fired.has(Action::kSummarize)) co_await summarize(p, document, output);
  auto response = net::json_response(200, document.body());
  co_await answer(p, std::move(response), &asked.prompt);
}

net::Task<> Gateway::Impl::completion_stream(Passage& p) {
  CompletionAsked asked;
  auto upstream = co_await ask_completion(p, true, asked);
  if (!upstream) co_return;
  StreamGuard guarded = guard(p, asked.document->conversation());
  const auto codec = wire::completion_stream(guarded, speaks_completion(shared.options.upstream)
                                                          ? wire::CompletionUpstream::kCompletion
                                                          : wire::CompletionUpstream::kChat);
  co_await relay(p, std::move(upstream), *codec, guarded, asked.prompt);
}

}  // namespace plimsoll::gateway
