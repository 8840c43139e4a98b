#include <utility>

#include "detect/detector.h"
#include "engine.h"

namespace plimsoll::detect {

struct StreamInspector::State {
  const Detector* detector;
  Scratch* scratch;
  std::string text;
};

StreamInspector::StreamInspector(const Detector& detector, Scratch& scratch)
    : state_(std::make_unique<State>(State{&detector, &scratch, {}})) {}
StreamInspector::~StreamInspector() = default;
StreamInspector::StreamInspector(StreamInspector&&) noexcept = default;
StreamInspector& StreamInspector::operator=(StreamInspector&&) noexcept = default;

StreamInspector::Step StreamInspector::feed(std::string_view piece) {
  state_->text += piece;
  return {};
}

StreamInspector::Step StreamInspector::finish() {
  auto all = state_->detector->inspect(state_->text, *state_->scratch);
  return {.decided = state_->text.size(), .findings = std::move(all.findings), .scores = all.scores};
}

}  // namespace plimsoll::detect
