#include <cstdint>
#include <cstdlib>
#include <string>

#include "text/normalizer.h"

namespace {

struct Collect final : plimsoll::text::FoldSink {
  std::string text;
  std::size_t end = 0;
  void same(std::string_view bytes, std::size_t begin) override {
    changed(bytes, begin, begin + bytes.size());
  }
  void changed(std::string_view bytes, std::size_t begin, std::size_t to) override {
    if (begin != end) std::abort();
    text += bytes;
    end = to;
  }
};

}  // namespace

// The view maps inside the text, in order, and is the same wherever the text is cut.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::text;
  static const auto normalizer = *Normalizer::create();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto view = normalizer.normalize(text);
  std::size_t last = 0;
  for (std::size_t i = 0; i < view.text().size(); ++i) {
    if (view.begin_of(i) < last || view.end_of(i) > size || view.begin_of(i) >= view.end_of(i)) std::abort();
    last = view.begin_of(i);
  }
  Collect cut;
  Folder folder(normalizer);
  for (std::size_t at = 0; at < size;) {
    const std::size_t step = 1 + data[at] % 7;
    folder.feed(text.substr(at, step), cut);
    at += std::min(step, size - at);
    if (folder.settled() != cut.end || at - cut.end > Folder::kMaxPending + 3) std::abort();
  }
  folder.finish(cut);
  if (cut.text != view.text() || cut.end != size) std::abort();
  return 0;
}
