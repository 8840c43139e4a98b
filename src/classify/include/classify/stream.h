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
  StreamScorer(const StreamScorer& other);  // two texts that begin alike
  StreamScorer& operator=(const StreamScorer&) = delete;
  StreamScorer(StreamScorer&&) noexcept;
  StreamScorer& operator=(StreamScorer&&) noexcept;
  ~StreamScorer();

  void feed(std::string_view piece, Scratch& scratch);
  // What is known of the windows that have closed; scores never fall as more arrives.
  Assessment so_far() const;
  // Bytes up to which everything is in so_far(); the rest waits for its window to close.
  std::size_t settled() const;
  // Closes the last window. The scorer is then ready for another text.
  Assessment finish(Scratch& scratch);

 private:
  Model model_;
  std::unique_ptr<Accumulator> accumulator_;
  std::string pending_;  // the open window
};

}  // namespace plimsoll::classify
