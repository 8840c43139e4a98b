// To the upstream: which, in which protocol, and what is tried when one fails.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/value.hpp>

#include "base/json.h"
#include "base/log.h"
#include "carry.h"
#include "impl.h"

namespace plimsoll::gateway {
namespace {

namespace asio = boost::asio;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, net::Executor>;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable_t<net::Executor>{});

}  // namespace

wire::Problem describe(const Error& error) {
  wire::Problem problem{.kind = wire::ProblemKind::kUpstream,
                        .status = 502,
                        .message = {},
                        .code = {},
                        .param = {},
                        .inner = {}};
  switch (error.code) {
    case Code::kTimeout:
      problem.kind = wire::ProblemKind::kTimeout;
      problem.status = 504;
      problem.code = "upstream_timeout";
      problem.message = "the model did not answer in time";
      break;
    case Code::kUnavailable:
      problem.code = "upstream_unavailable";
      problem.message = "the model could not be reached or broke off";
      break;
    case Code::kTooLarge:
      problem.code = "upstream_too_large";
      problem.message = "the model's answer is larger than this gateway accepts";
      break;
    case Code::kInternal:
      problem.code = "upstream_misconfigured";
      problem.message = error.message;
      break;
    default:
      problem.code = "upstream_invalid";
      problem.message = "the model's answer could not be read";
  }
  return problem;
}

wire::Problem describe(const wire::BadBody& bad) {
  const bool ours = bad.status < 500;
  return {.kind = ours ? wire::ProblemKind::kInvalid : wire::ProblemKind::kUpstream,
          .status = bad.status,
          .message = bad.message,
          .code = ours ? "invalid_body" : "upstream_invalid",
          .param = bad.param,
          .inner = {}};
}

net::Task<Result<std::unique_ptr<net::Incoming>>> Gateway::Impl::send(Passage& p, std::size_t upstream,
                                                                      route::Outgoing out) {
  net::Abort* const abort = &p.abort;
  p.exchange.on_disconnect([abort] { abort->now(); });
  const auto& origin = shared.upstreams.upstreams()[upstream].origin;
  auto incoming = co_await clients[upstream]->send(origin, std::move(out.method), std::move(out.path),
                                                   std::move(out.headers), std::move(out.body), abort);
  p.exchange.on_disconnect({});
  if (incoming && (*incoming)->status() == kLoopDetected)
    incoming = fail(Code::kInternal,
                    "the upstream is this gateway itself; set PAC_UPSTREAM_URL to the model's server");
  if (!incoming) {
    shared.meters->count_upstream_failure();
    log_warn("upstream failed", {{"request_id", p.request_id},
                                 {"upstream", shared.upstreams.upstreams()[upstream].name},
                                 {"error", incoming.error().message}});
  }
  co_return incoming;
}

net::Task<std::expected<Reply, wire::Problem>> Gateway::Impl::ask(Passage& p, const wire::Surface& api,
                                                                  wire::Document& request) {
  const Conversation& asked = request.conversation();
  auto plan =
      router.plan({.protocol = api.protocol, .model = asked.model, .count_tokens = api.counts_tokens});
  if (!plan) co_return std::unexpected(std::move(plan).error());
  const route::Sending sending{.client = p.request().headers,
                               .request_id = p.request_id,
                               .instance = shared.options.instance,
                               .stream = asked.stream,
                               .asked = api.protocol};
  for (std::size_t i = 0;;) {
    Reply reply{.incoming = nullptr, .attempt = plan->attempts[i]};
    const bool only =
        plan->attempts.size() == 1 && !shared.upstreams.upstreams()[reply.attempt.upstream].retries;
    auto body = carry(api, request, reply.attempt.protocol, only);
    if (!body) co_return std::unexpected(describe(body.error()));
    router.fit(*body, reply.attempt, sending);
    auto out = router.request(reply.attempt, sending, to_json(*body));
    reply.aws_frames = out.aws_frames;
    auto incoming = co_await send(p, reply.attempt.upstream, std::move(out));
    if (p.abort.aborted())
      co_return std::unexpected(describe(Error{Code::kUnavailable, "the client has left"}));
    const auto next =
        incoming ? router.answered(*plan, i, (*incoming)->status(), (*incoming)->headers().get("retry-after"))
                 : router.failed(*plan, i, incoming.error());
    if (!next) {
      if (!incoming) co_return std::unexpected(describe(incoming.error()));
      reply.incoming = *std::move(incoming);
      co_return reply;
    }
    incoming = fail(Code::kUnavailable, "tried again");  // lets go of the connection
    if (next->wait.count() > 0) {
      Timer timer(loop.get_executor(), next->wait);
      co_await timer.async_wait(kAwait);
    }
    i = next->attempt;
  }
}

net::Task<Result<std::string>> Gateway::Impl::read_body(Passage& p, Reply& reply) {
  net::Incoming* const source = reply.incoming.get();
  p.exchange.on_disconnect([source] { source->abandon(); });
  auto body = co_await source->read_all(shared.options.max_answer_bytes);
  p.exchange.on_disconnect({});
  if (!body) {
    router.broke_off(reply.attempt, body.error());
    shared.meters->count_upstream_failure();
    log_warn("upstream broke off", {{"request_id", p.request_id}, {"error", body.error().message}});
  }
  co_return body;
}

}  // namespace plimsoll::gateway
