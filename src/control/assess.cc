#include "assess.h"

#include <algorithm>
#include <unordered_set>

#include "base/hash.h"
#include "base/log.h"
#include "decide/judge.h"
#include "decide/keeper.h"
#include "store/rows.h"

namespace plimsoll::control {
namespace {

constexpr std::size_t kMaxPlainNames = 4'096;

// A thread's own.
struct Bench {
  std::shared_ptr<const detect::Detector> detector;
  detect::ScratchPtr scratch;
  std::unordered_set<std::string> plain_names;  // in which nothing is found
};

Bench& bench_for(const std::shared_ptr<const detect::Detector>& detector) {
  thread_local Bench bench;
  if (bench.detector != detector) {
    bench = {};  // what was made for the old detector goes before it
    bench.detector = detector;
    bench.scratch = detector->make_scratch();
  }
  return bench;
}

bool finds_something(const std::string& name, Bench& bench) {
  std::string apart = name;
  std::ranges::replace(apart, '/', ' ');
  return !bench.detector->inspect(apart, *bench.scratch).findings.empty();
}

std::string veiled(const std::string& name, std::string_view key) {
  HmacSha256 hmac(key);
  hmac.update("name\n");
  hmac.update(name);
  return "hmac:" + to_hex(hmac.finish());
}

// A name that recurs: what was found in it is remembered.
std::string plain_name(std::string name, Bench& bench, std::string_view key) {
  if (name.empty() || bench.plain_names.contains(name)) return name;
  if (finds_something(name, bench)) return veiled(name, key);
  if (bench.plain_names.size() >= kMaxPlainNames) bench.plain_names.clear();
  bench.plain_names.insert(name);
  return name;
}

// Both verdicts as one: what either says holds.
void add(decide::Judgement& to, decide::Judgement from) {
  for (std::size_t i = 0; i < kActionCount; ++i)
    if (const auto action = static_cast<Action>(i); from.verdict.fired.has(action))
      to.verdict.fired.add(action);
  to.verdict.action = std::max(to.verdict.action, from.verdict.action);
  std::ranges::move(from.verdict.reasons, std::back_inserter(to.verdict.reasons));
  std::ranges::move(from.verdict.rules, std::back_inserter(to.verdict.rules));
  to.verdict.redact.add(from.verdict.redact);
  to.verdict.asl_level = std::max(to.verdict.asl_level, from.verdict.asl_level);
  to.verdict.review = to.verdict.review || from.verdict.review;
  to.verdict.care = to.verdict.care || from.verdict.care;
  to.scores.raise(from.scores);
  std::ranges::move(from.judged, std::back_inserter(to.judged));
  to.latest.raise(from.latest);
  for (auto& finding : from.found.findings) {
    finding.segment = 1;
    to.found.findings.push_back(finding);
  }
  to.inspecting += from.inspecting;
  to.deciding += from.deciding;
}

std::string commitment_key(const Reported& reported, const Caller& caller) {
  if (reported.vault != nullptr) {
    if (const auto key = reported.vault->commitment_key(decide::subject_of(caller)))
      return {key->begin(), key->end()};
    log_warn("no key of the subject's own", {{"request_id", reported.request_id}});
  }
  return std::string(reported.commitment_key);
}

}  // namespace

std::string plain_id(std::string id, const Reported& reported) {
  return finds_something(id, bench_for(reported.governance.detector)) ? veiled(id, reported.commitment_key)
                                                                      : std::move(id);
}

Assessed assess(IngestEvent event, const Reported& reported, std::uint64_t sequence) {
  const auto& [policy, detector] = reported.governance;
  Bench& bench = bench_for(detector);
  Caller caller{.user = std::move(event.user),
                .org = std::move(event.org),
                .tier = event.tier,
                .authenticated = reported.authenticated,
                .lawful_basis = event.lawful_basis};
  policy::Context context;
  context.lawful_basis = event.lawful_basis;
  context.tier = event.tier;

  Conversation whole{.direction = Direction::kPrompt,
                     .surface = std::string(event.surface),
                     .model = event.model,
                     .segments = {},
                     .tools = {},
                     .stream = false};
  whole.segments.push_back({.role = Role::kUser,
                            .kind = SegmentKind::kText,
                            .text = std::move(event.prompt),
                            .pointer = "/prompt"});
  auto judgement =
      decide::judge(policy, *detector, *bench.scratch, whole, caller, context, {}, nullptr, event.reported);
  if (event.completion) {
    Conversation answer{.direction = Direction::kOutput,
                        .surface = whole.surface,
                        .model = whole.model,
                        .segments = {},
                        .tools = {},
                        .stream = false};
    answer.segments.push_back({.role = Role::kAssistant,
                               .kind = SegmentKind::kText,
                               .text = *std::move(event.completion),
                               .pointer = "/completion"});
    add(judgement, decide::judge(policy, *detector, *bench.scratch, answer, caller, context));
    whole.segments.push_back(std::move(answer.segments.front()));
  }

  const auto key = commitment_key(reported, caller);
  const auto org = plain_name(caller.org, bench, reported.commitment_key);
  if (reported.accumulators != nullptr)
    decide::accumulate(
        judgement, *reported.accumulators, caller.tier,
        [&] {
          return decide::Subject{
              .org = org,
              .user = pseudonym(key, "user", caller.user),
              .session = event.session.empty() ? "" : pseudonym(key, "session", event.session)};
        },
        event.occurred.value_or(std::chrono::system_clock::now()), event.reported);
  auto record = decide::to_event(judgement, whole, caller, reported.request_id, detector->revision(), key);
  record.event_id = event.id;
  record.exchange = event.completion.has_value();
  record.occurred = event.occurred;
  record.session = event.session;
  record.instance = reported.instance;
  record.seq = sequence;
  record.reporter = reported.reporter;
  for (auto& tag : event.tags) tag = plain_name(std::move(tag), bench, reported.commitment_key);
  record.tags = event.tags;
  record.model = plain_name(std::move(record.model), bench, reported.commitment_key);
  record.caller.org = org;
  if (reported.vault != nullptr && judgement.policy)
    record.content =
        decide::keep_texts(*reported.vault, policy->settings(), caller, judgement.id, whole, record.findings);
  return {.entry = to_log_entry(record, key),
          .key = store::event_key(event.id),
          .action = judgement.verdict.action,
          .asl = judgement.verdict.asl_level > 0};
}

}  // namespace plimsoll::control
