// The log as whoever verifies it reads it: C2SP tlog-tiles, and proofs. Open to everybody who reaches the port:
// the entries of a log that is shown to its verifiers hold no texts.
#include <charconv>

#include "impl.h"

namespace plimsoll::res {
namespace {

// Without an entity tag: a tile never changes, and a checkpoint is smaller than the question for it.
net::Response to_resource(ledger::LogReader::Resource resource) {
  net::Response response;
  response.headers.add("Content-Type", resource.content_type);
  response.headers.add("Cache-Control",
                       resource.immutable ? "public, max-age=31536000, immutable" : "no-cache");
  response.body = std::move(resource.bytes);
  return response;
}

net::Response no_log() {
  return problem_response(404, "this log publishes no checkpoints");
}

}  // namespace

net::Task<> Service::Impl::public_file(Passage& p) {
  if (options.public_log == nullptr) {
    co_await p.exchange.respond(no_log());
    co_return;
  }
  if (waiting >= kMaxWaiting) {
    co_await p.exchange.respond(to_response(Error{Code::kUnavailable, "too many readers"}));
    co_return;
  }
  ++waiting;
  std::function<Result<ledger::LogReader::Resource>()> work =
      [log = options.public_log, path = p.request().path] { return log->read(path); };
  auto read = co_await run_on(pool, std::move(work));
  --waiting;
  auto response = !read    ? to_response(Error{Code::kInternal, "reading the log failed"})
                  : !*read ? to_response(read->error())
                           : to_resource(**std::move(read));
  co_await p.exchange.respond(std::move(response));
}

net::Task<> Service::Impl::log_keys(Passage& p) {
  if (options.public_log == nullptr) {
    co_await p.exchange.respond(no_log());
    co_return;
  }
  ledger::LogReader::Resource keys{options.public_log->verifier_keys(), "text/plain; charset=utf-8", false};
  co_await p.exchange.respond(to_resource(std::move(keys)));
}

net::Task<> Service::Impl::log_proof(Passage& p) {
  ledger::Index at = 0;
  const auto [end, error] = std::from_chars(p.id.data(), p.id.data() + p.id.size(), at);
  if (error != std::errc() || end != p.id.data() + p.id.size()) {
    co_await p.exchange.respond(
        problem_response(404, "expected an entry's index, as in X-Ledger-Index", "index"));
    co_return;
  }
  if (options.public_log == nullptr) {
    co_await p.exchange.respond(no_log());
    co_return;
  }
  if (waiting >= kMaxWaiting) {
    co_await p.exchange.respond(to_response(Error{Code::kUnavailable, "too many readers"}));
    co_return;
  }
  ++waiting;
  std::function<Result<std::string>()> work = [log = options.public_log, at] { return log->proof_file(at); };
  auto proof = co_await run_on(pool, std::move(work));
  --waiting;
  if (!proof || !*proof) {
    auto no = to_response(proof ? proof->error() : Error{Code::kInternal, "reading the log failed"});
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  ledger::LogReader::Resource file{**std::move(proof), "text/plain; charset=utf-8", false};
  co_await p.exchange.respond(to_resource(std::move(file)));
}

}  // namespace plimsoll::res
