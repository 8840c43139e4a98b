// What the first four bytes of a pattern's matches may be, to pass over most places where none begins.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace plimsoll::detect {

struct Automaton;

// Beginnings are kept in sixteen groups, a bit each; a place may begin a match when some group has all four of its
// bytes. Bytes are told apart by their low five bits, which tell letters apart and take both cases for one.
class Opening {
 public:
  Opening() = default;
  explicit Opening(const Automaton& automaton);

  // The next place in [at, before) that may begin one, or `before`.
  std::size_t next(std::string_view text, std::size_t at, std::size_t before) const {
    while (at < before && at + 4 <= text.size() && !may_begin(text.data() + at)) ++at;
    return at;
  }
  // Four bytes are read.
  bool may_begin(const char* text) const {
    std::uint32_t bytes = 0;
    std::memcpy(&bytes, text, sizeof bytes);
    return (first_[bytes & 31U] & second_[bytes >> 8U & 31U] & third_[bytes >> 16U & 31U] &
            fourth_[bytes >> 24U & 31U]) != 0;
  }

 private:
  using Groups = std::array<std::uint16_t, 32>;
  Groups first_{}, second_{}, third_{}, fourth_{};
};

}  // namespace plimsoll::detect
