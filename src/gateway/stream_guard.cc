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

constexpr std::size_t kMaxLanes = 1'024;      // choices × tool calls of one answer
constexpr std::size_t kMaxFindings = 16'384;  // kept per answer; more are withheld as a fault
constexpr std::string_view kLetOpen = "inspection failed or took too long; the policy lets it fail open";

// Adds what is new; what goes on makes the finding longer that it goes on from.
void add(std::span<const Finding> more, std::vector<Finding>& all) {
  for (const auto& f : more) {
    const auto goes_on = [&](const Finding& before) {
      return before.category == f.category && before.segment == f.segment && before.span.end == f.span.begin;
    };
    if (!f.continuation) {
      all.push_back(f);
    } else if (const auto before = std::find_if(all.rbegin(), all.rend(), goes_on); before != all.rend()) {
      before->span.end = f.span.end;
    }
  }
}

}  // namespace

// One channel's text on its way.
struct StreamGuard::Lane {
  Lane(wire::Channel c, std::uint32_t i, const detect::Detector& detector, detect::Scratch& scratch,
       std::size_t hold_back, Commitment commit, const CorpusPtr& corpus)
      : channel(c), index(i), inspector(detector, scratch, hold_back), commitment(commit) {
    if (corpus) matcher.emplace(corpus);
  }

  // Offset up to which nothing is held back for what may be copied.
  std::size_t free_until() const {
    if (!matcher || finished) return std::string::npos;
    return matcher->first_copied().value_or(matcher->settled());
  }

  wire::Channel channel;
  std::uint32_t index;
  detect::StreamInspector inspector;
  Commitment commitment;
  std::optional<verbatim::StreamMatcher> matcher;
  std::vector<Finding> waiting;  // in what is held
  std::string held;              // received, not yet released
  std::size_t released = 0;      // offset of held's first byte in the stream
  std::uint64_t bytes = 0;
  bool finished = false;
  bool uninspected = false;  // its inspector failed, and the policy lets that pass
};

StreamGuard::StreamGuard(PolicyPtr policy, const detect::Detector& detector, detect::Scratch& scratch,
                         wire::Protocol protocol, const Conversation& about, const Caller& caller,
                         const policy::Context& context, std::string_view commitment_key, Faults faults,
                         CorpusPtr corpus, vault::Vault* vault)
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
  judgement_.corpus = std::move(corpus);
  if (!faults.has(Fault::kPolicyMissing)) judgement_.policy = std::move(policy);
  if (vault != nullptr && judgement_.policy)
    keeper_ = Keeper(*vault, judgement_.policy->settings().content_of(caller.tier), subject_of(caller),
                     judgement_.id);
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
                                          Commitment(commitment_key_, judgement_.id, index),
                                          judgement_.corpus));
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
    const Deadline deadline(start + judgement_.policy->settings().inspection_deadline);
    auto step = piece != nullptr ? l.inspector.feed(*piece, deadline) : l.inspector.finish();
    if (l.matcher && piece != nullptr) {
      l.matcher->feed(*piece);
    } else if (l.matcher) {
      l.matcher->finish();
      const auto copied = findings_of(*judgement_.corpus, l.matcher->take(), l.index);
      step.findings.insert(step.findings.end(), copied.begin(), copied.end());
      step.scores.raise(Category::kVerbatim, l.matcher->ratio());
    }
    step.scores.round();
    const auto took = std::chrono::steady_clock::now() - start;
    judgement_.inspecting += took;
    if (deadline.passed()) return std::nullopt;
    return step;
  } catch (const Deadline::Passed&) {
    return std::nullopt;
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
  release(l, l.released + l.held.size(), out);
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
    add(step.findings, all);
    judgement_.found.scores.raise(step.scores);
    if (!decide()) return false;
  }

  l.waiting.insert(l.waiting.end(), step.findings.begin(), step.findings.end());
  std::ranges::sort(l.waiting, starts_before);
  std::size_t end = std::min(step.decided, l.free_until());
  for (const Finding& f : l.waiting)
    if (f.span.begin < end && f.span.end > end) end = f.span.begin;
  release(l, std::max(end, l.released), out);
  return true;
}

