// Being somebody else's guard: OpenAI's moderations, Bedrock's ApplyGuardrail, LiteLLM's guardrail API. Nothing
// is forwarded; the verdict is the answer.
#include <algorithm>

#include "act.h"
#include "base/id.h"
#include "impl.h"
#include "wire/guardrails.h"
#include "wire/moderations.h"
#include "wire/text_completions.h"

namespace plimsoll::gateway {
namespace {

net::Response openai_response(const wire::Problem& problem) {
  return net::json_response(problem.status, wire::text_completion_error(problem));
}

net::Response aws_response(const wire::Problem& problem) {
  auto error = wire::guardrail_error(problem);
  auto response = net::json_response(error.status, std::move(error.body));
  response.headers.add("x-amzn-ErrorType", std::string(error.type));
  return response;
}

// What at the end of each text of an answer is not decided yet, should more follow: in characters.
std::vector<std::size_t> open_ends_of(const Conversation& conversation, const detect::Detector& detector,
                                      detect::Scratch& scratch) {
  std::vector<std::size_t> ends;
  if (conversation.direction != Direction::kOutput) return ends;
  for (const Segment& segment : conversation.segments) {
    if (!segment.pointer.starts_with("/texts/")) continue;
    detect::StreamInspector inspector(detector, scratch);
    const auto step = inspector.feed(segment.text);
    const auto open = std::string_view(segment.text).substr(std::min(step.decided, segment.text.size()));
    ends.push_back(static_cast<std::size_t>(std::ranges::count_if(
        open, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; })));
  }
  return ends;
}

}  // namespace

net::Task<> Gateway::Impl::moderations(Passage& p) {
  auto request = wire::decode_moderation_request(p.request().body);
  if (!request) {
    auto refused = openai_response(describe(request.error()));
    co_await answer(p, std::move(refused));
    co_return;
  }
  std::vector<wire::ModerationResult> results;
  std::optional<Judgement> last;
  for (const Conversation& input : request->inputs) {
    last = co_await judge_and_record(p, input);
    if (last->verdict.action == Action::kErrorBlock) {
      auto refused = openai_response(refusal(*last));
      co_await answer(p, std::move(refused), &*last);
      co_return;
    }
    results.push_back(
        wire::moderation_result(input, last->verdict, last->scores, std::move(last->found.findings)));
  }
  auto response = net::json_response(200, wire::encode_moderation(p.request_id, request->model, results));
  co_await answer(p, std::move(response), last ? &*last : nullptr);
}

net::Task<Judgement> Gateway::Impl::judge_as_guard(Passage& p, wire::GuardrailRequest& request) {
  Judgement j = co_await judge_and_record(p, request.document.conversation());
  if (j.verdict.allowed() && j.verdict.fired.has(Action::kRedact)) redact(request.document, j);
  co_return j;
}

net::Task<> Gateway::Impl::apply_guardrail(Passage& p) {
  auto request = wire::decode_apply_guardrail(p.request().body);
  if (!request) {
    auto refused = aws_response(describe(request.error()));
    co_await answer(p, std::move(refused));
    co_return;
  }
  const Judgement j = co_await judge_as_guard(p, *request);
  const std::string said = refusal_text(j);
  auto response = net::json_response(
      200,
      wire::encode_apply_guardrail(*request, {j.verdict, j.scores, j.found.findings, said, pattern_of(j)}));
  response.headers.add("x-amzn-RequestId", p.request_id);
  co_await answer(p, std::move(response), &j);
}

net::Task<> Gateway::Impl::litellm_guardrail(Passage& p) {
  auto request = wire::decode_litellm_guardrail(p.request().body);
  if (!request) {
    auto refused = openai_response(describe(request.error()));
    co_await answer(p, std::move(refused));
    co_return;
  }
  if (shared.options.authenticator == nullptr) {
    p.caller.user = request->user;
    p.caller.org = request->org;
  }
  const auto open_ends =
      open_ends_of(request->document.conversation(), *p.bench->detector, *p.bench->scratch);
  const Judgement j = co_await judge_as_guard(p, *request);
  const std::string said = refusal_text(j);
  auto response = net::json_response(
      200, wire::encode_litellm_guardrail(
               *request, {j.verdict, j.scores, j.found.findings, said, pattern_of(j), open_ends}));
  co_await answer(p, std::move(response), &j);
}

}  // namespace plimsoll::gateway
