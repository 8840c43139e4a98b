// Evidence: submitted, shown, listed, summed up.
#include <charconv>

#include "base/id.h"
#include "base/json.h"
#include "impl.h"

namespace plimsoll::res {

using evidence::Artifact;
using evidence::Problem;

namespace {

constexpr std::size_t kUsualPage = 100;
constexpr std::size_t kLargestPage = 500;

json::object to_object(const Artifact& artifact, const evidence::Stored& stored, ledger::Index at,
                       std::string_view id) {
  json::object out;
  out["id"] = id;
  out["artifact_type"] = artifact.artifact_type;
  out["model_version"] = artifact.model_version;
  out["content_ref"] = artifact.content_ref;
  const auto submitted = parse_json(artifact.submitted);
  const auto* metadata = submitted ? find(*submitted, "metadata") : nullptr;
  out["metadata"] = metadata != nullptr && metadata->is_object() ? *metadata : json::value(json::object());
  out["evidence_hash"] = artifact.evidence_hash;
  out["stored_at"] = to_rfc3339(stored.time);
  out["ledger_index"] = at;
  if (stored.submitter.authenticated)
    out["submitter"] = json::object{{"org", stored.submitter.org}, {"user", stored.submitter.user}};
  return out;
}

std::expected<evidence::Index::Query, Problem> read_list_query(const Parameters& parameters) {
  evidence::Index::Query query;
  const auto text = [&](std::string_view name) {
    const auto at = parameters.find(name);
    return at != parameters.end() ? at->second : std::string();
  };
  query.type = text("type");
  query.model = text("model");
  query.limit = kUsualPage;
  auto from = time_in(parameters, "from");
  if (!from) return std::unexpected(std::move(from).error());
  auto until = time_in(parameters, "to");
  if (!until) return std::unexpected(std::move(until).error());
  auto limit = number_in(parameters, "limit", 1, kLargestPage);
  if (!limit) return std::unexpected(std::move(limit).error());
  auto cursor = number_in(parameters, "cursor", 0, std::uint64_t{1} << 62U);
  if (!cursor) return std::unexpected(std::move(cursor).error());
  const std::string order = text("order");
  if (!order.empty() && order != "asc" && order != "desc")
    return std::unexpected(evidence::field_problem("order", "expected asc (oldest first) or desc"));
  query.from = *from;
  query.until = *until;
  query.limit = limit->value_or(kUsualPage);
  query.after = *cursor;
  query.newest_first = order != "asc";
  return query;
}

}  // namespace

net::Task<> Service::Impl::submit(Passage& p) {
  const auto submission = evidence::read_submission(p.request().body);
  if (!submission) {
    auto no = to_response(submission.error());
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  const Time now = std::chrono::system_clock::now();
  auto entry = evidence::to_entry(*submission, p.submitter, new_id(), now, options.attestation_base);
  if (!entry) {
    auto no = to_response(entry.error());
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  const std::string id = evidence::id_of(*entry);
  auto at = co_await record(*std::move(entry));
  if (!at) {
    auto no = to_response(at.error());
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  json::object body{{"id", id}, {"evidence_hash", submission->hash()}, {"stored_at", to_rfc3339(now)}};
  auto response = net::json_response(201, to_json(body));
  response.headers.add("Location", "/evidence/" + id);
  response.headers.add("X-Ledger-Index", std::to_string(*at));
  co_await p.exchange.respond(std::move(response));
}

net::Task<std::optional<Service::Impl::Located>> Service::Impl::artifact_or_answer(Passage& p) {
  if (!evidence::is_id(p.id)) {
    auto no = to_response(evidence::field_problem("id", "expected 64 lower-case hexadecimal digits"));
    co_await p.exchange.respond(std::move(no));
    co_return std::nullopt;
  }
  auto located = co_await locate(index.find_artifact(p.id), p.id);
  if (!located) {
    auto no = to_response(located.error());
    co_await p.exchange.respond(std::move(no));
    co_return std::nullopt;
  }
  co_return *std::move(located);
}

net::Task<> Service::Impl::show(Passage& p) {
  const auto located = co_await artifact_or_answer(p);
  if (!located) co_return;
  const auto stored = evidence::read_entry(located->entry);
  json::object body = to_object(std::get<Artifact>(stored->content), *stored, located->at, p.id);
  body["entry"] = located->entry;  // the very bytes whose leaf hash the id is
  json::array attested;
  for (const std::size_t statement : {0U, 1U})
    if (const auto at = index.attestation(located->at, statement)) attested.emplace_back(*at);
  body["attestations"] = std::move(attested);  // indices of the log's entries about its statements
  auto response = net::json_response(200, to_json(body));
  co_await p.exchange.respond(std::move(response));
}

net::Task<> Service::Impl::list(Passage& p) {
  const auto parameters =
      parse_query(p.request().query, {"type", "model", "from", "to", "limit", "cursor", "order"});
  auto query = parameters
                   ? read_list_query(*parameters)
                   : std::expected<evidence::Index::Query, Problem>(std::unexpected(parameters.error()));
  if (!query) {
    auto no = to_response(query.error());
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  const auto page = index.list(*query);
  auto texts = co_await read(page.entries);
  if (!texts) {
    auto no = to_response(texts.error());
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  json::array items;
  for (std::size_t i = 0; i < texts->size(); ++i) {
    const auto stored = evidence::read_entry((*texts)[i]);
    if (stored)
      items.emplace_back(to_object(std::get<Artifact>(stored->content), *stored, page.entries[i],
                                   evidence::id_of((*texts)[i])));
  }
  json::object body{{"items", std::move(items)}, {"total", index.artifacts()}};
  body["next_cursor"] = page.more ? json::value(std::to_string(page.entries.back())) : json::value(nullptr);
  auto response = net::json_response(200, to_json(body));
  co_await p.exchange.respond(std::move(response));
}

net::Task<> Service::Impl::snapshot(Passage& p) {
  const auto parameters = parse_query(p.request().query, {"model", "model_version"});
  if (!parameters) {
    auto no = to_response(parameters.error());
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  const auto named = parameters->empty() ? std::string() : parameters->begin()->second;
  const auto risk = index.snapshot(named);
  // Where each value comes from: the entries are read for their ids.
  std::vector<ledger::Index> wanted;
  for (const auto& source : risk.sources)
    if (source && std::ranges::find(wanted, *source) == wanted.end()) wanted.push_back(*source);
  auto texts = co_await read(wanted);
  if (!texts) {
    auto no = to_response(texts.error());
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  using evidence::Measure;
  json::object body, sources;
  const auto text_or_null = [](const std::string& text) {
    return text.empty() ? json::value(nullptr) : json::value(text);
  };
  body["model_version"] = text_or_null(risk.model_version);
  for (const Measure m : {Measure::kPassAt5, Measure::kSubgroupDelta, Measure::kHarmfulRate,
                          Measure::kReidRisk, Measure::kPsi}) {
    const auto& value = risk.values[m];
    body[evidence::to_string(m)] = value ? json::value(*value) : json::value(nullptr);
    const auto& source = risk.sources.at(static_cast<std::size_t>(m));
    if (!source) continue;
    const auto where = std::ranges::find(wanted, *source) - wanted.begin();
    sources[evidence::to_string(m)] = evidence::id_of((*texts)[static_cast<std::size_t>(where)]);
  }
  body["eu_ai_act_tier"] = text_or_null(risk.values.eu_ai_act_tier);
  body["timestamp"] = to_rfc3339(std::chrono::system_clock::now());
  body["evidence_hash"] = text_or_null(risk.evidence_hash);
  body["sources"] = std::move(sources);
  auto response = net::json_response(200, to_json(body));
  co_await p.exchange.respond(std::move(response));
}

}  // namespace plimsoll::res
