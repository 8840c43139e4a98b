// What Tagger and StreamTagger share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lattice.h"
#include "model.h"
#include "tagger/tagger.h"
#include "window.h"
#include "word_features.h"
#include "word_table.h"

namespace plimsoll::tagger {

struct Scratch::State {
  Reading reading;
  std::vector<Run> runs;
  std::vector<Scores> scores;
  std::vector<Lattice::Row> unary;
  Decoder decoder;
  Lattice lattice;
};

struct Tagger::Impl {
  WordTable table;
  Model model;
  Transitions<float> steps{};  // Lattice::steps_of the model's transitions
  std::string revision;

  // Appends the spans of the window whose words are in the scratch.
  void tag_window(std::string_view text, bool fresh, Scratch::State& state,
                  std::vector<NameSpan>& spans) const;

 private:
  void tag_run(Run run, Scratch::State& state, std::vector<NameSpan>& spans) const;
};

}  // namespace plimsoll::tagger
