// A model's API, whichever it is: inspect, decide, record, act, forward, and the answer through the same.
#include <boost/json/value.hpp>

#include "base/json.h"
#include "carry.h"
#include "impl.h"

namespace plimsoll::gateway {
namespace {

// An error answer of the provider's, passed on as what it is. Its text may echo the prompt: it passes only
// when nothing is found in it.
wire::Problem provider_error(int status, const std::string& body, const detect::Detector& detector,
                             detect::Scratch& scratch) {
  wire::Problem problem{.kind = wire::ProblemKind::kUpstream,
                        .status = status >= 400 ? status : 502,
                        .message = "the model's server refused the request",
                        .code = {},
                        .param = {},
                        .inner = {}};
  if (status == 500 || status == 501) problem.kind = wire::ProblemKind::kInternal;
  if (status == 504) problem.kind = wire::ProblemKind::kTimeout;
  if (status == 429) problem.kind = wire::ProblemKind::kLimited;
  if (status == 401 || status == 403) problem.kind = wire::ProblemKind::kStranger;
  if (status == 400 || status == 404 || status == 413 || status == 422)
    problem.kind = wire::ProblemKind::kInvalid;
  const auto parsed = parse_json(body);
  if (!parsed) return problem;
  const json::value* error = find(*parsed, "error");
  if (error == nullptr) error = &*parsed;  // AWS: {"message": …}
  if (const auto* said = find_string(*error, "message"); said != nullptr && said->size() <= 2'000) {
    const std::string text(*said);
    if (detector.inspect(text, scratch).findings.empty()) problem.message = text;
  }
  if (const auto* code = find_string(*error, "code"); code != nullptr && code->size() <= 64)
    problem.code = *code;
  return problem;
}

}  // namespace

net::Task<> Gateway::Impl::proxy(Passage& p) {
  const wire::Surface& api = *p.api;
  auto request = api.decode_request(p.request().body);
  if (!request) {
    auto problem = describe(request.error());
    co_await answer_problem(p, api, std::move(problem));
    co_return;
  }
  co_await pass(p, api, *std::move(request));
}

net::Task<> Gateway::Impl::pass(Passage& p, const wire::Surface& api, wire::Document request) {
  const Conversation& asked = request.conversation();
  const Judgement prompt = co_await judge_and_record(p, asked);
  if (!prompt.verdict.allowed()) {
    auto refused = refusal(prompt);
    co_await answer_problem(p, api, std::move(refused), &prompt);
    co_return;
  }
  Placeholders taken(p.policy->settings().redaction, p.policy->settings().restore);
  if (prompt.verdict.fired.has(Action::kRedact)) redact(request, prompt, taken);
  if (prompt.verdict.fired.has(Action::kSafeMode) && api.make_safe != nullptr)
    api.make_safe(request, p.policy->settings().safety_preamble,
                  p.policy->settings().safe_mode_max_temperature);

  if (p.policy->settings().asks_about(Direction::kOutput)) p.asked = text_of(asked);
  auto reply = co_await ask(p, api, request);
  if (!reply) {
    auto problem = std::move(reply).error();
    co_await answer_problem(p, api, std::move(problem), &prompt);
  } else if (reply->incoming->status() == 200 && asked.stream && is_event_stream(*reply)) {
    co_await relay_stream(p, api, *std::move(reply), request, prompt, taken);
  } else {
    co_await relay_whole(p, api, *std::move(reply), request, prompt, taken);
  }
}

net::Task<> Gateway::Impl::relay_whole(Passage& p, const wire::Surface& api, Reply reply,
                                       const wire::Document& request, const Judgement& prompt,
                                       const Placeholders& taken) {
  const int status = reply.incoming->status();
  // A short answer is all here by now.
  auto here = reply.incoming->whole(shared.options.max_answer_bytes);
  Result<std::string> body;
  if (here)
    body = *std::move(here);
  else
    body = co_await read_body(p, reply);
  if (!body || status != 200) {
    auto problem =
        body ? provider_error(status, *body, *p.bench->detector, *p.bench->scratch) : describe(body.error());
    if (const auto retry = reply.incoming->headers().get("retry-after"); retry.size() < 64)
      p.retry_after = retry;
    co_await answer_problem(p, api, std::move(problem), &prompt);
    co_return;
  }
  if (p.standing) p.usage.feed(*body);
  auto answered = carry_back(api, *body, reply.attempt.protocol, request);
  if (!answered || request.conversation().stream) {  // a whole answer to a streamed question is no answer
    auto problem = describe(Error{Code::kInvalid, "unreadable"});
    router.broke_off(reply.attempt, {Code::kInvalid, "unreadable"});
    co_await answer_problem(p, api, std::move(problem), &prompt);
    co_return;
  }
  Conversation& said = answered->conversation();
  said.surface = api.name;
  if (said.model.empty()) said.model = request.conversation().model;
  charge(p, request.conversation(), bytes_of(said));

  const Judgement output = co_await judge_and_record(p, said);
  const bool undecided = output.verdict.action == Action::kErrorBlock;
  if (!output.verdict.allowed() && (undecided || api.withhold == nullptr)) {
    auto refused = refusal(output);
    co_await answer_problem(p, api, std::move(refused), &output);
    co_return;
  }
  if (!output.verdict.allowed()) {
    api.withhold(*answered);
  } else {
    if (output.verdict.fired.has(Action::kRedact)) redact(*answered, output);
    if (output.verdict.fired.has(Action::kSummarize)) {
      for (std::uint32_t i = 0; i < said.segments.size(); ++i) {
        auto summary = co_await summary_of(p, said.segments[i].text, i, said.model, output);
        answered->replace(i, std::move(summary));
      }
    }
    restore(*answered, taken);
  }
  auto response = net::json_response(200, answered->body());
  stamp(p, response.headers, &prompt);
  p.status = response.status;
  co_await p.exchange.respond(std::move(response));
}

}  // namespace plimsoll::gateway
