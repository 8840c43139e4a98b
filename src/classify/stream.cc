#include "classify/stream.h"

#include "accumulator.h"
#include "windows.h"

namespace plimsoll::classify {

StreamScorer::StreamScorer(Model model)
    : model_(std::move(model)), accumulator_(std::make_unique<Accumulator>()) {
  accumulator_->begin();
}
StreamScorer::StreamScorer(Parts other)
    : model_(other.of.model_),
      accumulator_(std::make_unique<Accumulator>()),
      pending_(other.of.pending_),
      marks_(pending_.size(), '\0'),
      parts_(true) {
  accumulator_->begin();
  if (other.of.settled() > 0) accumulator_->skip(other.of.settled());
}
StreamScorer::StreamScorer(StreamScorer&&) noexcept = default;
StreamScorer& StreamScorer::operator=(StreamScorer&&) noexcept = default;
StreamScorer::~StreamScorer() = default;

void StreamScorer::feed(std::string_view piece, Scratch& scratch) {
  feed(piece, {}, scratch);
}

void StreamScorer::feed(std::string_view piece, std::string_view marks, Scratch& scratch) {
  while (!piece.empty()) {
    // A window is never longer than kMaxWindow, so that many bytes decide it.
    const std::size_t seen = pending_.size();
    const std::string_view more = piece.substr(0, kMaxWindow - seen);
    pending_ += more;
    piece.remove_prefix(more.size());
    if (parts_) {
      marks_ += marks.substr(0, more.size());
      marks.remove_prefix(more.size());
    }
    for (std::size_t from = seen;;) {
      const std::size_t size = first_window(pending_, from);
      if (size == 0) break;
      close(size, scratch);
      from = 0;
    }
  }
}

void StreamScorer::close(std::size_t size, Scratch& scratch) {
  if (!parts_ || std::string_view(marks_).substr(0, size).contains('\1'))
    accumulator_->add(std::string_view(pending_).substr(0, size), model_.parameters(), kernels().back(),
                      *scratch.workspace_);
  else
    accumulator_->skip(size);
  pending_.erase(0, size);
  if (parts_) marks_.erase(0, size);
}

Assessment StreamScorer::so_far() const {
  return accumulator_->assessment(model_.parameters());
}

std::size_t StreamScorer::settled() const {
  return accumulator_->settled();
}

Assessment StreamScorer::finish(Scratch& scratch) {
  if (!pending_.empty() || (accumulator_->settled() == 0 && !parts_)) close(pending_.size(), scratch);
  accumulator_->end(model_.parameters(), kernels().back(), *scratch.workspace_);
  const Assessment result = so_far();
  accumulator_->begin();
  return result;
}

}  // namespace plimsoll::classify
