#include <cstdint>
#include <vector>

#include "fake_filter.h"
#include "fuzz_document.h"
#include "wire/anthropic_messages.h"

// Three bytes of cuts and delay, then a stream. Cut or not, the same comes out.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::wire;
  if (size < 4) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(data) + 3, size - 3);
  std::vector<std::size_t> cuts;
  for (std::size_t at = data[0] % 32U; at < stream.size(); at += 1 + data[1] % 64U) cuts.push_back(at);

  const auto run = [&](std::span<const std::size_t> where) {
    FakeFilter filter;
    filter.delay = data[2] % 16U;
    return run_stream([&] { return messages_stream(filter, "m"); }, stream, where);
  };
  const auto whole = run({});
  require(run(cuts) == whole && plimsoll::is_utf8(whole));
  return 0;
}
