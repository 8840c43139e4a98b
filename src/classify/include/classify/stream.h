// The risk model on a text that arrives in pieces.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "classify/model.h"

namespace plimsoll::classify {

// Gives exactly what Model::assess gives for the whole, wherever it was cut. Memory is bounded: about 18 KB, and a
// window. One thread at a time; any Scratch will do for each call.
class StreamScorer {
 public:
  explicit StreamScorer(Model model);
  // Of a text that is so far as that of `other`, which assesses it: what differs from there on counts alone, as with
  // Model::assess() of parts.
  struct Parts {
    const StreamScorer& of;
  };
  explicit StreamScorer(Parts other);
  StreamScorer& operator=(const StreamScorer&) = delete;
  StreamScorer(StreamScorer&&) noexcept;
  StreamScorer& operator=(StreamScorer&&) noexcept;
  ~StreamScorer();

  void feed(std::string_view piece, Scratch& scratch);
  // Of parts: `marks` has a byte for each of the piece, 1 where it counts, else 0.
  void feed(std::string_view piece, std::string_view marks, Scratch& scratch);
  // What is known of the windows that have closed; scores never fall as more arrives.
  Assessment so_far() const;
  // Bytes up to which everything is in so_far(); the rest waits for its window to close.
  std::size_t settled() const;
  // Closes the last window. The scorer is then ready for another text.
  Assessment finish(Scratch& scratch);

 private:
  void close(std::size_t size, Scratch& scratch);

  Model model_;
  std::unique_ptr<Accumulator> accumulator_;
  std::string pending_;  // the open window
  std::string marks_;    // of its bytes, where parts are assessed
  bool parts_ = false;
};

}  // namespace plimsoll::classify
