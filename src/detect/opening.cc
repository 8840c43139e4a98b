#include "opening.h"

#include <algorithm>

#include "pattern.h"

namespace plimsoll::detect {

Opening::Opening(const Automaton& automaton) {
  const auto mark = [](Groups& groups, const Bytes& bytes, std::uint16_t bit) {
    for (auto b = bytes._Find_first(); b < bytes.size(); b = bytes._Find_next(b)) groups.at(b & 31U) |= bit;
  };
  const auto all = [](Groups& groups, std::uint16_t bit) {
    for (auto& group : groups) group |= bit;
  };
  for (const auto one : automaton.first) {
    const auto& state = automaton.states[one];
    // Beginnings with the same first byte are in the same group; most patterns begin with few.
    const auto bit = static_cast<std::uint16_t>(1U << (state.reads._Find_first() & 15U));
    mark(first_, state.reads, bit);
    if (state.accepts) all(second_, bit), all(third_, bit), all(fourth_, bit);
    for (const auto two : state.next) {
      const auto& after = automaton.states[two];
      mark(second_, after.reads, bit);
      if (after.accepts) all(third_, bit), all(fourth_, bit);
      for (const auto three : after.next) {
        const auto& last = automaton.states[three];
        mark(third_, last.reads, bit);
        if (last.accepts) all(fourth_, bit);
        for (const auto four : last.next) mark(fourth_, automaton.states[four].reads, bit);
      }
    }
  }
}

}  // namespace plimsoll::detect
