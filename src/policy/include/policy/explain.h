// Explanations as text.
#pragma once

#include <boost/json/value.hpp>
#include <string>

#include "model/verdict.h"

namespace plimsoll::policy {

// A verdict as JSON: allowed, action, reasons, rules, redact, asl_level, review, care.
boost::json::value to_json(const Verdict& verdict);

// What Policy::explain() gave, for a terminal: the verdict, then every rule, threshold and trigger with what
// it read and why it fired or did not. Ends in a newline.
std::string to_text(const boost::json::value& explanation);

}  // namespace plimsoll::policy
