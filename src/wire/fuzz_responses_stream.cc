#include <cstdint>
#include <map>
#include <vector>

#include "fake_filter.h"
#include "fuzz_document.h"
#include "wire/openai_responses.h"
#include "wire/sse.h"

// Three bytes of cuts and delay, then a stream. Cut or not, the same comes out: events that are numbered
// without a gap, and texts that are repeated as they were told.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::wire;
  if (size < 4) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(data) + 3, size - 3);
  std::vector<std::size_t> cuts;
  for (std::size_t at = data[0] % 32U; at < stream.size(); at += 1 + data[1] % 64U) cuts.push_back(at);

  const auto run = [&](std::span<const std::size_t> where) {
    FakeFilter filter;
    filter.delay = data[2] % 16U;
    return run_stream([&] { return responses_stream(filter, "m"); }, stream, where);
  };
  const auto whole = run({});
  require(run(cuts) == whole && plimsoll::is_utf8(whole));

  std::int64_t number = 0;
  std::map<std::string, std::string> told;
  const auto events = SseDecoder(64U << 20U).feed(whole);
  require(events.has_value());
  for (const auto& event : *events) {
    const auto parsed = plimsoll::parse_json(event.data, {.max_bytes = 64U << 20U, .max_depth = 80});
    require(parsed && parsed->at("type").as_string() == event.name &&
            parsed->at("sequence_number") == number++);
    const auto dot = event.name.rfind('.');
    if (dot == std::string::npos) continue;
    std::string place = event.name.substr(0, dot);
    for (const char* at : {"output_index", "content_index", "summary_index", "command_index"})
      if (const auto* index = plimsoll::find(*parsed, at); index != nullptr)
        place += ' ' + plimsoll::to_json(*index);
    if (const auto* delta = plimsoll::find_string(*parsed, "delta"); delta != nullptr) told[place] += *delta;
    if (!event.name.ends_with(".done")) continue;
    for (const char* text : {"text", "refusal", "arguments", "input", "code", "command"})
      if (const auto* repeated = plimsoll::find_string(*parsed, text); repeated != nullptr)
        require(std::string_view(*repeated) == told[place]);
  }
  return 0;
}
