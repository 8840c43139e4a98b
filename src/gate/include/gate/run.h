// `plimsoll ci-check`, short of its command line.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "gate/artifacts.h"

namespace plimsoll::gate {

struct GateArgs {
  std::string policy;  // a file; empty: the shipped policy
  Sources sources{.artifacts = "artifacts", .files = {}};
  // Evidence of the model (submissions, or what GET /evidence shows) for the policy's card_required; empty:
  // model_card.json in the directory of artifacts, where there is one.
  std::vector<std::string> cards;
  std::string format = "text";  // "text" or "json"
};

// 0 passed (warnings included), 1 violations, 2 bad input or configuration (said on `err`).
int run(const GateArgs& args, std::ostream& out, std::ostream& err);

}  // namespace plimsoll::gate
