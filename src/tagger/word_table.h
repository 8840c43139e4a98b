// What is known of a word before any text is read: the word lists it is on, and how it is usually written.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"

namespace plimsoll::tagger {

// The lists of data/*.txt. The order is part of the model's format.
enum class List : std::uint8_t {
  kGiven,             // first names
  kFamily,            // surnames
  kCountry,           // countries, states, provinces
  kCity,              // cities, rivers, mountains, seas
  kStreet,            // Street, rue, Weg
  kUnit,              // Apt, Suite, PO Box
  kOrganization,      // well-known ones
  kOrganizationWord,  // Inc, GmbH, University
  kTitle,             // Mr, Frau, Dr
  kParticle,          // van, de, al
  kOther,            // capitalised, but no name of a person, organization or place: days, languages, products
  kPersonCue,        // "name is", "Dear"
  kPlaceCue,         // "lives in", "moved to"
  kOrganizationCue,  // "works at"
  kAddressCue,       // "address", "zip code"
  kAbbreviation,     // whose point ends no sentence
  kStreetEnd,        // endings of compound street names: strasse, gatan, laan
  kPhrase,           // set by the table: begins an entry of several words
};
inline constexpr std::size_t kListCount = 17;
constexpr std::uint32_t bit(List list) {
  return 1U << static_cast<unsigned>(list);
}

// How a word is usually written in running text.
enum class Usage : std::uint8_t { kUnknown, kLower, kMixed, kCapital };

struct WordInfo {
  std::uint32_t lists = 0;
  Usage usage = Usage::kUnknown;
};

// Immutable once filled.
class WordTable {
 public:
  // Holds the word lists that are part of the program.
  WordTable();

  WordInfo find(std::uint64_t hash) const {
    for (std::size_t i = hash & mask_;; i = (i + 1) & mask_) {
      const Slot& slot = slots_[i];
      if (slot.key == static_cast<std::uint32_t>(hash >> 32U))
        return {slot.value & kListMask, Usage(slot.value >> kUsageShift)};
      if (slot.value == 0) return {};
    }
  }
  // Lists of the entry of two or three words that this hash_pair() names.
  std::uint32_t find_phrase(std::uint64_t hash) const { return find(hash).lists; }
  // Whether a word ends as street names do.
  bool street_end(std::string_view folded) const;

  // At most kMaxUsages words.
  void set_usage(std::uint64_t hash, Usage usage);
  static constexpr std::size_t kMaxUsages = 30'000;

  // SHA-256 of all lists: a model fits one set of lists only.
  static Digest digest();
  // The entries of one list, as written.
  static std::vector<std::string_view> entries(List list);

 private:
  struct Slot {
    std::uint32_t key = 0;
    std::uint32_t value = 0;  // 0: free
  };
  static constexpr unsigned kUsageShift = 24;
  static constexpr std::uint32_t kListMask = (1U << kUsageShift) - 1;

  // Slots are never moved: their keys hold the half of a hash that says nothing of the place.
  static constexpr std::size_t kSlots = 1U << 16U;

  std::uint32_t& at(std::uint64_t hash);
  void add(std::string_view entry, List list);

  std::vector<Slot> slots_;
  std::size_t mask_ = 0;
  std::vector<std::string> street_ends_;
  std::array<bool, 256> last_bytes_{};  // of street_ends_, two at a time, see pair_of
};

}  // namespace plimsoll::tagger
