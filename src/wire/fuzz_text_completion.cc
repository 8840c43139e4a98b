#include <cstdint>
#include <vector>

#include "fake_filter.h"
#include "fuzz_document.h"
#include "wire/text_completions.h"

namespace plimsoll::wire {
namespace {

void check_bodies(std::string_view body) {
  check_document(body, decode_text_completion_request);
  check_document(body, decode_text_completion_response);
  if (auto request = decode_text_completion_request(body); request) {
    for (std::size_t i = 0; i < request->conversation().segments.size(); ++i)
      if (request->conversation().segments[i].kind != SegmentKind::kAttachment) request->replace(i, "x");
    make_text_completion_safe(*request, "Be careful.", 0.2);
    require(decode_text_completion_request(request->body()).has_value());
  }
  if (auto answer = decode_text_completion_response(body); answer) {
    withhold_text_completion(*answer);
    require(decode_text_completion_response(answer->body())->conversation().segments.empty());
  }
}

}  // namespace
}  // namespace plimsoll::wire

// Three bytes of cuts and delay, then a stream; or a body. Cut or not, the same comes out of a stream.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::wire;
  if (size < 4) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(data) + 3, size - 3);
  check_bodies(stream);
  std::vector<std::size_t> cuts;
  for (std::size_t at = data[0] % 32U; at < stream.size(); at += 1 + data[1] % 64U) cuts.push_back(at);
  const auto run = [&](std::span<const std::size_t> where) {
    FakeFilter filter;
    filter.delay = data[2] % 16U;
    return run_stream([&] { return text_completion_stream(filter, "m"); }, stream, where);
  };
  const auto whole = run({});
  require(run(cuts) == whole && plimsoll::is_utf8(whole));
  return 0;
}
