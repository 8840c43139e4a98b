#include "judge.h"

#include <algorithm>

#include "base/id.h"
#include "base/log.h"

namespace plimsoll::gateway {

using Clock = std::chrono::steady_clock;

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

Judgement judge(PolicyPtr policy, const detect::Detector& detector, detect::Scratch& scratch,
                const Conversation& conversation, const Caller& caller, const policy::Context& context) {
  Judgement j;
  j.id = new_id();
  j.policy = std::move(policy);
  if (!j.policy) {
    j.verdict = no_decision(nullptr, conversation.surface, "no policy is loaded");
    return j;
  }
  const auto start = Clock::now();
  try {
    j.found = detector.inspect(conversation, scratch);
    const auto inspected = Clock::now();
    j.inspecting = inspected - start;
    j.scores = j.found.scores;
    j.scores.raise(context.scores);
    j.verdict = j.policy->decide({conversation, j.found, caller, context, {}});
    j.deciding = Clock::now() - inspected;
  } catch (const std::exception& error) {
    log_error("policy check failed", {{"surface", conversation.surface}, {"exception", error.what()}});
    j.verdict = no_decision(j.policy.get(), conversation.surface, "policy check failed");
  }
  return j;
}

Event to_event(const Judgement& j, const Conversation& conversation, const Caller& caller,
               std::string_view request_id, std::string_view detector_revision,
               std::string_view commitment_key) {
  Event event;
  event.decision_id = j.id;
  event.request_id = request_id;
  event.time = std::chrono::system_clock::now();
  event.policy_version = j.policy_version();
  event.detector_revision = detector_revision;
  event.caller = caller;
  event.verdict = j.verdict;
  event.scores = j.scores;
  event.findings = j.found.findings;
  event.micros = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(j.inspecting + j.deciding).count());
  event.direction = conversation.direction;
  event.surface = conversation.surface;
  event.model = conversation.model;
  event.stream = conversation.stream;
  event.segments =
      record_segments(conversation, commitment_key, j.id, j.policy && j.policy->settings().store_content);
  event.segments_total = conversation.segments.size();
  return event;
}

}  // namespace plimsoll::gateway
