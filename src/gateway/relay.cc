// A streamed answer, piece by piece.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "base/log.h"
#include "carry.h"
#include "impl.h"

namespace plimsoll::gateway {
namespace {

using State = wire::StreamCodec::State;

// Reads what follows a protocol's own end, so that the connection can serve another request.
net::Task<> drain(std::unique_ptr<net::Incoming> upstream) {
  for (int pieces = 0; pieces < 8; ++pieces) {
    auto piece = co_await upstream->read();
    if (!piece || piece->empty()) co_return;
  }
}

// The client's bytes for the upstream's next piece; empty at its end.
Result<State> turn(Inflow& inflow, wire::StreamCodec& codec, std::string_view piece, UsageReader* usage,
                   std::string& out) {
  std::string events;
  const auto taken = piece.empty() ? inflow.close(events) : inflow.feed(piece, events);
  if (usage != nullptr) usage->feed(events);
  auto state = events.empty() ? Result<State>(State::kOpen) : codec.feed(events, out);
  if (state && *state == State::kOpen && !taken) return std::unexpected(taken.error());
  if (state && *state == State::kOpen && piece.empty()) return codec.close(out);
  return state;
}

}  // namespace

net::Task<> Gateway::Impl::relay_stream(Passage& p, const wire::Surface& api, Reply reply,
                                        const wire::Document& request, const Judgement& prompt,
                                        const Placeholders& taken) {
  StreamGuard guarded = guard(p, api, request.conversation());
  if (guarded.must_gather()) {
    co_await relay_gathered(p, api, std::move(reply), request, prompt, taken);
    co_return;
  }
  Restorer restorer(guarded, taken);
  const auto codec = codec_of(api, reply, request, restorer);
  Inflow inflow(api, reply, request);
  UsageReader* const usage = p.standing ? &p.usage : nullptr;  // read where it counts
  net::Incoming* const source = reply.incoming.get();
  auto alive = co_await begin_events(p, prompt);
  p.exchange.on_disconnect([source] { source->abandon(); });

  auto state = State::kOpen;
  std::string out;
  std::size_t received = 0;
  while (state == State::kOpen && alive) {
    out.clear();
    Result<State> next = State::kOpen;
    {  // what was read is gone before what it became waits for the client
      auto piece = co_await source->read();
      received += piece ? piece->size() : 0;
      if (received > shared.options.max_answer_bytes)
        piece = fail(Code::kTooLarge, "the upstream's answer is longer than " +
                                          std::to_string(shared.options.max_answer_bytes) + " bytes");
      next = piece ? turn(inflow, *codec, *piece, usage, out) : Result<State>(std::unexpected(piece.error()));
    }
    if (!next) {
      router.broke_off(reply.attempt, next.error());
      shared.meters->count_upstream_failure();
      log_warn("stream failed", {{"request_id", p.request_id}, {"error", next.error().message}});
      codec->fail(describe(next.error()).message, out);
      next = State::kEnded;
    }
    state = *next;
    if (state != State::kOpen)
      co_await record_stream(p, request.conversation(), guarded);  // before the end is sent
    if (!out.empty()) alive = co_await p.exchange.write(out);
  }
  p.exchange.on_disconnect({});
  if (!alive && state == State::kOpen) {  // the client left: what it was sent is still recorded
    source->abandon();
    co_await record_stream(p, request.conversation(), guarded);
    co_return;
  }
  if (state == State::kEnded)
    boost::asio::co_spawn(loop.get_executor(), drain(std::move(reply.incoming)), boost::asio::detached);
  if (alive) co_await p.exchange.end_stream();
}

net::Task<Result<void>> Gateway::Impl::begin_events(Passage& p, const Judgement& prompt) {
  net::Headers headers;
  headers.add("Content-Type", "text/event-stream; charset=utf-8");
  headers.add("Cache-Control", "no-cache");
  stamp(p, headers, &prompt);
  p.status = 200;
  auto begun = co_await p.exchange.begin_stream(200, std::move(headers));
  co_return begun;
}

net::Task<> Gateway::Impl::record_stream(Passage& p, const Conversation& asked, StreamGuard& guarded) {
  Judgement last = guarded.judgement();
  last.latest = last.found.scores;
  count_over_time(p, last, true);
  shared.meters->count_decision(Direction::kOutput, last);
  Event event = guarded.event(p.request_id, p.bench->detector->revision());
  event.verdict = last.verdict;
  event.accumulated = last.accumulated;
  if (last.verdict.review && last.policy)
    event.review_due = event.time + last.policy->settings().review_time();
  std::uint64_t bytes = 0;
  for (const SegmentRecord& segment : event.segments) bytes += segment.bytes;
  charge(p, asked, bytes);
  co_await record(p, last, std::move(event));
}

}  // namespace plimsoll::gateway
