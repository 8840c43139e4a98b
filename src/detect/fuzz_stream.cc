#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "detect/detector.h"

namespace {

using namespace plimsoll;

const std::shared_ptr<const plimsoll::detect::Detector>& the_detector() {
  static const auto detector = *plimsoll::detect::Detector::create();
  return detector;
}

bool same(std::vector<Finding> a, std::vector<Finding> b) {
  const auto order = [](const Finding& f) { return std::pair(f.span.begin, f.category); };
  std::ranges::sort(a, {}, order);
  std::ranges::sort(b, {}, order);
  return std::ranges::equal(a, b, [](const Finding& x, const Finding& y) {
    return x.category == y.category && x.detector == y.detector && x.span == y.span &&
           x.confidence == y.confidence;
  });
}

}  // namespace

// Made before the first input, whose time would count otherwise.
extern "C" int LLVMFuzzerInitialize(int*, char***) {
  the_detector();
  return 0;
}

// However the text is cut, the stream finds what is found in the whole, and lets no byte of it go before.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::detect;
  const auto& detector = the_detector();
  static const auto scratch = detector->make_scratch();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto whole = detector->inspect(text, *scratch);

  StreamInspector inspector(*detector, *scratch);
  std::vector<Finding> found;
  std::size_t decided = 0, fed = 0;
  Scores scores;
  const auto take = [&](const StreamInspector::Step& step) {
    if (step.decided < decided || step.decided > fed) std::abort();
    for (const auto& finding : step.findings) {
      if (finding.span.begin < decided || finding.span.end > step.decided) std::abort();
      if (!finding.continuation) {
        found.push_back(finding);
        continue;
      }
      const auto before = std::find_if(found.rbegin(), found.rend(), [&](const Finding& f) {
        return f.category == finding.category && f.span.end == finding.span.begin;
      });
      if (before == found.rend()) std::abort();
      before->span.end = finding.span.end;
    }
    decided = step.decided;
    scores = step.scores;
  };
  while (fed < size) {
    const std::size_t step = std::min<std::size_t>(size - fed, 1 + (data[fed] * 31U + fed) % 37);
    const auto piece = text.substr(fed, step);
    fed += step;
    take(inspector.feed(piece));
    if (fed - decided > StreamInspector::kMostHeld) std::abort();
  }
  take(inspector.finish());
  if (decided != size || !(scores == whole.scores) || !same(found, whole.findings)) std::abort();
  return 0;
}
