#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <utility>

#include "base/json.h"
#include "collector.h"
#include "guardrails_assessment.h"
#include "openai_body.h"
#include "wire/guardrails.h"

namespace plimsoll::wire {
namespace {

using Step = Collector::Step;

constexpr std::size_t kUnit = 1'000;  // characters; what AWS counts by

bool has_qualifier(const json::value& text, std::string_view name) {
  const auto* qualifiers = find_array(text, "qualifiers");
  return qualifiers != nullptr && std::ranges::any_of(*qualifiers, [&](const auto& qualifier) {
           return qualifier.is_string() && qualifier.get_string() == name;
         });
}

bool collect_text(Collector& into, const json::value& block) {
  const Step step(into, "text");
  if (!block.is_object()) return into.wrong_type(block, "an object");
  const auto* text = block.get_object().if_contains("text");
  if (text == nullptr) return into.missing("text");
  const Step inner(into, "text");
  if (!text->is_string()) return into.wrong_type(*text, "a string");
  const bool output = into.conversation().direction == Direction::kOutput;
  if (has_qualifier(block, "grounding_source"))
    return into.text(text->get_string(), Role::kTool, SegmentKind::kToolResult);
  const bool asked = !output || has_qualifier(block, "query");
  return into.text(text->get_string(), asked ? Role::kUser : Role::kAssistant, SegmentKind::kText);
}

bool collect_block(Collector& into, const json::value& block) {
  const auto* object = block.if_object();
  const auto* text = object != nullptr ? object->if_contains("text") : nullptr;
  const auto* image = object != nullptr ? object->if_contains("image") : nullptr;
  if (object == nullptr || object->size() != 1 || (text == nullptr && image == nullptr))
    return into.refuse("Expected an object with one of 'text' and 'image'.");
  if (text != nullptr) return collect_text(into, *text);
  const Step step(into, "image");
  return into.attachment(into.conversation().direction == Direction::kOutput ? Role::kAssistant
                                                                             : Role::kUser);
}

bool collect_content(Collector& into, const json::value& content) {
  const Step step(into, "content");
  const auto* blocks = content.if_array();
  if (blocks == nullptr) return into.wrong_type(content, "an array of objects");
  if (blocks->size() > kMaxInputs)
    return into.refuse("At most " + std::to_string(kMaxInputs) + " blocks can be given at once.");
  for (std::size_t i = 0; i < blocks->size(); ++i) {
    const Step inner(into, i);
    if (!collect_block(into, (*blocks)[i])) return false;
  }
  return true;
}

std::unexpected<BadBody> bad(std::string param, std::string message) {
  return std::unexpected(BadBody{400, std::move(param), std::move(message)});
}

bool was_changed(const GuardrailRequest& request) {
  return !std::ranges::equal(request.asked, request.document.conversation().segments, {}, {}, &Segment::text);
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

json::object output(std::string_view text) {
  return {{"text", text}};
}

json::array outputs_of(const ApplyGuardrailRequest& request) {
  json::array outputs;
  for (const auto& block : *find_array(request.document.json(), "content")) {
    const auto* text = find(block, "text");
    if (text == nullptr || has_qualifier(*text, "grounding_source") || has_qualifier(*text, "query"))
      continue;
    if (const auto* words = find_string(*text, "text"); words != nullptr) outputs.push_back(output(*words));
  }
  return outputs;
}

json::object usage_of(std::size_t length) {
  const auto units = (length + kUnit - 1) / kUnit;
  return {{"topicPolicyUnits", units},
          {"contentPolicyUnits", units},
          {"wordPolicyUnits", 0},
          {"sensitiveInformationPolicyUnits", units},
          {"sensitiveInformationPolicyFreeUnits", 0},
          {"contextualGroundingPolicyUnits", 0}};
}

std::string reason_of(const Verdict& verdict, bool intervened) {
  std::string all;
  for (const auto& reason : verdict.reasons) all.append(all.empty() ? "" : "; ").append(reason);
  if (!all.empty()) return all;
  if (!verdict.allowed()) return "Guardrail blocked.";
  return intervened ? "Guardrail masked." : "No action.";
}

}  // namespace

std::optional<GuardrailPath> parse_guardrail_path(std::string_view path) {
  const auto take = [&](std::string_view word) {
    if (!path.starts_with(word)) return false;
    path.remove_prefix(word.size());
    return true;
  };
  const auto name = [&] {
    const auto taken = path.substr(0, path.find('/'));
    path.remove_prefix(taken.size());
    return taken;
  };
  if (!take("/guardrail/")) return std::nullopt;
  GuardrailPath found{.id = name(), .version = {}};
  if (found.id.empty() || !take("/version/")) return std::nullopt;
  found.version = name();
  if (found.version.empty() || !take("/apply") || !path.empty()) return std::nullopt;
  return found;
}

Decoded<ApplyGuardrailRequest> decode_apply_guardrail(std::string_view body) {
  auto parsed = read_request_object(body);
  if (!parsed) return std::unexpected(std::move(parsed).error());
  const auto* source = find_string(*parsed, "source");
  if (source == nullptr || (*source != "INPUT" && *source != "OUTPUT"))
    return bad("source", "Expected one of 'INPUT' and 'OUTPUT'.");
  bool full = false;
  if (const auto* scope = find(*parsed, "outputScope"); scope != nullptr && !scope->is_null()) {
    if (*scope != "INTERVENTIONS" && *scope != "FULL")
      return bad("outputScope", "Expected one of 'INTERVENTIONS' and 'FULL'.");
    full = *scope == "FULL";
  }
  const auto* content = find(*parsed, "content");
  if (content == nullptr) return bad("content", "Missing required parameter: 'content'.");

  Conversation conversation;
  conversation.direction = *source == "OUTPUT" ? Direction::kOutput : Direction::kPrompt;
  conversation.surface = "guardrail.bedrock";
  Collector into(conversation);
  if (!collect_content(into, *content)) return std::unexpected(into.problem());
  std::vector<std::string> asked;
  asked.reserve(conversation.segments.size());
  for (const auto& segment : conversation.segments) asked.push_back(segment.text);
  return ApplyGuardrailRequest{{Document(*std::move(parsed), std::move(conversation)), std::move(asked)},
                               full};
}

std::string encode_apply_guardrail(const ApplyGuardrailRequest& request, const GuardrailDecision& decision) {
  std::size_t length = 0;
  for (const auto& text : request.asked) length += characters(text);
  const auto images = static_cast<std::size_t>(
      std::ranges::count(request.document.conversation().segments, SegmentKind::kAttachment, &Segment::kind));

  const bool refused = !decision.verdict.allowed();
  const bool intervened = refused || was_changed(request);
  json::array outputs;
  if (refused) outputs.push_back(output(decision.refusal));
  if (intervened && !refused) outputs = outputs_of(request);
  json::object coverage{{"textCharacters", json::object{{"guarded", length}, {"total", length}}}};
  if (images > 0) coverage.emplace("images", json::object{{"guarded", 0}, {"total", images}});
  json::array assessments;
  assessments.push_back(assess(decision, request.full));
  return to_json(json::object{{"usage", usage_of(length)},
                              {"action", intervened ? "GUARDRAIL_INTERVENED" : "NONE"},
                              {"actionReason", reason_of(decision.verdict, intervened)},
                              {"outputs", std::move(outputs)},
                              {"assessments", std::move(assessments)},
                              {"guardrailCoverage", std::move(coverage)}});
}

AwsError guardrail_error(const Problem& problem) {
  const auto told = [&](int status, std::string_view type) {
    const auto message = problem.param.empty() ? problem.message : problem.param + ": " + problem.message;
    return AwsError{status, type, to_json(json::object{{"message", message}})};
  };
  switch (problem.kind) {
    case ProblemKind::kInvalid:
      return problem.status == 404 ? told(404, "ResourceNotFoundException")
                                   : told(400, "ValidationException");
    case ProblemKind::kRefused:
      return told(400, "ValidationException");
    case ProblemKind::kStranger:
      return told(403, "AccessDeniedException");
    case ProblemKind::kLimited:
      return told(429, "ThrottlingException");
    case ProblemKind::kUndecided:
    case ProblemKind::kUpstream:
    case ProblemKind::kTimeout:
      return told(503, "ServiceUnavailableException");
    case ProblemKind::kInternal:
      break;
  }
  return told(500, "InternalServerException");
}

}  // namespace plimsoll::wire
