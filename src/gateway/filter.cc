// POST /filter/prompt and /filter/output: the verdict itself as the answer.
#include "wire/filter.h"

#include "impl.h"

namespace plimsoll::gateway {

net::Task<> Gateway::Impl::filter_prompt(Passage& p) {
  return filter(p, Direction::kPrompt);
}
net::Task<> Gateway::Impl::filter_output(Passage& p) {
  return filter(p, Direction::kOutput);
}

net::Task<> Gateway::Impl::filter(Passage& p, Direction direction) {
  auto request = wire::decode_filter_request(p.request().body, direction);
  std::optional<wire::BadBody> bad;
  if (!request) {
    bad = request.error();
  } else {
    auto context = policy::read_context(request->context);
    if (context)
      adopt(p, *std::move(context));
    else
      bad = wire::BadBody{.status = 422, .param = "context", .message = context.error().message};
  }
  if (bad) {
    auto refused = net::json_response(bad->status, wire::filter_error(*bad));
    co_await answer(p, std::move(refused));
    co_return;
  }

  const Judgement judgement = co_await judge_and_record(p, request->conversation);
  auto response = net::json_response(
      200, request->explain ? wire::encode_filter_answer(judgement.verdict, judgement.found, judgement.scores,
                                                         request->conversation)
                            : wire::encode_filter_answer(judgement.verdict));
  co_await answer(p, std::move(response), &judgement);
}

}  // namespace plimsoll::gateway
