// The labels of the words: outside, or beginning or inside a name of some kind ("BIO", Ramshaw & Marcus 1995).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "tagger/span.h"

namespace plimsoll::tagger {

using Label = std::uint8_t;
inline constexpr std::size_t kLabels = 1 + 2 * kKinds;
inline constexpr Label kOutside = 0;
constexpr Label begin_of(Kind kind) {
  return static_cast<Label>(1 + 2 * static_cast<unsigned>(kind));
}
constexpr Label inside_of(Kind kind) {
  return static_cast<Label>(2 + 2 * static_cast<unsigned>(kind));
}
constexpr bool begins(Label label) {
  return label % 2 == 1;
}
constexpr Kind kind_of(Label label) {
  return static_cast<Kind>((label - 1) / 2);
}

// "Inside" follows only a name of the same kind.
constexpr bool legal(Label before, Label label) {
  return label == kOutside || begins(label) || (before != kOutside && kind_of(before) == kind_of(label));
}

template <class T>
using Transitions = std::array<std::array<T, kLabels>, kLabels>;  // [before][label]

}  // namespace plimsoll::tagger
