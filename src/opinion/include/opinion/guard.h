// Asking another model what it makes of a text: what is sent to it, and what its answer means as scores. No I/O.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/category.h"
#include "model/conversation.h"

namespace plimsoll::opinion {

// How a guard wants to be asked. All but the last are models behind an OpenAI-compatible chat endpoint (vLLM,
// say), which puts the model's own chat template around the messages.
enum class Kind : std::uint8_t {
  kLlamaGuard,       // Llama Guard 3 and 4: "safe", or "unsafe" and hazard codes S1 to S14
  kGraniteGuardian,  // Granite Guardian: one risk a call, "Yes" or "No"
  kShieldGemma,      // ShieldGemma: one guideline a call, "Yes" or "No"
  kGptOssSafeguard,  // gpt-oss-safeguard: a policy of ours as the system message, JSON back
  kQwen3Guard,       // Qwen3Guard-Gen: "Safety: …", "Categories: …"
  kModerations,      // OpenAI's POST /moderations
};
std::optional<Kind> parse_kind(
    std::string_view name);  // "llama_guard", "granite_guardian", "shield_gemma", …
std::string_view to_string(Kind kind);

struct Question {
  Direction direction = Direction::kPrompt;
  std::string_view text;    // what is to be judged
  std::string_view prompt;  // with an output: what it answers, or empty when not known
};

// A POST below the guard's base URL (".../v1"), JSON both ways.
struct Call {
  std::string path;
  std::string body;
};

// What has to be sent, all of it. At least one call.
std::vector<Call> calls(Kind kind, std::string_view model, const Question& question);

// What the answer to call number `call` says: a probability where the model gives one (log probabilities of its
// verdict, moderation scores), kSaidSo where it only says yes. kInvalid for an answer that is no verdict; the
// message never quotes it.
inline constexpr double kSaidSo = 0.9;
Result<Scores> read_answer(Kind kind, std::size_t call, std::string_view body);

}  // namespace plimsoll::opinion
