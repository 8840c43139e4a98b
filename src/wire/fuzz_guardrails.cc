#include <cstdint>

#include "fuzz_document.h"
#include "wire/guardrails.h"

namespace plimsoll::wire {
namespace {

// Whatever was asked and decided, the answer is JSON; once every text is replaced, no text that came is in it.
template <class Request, class Encode>
void check_answers(Request request, Encode encode) {
  Verdict verdict;
  const Scores scores;
  std::vector<Finding> findings;
  for (std::uint32_t i = 0; i < request.asked.size() && i < 300; ++i)
    findings.push_back({.category = static_cast<Category>(i % kCategoryCount),
                        .entity = "E",
                        .detector = "d",
                        .span = {0, 1},
                        .segment = i});
  for (const auto action : {Action::kAllow, Action::kRedact, Action::kBlock}) {
    verdict.action = action;
    verdict.fired.add(action);
    verdict.redact.add(Category::kPii);
    require(parse_json(encode(request, GuardrailDecision{verdict, scores, findings, "no", "[{entity}]"}))
                .has_value());
  }
  auto& document = request.document;
  for (std::size_t i = 0; i < request.asked.size(); ++i) document.replace(i, "");
  verdict.action = Action::kRedact;
  const auto told = parse_json(encode(request, GuardrailDecision{verdict, scores, {}, "no", "x"}));
  require(told.has_value());
  if (const auto* texts = find_array(*told, "texts"); texts != nullptr)
    for (const auto& text : *texts) require(text.as_string().empty());
  if (const auto* outputs = find_array(*told, "outputs"); outputs != nullptr)
    for (const auto& output : *outputs) require(output.at("text").as_string().empty());
}

}  // namespace
}  // namespace plimsoll::wire

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::wire;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  parse_guardrail_path(body);
  if (auto request = decode_apply_guardrail(body); request) {
    check_answers(*std::move(request), encode_apply_guardrail);
  } else {
    require(plimsoll::is_utf8(request.error().message));
  }
  if (auto request = decode_litellm_guardrail(body); request) {
    check_answers(*std::move(request), encode_litellm_guardrail);
  } else {
    require(plimsoll::is_utf8(request.error().message));
  }
  return 0;
}
