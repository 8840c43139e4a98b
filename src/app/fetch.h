// Reads the public files of a log behind a URL, one at a time.
#pragma once

#include <string>

#include "ledger/verify.h"

namespace plimsoll::app {

// For "http://host[:port][/path]" or https; kInvalid for other texts. What it returns is used by one thread:
// kNotFound where the answer is 404, kTooLarge beyond the largest bundle of entries.
Result<ledger::Fetch> fetch_from(const std::string& url);

}  // namespace plimsoll::app
