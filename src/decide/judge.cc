#include "decide/judge.h"

#include <algorithm>
#include <array>
#include <ranges>
#include <stdexcept>
#include <typeinfo>

#include "base/id.h"
#include "base/log.h"
#include "base/script.h"

namespace plimsoll::decide {

using Clock = std::chrono::steady_clock;

void note_scores(Judgement& j, const policy::Context& context, const Scores& reported) {
  j.scores = j.found.scores;
  j.scores.raise(reported);
  j.judged.assign(1, j.scores);
  j.scores.raise(context.scores);
  j.claimed = {};
  if (context.contains_pii) j.claimed.add(Category::kPii);
  if (context.contains_secrets) j.claimed.add(Category::kSecret);
}

Verdict no_decision(const policy::Policy* policy, std::string_view surface, std::string_view why) {
  const bool open = policy != nullptr && std::ranges::find(policy->settings().fail_open_routes, surface) !=
                                             policy->settings().fail_open_routes.end();
  Verdict verdict;
  verdict.action = open ? Action::kAllow : Action::kErrorBlock;
  verdict.fired.add(verdict.action);
  verdict.reasons = {open ? std::string(why) + "; the policy lets this route fail open" : std::string(why)};
  verdict.rules = {{.id = "policy_check_fail", .action = verdict.action, .shadow = false, .failed = true}};
  return verdict;
}

namespace {

// Fewer are inspected before a clock tells anything.
constexpr std::size_t kBytesBetweenClocks = 65'536;

struct Asked {
  const Conversation& conversation;
  const Caller& caller;
  const policy::Context& context;
  const Scores& reported = kNone;
  static constexpr Scores kNone{};
};

bool refused_alone(const policy::Policy& policy, const Asked& asked, std::size_t index,
                   const Inspection& found) {
  if (found.findings.empty() && found.scores == Scores()) return false;
  Conversation alone;
  alone.direction = asked.conversation.direction;
  alone.surface = asked.conversation.surface;
  alone.model = asked.conversation.model;
  alone.segments = {asked.conversation.segments[index]};
  policy::Context context;
  context.lawful_basis = asked.context.lawful_basis;
  context.tier = asked.context.tier;
  return !policy.decide({alone, found, asked.caller, context, {}}).allowed();
}

// The first text before the latest turn that the policy wants inspected.
std::size_t scope_begin(const policy::Settings& settings, std::size_t turn) {
  using Scope = policy::Settings::Scope;
  if (settings.scope == Scope::kAll) return 0;
  return settings.scope == Scope::kLatestTurn ? turn : turn - std::min(turn, settings.window_texts);
}

// What was said before, and what the system says every time, was counted when it was new.
bool is_new(const Conversation& conversation, std::size_t index, std::size_t turn) {
  return conversation.direction == Direction::kOutput ||
         (index >= turn && conversation.segments[index].role != Role::kSystem);
}

// Every text in the policy's scope, in time. False: not all of it could be.
bool inspect_all(Judgement& j, const detect::Detector& detector, detect::Scratch& scratch, const Asked& asked,
                 Clock::time_point deadline) {
  const auto& settings = j.policy->settings();
  const auto& segments = asked.conversation.segments;
  const std::size_t turn =
      asked.conversation.direction == Direction::kPrompt ? latest_turn(asked.conversation) : 0;
  const std::size_t begin = scope_begin(settings, turn);
  const auto is_past = [&](std::size_t i) { return i < turn && segments[i].role != Role::kSystem; };
  // What is new is judged by itself, however much came before.
  std::array<std::vector<std::size_t>, 2> in_scope;
  std::array<std::vector<std::string_view>, 2> texts;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (is_past(i) && i < begin) {
      j.out_of_scope = true;
      continue;
    }
    in_scope.at(is_past(i) ? 1 : 0).push_back(i);
    texts.at(is_past(i) ? 1 : 0).push_back(segments[i].text);
  }
  std::vector<std::optional<Inspection>> inspections(segments.size());
  for (std::size_t k = 0; k < texts.size(); ++k) {
    auto some = detector.recall(texts.at(k), scratch, Deadline(deadline));
    for (std::size_t n = 0; n < some.size(); ++n) inspections[in_scope.at(k)[n]] = std::move(some[n]);
  }
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (is_past(i) && i < begin) continue;
    if (!inspections[i]) return false;
    auto one = *std::move(inspections[i]);
    for (auto& finding : one.findings) finding.segment = static_cast<std::uint32_t>(i);
    one.scores.round();
    if (is_past(i) && settings.replace_history && refused_alone(*j.policy, asked, i, one)) {
      j.past.push_back({static_cast<std::uint32_t>(i), std::move(one)});
    } else {
      j.found.findings.insert(j.found.findings.end(), one.findings.begin(), one.findings.end());
      j.found.scores.raise(one.scores);
      if (is_new(asked.conversation, i, turn)) j.latest.raise(one.scores);
    }
    bytes += segments[i].text.size();
  }
  return bytes < kBytesBetweenClocks || Clock::now() < deadline;
}

