#include <cstdint>
#include <vector>

#include "fake_filter.h"
#include "fuzz_document.h"
#include "wire/completion.h"
#include "wire/openai_chat.h"

// Three bytes of cuts and delay, then a stream. Cut or not, the same comes out, in every protocol.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::wire;
  if (size < 4) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(data) + 3, size - 3);
  std::vector<std::size_t> cuts;
  for (std::size_t at = data[0] % 32U; at < stream.size(); at += 1 + data[1] % 64U) cuts.push_back(at);

  const auto check = [&](auto make) {
    const auto run = [&](std::span<const std::size_t> where) {
      FakeFilter filter;
      filter.delay = data[2] % 16U;
      return run_stream([&] { return make(filter); }, stream, where);
    };
    const auto whole = run({});
    require(run(cuts) == whole && plimsoll::is_utf8(whole));
  };
  check([](TextFilter& filter) { return chat_stream(filter, "m"); });
  check([](TextFilter& filter) { return completion_stream(filter, CompletionUpstream::kChat); });
  check([](TextFilter& filter) { return completion_stream(filter, CompletionUpstream::kCompletion); });
  return 0;
}
