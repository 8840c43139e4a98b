// Which entries of the log people are told of.
#pragma once

#include <string_view>
#include <vector>

#include "notify/notice.h"

namespace plimsoll::notify {

// Of one entry (docs/log_format.md); none for most. Pure. What cannot be read gives none: the projector is the one to
// complain.
std::vector<Trigger> triggers_of(ledger::Index index, std::string_view entry);

}  // namespace plimsoll::notify