// Lets go of the text before `end`, an offset in the stream, with what the verdict replaces in it.
// What the model sent, up to offset `end`, for the vault.
void StreamGuard::keep(const Lane& l, std::size_t end) {
  if (!keeper_.wanted()) return;
  const std::string_view ready = std::string_view(l.held).substr(0, end - l.released);
  std::size_t done = l.released;
  for (const auto& f : l.waiting) {
    if (f.span.begin >= end || !keeper_.redacted()) break;
    if (f.span.end <= done || !kPrivate.has(f.category)) continue;
    const auto begin = std::max(f.span.begin, done);
    keeper_.add(l.index, ready.substr(done - l.released, begin - done));
    if (!f.continuation) keeper_.add(l.index, placeholder(judgement_.policy->settings().redaction, f));
    done = std::min(f.span.end, end);
  }
  keeper_.add(l.index, ready.substr(done - l.released));
}

void StreamGuard::release(Lane& l, std::size_t end, std::string& out) {
  keep(l, end);
  const Actions fired = judgement_.verdict.fired;
  const Categories redacted = fired.has(Action::kRedact) ? judgement_.verdict.redact : Categories();
  const std::string_view ready = std::string_view(l.held).substr(0, end - l.released);
  std::size_t done = l.released;
  const auto later = std::ranges::find_if(l.waiting, [&](const Finding& f) { return f.span.begin >= end; });
  for (auto f = l.waiting.begin(); f != later; ++f) {
    const bool cut = f->category == Category::kVerbatim && fired.has(Action::kSummarize);
    if (f->span.end <= done || !(cut || redacted.has(f->category))) continue;
    if (f->span.begin >= done || done == l.released) {
      const std::size_t begin = std::max(f->span.begin, done);
      out.append(ready.substr(done - l.released, begin - done));
      if (cut)
        out.append(kVerbatimCut);
      else if (!f->continuation)
        out.append(placeholder(judgement_.policy->settings().redaction, *f));
    }
    done = std::min(f->span.end, end);
  }
  out.append(ready.substr(done - l.released));
  l.waiting.erase(l.waiting.begin(), later);
  l.held.erase(0, end - l.released);
  l.released = end;
}

bool StreamGuard::decide() {
  auto& j = judgement_;
  const auto start = std::chrono::steady_clock::now();
  if (!j.policy) {
    j.verdict = no_decision(nullptr, output_.surface, "no policy is loaded");
  } else {
    try {
      if (faults_.has(Fault::kPolicyThrows)) throw std::runtime_error("as asked");
      note_scores(j, context_);
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
  // What has left cannot be summarized; copied passages have not left.
  if (begun_ && j.verdict.allowed() && j.verdict.fired.has(Action::kSummarize) &&
      to_be_summarized_otherwise()) {
    j.verdict.action = Action::kBlock;
    j.verdict.fired.add(Action::kBlock);
    j.verdict.reasons.emplace_back("an answer that has begun cannot be summarized, so the rest is withheld");
  }
  j.deciding += std::chrono::steady_clock::now() - start;
  return j.verdict.allowed();
}

// Whether it is, even if nothing were copied.
bool StreamGuard::to_be_summarized_otherwise() const {
  const auto& j = judgement_;
  if (j.found.scores[Category::kVerbatim] == 0) return true;
  Inspection rest = j.found;
  rest.scores.set(Category::kVerbatim, 0);
  std::erase_if(rest.findings, [](const Finding& f) { return f.category == Category::kVerbatim; });
  return j.policy->decide({output_, rest, caller_, context_, {}}).fired.has(Action::kSummarize);
}

Event StreamGuard::event(std::string_view request_id, std::string_view detector_revision) {
  Event event = to_event(judgement_, output_, caller_, request_id, detector_revision, commitment_key_);
  event.segments.clear();
  for (auto& l : lanes_) {
    if (event.segments.size() == kMaxListed) break;
    const Segment& s = output_.segments[l->index];
    event.segments.push_back({s.role, s.kind, s.pointer, l->bytes, l->commitment.finish()});
  }
  for (auto& l : lanes_) keep(*l, l->released + l->held.size());
  event.content = keeper_.finish();
  return event;
}

}  // namespace plimsoll::gateway
