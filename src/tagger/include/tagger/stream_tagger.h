// The same spans of a text that arrives in pieces.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tagger/tagger.h"

namespace plimsoll::tagger {

// Feed it what arrived. Text up to `decided` (an offset from the start of the stream) is in no span but those
// handed out so far, whatever follows. The spans of all steps together are those of Tagger::tag on the whole
// text, wherever it was cut. Text that cannot be part of a name is decided at once, the rest when its window
// ends: at most kMaxHeld bytes wait, and only a text without spaces makes so many; others, kWindowBytes and
// a word.
class StreamTagger {
 public:
  static constexpr std::size_t kMaxHeld = 2 * kWindowBytes;

  // Both must outlive this. `scratch` may be shared with others on the same thread between calls.
  StreamTagger(const Tagger& tagger, Scratch& scratch) : tagger_(&tagger), scratch_(&scratch) {}

  struct Step {
    std::size_t decided = 0;      // monotone over the stream
    std::vector<NameSpan> spans;  // newly decided; offsets from the start of the stream
  };
  Step feed(std::string_view piece);
  Step finish();  // everything is decided; the tagger may be fed another stream

 private:
  void advance(bool last, Step& step);
  bool may_advance(std::string_view piece);

  const Tagger* tagger_;
  Scratch* scratch_;
  std::string pending_;   // from the start of the open window
  std::size_t base_ = 0;  // offset of pending_ in the stream
  std::size_t decided_ = 0;
  bool blocked_ = false;       // what is held waits for its window's end
  bool stopped_ = false;       // and a full stop or its like was seen in it
  bool mid_sentence_ = false;  // the open window does not start a sentence
};

}  // namespace plimsoll::tagger
