// The detector that a policy asks for, and what requests are decided by while either changes.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/snapshot.h"
#include "gateway/governance.h"
#include "policy/store.h"

namespace plimsoll::app {

// With the program's own models, or the given one in place of the risk model.
Result<std::shared_ptr<const detect::Detector>> make_detector(
    const policy::Settings& settings, const std::optional<classify::Model>& risk_model = {});

// Keeps the policy in force and its detector together. A model, or a policy whose detector cannot be made, never
// replaces a good one. One thread.
class Governor {
 public:
  // `risk_model`: path of a model file; empty: the program's own. kInvalid, kNotFound with the path.
  static Result<std::unique_ptr<Governor>> open(const policy::Store& policies, std::string risk_model);

  const Snapshot<gateway::Governance>& snapshot() const { return snapshot_; }

  // After the policy may have changed. What is wrong, when the governance in force stays.
  Result<void> follow_policy();
  // Reads the model file again; nothing to do without one.
  Result<void> reload_model();

 private:
  Governor(const policy::Store& policies, std::string path) : policies_(policies), path_(std::move(path)) {}
  Result<void> make(std::shared_ptr<const policy::Policy> policy, std::optional<classify::Model> model);

  const policy::Store& policies_;
  const std::string path_;
  std::optional<classify::Model> model_;  // read from path_
  Snapshot<gateway::Governance> snapshot_;
};

}  // namespace plimsoll::app
