#include "decide/replay.h"

#include <algorithm>
#include <boost/json/array.hpp>

#include "base/json.h"
#include "decide/judge.h"

namespace plimsoll::decide {
namespace {

constexpr std::size_t kMostNames = 1'000;  // of policies and rules that are counted apart

constexpr std::string_view kNoDecision = "no decision could be made";
constexpr std::string_view kCutFindings = "more findings than an entry lists";
constexpr std::string_view kWithheldHistory = "earlier messages were withheld";
constexpr std::string_view kUnread = "some of it was not inspected";
constexpr std::string_view kNotEvaluated = "a rule reads what is not recorded";

std::string_view text_in(const json::value& object, std::string_view name) {
  const auto* found = find_string(object, name);
  return found != nullptr ? std::string_view(*found) : std::string_view();
}

bool flag_in(const json::value& object, std::string_view name) {
  const auto* found = find(object, name);
  return found != nullptr && found->is_bool() && found->get_bool();
}

std::uint64_t number_of(const json::value& value) {
  if (value.is_uint64()) return value.get_uint64();
  return value.is_int64() && value.get_int64() > 0 ? static_cast<std::uint64_t>(value.get_int64()) : 0;
}

std::uint64_t number_in(const json::value& object, std::string_view name) {
  const auto* found = find(object, name);
  return found != nullptr ? number_of(*found) : 0;
}

Scores scores_of(const json::value& object) {
  Scores out;
  if (const auto* members = object.if_object())
    for (const auto& [name, value] : *members)
      if (const auto category = parse_category(name); category && value.is_number())
        out.raise(*category, value.to_number<double>());
  return out;
}

SegmentKind kind_of(std::string_view name) {
  for (const auto kind : {SegmentKind::kToolDefinition, SegmentKind::kToolArguments, SegmentKind::kToolResult,
                          SegmentKind::kAttachment})
    if (to_string(kind) == name) return kind;
  return SegmentKind::kText;
}

Role role_of(std::string_view name) {
  for (const auto role : {Role::kSystem, Role::kAssistant, Role::kTool})
    if (to_string(role) == name) return role;
  return Role::kUser;
}

// The facts of one verdict; the views point into the entry.
struct Part {
  Conversation conversation;
  Inspection found;
  policy::Context context;
};

Part part_of(const json::value& entry, Direction direction, std::size_t number, bool exchange) {
  Part out;
  out.conversation.direction = direction;
  out.conversation.surface = text_in(entry, "surface");
  out.conversation.model = text_in(entry, "model");
  out.conversation.stream = flag_in(entry, "stream");
  if (const auto* segments = find_array(entry, "segments"))
    for (std::size_t i = 0; i < segments->size(); ++i) {
      if (exchange && i != number) continue;
      const auto& segment = (*segments)[i];
      out.conversation.segments.push_back({.role = role_of(text_in(segment, "role")),
                                           .kind = kind_of(text_in(segment, "kind")),
                                           .text = {},
                                           .pointer = std::string(text_in(segment, "pointer"))});
    }
  if (const auto* findings = find_array(entry, "findings"))
    for (const auto& finding : *findings) {
      const auto category = parse_category(text_in(finding, "category"));
      const auto segment = number_in(finding, "segment");
      if (!category || (exchange && segment != number)) continue;
      Finding one{.category = *category,
                  .entity = text_in(finding, "entity"),
                  .detector = text_in(finding, "detector"),
                  .span = {},
                  .segment = exchange ? 0 : static_cast<std::uint32_t>(segment)};
      if (const auto* confidence = find(finding, "confidence");
          confidence != nullptr && confidence->is_number())
        one.confidence = confidence->to_number<double>();
      if (const auto* span = find_array(finding, "span"); span != nullptr && span->size() == 2)
        one.span = {.begin = number_of((*span)[0]), .end = number_of((*span)[1])};
      out.found.findings.push_back(one);
    }
  const auto* scores = find(entry, "scores");
  const auto* judged = find_array(entry, "judged");
  const Scores all = scores != nullptr ? scores_of(*scores) : Scores();
  out.found.scores = judged != nullptr && number < judged->size() ? scores_of((*judged)[number]) : all;
  if (!exchange) out.context.scores = all;  // rules read the higher of both
  if (const auto* claimed = find_array(entry, "claimed"))
    for (const auto& name : *claimed) {
      out.context.contains_pii |= name == json::value("pii");
      out.context.contains_secrets |= name == json::value("secret");
    }
  return out;
}

bool has_attachment(const json::value& entry) {
  const auto* segments = find_array(entry, "segments");
  return segments != nullptr && std::ranges::any_of(*segments, [](const auto& segment) {
           return text_in(segment, "kind") == to_string(SegmentKind::kAttachment);
         });
}

// Of what is true of the recorded decision, and of no policy.
std::string_view why_not(const json::value& entry) {
  if (const auto* rules = find_array(entry, "rules"))
    for (const auto& rule : *rules) {
      const auto id = text_in(rule, "id");
      if (id == "policy_check_fail" || id == kInspectionFailed) return kNoDecision;
      if (id == kHistory) return kWithheldHistory;
      if (id == policy::kUninspected && !has_attachment(entry)) return kUnread;
    }
  const auto* findings = find_array(entry, "findings");
  return findings != nullptr && findings->size() < number_in(entry, "findings_total") ? kCutFindings
                                                                                      : std::string_view();
}

std::vector<Accumulated> accumulated_in(const json::value& entry) {
  std::vector<Accumulated> out;
  const auto* facts = find_array(entry, "accumulated");
  if (facts == nullptr) return out;
  for (const auto& fact : *facts) {
    const auto per = parse_per(text_in(fact, "per"));
    if (!per) continue;
    const auto* sum = find(fact, "sum");
    out.push_back({.id = text_in(fact, "id"),
                   .per = *per,
                   .score = 0,
                   .count = number_in(fact, "count"),
                   .sum = sum != nullptr && sum->is_number() ? sum->to_number<double>() : 0,
                   .noticed = flag_in(fact, "noticed")});
  }
  return out;
}

// A name that is counted apart, or "other" where there are too many.
template <class Map>
auto& counted(Map& counts, std::string_view name) {
  if (const auto at = counts.find(name); at != counts.end()) return at->second;
  return counts[counts.size() < kMostNames ? std::string(name) : std::string("other")];
}

}  // namespace

Result<Replayed> replay(const json::value& entry, const policy::Policy& candidate) {
  const auto action = parse_action(text_in(entry, "action"));
  const auto direction = text_in(entry, "direction");
  const auto* said = find_object(entry, "caller");
  if (!action || said == nullptr || direction.empty())
    return fail(Code::kInvalid, "an entry that is no decision's");
  Replayed out;
  out.why_not = why_not(entry);
  out.was = out.would_be = *action;
  out.review_was = flag_in(entry, "review");
  out.asl_was = static_cast<int>(number_in(entry, "asl"));
  if (!out.why_not.empty()) return out;
  const json::value who = *said;
  const Caller caller{.user = std::string(text_in(who, "user")),
                      .org = std::string(text_in(who, "org")),
                      .tier = parse_tier(text_in(who, "tier")),
                      .authenticated = flag_in(who, "authenticated"),
                      .lawful_basis = flag_in(who, "lawful_basis")};
  const bool exchange = direction == "exchange";
  std::vector<Direction> directions;
  if (direction != "output") directions.push_back(Direction::kPrompt);
  if (direction != "prompt") directions.push_back(Direction::kOutput);
  Verdict all;
  for (std::size_t i = 0; i < directions.size(); ++i) {
    const Part part = part_of(entry, directions[i], i, exchange);
    const Verdict verdict = candidate.decide({part.conversation, part.found, caller, part.context, {}});
    for (const auto& rule : verdict.rules) {
      if (rule.failed && !rule.shadow) out.why_not = kNotEvaluated;
      if (!rule.failed && !rule.shadow) out.rules.emplace_back(rule.id);
    }
    for (std::size_t a = 0; a < kActionCount; ++a)
      if (verdict.fired.has(static_cast<Action>(a))) all.fired.add(static_cast<Action>(a));
    all.review |= verdict.review;
    all.asl_level = std::max(all.asl_level, verdict.asl_level);
    std::ranges::copy(verdict.reasons, std::back_inserter(all.reasons));
  }
  // What a stretch of time held then, under the candidate's limits. An answer that was streamed had left by then.
  const Actions before = all.fired;
  candidate.add_accumulated(all, accumulated_in(entry));
  for (const auto& rule : all.rules)
    if (!rule.shadow) out.rules.emplace_back(rule.id);
  const bool late = flag_in(entry, "stream") && direction == "output";
  out.would_be = (late ? before : all.fired).strictest();
  out.review_would_be = all.review;
  out.asl_would_be = all.asl_level;
  out.reasons = std::move(all.reasons);
  return out;
}

Result<void> Replay::add(std::uint64_t index, std::string_view text) {
  if (!text.contains(R"("type":"decision")")) return {};
  const auto entry = parse_json(text);
  if (!entry) return fail(Code::kInvalid, "entry " + std::to_string(index) + " is no JSON");
  if (text_in(*entry, "type") != "decision") return {};
  const auto reported = text_in(*entry, "occurred");
  const auto occurred = from_rfc3339(reported.empty() ? text_in(*entry, "time") : reported);
  if (!occurred) return fail(Code::kInvalid, "entry " + std::to_string(index) + " has no time");
  if ((from_ && *occurred < *from_) || (until_ && *occurred >= *until_)) return {};
  const auto replayed = replay(*entry, *candidate_);
  if (!replayed) return std::unexpected(Error(replayed.error()).in("entry " + std::to_string(index)));
  const Replayed& one = *replayed;
  ++decisions_;
  ++counted(policies_, text_in(*entry, "policy"));
  if (!one.why_not.empty()) {
    ++counted(not_replayed_, one.why_not);
    return {};
  }
  const auto* said = find(*entry, "caller");
  const auto named = said != nullptr ? text_in(*said, "tier") : std::string_view();
  const std::string_view tier = named.empty() ? "untiered" : named;
  auto& of_tier = tiers_[std::string(tier)];
  ++of_tier.first;
  reviews_was_ += one.review_was ? 1U : 0U;
  reviews_would_be_ += one.review_would_be ? 1U : 0U;
  asl_was_ += one.asl_was > 0 ? 1U : 0U;
  asl_would_be_ += one.asl_would_be > 0 ? 1U : 0U;
  if (const auto* rules = find_array(*entry, "rules"))
    for (const auto& rule : *rules)
      if (text_in(rule, "state") == "fired") ++counted(rules_, text_in(rule, "id")).first;
  for (const auto& rule : one.rules) ++counted(rules_, rule).second;
  if (!one.changed()) return {};
  ++changed_;
  ++of_tier.second;
  ++actions_[{one.was, one.would_be}];
  if (samples_.size() >= kSamples) return {};
  json::array reasons;
  for (const auto& reason : one.reasons) reasons.emplace_back(reason);
  const auto id = text_in(*entry, "event_id");
  samples_.emplace_back(json::object{{"index", index},
                                     {"decision_id", text_in(*entry, "decision_id")},
                                     {"event_id", id.empty() ? json::value(nullptr) : json::value(id)},
                                     {"time", text_in(*entry, "time")},
                                     {"tier", tier},
                                     {"was", to_string(one.was)},
                                     {"would_be", to_string(one.would_be)},
                                     {"review_was", one.review_was},
                                     {"review_would_be", one.review_would_be},
                                     {"reasons", std::move(reasons)}});
  return {};
}

json::object Replay::report() const {
  const auto counts = [](const auto& map) {
    json::object out;
    for (const auto& [name, count] : map) out[name] = count;
    return out;
  };
  json::array actions, rules, warnings;
  for (const auto& [pair, count] : actions_)
    actions.emplace_back(
        json::object{{"from", to_string(pair.first)}, {"to", to_string(pair.second)}, {"decisions", count}});
  for (const auto& [id, both] : rules_)
    if (both.first != both.second)
      rules.emplace_back(json::object{{"id", id}, {"was", both.first}, {"would_be", both.second}});
  json::object tiers;
  for (const auto& [tier, both] : tiers_)
    tiers[tier] = json::object{{"decisions", both.first}, {"changed", both.second}};
  if (candidate_->reads_text(Direction::kPrompt) || candidate_->reads_text(Direction::kOutput))
    warnings.emplace_back(
        "rules of this policy read texts, which no entry holds: to them every text was empty");
  return {{"candidate", candidate_->version()},
          {"policies", counts(policies_)},
          {"decisions", decisions_},
          {"changed", changed_},
          {"not_replayed", counts(not_replayed_)},
          {"actions", std::move(actions)},
          {"reviews", {{"was", reviews_was_}, {"would_be", reviews_would_be_}}},
          {"asl", {{"was", asl_was_}, {"would_be", asl_would_be_}}},
          {"tiers", std::move(tiers)},
          {"rules", std::move(rules)},
          {"samples", samples_},
          {"warnings", std::move(warnings)}};
}

}  // namespace plimsoll::decide
