// How long the log's entries are kept: the policy's classes as the types that entries have.
#pragma once

#include "ledger/retention.h"
#include "policy/policy.h"

namespace plimsoll::app {

ledger::Retention retention_of(const policy::Settings& settings);

}  // namespace plimsoll::app
