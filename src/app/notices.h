// Who is told of what the log says, for as long as the process runs (docs/notices.md).
#pragma once

#include <memory>

#include "config.h"
#include "net/metrics.h"
#include "notify/notifier.h"

namespace plimsoll::app {

// Null where nobody is to be told anything.
Result<std::unique_ptr<notify::Notifier>> open_notices(const Config& config, const ledger::LogReader& log,
                                                       ledger::Sink& sink);

// The metrics read it at every scrape.
void show_notices(net::Metrics& metrics, const notify::Notifier& notifier);

}  // namespace plimsoll::app
