// Waiting, on a loop, for the log's own thread.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "ledger/ledger.h"
#include "net/wait.h"

namespace plimsoll::res {

namespace asio = boost::asio;
using net::kAwait;
using net::run_on;
using net::Waiting;

// Appends entries, in this order, and waits until all are on disk: the index of the first. `written` is called with
// each one's number and index on the log's own thread, before anybody is told, and also when that is after `patience`
// (kTimeout here). Where one fails, those before it may be in the log.
net::Task<Result<ledger::Index>> append_and_wait(ledger::Sink& log, std::vector<std::string> entries,
                                                 std::function<void(std::size_t, ledger::Index)> written,
                                                 std::chrono::milliseconds patience);

}  // namespace plimsoll::res
