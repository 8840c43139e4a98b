#include <cstdint>
#include <cstdlib>

#include "wire/sse.h"

// Cut anywhere, the same events come out; written again, they are read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::wire;
  if (size < 2) return 0;
  const std::size_t cut = (data[0] * 256U + data[1]) % (size - 1);
  const std::string_view stream(reinterpret_cast<const char*>(data) + 2, size - 2);

  SseDecoder whole(256);
  std::vector<SseEvent> events;
  const bool read = whole.feed(stream, events).has_value();
  SseDecoder halves(256);
  std::vector<SseEvent> same;
  const bool first = halves.feed(stream.substr(0, cut), same).has_value();
  const bool second = halves.feed(stream.substr(cut), same).has_value();
  if (same != events || read != (first && second) || (read && whole.idle() != halves.idle())) std::abort();

  for (const auto& event : events) {
    std::string written;
    append_sse(written, event.data, event.name);
    SseDecoder again;
    const auto back = again.feed(written);
    if (!back || back->size() != 1 || back->front() != event || !again.idle()) std::abort();
  }
  return 0;
}
