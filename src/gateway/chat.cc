// POST /v1/chat/completions
#include <boost/json/value.hpp>

#include "base/json.h"
#include "base/log.h"
#include "impl.h"
#include "wire/openai_chat.h"

namespace plimsoll::gateway {
namespace {

constexpr std::string_view kRefused = "invalid_request_error";

// Azure's "innererror": what was found, by category, never the text.
json::value inner_error(const Judgement& j) {
  json::object result;
  for (std::size_t i = 0; i < kCategoryCount; ++i) {
    const auto category = static_cast<Category>(i);
    if (j.scores[category] > 0)
      result[to_string(category)] = json::object{{"filtered", true}, {"score", j.scores[category]}};
  }
  for (const Finding& f : j.found.findings)
    if (result.if_contains(to_string(f.category)) == nullptr)
      result[to_string(f.category)] = json::object{{"filtered", true}, {"detected", true}};
  json::array reasons;
  for (const auto& reason : j.verdict.reasons) reasons.emplace_back(json::string_view(reason));
  return json::object{{"code", "ResponsibleAIPolicyViolation"},
                      {"action", to_string(j.verdict.action)},
                      {"decision_id", j.id},
                      {"reasons", std::move(reasons)},
                      {"content_filter_result", std::move(result)}};
}

net::Response refusal(const Judgement& j) {
  const auto inner = inner_error(j);
  const bool undecided = j.verdict.action == Action::kErrorBlock;
  return net::json_response(
      undecided ? 503 : 400,
      wire::openai_error(refusal_text(j), undecided ? "server_error" : kRefused,
                         undecided ? "error_block" : "content_filter", "messages", &inner));
}

net::Response upstream_failure(const Error& error) {
  const auto problem = describe(error);
  return net::json_response(problem.status,
                            wire::openai_error(problem.message, "upstream_error", problem.code));
}

// An error answer of the provider's, passed on as what it is. Its text may echo the prompt: it passes only
// when nothing is found in it.
std::string provider_error(const std::string& body, const detect::Detector& detector,
                           detect::Scratch& scratch) {
  std::string message = "the model's server refused the request";
  std::string type = "upstream_error";
  std::string code;
  const auto parsed = parse_json(body);
  if (const auto* error = parsed ? find_object(*parsed, "error") : nullptr; error != nullptr) {
    const json::value object = *error;
    const auto text = [&](std::string_view key) {
      const auto* s = find_string(object, key);
      return s != nullptr && s->size() <= 2'000 ? std::string(*s) : std::string();
    };
    const std::string said = text("message");
    if (!said.empty() && detector.inspect(said, scratch).findings.empty()) message = said;
    if (const auto t = text("type"); !t.empty() && t.size() <= 64) type = t;
    if (const auto c = text("code"); c.size() <= 64) code = c;
  }
  return wire::openai_error(message, type, code);
}

}  // namespace

net::Task<> Gateway::Impl::chat(Passage& p) {
  auto request = wire::decode_chat_request(p.request().body);
  if (!request) {
    const auto& bad = request.error();
    auto response =
        net::json_response(bad.status, wire::openai_error(bad.message, kRefused, "invalid_body", bad.param));
    co_await answer(p, std::move(response));
    co_return;
  }
  const Conversation& asked = request->conversation();

  Judgement prompt = judge_now(p, asked);
  co_await record(p, prompt, asked);
  if (!prompt.verdict.allowed()) {
    auto refused = refusal(prompt);
    co_await answer(p, std::move(refused), &prompt);
    co_return;
  }
  if (prompt.verdict.fired.has(Action::kRedact)) redact(*request, prompt);
  if (prompt.verdict.fired.has(Action::kSafeMode))
    wire::make_safe(*request, p.policy->settings().safety_preamble,
                    p.policy->settings().safe_mode_max_temperature);

  auto upstream = co_await forward(p, chat_path(shared.options.upstream), request->body(), asked.stream);
  if (!upstream) {
    auto failed = upstream_failure(upstream.error());
    co_await answer(p, std::move(failed), &prompt);
    co_return;
  }
  const int status = (*upstream)->status();
  if (status == 200 && asked.stream &&
      (*upstream)->headers().get("content-type").starts_with("text/event-stream")) {
    StreamGuard guarded = guard(p, asked);
    const auto codec = wire::chat_stream(guarded, asked.model);
    co_await relay(p, *std::move(upstream), *codec, guarded, prompt);
    co_return;
  }

  net::Incoming* const source = upstream->get();
  p.exchange.on_disconnect([source] { source->abandon(); });
  auto body = co_await source->read_all(shared.options.max_answer_bytes);
  p.exchange.on_disconnect({});
  if (!body) {
    auto failed = upstream_failure(body.error());
    co_await answer(p, std::move(failed), &prompt);
    co_return;
  }
  if (status != 200) {
    auto failed =
        net::json_response(status >= 400 ? status : 502, provider_error(*body, shared.detector, *scratch));
    if (const auto retry = source->headers().get("retry-after"); !retry.empty() && retry.size() < 64)
      failed.headers.add("Retry-After", std::string(retry));
    co_await answer(p, std::move(failed), &prompt);
    co_return;
  }
  auto reply = wire::decode_chat_response(*body);
  if (!reply || asked.stream) {  // a whole answer to a streamed question is no answer either
    auto failed = upstream_failure({Code::kInvalid, "unreadable"});
    co_await answer(p, std::move(failed), &prompt);
    co_return;
  }
  reply->conversation().surface = asked.surface;
  if (reply->conversation().model.empty()) reply->conversation().model = asked.model;

  Judgement output = judge_now(p, reply->conversation());
  co_await record(p, output, reply->conversation());
  if (output.verdict.action == Action::kErrorBlock) {
    auto refused = refusal(output);
    co_await answer(p, std::move(refused), &output);
    co_return;
  }
  if (!output.verdict.allowed()) wire::withhold_chat_response(*reply);
  if (output.verdict.allowed() && output.verdict.fired.has(Action::kRedact)) redact(*reply, output);
  if (output.verdict.allowed() && output.verdict.fired.has(Action::kSummarize))
    co_await summarize(p, *reply, output);
  auto response = net::json_response(200, reply->body());
  co_await answer(p, std::move(response), &prompt);
}

}  // namespace plimsoll::gateway
