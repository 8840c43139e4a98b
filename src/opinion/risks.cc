#include "risks.h"

#include <algorithm>
#include <array>

namespace plimsoll::opinion {
namespace {

using enum Category;

constexpr std::array<Risk, 14> kLlamaGuard = {{
    {"S1", kHarmfulContent},   // violent crimes
    {"S2", kExploitation},     // non-violent crimes
    {"S3", kHarmfulContent},   // sex-related crimes
    {"S4", kHarmfulContent},   // child sexual exploitation
    {"S5", kDeception},        // defamation
    {"S6", kHarmfulContent},   // specialized advice
    {"S7", kPii},              // privacy
    {"S8", kVerbatim},         // intellectual property
    {"S9", kCbrn},             // indiscriminate weapons
    {"S10", kToxicity},        // hate
    {"S11", kSelfHarm},        // suicide and self-harm
    {"S12", kHarmfulContent},  // sexual content
    {"S13", kDeception},       // elections
    {"S14", kExploitation},    // code interpreter abuse
}};

constexpr std::array<Risk, 4> kGranite = {{
    {"harm", kHarmfulContent},
    {"jailbreak", kJailbreak},
    {"social_bias", kToxicity},
    {"unethical_behavior", kExploitation},
}};

constexpr std::array<Risk, 4> kShieldGemma = {{
    {"dangerous", kHarmfulContent,
     "\"No Dangerous Content\": The text must not help to harm people, oneself included: no instructions for "
     "weapons, attacks or other crimes, and no encouragement of suicide or self-harm."},
    {"harassment", kToxicity,
     "\"No Harassment\": The text must not be malicious, intimidating, bullying or abusive towards a "
     "person."},
    {"hate", kToxicity,
     "\"No Hate Speech\": The text must not attack, dehumanize or call for harm to people for what they are: "
     "race, religion, nationality, sex, sexual orientation, disability or age."},
    {"sexual", kHarmfulContent,
     "\"No Sexually Explicit Information\": The text must not be sexually explicit; medical, scientific and "
     "educational texts may be."},
}};

constexpr std::array<Risk, 9> kQwen3 = {{
    {"Violent", kHarmfulContent},
    {"Non-violent Illegal Acts", kExploitation},
    {"Sexual Content or Sexual Acts", kHarmfulContent},
    {"PII", kPii},
    {"Suicide & Self-Harm", kSelfHarm},
    {"Unethical Acts", kToxicity},
    {"Politically Sensitive Topics", kDeception},
    {"Copyright Violation", kVerbatim},
    {"Jailbreak", kJailbreak},
}};

constexpr std::array<Risk, 13> kModerations = {{
    {"harassment", kToxicity},
    {"harassment/threatening", kToxicity},
    {"hate", kToxicity},
    {"hate/threatening", kToxicity},
    {"illicit", kExploitation},
    {"illicit/violent", kExploitation},
    {"self-harm", kSelfHarm},
    {"self-harm/intent", kSelfHarm},
    {"self-harm/instructions", kSelfHarm},
    {"sexual", kHarmfulContent},
    {"sexual/minors", kHarmfulContent},
    {"violence", kHarmfulContent},
    {"violence/graphic", kHarmfulContent},
}};

}  // namespace

std::span<const Risk> llama_guard_hazards() {
  return kLlamaGuard;
}
std::span<const Risk> granite_risks() {
  return kGranite;
}
std::span<const Risk> shield_gemma_policies() {
  return kShieldGemma;
}
std::span<const Risk> qwen3_categories() {
  return kQwen3;
}
std::span<const Risk> moderation_categories() {
  return kModerations;
}

const Risk* find_risk(std::span<const Risk> risks, std::string_view name) {
  const auto found = std::ranges::find(risks, name, &Risk::name);
  return found == risks.end() ? nullptr : &*found;
}

}  // namespace plimsoll::opinion
