// A streamed answer that is judged whole: because the policy reads its text, asks for a summary, or redacts on a
// caller's word.
#include "base/log.h"
#include "carry.h"
#include "impl.h"

namespace plimsoll::gateway {
namespace {

using State = wire::StreamCodec::State;

// Keeps every text, lets none out.
class Gatherer final : public wire::TextFilter {
 public:
  Gatherer(Conversation& into, wire::Protocol protocol) : into_(into), protocol_(protocol) {}
  bool feed(wire::Channel channel, std::string_view text, std::string&) override {
    segment(channel).text += text;
    return channels_.size() <= kMaxListed;
  }
  bool finish(wire::Channel channel, std::string&) override {
    segment(channel);
    return true;
  }
  const std::vector<wire::Channel>& channels() const { return channels_; }

 private:
  Segment& segment(wire::Channel channel) {
    const auto known = std::ranges::find(channels_, channel);
    const auto index = static_cast<std::size_t>(known - channels_.begin());
    if (known == channels_.end()) {
      channels_.push_back(channel);
      Segment fresh{.role = Role::kAssistant, .kind = channel.kind, .text = {}, .pointer = {}};
      fresh.pointer = wire::pointer_of(protocol_, channel);
      into_.segments.push_back(std::move(fresh));
    }
    return into_.segments[index];
  }

  Conversation& into_;
  wire::Protocol protocol_;
  std::vector<wire::Channel> channels_;
};

// Gives each text as it was decided, at its first chance; or nothing at all.
class Replayer final : public wire::TextFilter {
 public:
  Replayer(const std::vector<wire::Channel>& channels, std::vector<std::string> texts, bool allowed)
      : channels_(channels), texts_(std::move(texts)), allowed_(allowed) {}
  bool feed(wire::Channel channel, std::string_view, std::string& out) override { return give(channel, out); }
  bool finish(wire::Channel channel, std::string& out) override { return give(channel, out); }

 private:
  bool give(wire::Channel channel, std::string& out) {
    const auto known = std::ranges::find(channels_, channel);
    if (!allowed_ || known == channels_.end()) return allowed_;
    std::string& text = texts_[static_cast<std::size_t>(known - channels_.begin())];
    out += text;
    text.clear();
    return true;
  }

  const std::vector<wire::Channel>& channels_;
  std::vector<std::string> texts_;
  bool allowed_;
};

}  // namespace

net::Task<> Gateway::Impl::relay_gathered(Passage& p, const wire::Surface& api, Reply reply,
                                          const wire::Document& request, const Judgement& prompt,
                                          const Placeholders& taken) {
  auto body = co_await read_body(p, reply);
  std::string events;
  Inflow inflow(api, reply, request);
  Result<void> read = body ? inflow.feed(*body, events) : Result<void>(std::unexpected(body.error()));
  if (read) read = inflow.close(events);
  if (p.standing) p.usage.feed(events);

  Conversation said;
  said.direction = Direction::kOutput;
  said.surface = api.name;
  said.model = request.conversation().model;
  said.stream = true;
  Gatherer gatherer(said, api.protocol);
  std::string out;
  const auto first = codec_of(api, reply, request, gatherer);
  if (read)
    if (auto fed = first->feed(events, out); !fed) read = std::unexpected(fed.error());
  first->close(out);
  charge(p, request.conversation(), bytes_of(said));
  const bool too_many = gatherer.channels().size() > kMaxListed;

  Judgement output = co_await judged(p, said);
  if (too_many) output.verdict = no_decision(nullptr, api.name, "the answer has too many parts to inspect");
  co_await record(p, output, said);
  const Verdict& verdict = output.verdict;

  std::vector<std::string> texts;
  Placeholders final_ones(p.policy->settings().redaction, false);
  for (std::uint32_t i = 0; i < said.segments.size() && verdict.allowed(); ++i) {
    std::string text = said.segments[i].text;
    if (verdict.fired.has(Action::kRedact)) text = redact(said.segments[i], i, output, final_ones);
    if (verdict.fired.has(Action::kSummarize)) {
      auto summary = co_await summary_of(p, text, i, said.model, output);
      text = std::move(summary);
    }
    text = taken.restore(text, said.segments[i].kind == SegmentKind::kToolArguments);
    texts.push_back(std::move(text));
  }
  Replayer replayer(gatherer.channels(), std::move(texts), verdict.allowed());
  const auto second = codec_of(api, reply, request, replayer);
  out.clear();
  auto state = read ? second->feed(events, out) : Result<State>(std::unexpected(read.error()));
  if (state && *state == State::kOpen) state = second->close(out);
  if (!state) second->fail(describe(state.error()).message, out);
  auto alive = co_await begin_events(p, prompt);
  if (alive) alive = co_await p.exchange.write(out);
  if (alive) co_await p.exchange.end_stream();
}

}  // namespace plimsoll::gateway
