#include "admin_log.h"

#include <chrono>
#include <future>
#include <memory>

#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "base/time.h"

namespace plimsoll::app {
namespace {

constexpr std::chrono::seconds kPatience{10};

std::string_view name_of(Listeners role) {
  switch (role) {
    case Listeners::kGateway:
      return "gateway";
    case Listeners::kEvidence:
      return "evidence";
    case Listeners::kControl:
      return "control";
    case Listeners::kAll:
      break;
  }
  return "all";
}

}  // namespace

void record_act(ledger::Sink& log, std::string_view act, json::object more) {
  more["v"] = 1;
  more["type"] = "admin";
  more["act"] = act;
  more["actor"] = "server";
  more["time"] = to_rfc3339_ms(std::chrono::system_clock::now());
  if (auto kept = log.append(to_canonical_json(more)); !kept)
    log_warn("an administrative act is not in the log", {{"act", act}, {"error", kept.error().message}});
}

void record_start(ledger::Sink& log, const Config& config, std::string_view instance, std::string_view policy,
                  std::string_view detectors) {
  record_act(log, "server_started",
             {{"authentication", config.auth},
              {"configuration", to_hex(sha256(config.describe()))},
              {"detectors", detectors},
              {"instance", instance},
              {"policy", policy},
              {"role", name_of(config.role)}});
}

Result<void> append_and_wait(ledger::Sink& log, std::string entry) {
  // Shared with the log, which may answer after nobody waits any more.
  auto kept = std::make_shared<std::promise<Result<ledger::Index>>>();
  auto outcome = kept->get_future();
  auto queued = log.append(std::move(entry),
                           [kept](Result<ledger::Index> index) { kept->set_value(std::move(index)); });
  if (!queued) return queued;
  if (outcome.wait_for(kPatience) != std::future_status::ready)
    return fail(Code::kTimeout, "the log did not answer in time");
  const auto index = outcome.get();
  return index ? Result<void>() : Result<void>(std::unexpected(index.error()));
}

}  // namespace plimsoll::app
