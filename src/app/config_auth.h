// `auth`: who is let in.
#pragma once

#include <string>
#include <vector>

#include "config.h"
#include "identity/key_source.h"

namespace plimsoll::app {

// Every reason why nobody could be told from anybody; empty where authentication is off.
std::vector<std::string> auth_problems(const Config& config);

identity::KeySourceOptions key_source_options(const Config& config);
std::string api_keys_file(const Config& config);

}  // namespace plimsoll::app
