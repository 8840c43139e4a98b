// Signed statements about evidence, and what is needed to verify them.
#include <algorithm>

#include "base/json.h"
#include "evidence/bundle.h"
#include "evidence/statement.h"
#include "impl.h"

namespace plimsoll::res {

namespace {

std::vector<ledger::VerifierKey> keys_in(std::string_view lines) {
  std::vector<ledger::VerifierKey> out;
  while (!lines.empty()) {
    const auto line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
    if (auto key = ledger::parse_verifier_key(line)) out.push_back(*std::move(key));
  }
  return out;
}

// Which of an artifact's statements is asked for.
std::expected<std::size_t, evidence::Problem> statement_in(std::string_view query) {
  const auto parameters = parse_query(query, {"statement"});
  if (!parameters) return std::unexpected(parameters.error());
  const auto number = number_in(*parameters, "statement", 0, 1);
  if (!number) return std::unexpected(number.error());
  return number->value_or(0);
}

net::Response no_such_statement() {
  return problem_response(404, "there is no such statement about this artifact", "statement");
}

}  // namespace

// The envelope as it was signed: the log's entry has the signature, the artifact's entry gives the statement.
net::Task<> Service::Impl::attestation(Passage& p) {
  const auto statement = statement_in(p.request().query);
  if (!statement) {
    auto no = to_response(statement.error());
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  const auto located = co_await artifact_or_answer(p);
  if (!located) co_return;
  auto statements = evidence::statements_of(p.id, *evidence::read_entry(located->entry));
  const auto at = index.attestation(located->at, *statement);
  if (!at || *statement >= statements.size()) {
    auto no = no_such_statement();
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  std::vector<ledger::Index> wanted{*at};
  auto entry = co_await read(std::move(wanted));
  const auto logged = entry ? evidence::parse_log_entry(entry->front())
                            : Result<evidence::LoggedEnvelope>(std::unexpected(entry.error()));
  if (!logged || sha256(statements[*statement]) != logged->payload_digest) {
    auto no =
        to_response(logged ? Error{Code::kInternal, "a statement is not what was signed"} : logged.error());
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  const evidence::Envelope envelope{
      .payload = std::move(statements[*statement]),
      .payload_type = std::string(evidence::kInTotoPayload),
      .signatures = {{.key_id = logged->signer.id(), .bytes = logged->signature}}};
  auto response = net::json_response(200, to_json(json::value(to_object(envelope))));
  response.headers.set("Content-Type", "application/vnd.dsse.envelope.v1+json");
  co_await p.exchange.respond(std::move(response));
}

net::Task<> Service::Impl::bundle(Passage& p) {
  const auto statement = statement_in(p.request().query);
  if (!statement || options.published == nullptr) {
    auto no = statement ? problem_response(501, "this log publishes no checkpoints")
                        : to_response(statement.error());
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  const auto located = co_await artifact_or_answer(p);
  if (!located) co_return;
  auto statements = evidence::statements_of(p.id, *evidence::read_entry(located->entry));
  const auto at = index.attestation(located->at, *statement);
  if (!at || *statement >= statements.size()) {
    auto no = no_such_statement();
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  std::function<Result<json::object>()> work = [this, where = *at,
                                                payload = std::move(statements[*statement])]() {
    return bundle_of(where, payload);
  };
  auto made = co_await run_on(pool, std::move(work));
  if (!made || !*made) {
    const bool soon = made && made->error().code == Code::kNotFound;  // the next checkpoint will cover it
    auto no = soon ? problem_response(
                         503, "the log's checkpoint does not cover this entry yet; try again in a second", {},
                         "server_error")
                   : to_response(made ? made->error() : Error{Code::kInternal, "making a bundle failed"});
    if (soon) no.headers.add("Retry-After", "1");
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  auto response = net::json_response(200, to_json(json::value(**std::move(made))));
  response.headers.set("Content-Type", "application/vnd.dev.sigstore.bundle.v0.3+json");
  co_await p.exchange.respond(std::move(response));
}

Result<json::object> Service::Impl::bundle_of(ledger::Index at, const std::string& payload) {
  auto entry = entries_of_log.read(at);
  if (!entry) return std::unexpected(std::move(entry).error());
  const auto text = options.published->proof_file(at);
  if (!text) return std::unexpected(text.error());
  const auto proof = ledger::parse_proof_file(*text);
  if (!proof) return std::unexpected(proof.error());
  Result<json::object> made = fail(Code::kUnavailable, "the log has no keys");
  for (const auto& key : keys_in(options.published->verifier_keys())) {
    made = evidence::make_bundle(payload, evidence::kInTotoPayload, *entry, *proof, key);
    if (made) break;
  }
  return made;
}

net::Task<> Service::Impl::attestation_key(Passage& p) {
  net::Response response;
  response.headers.add("Content-Type", "application/x-pem-file");
  response.body = options.attestation_key.public_key().pem();
  co_await p.exchange.respond(std::move(response));
}

net::Task<> Service::Impl::trusted_root(Passage& p) {
  const auto keys = options.published != nullptr ? keys_in(options.published->verifier_keys())
                                                 : std::vector<ledger::VerifierKey>();
  auto response = keys.empty()
                      ? problem_response(501, "this log publishes no checkpoints")
                      : net::json_response(
                            200, to_json(json::value(evidence::trusted_root(keys, "2020-01-01T00:00:00Z"))));
  co_await p.exchange.respond(std::move(response));
}

}  // namespace plimsoll::res
