#include <cstdint>
#include <vector>

#include "fake_filter.h"
#include "fuzz_document.h"
#include "wire/openai_responses.h"
#include "wire/sse.h"

// Three bytes of cuts and delay, then a stream. Cut or not, the same comes out: events that are numbered
// without a gap, and none of what the filter hides.
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
  const auto events = SseDecoder(64U << 20U).feed(whole);
  require(events.has_value());
  for (const auto& event : *events) {
    const auto parsed = plimsoll::parse_json(event.data, {.max_bytes = 64U << 20U, .max_depth = 80});
    require(parsed && parsed->at("type").as_string() == event.name &&
            parsed->at("sequence_number") == number++);
  }
  return 0;
}