// Every text of an answer beside the protected works, in time.
bool compare_all(Judgement& j, const Conversation& conversation, Clock::time_point deadline) {
  if (!j.corpus || conversation.direction != Direction::kOutput) return true;
  for (std::uint32_t i = 0; i < conversation.segments.size(); ++i) {
    compare(j.corpus, conversation.segments[i].text, i, j.found);
    j.latest.raise(Category::kVerbatim, j.found.scores[Category::kVerbatim]);
    if (Clock::now() >= deadline) return false;
  }
  return true;
}

bool inspect(Judgement& j, const detect::Detector& detector, detect::Scratch& scratch, const Asked& asked,
             Faults faults) {
  if (!j.policy->settings().inspect) return true;  // the verdict says so
  try {
    if (faults.has(Fault::kDetectorThrows)) throw std::runtime_error("as asked");
    const auto deadline = Clock::now() + j.policy->settings().inspection_deadline;
    return inspect_all(j, detector, scratch, asked, deadline) &&
           compare_all(j, asked.conversation, deadline) && !faults.has(Fault::kDetectorLate);
  } catch (const std::exception& error) {
    log_error("inspection failed",
              {{"surface", asked.conversation.surface}, {"exception", typeid(error).name()}});
    return false;
  }
}

// What the model will read of it.
Verdict decide(const Judgement& j, const Asked& asked) {
  if (j.past.empty() || !j.policy->reads_text(Direction::kPrompt))
    return j.policy->decide({asked.conversation, j.found, asked.caller, asked.context, asked.reported});
  Conversation left = asked.conversation;
  for (const auto& refusal : j.past) left.segments[refusal.segment].text.clear();
  return j.policy->decide({left, j.found, asked.caller, asked.context, asked.reported});
}

void add(Verdict& verdict, std::string_view rule, Action action, std::string reason) {
  verdict.rules.push_back({rule, action, false, false});
  verdict.fired.add(action);
  verdict.action = verdict.fired.strictest();
  verdict.reasons.push_back(std::move(reason));
}

