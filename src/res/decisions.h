// Where in the log a decision is.
#pragma once

#include <string_view>

#include "base/result.h"
#include "ledger/log_reader.h"

namespace plimsoll::res {

// A UUID of version 7 (RFC 9562), which begins with the time it was made at.
bool is_decision_id(std::string_view id);

// The index of the entry about this decision. Ids tell when they were made, and entries when they were written, a
// little later: so a search by time leads to the neighbourhood, which is read. kNotFound when it is not there (yet).
// Reads some dozens of entries, more of a busy hour; not for a network thread.
Result<ledger::Index> find_decision(const ledger::LogReader& log, std::string_view id);

}  // namespace plimsoll::res
