// Any text as a policy: it loads or it does not, and what loads decides, explains and loads again as itself.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/json.h"
#include "policy/fixture.h"
#include "policy/policy.h"

namespace {

using plimsoll::policy::Fixture;

const Fixture& facts(bool prompt) {
  const auto make = [](std::string_view direction) {
    const auto value = plimsoll::parse_json(
        R"({")" + std::string(direction) +
        R"(":["a","b c"],"context":{"tier":"general","n":1,"list":[1,"x"],"contains_pii":true},
           "scores":{"cbrn":0.2,"jailbreak":0.9,"self_harm":0.4},"tools":["t"],
           "findings":[{"category":"secret","entity":"KEY"},{"category":"pii","entity":"EMAIL_ADDRESS"}]})");
    return *plimsoll::policy::facts_from_json(*value);
  };
  static const auto of_prompt = make("prompt");
  static const auto of_output = make("output");
  return prompt ? *of_prompt : *of_output;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using plimsoll::policy::Policy;
  const auto policy = Policy::parse({reinterpret_cast<const char*>(data), size}, "fuzz");
  if (!policy) return policy.error().empty() ? (std::abort(), 0) : 0;
  for (const bool prompt : {true, false}) {
    const auto fixture = facts(prompt).facts();
    const auto verdict = (*policy)->decide(fixture);
    if (verdict.action != verdict.fired.strictest()) std::abort();
    (*policy)->explain(fixture);
  }
  const auto again = Policy::parse(plimsoll::to_json((*policy)->document()), "again");
  if (!again || (*again)->version() != (*policy)->version()) std::abort();
  return 0;
}
