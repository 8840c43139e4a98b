// The review queue: what a person must look at, and what he decides.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/log.h"
#include "base/time.h"
#include "impl.h"
#include "review_form.h"
#include "rows_json.h"

namespace plimsoll::control {
namespace {

constexpr auto kHold = std::chrono::seconds(30);  // while one decision is recorded nobody else can decide
constexpr auto kKept = std::chrono::hours(24);    // and then, until all who share the store can see it

// What somebody proposed and nobody has confirmed or rejected.
struct Proposal {
  Review review;
  std::string actor;
};

std::optional<Proposal> proposal_in(const std::vector<store::ActRow>& trail) {
  std::optional<Proposal> out;
  for (const auto& act : trail) {
    if (act.type == "review_rejected") out.reset();
    if (act.type != "review_proposed") continue;
    if (auto review = read_proposal(act.body)) out = Proposal{*std::move(review), act.actor};
  }
  return out;
}

bool needs_second(const Review& review, const policy::Settings& settings) {
  using Second = policy::Settings::Second;
  if (review.decision.empty()) return false;
  return settings.second_reviewer == Second::kDecisions ||
         (settings.second_reviewer == Second::kThresholds && review.update_policy);
}

// The people in it: who decided or proposed, and who confirmed.
struct Hands {
  std::string actor, second;
};

std::string to_entry(std::string_view type, const Review& review, const std::string& event_id,
                     const Hands& hands, const std::optional<ThresholdChanged>& changed, Time now) {
  json::object out{
      {"actor", hands.actor}, {"event_id", event_id}, {"time", to_rfc3339_ms(now)}, {"type", type}, {"v", 1}};
  if (!hands.second.empty()) out["seconded_by"] = hands.second;
  if (review.decision.empty() && !review.assignee.empty()) out["assignee"] = review.assignee;
  if (!review.decision.empty()) out["decision"] = review.decision;
  out["notes"] = review.notes;
  if (review.update_policy) {
    out["category"] = to_string(*review.category);
    out["new_threshold"] = *review.new_threshold;
  }
  if (changed) {
    out["old_threshold"] = changed->old_value;
    out["policy"] = changed->version;
  }
  return to_canonical_json(out);
}

json::object to_object(const Proposal& proposal) {
  json::object out{{"decision", proposal.review.decision},
                   {"proposed_by", proposal.actor},
                   {"notes", proposal.review.notes}};
  if (proposal.review.update_policy) {
    out["category"] = to_string(*proposal.review.category);
    out["new_threshold"] = *proposal.review.new_threshold;
  }
  return out;
}

}  // namespace

net::Task<> Service::Impl::review_queue(Passage& p) {
  const auto parameters =
      net::parse_query(p.request().query, {"limit", "offset", "state", "assignee", "tier", "org"});
  store::ReviewFilter filter;
  std::optional<net::QueryProblem> no;
  if (!parameters) {
    no = parameters.error();
  } else {
    const auto limit = net::number_in(*parameters, "limit", 1, store::kMaxPage);
    const auto offset = net::number_in(*parameters, "offset", 0, 1'000'000);
    if (!limit) no = limit.error();
    if (!offset) no = offset.error();
    const auto get = [&](std::string_view name) {
      const auto at = parameters->find(name);
      return at == parameters->end() ? std::string() : at->second;
    };
    if (limit) filter.limit = limit->value_or(50);
    if (offset) filter.offset = offset->value_or(0);
    filter.assignee = get("assignee");
    filter.tier = get("tier");
    filter.org = get("org");
    if (parameters->contains("state")) {
      filter.state = store::parse_review_state(get("state"));
      if (!filter.state) no = net::QueryProblem{"state", "expected open, assigned or decided"};
    }
  }
  if (no) {
    auto response = to_response(*no);
    co_await p.exchange.respond(std::move(response));
    co_return;
  }
  const auto now = std::chrono::system_clock::now();
  std::function<Result<store::ReviewQueue>(store::Reader&)> query = [filter, now](store::Reader& reader) {
    return store::review_queue(reader, filter, now);
  };
  const auto queue = co_await ask(std::move(query));
  if (!queue) {
    auto response = to_response(queue.error());
    co_await p.exchange.respond(std::move(response));
    co_return;
  }
  json::array items;
  for (const auto& item : queue->items) items.emplace_back(to_object(item, now));
  auto response = net::json_response(200, to_json(json::object{{"items", std::move(items)},
                                                               {"open", queue->open},
                                                               {"assigned", queue->assigned},
                                                               {"decided", queue->decided},
                                                               {"overdue", queue->overdue}}));
  co_await p.exchange.respond(std::move(response));
}

net::Task<> Service::Impl::review_item(Passage& p) {
  std::function<Result<std::optional<store::ReviewDetail>>(store::Reader&)> query =
      [id = p.id](store::Reader& reader) { return store::review_item(reader, id); };
  const auto found = co_await ask(std::move(query));
  std::optional<net::Response> response;
  if (!found) {
    response = to_response(found.error());
  } else if (!*found) {
    response = problem_response(404, "no event with this id waits or waited for review");
  } else {
    auto body = to_object((*found)->item, std::chrono::system_clock::now());
    json::array trail;
    for (const auto& act : (*found)->trail) trail.emplace_back(to_object(act));
    body["trail"] = std::move(trail);
    const auto proposal = proposal_in((*found)->trail);
    body["proposal"] = proposal && (*found)->item.state != store::ReviewState::kDecided
                           ? json::value(to_object(*proposal))
                           : json::value(nullptr);
    response = net::json_response(200, to_json(std::move(body)));
  }
  co_await p.exchange.respond(*std::move(response));
}

net::Task<> Service::Impl::review(Passage& p) {
  auto said = read_review(p.request());
  if (!said) {
    auto no = to_response(said.error());
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  Review wanted = *std::move(said);
  const bool assigning = wanted.decision.empty() && wanted.second.empty();
  // Looked up and taken in one go, so that of two who decide at once one is told.
  struct Taken {
    std::optional<store::ReviewDetail> item;
    bool taken = false;
  };
  std::function<Result<Taken>(store::Reader&)> query = [this, id = p.id, request = p.request_id,
                                                        assigning](store::Reader& reader) {
    auto item = store::review_item(reader, id);
    if (!item) return Result<Taken>(std::unexpected(std::move(item).error()));
    Taken out{.item = *std::move(item)};
    out.taken = assigning;
    if (assigning || !out.item || out.item->item.state == store::ReviewState::kDecided)
      return Result<Taken>(std::move(out));
    const auto taken = store.claim_review(id, request, kHold);
    if (!taken) return Result<Taken>(std::unexpected(taken.error()));
    out.taken = *taken;
    return Result<Taken>(std::move(out));
  };
  const auto found = co_await ask(std::move(query));
  std::optional<net::Response> no;
  if (!found)
    no = to_response(found.error());
  else if (!found->item)
    no = problem_response(404, "no event with this id waits for review");
  else if (found->item->item.state == store::ReviewState::kDecided)
    no = problem_response(409, "this item was decided already: " + found->item->item.decision);
  else if (!found->taken)
    no = problem_response(409, "somebody else is deciding this item");
  if (no) {
    co_await p.exchange.respond(*std::move(no));
    co_return;
  }
  const auto& item = found->item->item;
  Hands hands{.actor = actor_of(p), .second = {}};
  std::string_view type = assigning ? "review_assigned" : "review_decided";
  const auto proposal = proposal_in(found->item->trail);
  const auto& settings = governance.get()->policy->settings();
  if (!wanted.second.empty()) {
    if (!proposal)
      no = problem_response(409, "nobody has proposed anything about this item");
    else if (hands.actor.empty() || hands.actor == proposal->actor)
      no = problem_response(403, "a proposal is confirmed or rejected by somebody else than who made it");
    else if (wanted.second == "reject")
      type = "review_rejected";
    if (!no && wanted.second == "confirm") {
      hands = {.actor = proposal->actor, .second = hands.actor};
      wanted = proposal->review;
    }
  } else if (needs_second(wanted, settings)) {
    if (hands.actor.empty())
      no = problem_response(
          422,
          "the policy wants a second reviewer, and without authentication nobody can be told "
          "from anybody else: turn ENABLE_AUTH on");
    else if (proposal)
      no = problem_response(409, "what was proposed about this item waits for a second reviewer");
    else
      type = "review_proposed";
  }
  std::optional<ThresholdChanged> changed;
  if (!no && type == "review_decided" && wanted.update_policy) {
    auto outcome = co_await change_threshold(
        {.category = *wanted.category, .tier = parse_tier(item.tier), .value = *wanted.new_threshold},
        item.event_id, hands.actor, hands.second);
    if (outcome)
      changed = *std::move(outcome);
    else
      no = to_response(outcome.error());
  }
  Result<ledger::Index> index = fail(Code::kInternal, "not recorded");
  if (!no) {
    index = co_await record(
        to_entry(type, wanted, item.event_id, hands, changed, std::chrono::system_clock::now()));
    if (!index) no = to_response(index.error());
  }
  if (!assigning && (no || type != "review_decided")) co_await let_go(p);
  if (no) {
    co_await p.exchange.respond(*std::move(no));
    co_return;
  }
  if (type == "review_decided" && store.shared())
    if (const auto kept = co_await hold_review(p, kKept); !kept)
      log_warn("a review is decided, and may be shown as open for a moment", {{"request_id", p.request_id}});
  static const std::map<std::string_view, std::string_view> kStatus = {{"review_assigned", "assigned"},
                                                                       {"review_decided", "reviewed"},
                                                                       {"review_proposed", "proposed"},
                                                                       {"review_rejected", "rejected"}};
  json::object body{{"event_id", item.event_id},
                    {"status", kStatus.at(type)},
                    {"index", *index},
                    {"policy_updated", changed.has_value()}};
  if (!wanted.decision.empty()) body["decision"] = wanted.decision;
  if (!wanted.assignee.empty()) body["assignee"] = wanted.assignee;
  if (wanted.update_policy) {
    body["category"] = to_string(*wanted.category);
    body["tier"] = item.tier;
    body["new_threshold"] = *wanted.new_threshold;
  }
  if (changed) {
    body["old_threshold"] = changed->old_value;
    body["policy_version"] = changed->version;
  }
  auto response = net::json_response(type == "review_proposed" ? 202 : 200, to_json(std::move(body)));
  co_await p.exchange.respond(std::move(response));
}

// An item that was taken and could not be decided.
net::Task<> Service::Impl::let_go(Passage& p) {
  if (const auto gone = co_await hold_review(p, std::chrono::seconds(0)); !gone)
    log_warn("a review that could not be recorded stays taken for half a minute",
             {{"request_id", p.request_id}});
}

net::Task<Result<bool>> Service::Impl::hold_review(Passage& p, std::chrono::seconds hold) {
  std::function<Result<bool>(store::Reader&)> query = [this, id = p.id, request = p.request_id,
                                                       hold](store::Reader&) {
    return store.claim_review(id, request, hold);
  };
  auto held = co_await ask(std::move(query), true);
  co_return held;
}

// The record first: a change that nobody wrote down is not made.
net::Task<Result<ThresholdChanged>> Service::Impl::change_threshold(ThresholdChange change,
                                                                    std::string event_id, std::string actor,
                                                                    std::string second,
                                                                    std::optional<ledger::Index> undone) {
  if (!options.change_threshold) co_return fail(Code::kInvalid, "thresholds cannot be changed here");
  const auto record = [this, change, event_id = std::move(event_id), actor = std::move(actor),
                       second = std::move(second), undone](const ThresholdChanged& to) {
    std::promise<Result<ledger::Index>> kept;
    json::object out{{"actor", actor},
                     {"category", to_string(change.category)},
                     {"event_id", event_id},
                     {"from_version", to.from_version},
                     {"new_threshold", change.value},
                     {"old_threshold", to.old_value},
                     {"tier", change.tier ? to_string(*change.tier) : std::string_view("untiered")},
                     {"time", to_rfc3339_ms(std::chrono::system_clock::now())},
                     {"type", "policy"},
                     {"v", 1},
                     {"version", to.version}};
    if (!second.empty()) out["seconded_by"] = second;
    if (undone) out["rolls_back"] = *undone;
    auto queued = log.append(to_canonical_json(out),
                             [&kept](Result<ledger::Index> index) { kept.set_value(std::move(index)); });
    if (!queued) return Result<void>(std::unexpected(std::move(queued).error()));
    auto index = kept.get_future().get();
    if (index) note_recorded(*index);
    return index ? Result<void>() : Result<void>(std::unexpected(std::move(index).error()));
  };
  std::function<Result<ThresholdChanged>()> work = [this, change, record] {
    return options.change_threshold(change, record);
  };
  auto outcome = co_await net::run_on(workers, std::move(work));
  if (!outcome) co_return fail(Code::kInternal, "changing the threshold failed");
  co_return *std::move(outcome);
}

}  // namespace plimsoll::control
