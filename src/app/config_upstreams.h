// The parts of the configuration that say where models are: `upstreams` and `routes`.
#pragma once

#include <string>
#include <vector>

#include "config.h"
#include "yaml/fields.h"

namespace plimsoll::app {

// Calls `read` with the members of a section that is there.
template <class Read>
void section(yaml::Fields& above, std::string_view key, yaml::Problems& problems, Read read) {
  const yaml::Node* node = above.get(key);
  if (node == nullptr) return;
  yaml::Fields fields(*node, key, problems);
  read(fields);
  fields.finish();
}

// The variable that a setting names; a problem when it is none, or not set.
void read_named(const Environment& environment, const std::string& setting, const std::string& name,
                std::string& out, std::vector<std::string>& problems);

// `guards`: from the file, and their keys.
void read_anchors(yaml::Fields& file, Config& config, yaml::Problems& problems);
void read_guards(yaml::Fields& file, Config& config, yaml::Problems& problems);
void read_guard_secrets(const Environment& environment, Config& config, std::vector<std::string>& problems);

// `notices`: from the file, and their secrets from the variables that they name.
void read_notices(yaml::Fields& file, Config& config, yaml::Problems& problems);
void read_notice_secrets(const Environment& environment, Config& config, std::vector<std::string>& problems);

// From the file.
void read_upstreams(yaml::Fields& file, Config& config, yaml::Problems& problems);

// Keys, from the variables that the upstreams name.
void read_upstream_secrets(const Environment& environment, Config& config,
                           std::vector<std::string>& problems);

// One line each, without secrets.
std::string describe_upstream(const NamedUpstream& named);
std::string describe_route(const route::Route& route);

}  // namespace plimsoll::app