// From what is known to the verdict. Never throws.
void settle(Judgement& j, const Asked& asked, Faults faults) {
  const auto start = Clock::now();
  const std::string& surface = asked.conversation.surface;
  const auto& settings = j.policy->settings();
  j.found.scores.round();
  note_scores(j, asked.context, asked.reported);
  const bool in_vain = std::ranges::any_of(j.unanswered, [](const auto* wish) { return !wish->fails_open; });
  if (!j.inspected && !settings.inspection_fails_open) {
    j.verdict = no_decision(j.policy.get(), surface, "inspection failed or took too long");
    return;
  }
  if (in_vain) {
    j.verdict = no_decision(j.policy.get(), surface, "a second opinion could not be had");
    return;
  }
  try {
    if (faults.has(Fault::kPolicyThrows)) throw std::runtime_error("as asked");
    j.verdict = decide(j, asked);
    if (!j.past.empty()) add(j.verdict, kHistory, Action::kRedact, "an earlier message is withheld");
    if (j.out_of_scope)
      add(j.verdict, policy::kUninspected, Action::kLogOnly,
          "earlier messages are outside the policy's scope");
  } catch (const std::exception& error) {
    log_error("policy check failed", {{"surface", surface}, {"exception", typeid(error).name()}});
    j.verdict = no_decision(j.policy.get(), surface, "policy check failed");
  }
  if (!j.inspected) {
    j.verdict.rules.push_back({kInspectionFailed, Action::kAllow, false, true});
    j.verdict.reasons.emplace_back("inspection failed or took too long; the policy lets it fail open");
  }
  for (const auto* wish : j.unanswered) {
    j.verdict.rules.push_back({wish->id, Action::kAllow, false, true});
    j.verdict.reasons.emplace_back("a second opinion could not be had; the policy lets it fail open");
  }
  j.deciding += Clock::now() - start;
}

}  // namespace

Judgement judge(PolicyPtr policy, const detect::Detector& detector, detect::Scratch& scratch,
                const Conversation& conversation, const Caller& caller, const policy::Context& context,
                Faults faults, CorpusPtr corpus, const Scores& reported) {
  Judgement j;
  j.id = new_id();
  j.corpus = std::move(corpus);
  if (!faults.has(Fault::kPolicyMissing)) j.policy = std::move(policy);
  if (!j.policy) {
    j.verdict = no_decision(nullptr, conversation.surface, "no policy is loaded");
    return j;
  }
  const Asked asked{conversation, caller, context, reported};
  const auto start = Clock::now();
  j.inspected = inspect(j, detector, scratch, asked, faults);
  j.inspecting = Clock::now() - start;
  settle(j, asked, faults);
  return j;
}

void decide_again(Judgement& j, const Conversation& conversation, const Caller& caller,
                  const policy::Context& context, Faults faults) {
  settle(j, {conversation, caller, context}, faults);
}

namespace {

// Of the last message a user wrote.
std::string_view script_of_latest(const Conversation& conversation) {
  for (const Segment& segment : conversation.segments | std::views::reverse)
    if (segment.role == Role::kUser && segment.kind == SegmentKind::kText) return script_of(segment.text);
  return {};
}

}  // namespace

Event to_event(const Judgement& j, const Conversation& conversation, const Caller& caller,
               std::string_view request_id, std::string_view detector_revision,
               std::string_view commitment_key) {
  Event event;
  event.decision_id = j.id;
  event.request_id = request_id;
  event.time = std::chrono::system_clock::now();
  event.policy_version = j.policy_version();
  event.detector_revision = detector_revision;
  if (j.corpus && conversation.direction == Direction::kOutput) event.corpus_revision = j.corpus->revision();
  event.caller = caller;
  event.verdict = j.verdict;
  event.scores = j.scores;
  event.judged = j.judged;
  event.claimed = j.claimed;
  event.findings = j.found.findings;
  for (const auto& refusal : j.past)
    event.findings.insert(event.findings.end(), refusal.found.findings.begin(), refusal.found.findings.end());
  event.opinions = j.opinions;
  event.accumulated = j.accumulated;
  event.micros = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(j.inspecting + j.deciding).count());
  event.direction = conversation.direction;
  event.surface = conversation.surface;
  event.model = conversation.model;
  event.stream = conversation.stream;
  if (conversation.direction == Direction::kPrompt) event.script = script_of_latest(conversation);
  event.segments = record_segments(conversation, commitment_key, j.id);
  event.segments_total = conversation.segments.size();
  if (j.verdict.review && j.policy) event.review_due = event.time + j.policy->settings().review_time();
  return event;
}

}  // namespace plimsoll::decide
