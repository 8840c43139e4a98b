// What the log publishes of itself (C2SP tlog-tiles), and receipts.
#include <charconv>

#include "decisions.h"
#include "impl.h"
#include "ledger/note.h"

namespace plimsoll::res {

using Resource = ledger::LogReader::Resource;

net::Task<> Service::Impl::published_file(Passage& p) {
  if (options.published == nullptr) {
    auto no = problem_response(501, "this log publishes no checkpoints");
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  // Enough witnesses vouch for it, where there are any: it is what everybody is to hold the log to.
  if (auto cosigned = options.cosigned ? options.cosigned() : std::string();
      p.request().path == "/checkpoint" && !cosigned.empty()) {
    net::Response response;
    response.headers.add("Content-Type", "text/plain; charset=utf-8");
    response.headers.add("Cache-Control", "no-cache");
    response.body = std::move(cosigned);
    co_await p.exchange.respond(std::move(response));
    co_return;
  }
  std::function<Result<Resource>()> work = [this, path = p.request().path] {
    return options.published->read(path);
  };
  auto read = co_await run_on(pool, std::move(work));
  if (!read || !*read) {
    auto no = to_response(read ? read->error() : Error{Code::kInternal, "reading the log failed"});
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  net::Response response;
  response.headers.add("Content-Type", (*read)->content_type);
  response.headers.add("Cache-Control",
                       (*read)->immutable ? "public, max-age=31536000, immutable" : "no-cache");
  response.body = std::move((*read)->bytes);
  co_await p.exchange.respond(std::move(response));
}

net::Task<> Service::Impl::verifier_keys(Passage& p) {
  net::Response response;
  if (options.published != nullptr) {
    response.headers.add("Content-Type", "text/plain; charset=utf-8");
    response.body = options.published->verifier_keys();
  } else {
    response = problem_response(501, "this log publishes no checkpoints");
  }
  co_await p.exchange.respond(std::move(response));
}

// Under the cosigned checkpoint, where that covers the entry; else under the log's own.
Result<std::string> Service::Impl::proof_of(ledger::Index at) const {
  const auto cosigned = options.cosigned ? options.cosigned() : std::string();
  const auto note =
      cosigned.empty() ? Result<ledger::Note>(fail(Code::kNotFound, "none")) : ledger::parse_note(cosigned);
  const auto checkpoint =
      note ? ledger::parse_checkpoint(note->text) : Result<ledger::Checkpoint>(std::unexpected(note.error()));
  if (!checkpoint || checkpoint->size <= at || checkpoint->size > options.published->checkpoint().size)
    return options.published->proof_file(at);
  auto proof = ledger::inclusion_proof(*options.published, at, checkpoint->size);
  if (!proof) return std::unexpected(std::move(proof).error());
  return ledger::to_text(ledger::ProofFile{.index = at, .proof = *std::move(proof), .checkpoint = cosigned});
}

// By a decision's, an artifact's or an incident's id, or by an entry's index.
net::Task<> Service::Impl::receipt(Passage& p) {
  std::optional<ledger::Index> at;
  ledger::Index number = 0;
  const auto* const end = p.id.data() + p.id.size();
  if (evidence::is_id(p.id)) {
    auto candidates = index.find_artifact(p.id);
    if (candidates.empty()) candidates = index.find_incident(p.id);
    const auto located = co_await locate(std::move(candidates), p.id);
    if (located) at = located->at;
  } else if (is_decision_id(p.id) && options.published != nullptr) {
    std::function<Result<ledger::Index>()> search = [this, id = p.id] {
      return find_decision(*options.published, id);
    };
    if (const auto found = co_await run_on(pool, std::move(search)); found && *found) at = **found;
  } else if (const auto read = std::from_chars(p.id.data(), end, number);
             read.ec == std::errc() && read.ptr == end) {
    at = number;
  } else {
    auto no = to_response(evidence::field_problem(
        "id", "expected a decision's id, 64 lower-case hexadecimal digits, or an entry's index"));
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  if (!at || options.published == nullptr) {
    auto no = at ? problem_response(501, "this log publishes no checkpoints")
                 : problem_response(404, "nothing has this id");
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  std::function<Result<std::string>()> work = [this, where = *at] { return proof_of(where); };
  auto proof = co_await run_on(pool, std::move(work));
  if (!proof || !*proof) {
    const bool covered = proof && proof->error().code == Code::kNotFound;
    auto no = covered ? problem_response(404, "the log's checkpoint does not cover this entry (yet)", "id")
                      : to_response(proof ? proof->error() : Error{Code::kInternal, "proving failed"});
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  net::Response response;
  response.headers.add("Content-Type", "text/plain; charset=utf-8");
  response.headers.add("Content-Disposition", "attachment; filename=\"" + p.id + ".tlog-proof\"");
  response.body = **std::move(proof);
  co_await p.exchange.respond(std::move(response));
}

}  // namespace plimsoll::res
