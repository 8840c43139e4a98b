#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "text/views.h"

namespace {

using namespace plimsoll::text;

const Normalizer& normalizer() {
  static const auto instance = *Normalizer::create();
  return instance;
}

struct Whole final : ViewSink {
  std::size_t size = 0;
  std::vector<std::string> runs;
  void take(const Derived& derived) override {
    const auto& view = derived.view;
    std::size_t last = 0;
    for (std::size_t i = 0; i < view.text().size(); ++i) {
      const auto begin = derived.base + view.begin_of(i), end = derived.base + view.end_of(i);
      if (begin >= end || end > size || (view.ordered() && begin < last)) std::abort();
      last = begin;
    }
    if (derived.in_run)
      runs.push_back(derived.name() + " " + std::to_string(derived.begin) + "-" +
                     std::to_string(derived.end) + " " + std::string(view.text()));
  }
};

struct Stream final : StreamViewSink {
  Whole whole;
  std::array<std::string, kStandingViews> standing;
  void take(const Derived& derived) override { whole.take(derived); }
  void advance(const std::array<Stretch, kStandingViews>& stretches) override {
    for (std::size_t i = 0; i < kStandingViews; ++i) standing.at(i) += stretches.at(i).text;
  }
};

}  // namespace

// Every byte of every view maps into the text, and a stream tells the same views wherever it is cut.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static Views views(normalizer());
  Whole whole;
  whole.size = size;
  views.read(text, whole);

  Stream stream;
  stream.whole.size = size;
  static Views nested(normalizer());
  StreamViews pieces(normalizer());
  std::size_t decided = 0;
  for (std::size_t at = 0; at < size;) {
    const std::size_t step = std::min<std::size_t>(size - at, 1 + (data[at] * 31U + at) % 37);
    pieces.feed(text.substr(at, step), nested, stream);
    at += step;
    if (pieces.decided() < decided || at - pieces.decided() > kMostUndecided) std::abort();
    decided = pieces.decided();
  }
  pieces.finish(nested, stream);
  if (pieces.decided() != size || stream.standing[0] != text) std::abort();
  if (stream.standing.back() != views.standing().back().view->text()) std::abort();
  std::ranges::sort(whole.runs);
  std::ranges::sort(stream.whole.runs);
  if (whole.runs != stream.whole.runs) std::abort();
  return 0;
}
