// The detector that a policy asks for, and what requests are decided by while either changes.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/snapshot.h"
#include "decide/governance.h"
#include "gateway/guard_server.h"
#include "policy/store.h"

namespace plimsoll::app {

// With the program's own models, or the given one in place of the risk model.
Result<std::shared_ptr<const detect::Detector>> make_detector(
    const policy::Settings& settings, const std::optional<classify::Model>& risk_model = {});

// The guards that policies may ask: by name, why it cannot be asked, or nothing.
using Guards = std::map<std::string, std::string, std::less<>>;

// Opens the encoders among the configured guards. One that cannot be opened is for the policy to miss.
Guards open_guards(std::vector<gateway::GuardServer>& servers);

// kInvalid when the policy asks a guard that is not there, with the reason.
Result<void> check_guards(const policy::Settings& settings, const Guards& guards);

// Keeps the policy in force and its detector together. A model, or a policy whose detector cannot be made, never
// replaces a good one. One thread.
class Governor {
 public:
  // `risk_model`: path of a model file; empty: the program's own. kInvalid, kNotFound with the path.
  // Policies that ask for others than these guards are refused.
  static Result<std::unique_ptr<Governor>> open(const policy::Store& policies, std::string risk_model,
                                                Guards guards);

  const Snapshot<decide::Governance>& snapshot() const { return snapshot_; }

  // After the policy may have changed. What is wrong, when the governance in force stays.
  Result<void> follow_policy();
  // Reads the model file again; nothing to do without one.
  Result<void> reload_model();

 private:
  Governor(const policy::Store& policies, std::string path, Guards guards)
      : policies_(policies), path_(std::move(path)), guards_(std::move(guards)) {}
  Result<void> make(std::shared_ptr<const policy::Policy> policy, std::optional<classify::Model> model);

  const policy::Store& policies_;
  const std::string path_;
  const Guards guards_;
  std::optional<classify::Model> model_;  // read from path_
  Snapshot<decide::Governance> snapshot_;
};

}  // namespace plimsoll::app
