// To the upstream and back.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "base/log.h"
#include "impl.h"

namespace plimsoll::gateway {
namespace {

// Reads what follows a protocol's own end, so that the connection can serve another request.
net::Task<> drain(std::unique_ptr<net::Incoming> upstream) {
  for (int pieces = 0; pieces < 8; ++pieces) {
    auto piece = co_await upstream->read();
    if (!piece || piece->empty()) co_return;
  }
}

}  // namespace

UpstreamProblem describe(const Error& error) {
  switch (error.code) {
    case Code::kTimeout:
      return {504, "upstream_timeout", "the model did not answer in time"};
    case Code::kUnavailable:
      return {502, "upstream_unavailable", "the model could not be reached or broke off"};
    case Code::kTooLarge:
      return {502, "upstream_too_large", "the model's answer is larger than this gateway accepts"};
    case Code::kInternal:
      return {502, "upstream_misconfigured", error.message};
    default:
      return {502, "upstream_invalid", "the model's answer could not be read"};
  }
}

net::Task<Result<std::unique_ptr<net::Incoming>>> Gateway::Impl::forward(Passage& p, std::string path,
                                                                         std::string body, bool stream) {
  const auto& options = shared.options;
  net::Headers headers =
      upstream_headers(options.upstream, p.request().headers, p.request_id, options.instance, stream);
  net::Abort* const abort = &p.abort;
  p.exchange.on_disconnect([abort] { abort->now(); });
  auto incoming = co_await client->send(options.upstream.origin, "POST", std::move(path), std::move(headers),
                                        std::move(body), abort);
  p.exchange.on_disconnect({});
  if (incoming && (*incoming)->status() == kLoopDetected)
    incoming = fail(Code::kInternal,
                    "the upstream is this gateway itself; set PAC_UPSTREAM_URL to the model's server");
  if (!incoming) {
    shared.meters->count_upstream_failure();
    log_warn("upstream failed", {{"request_id", p.request_id}, {"error", incoming.error().message}});
  }
  co_return incoming;
}

net::Task<> Gateway::Impl::relay(Passage& p, std::unique_ptr<net::Incoming> upstream,
                                 wire::StreamCodec& codec, StreamGuard& guard, const Judgement& prompt) {
  net::Headers headers;
  headers.add("Content-Type", "text/event-stream; charset=utf-8");
  headers.add("Cache-Control", "no-cache");
  stamp(p, headers, &prompt);
  p.status = 200;
  net::Incoming* const source = upstream.get();
  p.exchange.on_disconnect([source] { source->abandon(); });
  auto alive = co_await p.exchange.begin_stream(200, std::move(headers));

  auto state = wire::StreamCodec::State::kOpen;
  while (state == wire::StreamCodec::State::kOpen && alive) {
    std::string out;
    auto piece = co_await upstream->read();
    Result<wire::StreamCodec::State> next = wire::StreamCodec::State::kEnded;
    if (!piece)
      next = std::unexpected(piece.error());
    else if (piece->empty())
      next = codec.close(out);
    else
      next = codec.feed(*piece, out);
    if (!next) {
      shared.meters->count_upstream_failure();
      log_warn("stream failed", {{"request_id", p.request_id}, {"error", next.error().message}});
      codec.fail(describe(next.error()).message, out);
      state = wire::StreamCodec::State::kEnded;
    } else {
      state = *next;
    }
    if (state != wire::StreamCodec::State::kOpen) {  // the record comes before the end
      Judgement last = guard.judgement();
      shared.meters->count_decision(Direction::kOutput, last);
      Event event = guard.event(p.request_id, shared.detector.revision());
      co_await record(p, last, std::move(event));
    }
    if (!out.empty()) alive = co_await p.exchange.write(out);
  }
  p.exchange.on_disconnect({});
  if (!alive &&
      state == wire::StreamCodec::State::kOpen) {  // the client left: what it was sent is still recorded
    upstream->abandon();
    Judgement last = guard.judgement();
    Event event = guard.event(p.request_id, shared.detector.revision());
    co_await record(p, last, std::move(event));
    co_return;
  }
  if (state == wire::StreamCodec::State::kEnded)
    boost::asio::co_spawn(loop.get_executor(), drain(std::move(upstream)), boost::asio::detached);
  if (alive) co_await p.exchange.end_stream();
}

}  // namespace plimsoll::gateway
