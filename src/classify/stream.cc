#include "classify/stream.h"

#include "accumulator.h"
#include "windows.h"

namespace plimsoll::classify {

StreamScorer::StreamScorer(Model model)
    : model_(std::move(model)), accumulator_(std::make_unique<Accumulator>()) {
  accumulator_->begin();
}
StreamScorer::StreamScorer(const StreamScorer& other)
    : model_(other.model_),
      accumulator_(std::make_unique<Accumulator>(*other.accumulator_)),
      pending_(other.pending_) {}
StreamScorer::StreamScorer(StreamScorer&&) noexcept = default;
StreamScorer& StreamScorer::operator=(StreamScorer&&) noexcept = default;
StreamScorer::~StreamScorer() = default;

void StreamScorer::feed(std::string_view piece, Scratch& scratch) {
  while (!piece.empty()) {
    // A window is never longer than kMaxWindow, so that many bytes decide it.
    const std::size_t seen = pending_.size();
    const std::string_view more = piece.substr(0, kMaxWindow - seen);
    pending_ += more;
    piece.remove_prefix(more.size());
    for (std::size_t from = seen;;) {
      const std::size_t size = first_window(pending_, from);
      if (size == 0) break;
      accumulator_->add(std::string_view(pending_).substr(0, size), model_.parameters(), kernels().back(),
                        *scratch.workspace_);
      pending_.erase(0, size);
      from = 0;
    }
  }
}

Assessment StreamScorer::so_far() const {
  return accumulator_->assessment(model_.parameters());
}

std::size_t StreamScorer::settled() const {
  return accumulator_->settled();
}

Assessment StreamScorer::finish(Scratch& scratch) {
  if (!pending_.empty() || accumulator_->settled() == 0)
    accumulator_->add(pending_, model_.parameters(), kernels().back(), *scratch.workspace_);
  accumulator_->end(model_.parameters(), *scratch.workspace_);
  const Assessment result = so_far();
  pending_.clear();
  accumulator_->begin();
  return result;
}

}  // namespace plimsoll::classify
