#include "stream_guard.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <typeinfo>
#include <utility>

#include "act.h"
#include "base/id.h"
#include "base/log.h"

namespace plimsoll::gateway {
namespace {

constexpr std::size_t kMaxLanes = 1'024;     // choices × tool calls of one answer
constexpr std::size_t kMaxFindings = 4'096;  // kept per answer; more are withheld as a fault
constexpr std::string_view kLetOpen = "inspection failed or took too long; the policy lets it fail open";

}  // namespace

// One channel's text on its way.
struct StreamGuard::Lane {
  Lane(wire::Channel c, std::uint32_t i, const detect::Detector& detector, detect::Scratch& scratch,
       std::size_t hold_back, Commitment commit)
      : channel(c), index(i), inspector(detector, scratch, hold_back), commitment(std::move(commit)) {}

  wire::Channel channel;
  std::uint32_t index;
  detect::StreamInspector inspector;
  Commitment commitment;
  std::string held;          // received, not yet released
  std::size_t released = 0;  // offset of held's first byte in the stream
  std::uint64_t bytes = 0;
  bool finished = false;
  bool uninspected = false;  // its inspector failed, and the policy lets that pass
};

StreamGuard::StreamGuard(PolicyPtr policy, const detect::Detector& detector, detect::Scratch& scratch,
                         wire::Protocol protocol, const Conversation& about, const Caller& caller,
                         const policy::Context& context, std::string_view commitment_key, Faults faults)
    : detector_(detector),
      scratch_(scratch),
      protocol_(protocol),
      caller_(caller),
      context_(context),
      commitment_key_(commitment_key),
      faults_(faults) {
  output_.direction = Direction::kOutput;
  output_.surface = about.surface;
  output_.model = about.model;
  output_.stream = true;
  judgement_.id = new_id();
  if (!faults.has(Fault::kPolicyMissing)) judgement_.policy = std::move(policy);
  decide();
}

StreamGuard::~StreamGuard() = default;

StreamGuard::Lane& StreamGuard::lane(wire::Channel channel) {
  for (auto& known : lanes_)
    if (known->channel == channel) return *known;
  const auto index = static_cast<std::uint32_t>(lanes_.size());
  Segment segment{.role = Role::kAssistant, .kind = channel.kind, .text = {}, .pointer = {}};
  const std::size_t hold_back =
      judgement_.policy ? judgement_.policy->settings().hold_back_bytes : detect::StreamInspector::kHoldBack;
  segment.pointer = wire::pointer_of(protocol_, channel);
  output_.segments.push_back(std::move(segment));
  lanes_.push_back(std::make_unique<Lane>(channel, index, detector_, scratch_, hold_back,
                                          Commitment(commitment_key_, judgement_.id, index)));
  return *lanes_.back();
}

bool StreamGuard::feed(wire::Channel channel, std::string_view text, std::string& out) {
  if (withheld()) return false;
  begun_ = true;
  Lane& l = lane(channel);
  l.held += text;
  l.bytes += text.size();
  l.commitment.update(text);
  if (lanes_.size() > kMaxLanes) {
    judgement_.verdict = no_decision(nullptr, output_.surface, "the answer has too many parts to inspect");
    return false;
  }
  return advance(l, &text, out);
}

bool StreamGuard::finish(wire::Channel channel, std::string& out) {
  if (withheld()) return false;
  Lane& l = lane(channel);
  return std::exchange(l.finished, true) || advance(l, nullptr, out);
}

bool StreamGuard::must_gather() const {
  const auto& j = judgement_;
  return j.policy &&
         (j.policy->reads_text(Direction::kOutput) || j.policy->settings().asks_about(Direction::kOutput) ||
          j.verdict.fired.has(Action::kSummarize) || j.verdict.fired.has(Action::kRedact));
}

std::optional<detect::StreamInspector::Step> StreamGuard::inspect(Lane& l, const std::string_view* piece) {
  if (faults_.has(Fault::kDetectorLate)) return std::nullopt;
  try {
    if (faults_.has(Fault::kDetectorThrows)) throw std::runtime_error("as asked");
    const auto start = std::chrono::steady_clock::now();
    auto step = piece != nullptr ? l.inspector.feed(*piece) : l.inspector.finish();
    const auto took = std::chrono::steady_clock::now() - start;
    judgement_.inspecting += took;
    if (took > judgement_.policy->settings().inspection_deadline) return std::nullopt;
    return step;
  } catch (const std::exception& error) {
    log_error("inspection failed", {{"surface", output_.surface}, {"exception", typeid(error).name()}});
    return std::nullopt;
  }
}

// Null `piece`: the text has ended.
bool StreamGuard::advance(Lane& l, const std::string_view* piece, std::string& out) {
  if (!l.uninspected && judgement_.policy->settings().inspect) {
    if (auto step = inspect(l, piece)) return take(l, *std::move(step), out);
    if (judgement_.policy->settings().inspection_fails_open) {
      opened_ = {{.id = kInspectionFailed, .action = Action::kAllow, .shadow = false, .failed = true},
                 std::string(kLetOpen)};
    } else {
      judgement_.verdict =
          no_decision(judgement_.policy.get(), output_.surface, "inspection failed or took too long");
      if (withheld()) return false;
      opened_ = {judgement_.verdict.rules.front(), judgement_.verdict.reasons.front()};
    }
    l.uninspected = true;
    if (!decide()) return false;
  }
  out.append(l.held);
  l.held.clear();
  return true;
}

bool StreamGuard::take(Lane& l, detect::StreamInspector::Step step, std::string& out) {
  const bool news = !step.findings.empty() || step.scores != judgement_.found.scores;
  for (Finding& f : step.findings) f.segment = l.index;
  if (news) {
    auto& all = judgement_.found.findings;
    if (all.size() + step.findings.size() > kMaxFindings) {
      judgement_.verdict =
          no_decision(nullptr, output_.surface, "the answer has more findings than are kept");
      return false;
    }
    all.insert(all.end(), step.findings.begin(), step.findings.end());
    judgement_.found.scores.raise(step.scores);
    if (!decide()) return false;
  }

  const std::size_t count = step.decided - l.released;
  const std::string_view ready = std::string_view(l.held).substr(0, count);
  const Categories categories =
      judgement_.verdict.fired.has(Action::kRedact) ? judgement_.verdict.redact : Categories();
  std::erase_if(step.findings, [&](const Finding& f) { return !categories.has(f.category); });
  if (step.findings.empty()) {
    out.append(ready);
  } else {
    std::ranges::sort(step.findings, starts_before);
    std::size_t done = l.released;
    for (const Finding& f : step.findings) {
      if (f.span.end <= done) continue;
      if (f.span.begin >= done) {
        out.append(ready.substr(done - l.released, f.span.begin - done));
        if (!f.continuation) out.append(placeholder(judgement_.policy->settings().redaction, f));
      }
      done = f.span.end;
    }
    out.append(ready.substr(done - l.released));
  }
  l.held.erase(0, count);
  l.released = step.decided;
  return true;
}

bool StreamGuard::decide() {
  auto& j = judgement_;
  const auto start = std::chrono::steady_clock::now();
  if (!j.policy) {
    j.verdict = no_decision(nullptr, output_.surface, "no policy is loaded");
  } else {
    try {
      if (faults_.has(Fault::kPolicyThrows)) throw std::runtime_error("as asked");
      j.scores = j.found.scores;
      j.scores.raise(context_.scores);
      j.verdict = j.policy->decide({output_, j.found, caller_, context_, {}});
    } catch (const std::exception& error) {
      log_error("policy check failed", {{"surface", output_.surface}, {"exception", typeid(error).name()}});
      j.verdict = no_decision(j.policy.get(), output_.surface, "policy check failed");
    }
  }
  if (opened_) {
    j.verdict.rules.push_back(opened_->first);
    j.verdict.reasons.push_back(opened_->second);
  }
  // What has left cannot be summarized.
  if (begun_ && j.verdict.allowed() && j.verdict.fired.has(Action::kSummarize)) {
    j.verdict.action = Action::kBlock;
    j.verdict.fired.add(Action::kBlock);
    j.verdict.reasons.emplace_back("an answer that has begun cannot be summarized, so the rest is withheld");
  }
  j.deciding += std::chrono::steady_clock::now() - start;
  return j.verdict.allowed();
}

Event StreamGuard::event(std::string_view request_id, std::string_view detector_revision) {
  Event event = to_event(judgement_, output_, caller_, request_id, detector_revision, commitment_key_);
  event.segments.clear();
  for (auto& l : lanes_) {
    if (event.segments.size() == kMaxListed) break;
    const Segment& s = output_.segments[l->index];
    event.segments.push_back({s.role, s.kind, s.pointer, l->bytes, l->commitment.finish(), {}});
  }
  return event;
}

}  // namespace plimsoll::gateway
