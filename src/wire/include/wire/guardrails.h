// Being the guard of somebody else's gateway: Bedrock's ApplyGuardrail and LiteLLM's generic guardrail API.
//
// Both show us texts, once before a model is asked and once after, and ask what to do with them. The caller
// decodes, judges document.conversation(), replaces segments where the verdict asks for it, and encodes: what
// was replaced is seen by comparing. safe_mode, which these APIs have no word for, is answered like allow.
// A verdict of kErrorBlock is answered like a refusal, since their clients may let errors through.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/finding.h"
#include "model/verdict.h"
#include "wire/document.h"
#include "wire/surface.h"

namespace plimsoll::wire {

struct GuardrailRequest {
  Document document;
  std::vector<std::string> asked;  // every segment's text as it came
};

// What was decided about a request. Borrowed for the call.
struct GuardrailDecision {
  const Verdict& verdict;
  const Scores& scores;
  const std::vector<Finding>& findings;  // spans into the texts as they came
  std::string_view refusal;              // what a refused caller reads
  std::string_view redaction;            // the policy's pattern, "[REDACTED:{entity}]"
  // LiteLLM's streams: of each of `texts` in an answer, how many characters at its end could still become part
  // of a match, so that they must not be sent yet.
  std::vector<std::size_t> open_ends = {};
};

// --- Bedrock: POST /guardrail/{id}/version/{version}/apply ---

struct GuardrailPath {
  std::string_view id;  // as in the URL, escapes and all
  std::string_view version;
};
std::optional<GuardrailPath> parse_guardrail_path(std::string_view path);

// `source` gives the direction; `content` the blocks. Images are attachments. Text with the qualifier
// "grounding_source" is what a tool brought, "query" what the user asked; all of it is inspected.
// `conversation().surface` is "guardrail.bedrock".
struct ApplyGuardrailRequest : GuardrailRequest {
  bool full = false;  // outputScope "FULL": what was found and let pass is listed too
};
Decoded<ApplyGuardrailRequest> decode_apply_guardrail(std::string_view body);

// The answer as boto3 reads it. `outputs`: nothing when nothing was done; the refusal when refused; otherwise
// every guarded text (not "grounding_source" or "query") in order, with what was replaced. `assessments`:
//   sensitiveInformationPolicy  what was found of pii and secrets, and of whatever was redacted: piiEntities
//                               where Bedrock has a type for it, regexes otherwise; `match` is the
//                               placeholder, never the value
//   contentPolicy               INSULTS and HATE from toxicity; MISCONDUCT from cbrn, exploitation,
//                               cyber_offense, deception, social_engineering; PROMPT_ATTACK from jailbreak and
//                               disguise; confidence LOW, MEDIUM from 0.5, HIGH from 0.8
//   topicPolicy                 the other categories under our own names; "policy" where nothing found
//                               explains a refusal
std::string encode_apply_guardrail(const ApplyGuardrailRequest& request, const GuardrailDecision& decision);

// {"message"}, and the name that goes into the header x-amzn-ErrorType.
struct AwsError {
  int status;
  std::string_view type;
  std::string body;
};
AwsError guardrail_error(const Problem& problem);

// --- LiteLLM: POST /beta/litellm_basic_guardrail_api ---

// `texts`, `structured_messages`, `tools`, `tool_calls` and strings in members this codec does not know are
// segments, `images` attachments. A text has the role of the message it was drawn from. What is told about the
// caller and not to the model is kept apart.
// `conversation().surface` is "guardrail.litellm". Errors are text_completion_error()'s.
struct LiteLlmRequest : GuardrailRequest {
  std::string call_id;  // each empty when not stated
  std::string trace_id;
  std::string user;  // user_api_key_end_user_id, otherwise user_api_key_user_id
  std::string org;   // user_api_key_org_id, otherwise user_api_key_team_id
  // As configured at LiteLLM; its own clients can add to it, so it may make a decision stricter, never laxer.
  boost::json::object params;
};
Decoded<LiteLlmRequest> decode_litellm_guardrail(std::string_view body);

// {"action":"NONE"}, {"action":"BLOCKED","blocked_reason"}, or {"action":"GUARDRAIL_INTERVENED","texts"} with
// every text, replaced or not; of answers also "stream_holdback_chars", a number per text. "tools" and "structured_messages" when something was replaced there that is in
// no text. What was replaced where LiteLLM takes no replacement (an answer's tool calls, images) is BLOCKED.
// LiteLLM itself drops replacements on streams unless its streaming_transform_mode is "incremental_diff".
std::string encode_litellm_guardrail(const LiteLlmRequest& request, const GuardrailDecision& decision);

}  // namespace plimsoll::wire
