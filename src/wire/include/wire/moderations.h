// OpenAI's moderations (/v1/moderations), answered with our own verdict. Errors are text_completion_error()'s.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/conversation.h"
#include "model/finding.h"
#include "model/verdict.h"
#include "wire/document.h"

namespace plimsoll::wire {

// `input` is a string (one input), an array of strings (one each), or an array of text and image parts (one
// input, as at OpenAI). Each is a conversation of its own, surface "moderations", and judged by itself; an
// empty one has no segments. Images cannot be inspected: they are attachments. At most kMaxModerations.
struct ModerationRequest {
  std::string model;  // as asked for; empty when not stated
  std::vector<Conversation> inputs;
};
inline constexpr std::size_t kMaxModerations = 256;
Decoded<ModerationRequest> decode_moderation_request(std::string_view body);

// What was decided about one input.
struct ModerationResult {
  Verdict verdict;
  Scores scores;
  std::vector<Finding> findings;
  bool text = true;    // the input had text
  bool image = false;  // or images
};
ModerationResult moderation_result(const Conversation& input, Verdict verdict, const Scores& scores,
                                   std::vector<Finding> findings);

// {"id":"modr-<id>","model","results":[{"flagged","categories","category_scores",
// "category_applied_input_types","verdict"}]}, a result per input, in order.
//
// `flagged`: the policy wants more than to allow or to log. A category is true when the policy flags the input
// and the category's score (or, where a category has none, its surest finding) is at least 0.5; `policy`, a
// category of ours, is true whenever the policy flags. `verdict` is {"allowed","action","reasons"}.
//
// OpenAI's categories, from ours:
//   harassment              toxicity, unless all that was found of it is HATE
//   hate                    toxicity of which HATE was found
//   illicit                 the highest of cbrn, exploitation, cyber_offense, social_engineering
//   illicit/violent         cbrn
//   self-harm               self_harm
//   self-harm/intent        self_harm of which SELF_HARM_RISK was found
//   self-harm/instructions  self_harm of which SELF_HARM_METHOD was found
// The others (sexual, violence, …/threatening, …) nobody judges here: false, 0, and no applied input type.
// Our own categories follow under their own names ("pii", "secret", "jailbreak", …). Images apply to `policy`
// alone. A verdict of kErrorBlock is no result: answer with an error instead.
std::string encode_moderation(std::string_view id, std::string_view model,
                              std::span<const ModerationResult> results);

}  // namespace plimsoll::wire
