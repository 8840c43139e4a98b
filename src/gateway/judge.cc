#include "judge.h"

#include <algorithm>
#include <stdexcept>
#include <typeinfo>

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

namespace {

// Every text, in time. False: not all of it could be.
bool inspect(Judgement& j, const detect::Detector& detector, detect::Scratch& scratch,
             const Conversation& conversation, Faults faults) {
  if (!j.policy->settings().inspect) return true;  // the verdict says so
  try {
    if (faults.has(Fault::kDetectorThrows)) throw std::runtime_error("as asked");
    auto whole =
        detector.inspect(conversation, scratch, Clock::now() + j.policy->settings().inspection_deadline);
    j.found = std::move(whole.found);
    return whole.complete && !faults.has(Fault::kDetectorLate);
  } catch (const std::exception& error) {
    log_error("inspection failed", {{"surface", conversation.surface}, {"exception", typeid(error).name()}});
    return false;
  }
}

}  // namespace

Judgement judge(PolicyPtr policy, const detect::Detector& detector, detect::Scratch& scratch,
                const Conversation& conversation, const Caller& caller, const policy::Context& context,
                Faults faults) {
  Judgement j;
  j.id = new_id();
  if (!faults.has(Fault::kPolicyMissing)) j.policy = std::move(policy);
  if (!j.policy) {
    j.verdict = no_decision(nullptr, conversation.surface, "no policy is loaded");
    return j;
  }
  const auto start = Clock::now();
  const bool inspected = inspect(j, detector, scratch, conversation, faults);
  const auto middle = Clock::now();
  j.inspecting = middle - start;
  j.scores = j.found.scores;
  j.scores.raise(context.scores);
  if (!inspected && !j.policy->settings().inspection_fails_open) {
    j.verdict = no_decision(j.policy.get(), conversation.surface, "inspection failed or took too long");
    return j;
  }
  try {
    if (faults.has(Fault::kPolicyThrows)) throw std::runtime_error("as asked");
    j.verdict = j.policy->decide({conversation, j.found, caller, context, {}});
  } catch (const std::exception& error) {
    log_error("policy check failed",
              {{"surface", conversation.surface}, {"exception", typeid(error).name()}});
    j.verdict = no_decision(j.policy.get(), conversation.surface, "policy check failed");
  }
  if (!inspected) {
    j.verdict.rules.push_back({kInspectionFailed, Action::kAllow, false, true});
    j.verdict.reasons.emplace_back("inspection failed or took too long; the policy lets it fail open");
  }
  j.deciding = Clock::now() - middle;
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
