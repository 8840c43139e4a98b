// Administrative acts, as the log has them (docs/log_format.md).
#pragma once

#include <boost/json/object.hpp>
#include <string_view>

#include "config.h"
#include "ledger/ledger.h"

namespace plimsoll::app {

// {"act", "actor": "server", "time", "type": "admin", "v": 1} and `more`. Nobody waits for it.
void record_act(ledger::Sink& log, std::string_view act, boost::json::object more = {});

// What is served, with which settings: `configuration` is the SHA-256 of what `config show` prints, where secrets are not.
void record_start(ledger::Sink& log, const Config& config, std::string_view instance, std::string_view policy,
                  std::string_view detectors);

// Writes an entry and waits for the disk, for ten seconds at most.
Result<void> append_and_wait(ledger::Sink& log, std::string entry);

}  // namespace plimsoll::app
