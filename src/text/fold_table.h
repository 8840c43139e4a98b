// What each character becomes, worked out once from the Unicode data.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace plimsoll::text {

class FoldTable {
 public:
  static Result<std::shared_ptr<const FoldTable>> create();

  static constexpr std::uint16_t kKeep = 0;
  static constexpr std::uint16_t kDrop = 1;
  static constexpr std::uint16_t kMark = 2;

  // kKeep, kDrop, kMark (the vowels and tones of scripts that write them so: dropped, but behind a letter of their script), or
  // a handle for `replacement`.
  std::uint16_t action(char32_t c) const {
    const std::size_t block = c >> kBlockBits;
    return block < blocks_.size() ? entries_[(std::size_t{blocks_[block]} << kBlockBits) | (c & kMask)]
                                  : kKeep;
  }
  std::string_view replacement(std::uint16_t action) const { return replacements_[action - 3U]; }

  // The Latin letter that a Cyrillic, Greek or Armenian letter looks like, or 0.
  static char look_alike(char32_t c);
  // The ASCII letter that a Latin letter with an accent, a stroke or none of its own is written on, or 0.
  char base_letter(char32_t c) const {
    if (c < kFirstAccented || c >= kLastAccented) return 0;
    if (c >= kEndOfExtended && c < kAdditional) return 0;
    return bases_[c < kEndOfExtended ? c - kFirstAccented
                                     : c - kAdditional + (kEndOfExtended - kFirstAccented)];
  }
  // Letters that have such a base as that, all else as it is.
  std::string without_accents(std::string_view text) const;
  // Of a capital beyond ASCII that has as long a small letter, that; a small letter itself; 0 for anything else.
  char32_t small_letter(char32_t c) const {
    if (c < kFirstAccented || c >= kLastAccented || (c >= kEndOfCased && c < kAdditional)) return 0;
    return small_[c < kEndOfCased ? c - kFirstAccented : c - kAdditional + (kEndOfCased - kFirstAccented)];
  }
  // Whether two characters are of one script, as far as kMark goes.
  static bool in_one_block(char32_t a, char32_t b) { return a >> kBlockBits == b >> kBlockBits; }
  // Letters of the scripts that are mixed up: Latin; or Cyrillic, Greek and Armenian.
  static bool is_latin(char32_t c);
  static bool is_other(char32_t c);

 private:
  static constexpr unsigned kBlockBits = 7;
  static constexpr char32_t kMask = (1U << kBlockBits) - 1;
  void set(char32_t c, std::uint16_t action);
  std::uint16_t add(std::string replacement);
  static constexpr char32_t kFirstAccented = 0xC0, kEndOfExtended = 0x250;
  static constexpr char32_t kAdditional = 0x1E00, kLastAccented = 0x1F00;

  std::vector<std::uint16_t> blocks_;   // by block number: which block of entries
  std::vector<std::uint16_t> entries_;  // block 0 keeps everything
  std::vector<std::string> replacements_;
  std::array<char, (kEndOfExtended - kFirstAccented) + (kLastAccented - kAdditional)> bases_{};
  // Of Latin, Greek, Cyrillic and Armenian.
  static constexpr char32_t kEndOfCased = 0x588;
  std::array<char16_t, (kEndOfCased - kFirstAccented) + (kLastAccented - kAdditional)> small_{};
};

}  // namespace plimsoll::text
