// Incidents: opened, taken a step further, shown.
#include <algorithm>

#include "base/id.h"
#include "base/json.h"
#include "impl.h"

namespace plimsoll::res {

using evidence::IncidentChange;
using evidence::IncidentReport;
using evidence::IncidentState;
using evidence::Problem;

namespace {

constexpr auto kClockSkew = std::chrono::minutes(5);
constexpr std::size_t kUsualPage = 100;
constexpr std::size_t kLargestPage = 200;

json::array to_array(const std::vector<std::string>& texts) {
  json::array out;
  for (const auto& text : texts) out.emplace_back(text);
  return out;
}

json::object to_object(const evidence::ClockState& state) {
  json::object out{{"id", state.clock->id}, {"name", state.clock->name}, {"source", state.clock->source}};
  out["as_of"] = state.clock->as_of;
  out["due"] = to_rfc3339(state.due);
  out["state"] = evidence::to_string(state.state);
  out["met_at"] = state.met_at ? json::value(to_rfc3339(*state.met_at)) : json::value(nullptr);
  out["late"] = state.met_at && *state.met_at > state.due;
  out["reference"] = state.reference.empty() ? json::value(nullptr) : json::value(state.reference);
  return out;
}

// From the entries about one incident, the report first.
std::optional<json::object> to_object(const std::vector<std::string>& entries, std::size_t first,
                                      std::size_t count, const evidence::IncidentStatus& status,
                                      const std::vector<IncidentClock>& rules, Time now) {
  const auto opened = evidence::read_entry(entries.at(first));
  const auto* report = opened ? std::get_if<IncidentReport>(&opened->content) : nullptr;
  if (report == nullptr) return std::nullopt;
  const std::string id = evidence::id_of(entries[first]);
  json::object out{{"id", id}, {"severity", "sev" + std::to_string(report->severity)}};
  out["status"] = evidence::to_string(status.state);
  out["description"] = report->description;
  out["refs"] = to_array(report->refs);
  out["created_at"] = to_rfc3339(opened->time);
  out["ledger_index"] = status.opened;
  json::array history;
  for (std::size_t i = 1; i < count; ++i) {
    const auto stored = evidence::read_entry(entries.at(first + i));
    const auto* change = stored ? std::get_if<IncidentChange>(&stored->content) : nullptr;
    if (change == nullptr) continue;
    json::object step{{"from", evidence::to_string(change->from)}, {"to", evidence::to_string(change->to)}};
    step["at"] = to_rfc3339(stored->time);
    step["note"] = change->note;
    step["refs"] = to_array(change->refs);
    step["ledger_index"] = status.changes[i - 1];
    history.emplace_back(std::move(step));
  }
  out["history"] = std::move(history);
  out["kinds"] = to_array(status.kinds);
  out["aware_at"] = to_rfc3339(status.aware_at);
  json::array clocks;
  for (const auto& state : evidence::clocks_of(status, rules, now)) clocks.emplace_back(to_object(state));
  out["clocks"] = std::move(clocks);
  out["link"] = "/incident/" + id;
  return out;
}

std::expected<evidence::Index::IncidentQuery, Problem> read_list_query(const Parameters& parameters) {
  evidence::Index::IncidentQuery query;
  if (const auto at = parameters.find("status"); at != parameters.end()) {
    query.state = evidence::parse_incident_state(at->second);
    if (!query.state)
      return std::unexpected(
          evidence::field_problem("status", "expected OPEN, INVESTIGATING, MITIGATED or RESOLVED"));
  }
  if (const auto at = parameters.find("severity"); at != parameters.end()) {
    const std::string& text = at->second;
    if (text.size() != 4 || !text.starts_with("sev") || text[3] < '1' || text[3] > '4')
      return std::unexpected(evidence::field_problem("severity", "expected sev1, sev2, sev3 or sev4"));
    query.severity = static_cast<std::uint8_t>(text[3] - '0');
  }
  auto from = time_in(parameters, "from");
  if (!from) return std::unexpected(std::move(from).error());
  auto until = time_in(parameters, "to");
  if (!until) return std::unexpected(std::move(until).error());
  auto limit = number_in(parameters, "limit", 1, kLargestPage);
  if (!limit) return std::unexpected(std::move(limit).error());
  auto cursor = number_in(parameters, "cursor", 0, std::uint64_t{1} << 62U);
  if (!cursor) return std::unexpected(std::move(cursor).error());
  query.from = *from;
  query.until = *until;
  query.limit = limit->value_or(kUsualPage);
  query.after = *cursor;
  return query;
}

}  // namespace

net::Task<> Service::Impl::open_incident(Passage& p) {
  auto report = evidence::read_incident(p.request().body);
  if (report && report->aware_at && *report->aware_at > std::chrono::system_clock::now() + kClockSkew)
    report = std::unexpected(evidence::field_problem("aware_at", "is in the future"));
  if (!report) {
    auto no = to_response(report.error());
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  const Time now = std::chrono::system_clock::now();
  std::string entry = evidence::to_entry(*report, p.submitter, new_id(), now);
  const std::string id = evidence::id_of(entry);
  auto at = co_await record(std::move(entry));
  if (!at) {
    auto no = to_response(at.error());
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  json::object body{{"id", id}, {"created_at", to_rfc3339(now)}, {"link", "/incident/" + id}};
  auto response = net::json_response(201, to_json(body));
  response.headers.add("Location", "/incident/" + id);
  response.headers.add("X-Ledger-Index", std::to_string(*at));
  co_await p.exchange.respond(std::move(response));
}

net::Task<> Service::Impl::show_incident(Passage& p) {
  if (!evidence::is_id(p.id)) {
    auto no = to_response(evidence::field_problem("id", "expected 64 lower-case hexadecimal digits"));
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  auto located = co_await locate(index.find_incident(p.id), p.id);
  const auto status = located ? index.incident(located->at) : std::nullopt;
  if (!status) {
    auto no = to_response(located ? Error{Code::kNotFound, "nothing has this id"} : located.error());
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  std::vector<ledger::Index> wanted{status->opened};
  wanted.insert(wanted.end(), status->changes.begin(), status->changes.end());
  auto texts = co_await read(wanted);
  auto body =
      texts ? to_object(*texts, 0, texts->size(), *status, clock_rules(), std::chrono::system_clock::now())
            : std::nullopt;
  auto response = body    ? net::json_response(200, to_json(*std::move(body)))
                  : texts ? to_response(Error{Code::kInternal, "an incident's entry is none"})
                          : to_response(texts.error());
  co_await p.exchange.respond(std::move(response));
}

net::Task<> Service::Impl::report_incident(Passage& p, evidence::IncidentReported reported) {
  const auto rules = clock_rules();
  std::optional<Problem> no;
  if (!evidence::is_id(p.id)) no = evidence::field_problem("id", "expected 64 lower-case hexadecimal digits");
  const auto rule = std::ranges::find(rules, reported.clock, &IncidentClock::id);
  if (!no && (rule == rules.end() || rule->met_by != IncidentClock::MetBy::kReport))
    no = evidence::field_problem("reported", "is no clock of the policy that a report stops");
  if (no) {
    auto response = to_response(*no);
    co_await p.exchange.respond(std::move(response));
    co_return;
  }
  auto located = co_await locate(index.find_incident(p.id), p.id);
  const auto status = located ? index.incident(located->at) : std::nullopt;
  if (!status) {
    auto response = to_response(located ? Error{Code::kNotFound, "nothing has this id"} : located.error());
    co_await p.exchange.respond(std::move(response));
    co_return;
  }
  const Time now = std::chrono::system_clock::now();
  const auto states = evidence::clocks_of(*status, rules, now);
  const auto state = std::ranges::find_if(states, [&](const auto& s) { return s.clock == &*rule; });
  if (state == states.end())
    no = evidence::field_problem("reported", "does not apply to this incident: its kinds do not start it");
  else if (state->met_at)
    no = Problem{Problem::Kind::kConflict, "reported", "reported: that is on record already"};
  if (no) {
    auto response = to_response(*no);
    co_await p.exchange.respond(std::move(response));
    co_return;
  }
  reported.incident = p.id;
  auto at = co_await record(evidence::to_entry(reported, p.submitter, new_id(), now));
  if (!at) {
    auto response = to_response(at.error());
    co_await p.exchange.respond(std::move(response));
    co_return;
  }
  json::object body{{"id", p.id}, {"clock", reported.clock}, {"state", "met"}, {"late", now > state->due}};
  body["reported_at"] = to_rfc3339(now);
  body["link"] = "/incident/" + p.id;
  auto response = net::json_response(200, to_json(body));
  response.headers.add("X-Ledger-Index", std::to_string(*at));
  co_await p.exchange.respond(std::move(response));
}

net::Task<> Service::Impl::change_incident(Passage& p) {
  if (auto reported = evidence::read_incident_reported(p.request().body)) {
    if (*reported) {
      co_await report_incident(p, **std::move(reported));
      co_return;
    }
    auto no = to_response(reported->error());
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  auto change = evidence::read_incident_change(p.request().body);
  if (!change) {
    auto no = to_response(change.error());
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  if (!evidence::is_id(p.id)) {
    auto no = to_response(evidence::field_problem("id", "expected 64 lower-case hexadecimal digits"));
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  auto located = co_await locate(index.find_incident(p.id), p.id);
  const auto status = located ? index.incident(located->at) : std::nullopt;
  if (!status) {
    auto no = to_response(located ? Error{Code::kNotFound, "nothing has this id"} : located.error());
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  change->incident = p.id;
  change->from = status->state;
  const bool next = static_cast<int>(change->to) == static_cast<int>(status->state) + 1;
  if (!next || !index.claim(located->at, status->state)) {
    std::string message = "status: the incident is " + std::string(evidence::to_string(status->state));
    if (status->state == IncidentState::kResolved)
      message += ", which is the end";
    else if (next)
      message += ", and somebody else is changing it now";
    else
      message +=
          "; the next state is " +
          std::string(evidence::to_string(static_cast<IncidentState>(static_cast<int>(status->state) + 1)));
    auto no = to_response(Problem{Problem::Kind::kConflict, "status", std::move(message)});
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  const Time now = std::chrono::system_clock::now();
  auto at = co_await record(evidence::to_entry(*change, p.submitter, new_id(), now));
  if (!at) {
    // After a timeout the entry may still be written: the claim then ends when it is added.
    if (at.error().code != Code::kTimeout) index.settle(located->at);
    auto no = to_response(at.error());
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  json::object body{
      {"id", p.id}, {"status", evidence::to_string(change->to)}, {"changed_at", to_rfc3339(now)}};
  body["link"] = "/incident/" + p.id;
  auto response = net::json_response(200, to_json(body));
  response.headers.add("X-Ledger-Index", std::to_string(*at));
  co_await p.exchange.respond(std::move(response));
}

net::Task<> Service::Impl::list_incidents(Passage& p) {
  const auto parameters =
      parse_query(p.request().query, {"status", "severity", "from", "to", "limit", "cursor"});
  auto query =
      parameters
          ? read_list_query(*parameters)
          : std::expected<evidence::Index::IncidentQuery, Problem>(std::unexpected(parameters.error()));
  if (!query) {
    auto no = to_response(query.error());
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  const auto page = index.incidents(*query);
  std::vector<ledger::Index> wanted;
  for (const auto& incident : page.incidents) {
    wanted.push_back(incident.opened);
    wanted.insert(wanted.end(), incident.changes.begin(), incident.changes.end());
  }
  auto texts = co_await read(wanted);
  if (!texts) {
    auto no = to_response(texts.error());
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  const auto rules = clock_rules();
  const Time now = std::chrono::system_clock::now();
  json::array items;
  std::size_t first = 0;
  for (const auto& incident : page.incidents) {
    const std::size_t count = 1 + incident.changes.size();
    if (auto item = to_object(*texts, first, count, incident, rules, now))
      items.emplace_back(*std::move(item));
    first += count;
  }
  json::object body{{"items", std::move(items)}, {"total", index.incidents()}};
  body["next_cursor"] =
      page.more ? json::value(std::to_string(page.incidents.back().opened)) : json::value(nullptr);
  auto response = net::json_response(200, to_json(body));
  co_await p.exchange.respond(std::move(response));
}

}  // namespace plimsoll::res
