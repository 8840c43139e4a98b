// What the model is told of a word: hashed features (Weinberger et al. 2009).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "window.h"
#include "word_table.h"

namespace plimsoll::tagger {

inline constexpr unsigned kBucketBits = 18;
inline constexpr std::size_t kBuckets = std::size_t{1} << kBucketBits;

// How the words of a window are written.
enum class Case : std::uint8_t { kMixed, kLower, kCaps, kTitle };

// One word with what the tables say of it.
struct Context {
  WordInfo info;
  bool active = false;     // could be part of a name
  bool phrase = false;     // part of an entry of several words that is a name
  std::uint8_t place = 0;  // 0 within a sentence, 1 at its start, 2 on a new line, 3 after a colon or quote
  std::uint8_t cue = 0;    // the last cue before it: which (1 to 4) and how far (1 near, 2 farther), packed
};

// A window as the model reads it; memory is used again.
struct Reading {
  Words words;
  std::vector<Context> contexts;  // one for each of words.tokens
  Case written = Case::kMixed;
};

// What kinds of features there are. The order is part of the model's format.
enum class Template : std::uint8_t {
  kBias,
  kWord,
  kWordBefore,
  kWordAfter,
  kWordBefore2,
  kWordAfter2,
  kWordsBefore,
  kWordsAfter,
  kShape,
  kShapes,
  kSuffix2,
  kSuffix3,
  kSuffix4,
  kPrefix3,
  kLists,
  kListsPlace,
  kListsBefore,
  kListsAfter,
  kListsShapeBefore,
  kListsShapeAfter,
  kWordBeforeShape,
  kWordAfterShape,
  kUsages,
  kCue,
  kListsAround,
  kGaps,
  kShapesBefore,
  kShapesAfter,
  kEachList,
};
inline constexpr std::size_t kTemplates = 29;
// kEachList gives one feature for each list a word is on.
inline constexpr std::size_t kMaxFeatures = 64;

struct Feature {
  std::uint32_t bucket;
  Template kind;
};

// Fills contexts and case of a window whose words are split. `fresh`: it begins a sentence.
void read(std::string_view text, bool fresh, const WordTable& table, Reading& reading);

// Whether a word could be active, whatever stands around it.
bool may_be_active(const Token& token, const WordInfo& info);

// The features of word `i`, in a fixed order; returns how many.
std::size_t features_of(const Reading& reading, std::size_t i, std::array<Feature, kMaxFeatures>& out);

// Runs of words that are labelled together: [begin, end) of the tokens, active at both ends.
struct Run {
  std::size_t begin;
  std::size_t end;
};
void find_runs(const Reading& reading, std::vector<Run>& runs);

}  // namespace plimsoll::tagger
