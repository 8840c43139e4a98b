// A name or an address in a text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace plimsoll::tagger {

enum class Kind : std::uint8_t { kPerson, kOrganization, kLocation, kAddress };
inline constexpr std::size_t kKinds = 4;

// "PERSON", "ORGANIZATION", "LOCATION": Presidio's names. "ADDRESS", for which Presidio has none.
std::string_view to_string(Kind kind);

// Bytes [begin, end) of the text, on code-point boundaries, never empty.
struct NameSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
  Kind kind = Kind::kPerson;
  // Estimated probability, 0 to 1, that this span is a name of this kind; how it was calibrated and on what
  // it holds is in models/NAMES_CARD.md.
  float confidence = 0;

  bool operator==(const NameSpan&) const = default;
};

}  // namespace plimsoll::tagger
