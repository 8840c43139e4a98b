// The composition root: configuration in, a running server out.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "config.h"

namespace plimsoll::app {

// Runs until SIGTERM or SIGINT, then drains. SIGHUP reloads the policy. Returns the process's exit status:
// 0 after an orderly stop, 2 when the configuration cannot be used or a listener cannot start.
int serve(const Config& config);

// The key that log entries commit to texts under: made on first start, readable by this user only.
Result<std::string> commitment_key(const std::filesystem::path& storage);

}  // namespace plimsoll::app
