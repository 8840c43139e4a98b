#include <cstdint>

#include "fuzz_document.h"
#include "wire/moderations.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const auto request = wire::decode_moderation_request(body);
  if (!request) {
    wire::require(!request.error().message.empty() && is_utf8(request.error().message));
    return 0;
  }
  wire::require(!request->inputs.empty() && request->inputs.size() <= wire::kMaxModerations);
  std::vector<wire::ModerationResult> results;
  for (const auto& input : request->inputs) {
    for (const auto& segment : input.segments) wire::require(is_utf8(segment.text));
    Verdict verdict;
    verdict.action = static_cast<Action>(input.segments.size() % kActionCount);
    Scores scores;
    scores.set(static_cast<Category>(size % kCategoryCount), 0.6);
    results.push_back(wire::moderation_result(input, verdict, scores,
                                              {{.category = static_cast<Category>(size / 7 % kCategoryCount),
                                                .entity = "HATE",
                                                .detector = "d",
                                                .span = {}}}));
  }
  const auto answer = parse_json(wire::encode_moderation("1", request->model, results));
  wire::require(answer && answer->at("results").as_array().size() == request->inputs.size());
  return 0;
}
