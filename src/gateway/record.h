// Waiting, on a worker's loop, for the log's own thread.
#pragma once

#include <chrono>
#include <string>

#include "ledger/ledger.h"
#include "net/http.h"
#include "vault/vault.h"

namespace plimsoll::gateway {

// Appends and waits until the entry is on disk. kTimeout after `patience`: the entry may still be written,
// but nobody is told so.
net::Task<Result<ledger::Index>> append_and_wait(ledger::Sink& log, std::string entry,
                                                 std::chrono::milliseconds patience);

// Waits until all that was put into the vault is on disk.
net::Task<Result<void>> sync_and_wait(vault::Vault& vault, std::chrono::milliseconds patience);

// What comes of a log that never confirms.
net::Task<Result<void>> wait_in_vain(std::chrono::milliseconds patience);

}  // namespace plimsoll::gateway
