#include "shipped_rules.h"

#include <array>

// Defined by shipped_rules.S.
extern "C" {
// NOLINTBEGIN
extern const char plimsoll_rules_shared[], plimsoll_rules_shared_end[];
extern const char plimsoll_rules_cbrn[], plimsoll_rules_cbrn_end[];
extern const char plimsoll_rules_self_harm[], plimsoll_rules_self_harm_end[];
extern const char plimsoll_rules_jailbreak[], plimsoll_rules_jailbreak_end[];
extern const char plimsoll_rules_exploitation[], plimsoll_rules_exploitation_end[];
extern const char plimsoll_rules_toxicity[], plimsoll_rules_toxicity_end[];
extern const char plimsoll_rules_deception[], plimsoll_rules_deception_end[];
// NOLINTEND
}

namespace plimsoll::detect {

std::span<const ShippedFile> shipped_rule_files() {
  static const std::array<ShippedFile, 7> kFiles = {{
      {"shared.yaml", {plimsoll_rules_shared, plimsoll_rules_shared_end}},
      {"cbrn.yaml", {plimsoll_rules_cbrn, plimsoll_rules_cbrn_end}},
      {"self_harm.yaml", {plimsoll_rules_self_harm, plimsoll_rules_self_harm_end}},
      {"jailbreak.yaml", {plimsoll_rules_jailbreak, plimsoll_rules_jailbreak_end}},
      {"exploitation.yaml", {plimsoll_rules_exploitation, plimsoll_rules_exploitation_end}},
      {"toxicity.yaml", {plimsoll_rules_toxicity, plimsoll_rules_toxicity_end}},
      {"deception.yaml", {plimsoll_rules_deception, plimsoll_rules_deception_end}},
  }};
  return kFiles;
}

}  // namespace plimsoll::detect
