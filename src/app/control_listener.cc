#include "control_listener.h"

#include <algorithm>

namespace plimsoll::app {
namespace {
constexpr std::size_t kMaxBodyBytes = 64U << 20U;  // of a batch
}

Result<std::unique_ptr<ControlListener>> ControlListener::create(
    const Config& config, control::Options options, const Snapshot<decide::Governance>& governance,
    ledger::Ledger& log, net::Metrics& metrics) {
  store::Options where;
  where.database = config.database.empty() ? config.storage + "/store.duckdb" : config.database;
  auto opened = store::open_store(where);
  if (!opened) return std::unexpected(std::move(opened).error());
  std::unique_ptr<ControlListener> out(new ControlListener(*std::move(opened)));
  // A store of another log is told from this one before anything is served from it.
  if (const auto known = store::check_identity(*out->store_, log.reader()); !known)
    return std::unexpected(known.error());
  out->projector_ = std::make_unique<store::Projector>(*out->store_, log.reader());
  out->service_ =
      std::make_unique<control::Service>(out->listener_.loop(), std::move(options), governance, log,
                                         log.reader(), *out->store_, *out->projector_, metrics);
  const auto body = std::max<std::size_t>(kMaxBodyBytes, config.max_body_bytes);
  if (auto bound = out->listener_.listen(server_options(config, config.ports.control, body), *out->service_);
      !bound)
    return std::unexpected(std::move(bound).error());
  return out;
}

}  // namespace plimsoll::app
