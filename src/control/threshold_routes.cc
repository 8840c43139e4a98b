// How thresholds were changed by people, and back.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/time.h"
#include "impl.h"

namespace plimsoll::control {
namespace {

constexpr std::size_t kMaxBody = 64U << 10U;

// One change, as the log has it.
struct Change {
  ledger::Index index = 0;
  ThresholdChange cell;  // and what it was changed to
  double old_value = 0;
  json::object shown;
};

// nullopt: an act of another kind.
std::optional<Change> read_change(const store::ActRow& act) {
  const auto body = parse_json(act.body);
  const auto* entry = body ? body->if_object() : nullptr;
  if (entry == nullptr) return std::nullopt;
  const auto* name = find_string(*body, "category");
  const auto category = name != nullptr ? parse_category(*name) : std::nullopt;
  const auto* tier = find_string(*body, "tier");
  const auto* from = find(*body, "old_threshold");
  const auto* to = find(*body, "new_threshold");
  if (!category || tier == nullptr || from == nullptr || to == nullptr || !from->is_number() ||
      !to->is_number())
    return std::nullopt;
  Change out{.index = act.index,
             .cell = {.category = *category, .tier = parse_tier(*tier), .value = to->to_number<double>()},
             .old_value = from->to_number<double>(),
             .shown = {{"index", act.index}}};
  for (const auto* key : {"time", "actor", "seconded_by", "event_id", "category", "tier", "old_threshold",
                          "new_threshold", "from_version", "version", "rolls_back"}) {
    const auto* value = entry->if_contains(key);
    const bool nothing = value == nullptr || (value->is_string() && value->get_string().empty());
    out.shown[key] = nothing ? json::value(nullptr) : *value;
  }
  return out;
}

using Changes = std::vector<Change>;

// The newest first.
Result<Changes> read_changes(store::Reader& reader, std::size_t limit) {
  const auto page = store::acts(reader, {.types = {"policy"}}, limit);
  if (!page) return std::unexpected(page.error());
  Changes out;
  for (const auto& act : page->acts)
    if (auto change = read_change(act)) out.push_back(*std::move(change));
  return out;
}

// Which change: its index in the log, or none for the last one.
std::expected<std::optional<std::uint64_t>, net::QueryProblem> read_wish(const net::Request& request) {
  const auto wrong = [](std::string_view name, std::string message) {
    return std::unexpected(net::QueryProblem{std::string(name), std::move(message)});
  };
  if (request.body.empty()) return std::nullopt;
  if (request.body.size() > kMaxBody) return wrong("the body", "may have 64 KiB");
  const auto body = parse_json(request.body);
  const auto* object = body ? body->if_object() : nullptr;
  if (object == nullptr) return wrong("the body", "must be a JSON object");
  std::optional<std::uint64_t> out;
  for (const auto& [name, value] : *object) {
    if (name != "change") return wrong("a member", "is not known; expected change");
    if (value.is_null()) continue;
    if (!value.is_uint64() && (!value.is_int64() || value.get_int64() < 0))
      return wrong("change", "expected the index of a change, as GET /thresholds/history lists them");
    out = value.to_number<std::uint64_t>();
  }
  return out;
}

}  // namespace

net::Task<> Service::Impl::threshold_history(Passage& p) {
  const auto parameters = net::parse_query(p.request().query, {"limit"});
  const auto limit = parameters ? net::number_in(*parameters, "limit", 1, store::kMaxPage)
                                : std::unexpected(parameters.error());
  if (!limit) {
    auto no = to_response(limit.error());
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  std::function<Result<Changes>(store::Reader&)> query =
      [most = limit->value_or(100)](store::Reader& reader) { return read_changes(reader, most); };
  auto changes = co_await ask(std::move(query));
  std::optional<net::Response> response;
  if (!changes) {
    response = to_response(changes.error());
  } else {
    json::array all;
    for (auto& change : *changes) all.emplace_back(std::move(change.shown));
    response = net::json_response(200, to_json(json::object{{"changes", std::move(all)}}));
  }
  co_await p.exchange.respond(*std::move(response));
}

// A new change to what it was before, as any other: recorded first, and can be undone itself.
net::Task<> Service::Impl::roll_back(Passage& p) {
  const auto wish = read_wish(p.request());
  if (!wish) {
    auto no = to_response(wish.error());
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  std::function<Result<Changes>(store::Reader&)> query = [](store::Reader& reader) {
    return read_changes(reader, store::kMaxPage);
  };
  const auto changes = co_await ask(std::move(query));
  std::optional<net::Response> no;
  const Change* chosen = nullptr;
  if (!changes) {
    no = to_response(changes.error());
  } else {
    const auto at = std::ranges::find_if(
        *changes, [&](const Change& change) { return !*wish || change.index == **wish; });
    if (at == changes->end())
      no = problem_response(404, *wish ? "no such change of a threshold" : "no threshold was changed",
                            "change");
    else
      chosen = &*at;
  }
  const auto now = chosen != nullptr
                       ? governance.get()->policy->risk_threshold(chosen->cell.category, chosen->cell.tier)
                       : std::nullopt;
  if (chosen != nullptr && now != chosen->cell.value)
    no = problem_response(409, "the threshold has been changed again since: undo the newest change first",
                          "change");
  if (no) {
    co_await p.exchange.respond(*std::move(no));
    co_return;
  }
  auto cell = chosen->cell;
  cell.value = chosen->old_value;
  const auto actor = actor_of(p);
  auto outcome = co_await change_threshold(cell, {}, actor, {}, chosen->index);
  auto response =
      outcome ? net::json_response(
                    200, to_json(json::object{{"rolled_back", chosen->index},
                                              {"category", to_string(cell.category)},
                                              {"tier", cell.tier ? to_string(*cell.tier) : "untiered"},
                                              {"old_threshold", outcome->old_value},
                                              {"new_threshold", cell.value},
                                              {"policy_version", outcome->version}}))
              : to_response(outcome.error());
  co_await p.exchange.respond(std::move(response));
}

}  // namespace plimsoll::control
