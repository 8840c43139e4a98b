#include "tagger/stream_tagger.h"

#include <algorithm>

#include "impl.h"
#include "letters.h"

namespace plimsoll::tagger {
namespace {

// How much of the open window is surely in no name: up to the first word that could be in one, or that white
// space does not follow yet.
std::size_t free_prefix(std::string_view text, bool fresh, const WordTable& table, Reading& reading,
                        bool& blocked) {
  read(text, fresh, table, reading);
  std::size_t spaced = text.size();
  while (spaced > 0 && static_cast<unsigned char>(text[spaced - 1]) > ' ') --spaced;
  for (std::size_t i = 0; i < reading.words.tokens.size(); ++i) {
    const Token& t = reading.words.tokens[i];
    if (t.end > spaced) return std::min<std::size_t>(t.begin, spaced);
    if (may_be_active(t, reading.contexts[i].info)) {
      blocked = true;
      return t.begin;
    }
  }
  return spaced;
}

}  // namespace

StreamTagger::Step StreamTagger::feed(std::string_view piece) {
  Step step;
  pending_ += piece;
  step.decided = decided_;
  if (may_advance(piece)) advance(false, step);
  return step;
}

StreamTagger::Step StreamTagger::finish() {
  Step step;
  advance(true, step);
  *this = StreamTagger(*tagger_, *scratch_);
  return step;
}

// Whether a look at the open window could decide anything new: only white space ends a word, and a window ends
// after a full stop, with a line, or by its length.
bool StreamTagger::may_advance(std::string_view piece) {
  stopped_ = stopped_ || piece.find_first_of(".!?") != std::string_view::npos;
  if (pending_.size() > kWindowBytes || piece.find('\n') != std::string_view::npos) return true;
  if (blocked_ && !stopped_) return false;
  return std::ranges::any_of(piece,
                             [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\xA0'; });
}

void StreamTagger::advance(bool last, Step& step) {
  const auto& impl = tagger_->impl();
  auto& state = scratch_->state();
  const std::string_view text = pending_;
  std::size_t at = skip_space(text, 0);
  bool open = false;
  while (at < text.size() && !open) {
    const auto window = next_window(text, at, last, impl.table, state.reading.words);
    if (!window) {
      open = true;
      break;
    }
    const std::size_t known = step.spans.size();
    impl.tag_window(text, !mid_sentence_, state, step.spans);
    for (std::size_t i = known; i < step.spans.size(); ++i) {
      step.spans[i].begin += base_;
      step.spans[i].end += base_;
    }
    mid_sentence_ = window->mid_sentence;
    at = skip_space(text, window->end);
  }
  std::size_t decided = at;
  blocked_ = false;
  if (open) {
    const std::size_t free = free_prefix(text, !mid_sentence_, impl.table, state.reading, blocked_);
    decided = std::max(decided, free);
  }
  stopped_ = text.find_first_of(".!?", at) != std::string_view::npos;
  decided_ = std::max(decided_, base_ + decided);
  step.decided = decided_;
  base_ += at;
  pending_.erase(0, at);
}

}  // namespace plimsoll::tagger
