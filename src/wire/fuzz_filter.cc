#include <cstdint>

#include "fuzz_document.h"
#include "wire/filter.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  for (const auto direction : {Direction::kPrompt, Direction::kOutput}) {
    const auto request = wire::decode_filter_request(body, direction);
    if (!request) {
      wire::require(parse_json(wire::filter_error(request.error())).has_value());
      continue;
    }
    const auto& text = request->conversation.segments.at(0).text;
    Verdict verdict;
    verdict.reasons = {text};
    Inspection found;
    for (std::size_t i = 0; i < text.size() && i < 32; ++i)
      found.findings.push_back({Category::kPii, "E", "d", {i, text.size() - i / 2}, 1, 0, false});
    wire::require(parse_json(wire::encode_filter_answer(verdict)).has_value());
    wire::require(
        parse_json(wire::encode_filter_answer(verdict, found, {}, request->conversation)).has_value());
  }
  return 0;
}
