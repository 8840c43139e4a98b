#include <boost/asio/signal_set.hpp>
#include <ostream>

#include "base/log.h"
#include "commands.h"
#include "net/server.h"
#include "witness/witness.h"

namespace plimsoll::app {
namespace {

net::Task<> answer(net::Exchange& exchange, witness::Witness& witness) {
  constexpr std::string_view kCheckpoint = "/checkpoint";
  const auto& request = exchange.request();
  witness::Answer answer{.status = 404,
                         .body = "POST /add-checkpoint, GET /<hash of the origin>/checkpoint\n"};
  std::string_view allowed;
  if (request.path == "/add-checkpoint") {
    allowed = "POST";
    if (request.method == allowed) answer = witness.add_checkpoint(request.body);
  } else if (request.path == "/health") {
    allowed = "GET";
    if (request.method == allowed)
      answer = {.content_type = "application/json", .body = "{\"status\":\"ok\"}"};
  } else if (request.path.ends_with(kCheckpoint) && request.path.size() == 1 + 64 + kCheckpoint.size()) {
    allowed = "GET";
    if (request.method == allowed) answer = witness.checkpoint(std::string_view(request.path).substr(1, 64));
  }
  net::Response response{.status = answer.status, .headers = {}, .body = std::move(answer.body)};
  if (!allowed.empty() && request.method != allowed) {
    response.status = 405;
    response.headers.add("Allow", allowed);
    response.body = "only " + std::string(allowed) + " is known here\n";
  }
  response.headers.add("Content-Type", answer.content_type);
  co_await exchange.respond(std::move(response));
}

Result<std::vector<ledger::VerifierKey>> read_keys(const std::vector<std::string>& lines) {
  std::vector<ledger::VerifierKey> keys;
  for (const auto& line : lines) {
    auto key = ledger::parse_verifier_key(line);
    if (!key) return std::unexpected(std::move(key).error().in("--log '" + line + "'"));
    keys.push_back(*std::move(key));
  }
  return keys;
}

}  // namespace

int serve_witness(const WitnessArgs& args, std::ostream& out, std::ostream& err) {
  auto keys = read_keys(args.logs);
  if (!keys) {
    err << keys.error().message << '\n';
    return 2;
  }
  auto opened = witness::Witness::open({.folder = args.folder, .name = args.name, .logs = *std::move(keys)});
  if (!opened) {
    err << opened.error().message << '\n';
    return 2;
  }
  auto witness = *std::move(opened);
  if (args.only_key) {
    out << ledger::to_text(witness.key()) << '\n';
    return 0;
  }
  boost::asio::io_context loop(1);
  net::ServerOptions options;
  options.host = args.host;
  options.port = args.port;
  options.max_body_bytes = witness::kMaxRequestBytes;
  options.certificate_file = args.certificate;
  options.key_file = args.certificate_key;
  auto server =
      net::Server::listen(loop, options, [&](net::Exchange& exchange) { return answer(exchange, witness); });
  if (!server) {
    err << server.error().message << '\n';
    return 2;
  }
  log_info("witness listens", {{"host", args.host},
                               {"port", (*server)->port()},
                               {"logs", args.logs.size()},
                               {"vkey", ledger::to_text(witness.key())}});
  boost::asio::signal_set stop(loop, SIGTERM, SIGINT);
  stop.async_wait([&](const boost::system::error_code&, int) {
    (*server)->close();
    loop.stop();
  });
  loop.run();
  return 0;
}

}  // namespace plimsoll::app
