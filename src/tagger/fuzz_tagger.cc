// Any text, in pieces: the spans of the whole, in order and on characters.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "tagger/stream_tagger.h"
#include "test_model.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::tagger;
  if (size < 2) return 0;
  const std::size_t piece = 1 + data[0] % 64 + (data[0] >= 192 ? 500U : 0U);
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  static Scratch scratch, other;
  static std::vector<NameSpan> whole;
  random_tagger().tag(text, scratch, whole);
  std::size_t end = 0;
  for (const auto& s : whole) {
    if (s.begin < end || s.end <= s.begin || s.end > text.size()) std::abort();
    end = s.end;
  }
  StreamTagger stream(random_tagger(), other);
  std::vector<NameSpan> parts;
  std::size_t decided = 0, fed = 0;
  const auto take = [&](StreamTagger::Step step) {
    if (step.decided < decided || fed - step.decided > StreamTagger::kMaxHeld) std::abort();
    for (const auto& s : step.spans) {
      if (s.begin < decided) std::abort();
      parts.push_back(s);
    }
    decided = step.decided;
  };
  for (std::size_t at = 0; at < text.size(); at += piece) {
    const auto part = text.substr(at, piece);
    fed += part.size();
    take(stream.feed(part));
  }
  take(stream.finish());
  if (parts != whole || decided != text.size()) std::abort();
  return 0;
}
