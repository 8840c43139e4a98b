// The review queue: what a person must look at, and what he decides.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>

#include "base/log.h"
#include "base/time.h"
#include "impl.h"
#include "rows_json.h"

namespace plimsoll::control {
namespace {

constexpr std::size_t kMaxNotes = 4'096;
constexpr std::size_t kMaxBody = 64U << 10U;
constexpr auto kHold = std::chrono::seconds(30);  // while one decision is recorded nobody else can decide
constexpr auto kKept = std::chrono::hours(24);    // and then, until all who share the store can see it

// What a reviewer says.
struct Review {
  std::string decision, notes, assignee;
  bool update_policy = false;
  std::optional<Category> category;
  std::optional<double> new_threshold;
};

std::unexpected<net::QueryProblem> wrong(std::string_view name, std::string message) {
  return std::unexpected(net::QueryProblem{std::string(name), std::move(message)});
}

// The least a threshold may be set to by a review: below it everything would be withheld.
double floor_of(Category category) {
  return category == Category::kCbrn ? 0.10 : 0.20;
}

std::expected<void, net::QueryProblem> take(std::string_view name, std::string_view value, Review& out) {
  if (name == "decision") {
    if (value != "allow" && value != "block" && value != "redact")
      return wrong(name, "expected 'allow', 'block' or 'redact'");
    out.decision = value;
  } else if (name == "notes") {
    if (value.size() > kMaxNotes) return wrong(name, "may have 4096 bytes");
    out.notes = value;
  } else if (name == "assignee") {
    if (value.empty() || value.size() > kMaxNameBytes) return wrong(name, "expected 1 to 256 bytes");
    out.assignee = value;
  } else if (name == "update_policy") {
    if (value != "true" && value != "false") return wrong(name, "expected true or false");
    out.update_policy = value == "true";
  } else if (name == "category") {
    out.category = parse_category(value);
    if (!out.category) return wrong(name, "is no category of risk");
  } else if (name == "new_threshold") {
    double number = 0;
    const auto read = std::from_chars(value.data(), value.data() + value.size(), number);
    if (read.ec != std::errc() || read.ptr != value.data() + value.size() || !(number >= 0 && number <= 1))
      return wrong(name, "expected a number from 0 to 1");
    out.new_threshold = number;
  } else {
    return wrong(
        "a member",
        "is not known; expected decision, assignee, notes, update_policy, category or new_threshold");
  }
  return {};
}

// A JSON body or the query; the body wins.
std::expected<Review, net::QueryProblem> read_review(const net::Request& request) {
  Review out;
  const auto parameters = net::parse_query(
      request.query, {"decision", "assignee", "notes", "update_policy", "category", "new_threshold"});
  if (!parameters) return std::unexpected(parameters.error());
  for (const auto& [name, value] : *parameters)
    if (auto taken = take(name, value, out); !taken) return std::unexpected(taken.error());
  if (!request.body.empty()) {
    if (request.body.size() > kMaxBody) return wrong("the body", "may have 64 KiB");
    const auto body = parse_json(request.body);
    const auto* object = body ? body->if_object() : nullptr;
    if (object == nullptr) return wrong("the body", "must be a JSON object");
    for (const auto& [name, value] : *object) {
      if (value.is_null()) continue;
      const auto text = value.is_string()                      ? std::string(value.get_string())
                        : value.is_bool() || value.is_number() ? to_json(value)
                                                               : std::string("{}");
      if (auto taken = take(name, text, out); !taken) return std::unexpected(taken.error());
    }
  }
  if (out.decision.empty() && out.assignee.empty())
    return wrong("decision", "is missing: allow, block or redact");
  if (!out.decision.empty() && !out.assignee.empty())
    return wrong("assignee", "an item is assigned or decided, not both at once");
  if (out.new_threshold && !out.update_policy)
    return wrong("update_policy", "must be true where new_threshold is given");
  if (!out.update_policy) return out;
  if (out.decision.empty()) return wrong("decision", "is missing: a threshold changes with a decision");
  if (!out.category) return wrong("category", "is missing: whose threshold is to change");
  if (!out.new_threshold) return wrong("new_threshold", "is missing");
  if (*out.new_threshold < floor_of(*out.category))
    return wrong("new_threshold", *out.category == Category::kCbrn
                                      ? "is refused: it is under the floor of 0.10 for cbrn"
                                      : "is refused: it is under the floor of 0.20");
  return out;
}

std::string to_entry(const Review& review, const store::ReviewItem& item, const std::string& actor,
                     const std::optional<ThresholdChanged>& changed, Time now) {
  json::object out{{"actor", actor},
                   {"event_id", item.event_id},
                   {"time", to_rfc3339_ms(now)},
                   {"type", review.decision.empty() ? "review_assigned" : "review_decided"},
                   {"v", 1}};
  if (review.decision.empty()) out["assignee"] = review.assignee;
  if (!review.decision.empty()) out["decision"] = review.decision;
  out["notes"] = review.notes;
  if (changed) {
    out["category"] = to_string(*review.category);
    out["old_threshold"] = changed->old_value;
    out["new_threshold"] = *review.new_threshold;
    out["policy"] = changed->version;
  }
  return to_canonical_json(out);
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
    response = net::json_response(200, to_json(std::move(body)));
  }
  co_await p.exchange.respond(*std::move(response));
}

net::Task<> Service::Impl::review(Passage& p) {
  const auto wanted = read_review(p.request());
  if (!wanted) {
    auto no = to_response(wanted.error());
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  // Looked up and taken in one go, so that of two who decide at once one is told.
  using Found = std::optional<store::ReviewDetail>;
  const auto actor = actor_of(p);
  struct Taken {
    Found item;
    bool taken = false;
  };
  const bool deciding = !wanted->decision.empty();
  std::function<Result<Taken>(store::Reader&)> query = [this, id = p.id, request = p.request_id,
                                                        deciding](store::Reader& reader) {
    auto item = store::review_item(reader, id);
    if (!item) return Result<Taken>(std::unexpected(std::move(item).error()));
    Taken out{.item = *std::move(item)};
    out.taken = !deciding;
    if (!deciding || !out.item || out.item->item.state == store::ReviewState::kDecided)
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
  std::optional<ThresholdChanged> changed;
  if (wanted->update_policy) {
    auto outcome = co_await change_threshold(
        {.category = *wanted->category, .tier = parse_tier(item.tier), .value = *wanted->new_threshold},
        item.event_id, actor);
    if (!outcome) {
      co_await let_go(p);
      auto failed = to_response(outcome.error());
      co_await p.exchange.respond(std::move(failed));
      co_return;
    }
    changed = *std::move(outcome);
  }
  const auto now = std::chrono::system_clock::now();
  const auto index = co_await record(to_entry(*wanted, item, actor, changed, now));
  if (!index) {
    co_await let_go(p);
    auto failed = to_response(index.error());
    co_await p.exchange.respond(std::move(failed));
    co_return;
  }
  if (deciding && store.shared())
    if (const auto kept = co_await hold_review(p, kKept); !kept)
      log_warn("a review is decided, and may be shown as open for a moment", {{"request_id", p.request_id}});
  json::object body{{"event_id", item.event_id},
                    {"status", wanted->decision.empty() ? "assigned" : "reviewed"},
                    {"index", *index},
                    {"policy_updated", changed.has_value()}};
  if (!wanted->decision.empty()) body["decision"] = wanted->decision;
  if (!wanted->assignee.empty()) body["assignee"] = wanted->assignee;
  if (changed) {
    body["category"] = to_string(*wanted->category);
    body["tier"] = item.tier;
    body["old_threshold"] = changed->old_value;
    body["new_threshold"] = *wanted->new_threshold;
    body["policy_version"] = changed->version;
  }
  auto response = net::json_response(200, to_json(std::move(body)));
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
                                                                    std::string event_id, std::string actor) {
  if (!options.change_threshold) co_return fail(Code::kInvalid, "thresholds cannot be changed here");
  const auto record = [this, change, event_id = std::move(event_id),
                       actor = std::move(actor)](const ThresholdChanged& to) {
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
    auto queued = log.append(to_canonical_json(out),
                             [&kept](Result<ledger::Index> index) { kept.set_value(std::move(index)); });
    if (!queued) return Result<void>(std::unexpected(std::move(queued).error()));
    auto index = kept.get_future().get();
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
