// Words of other languages that are read as English ones, so that what a model has learned of "bomb" holds for "bombe".
//
// A model is trained on English for the most part. glosses/*.txt, written for this, say what words of other languages mean:
//
//   english: form form two_words
//
// with all forms of a word that people write, as the normalizer leaves them; "kill_(a|the|)_process" are three. Forms that are
// English words, too, are in none of them, so that no language has to be told from another; of a form that stands in two files
// the first holds, in the order of glosses.S. en.txt has sayings in which a word of harm means none: who kills a process stops
// it, and a bath bomb is soap. Articles and pronouns that end with an apostrophe (l'arme, dell'arma) are not part of a word.
// Characters of Chinese, Japanese and Korean are words each, so that a form is a row of them. Grammar is not looked at.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ngrams.h"

namespace plimsoll::classify {

class Glosses {
 public:
  static const Glosses& shipped();
  // Lines as above; others count for nothing, and are counted.
  explicit Glosses(std::string_view lists);

  // Puts what they mean in place of the words of a window, of which hashes and lengths are known.
  void read(WindowKeys& window) const;

  std::size_t size() const { return size_; }      // forms
  std::size_t faults() const { return faults_; }  // lines that are none
  // Of the lists, eight hexadecimal digits: a model goes with those that it was trained with.
  const std::string& digest() const { return digest_; }

 private:
  static constexpr std::size_t kMostWords = 6;  // of a form
  static constexpr std::uint32_t kNoMeaning = 0;
  struct Entry {
    std::uint32_t form = 0;  // 0: none
    std::uint32_t meaning = kNoMeaning;
  };
  void put(std::uint32_t form, std::uint32_t meaning);
  std::uint32_t find(std::uint32_t form) const;
  // A set of hashes that may hold others, too.
  template <std::size_t kBits>
  class Sieve {
   public:
    void put(std::uint32_t hash) {
      for (const auto at : {hash, std::rotl(hash, kTurn)})
        bits_[at % kBits / 64] |= std::uint64_t{1} << (at % 64);
    }
    bool may_hold(std::uint32_t hash) const {
      const auto bit = [&](std::uint32_t at) { return bits_[at % kBits / 64] >> (at % 64); };
      return (bit(hash) & bit(std::rotl(hash, kTurn)) & 1U) != 0;
    }

   private:
    static constexpr int kTurn = 11;
    std::vector<std::uint64_t> bits_ = std::vector<std::uint64_t>(kBits / 64);
  };
  // The first words of all forms; the first two of forms of several words, and these; by whether they begin with a letter of
  // ASCII. A row counts only if its beginning does, too, so that hardly one is taken for another by its hash.
  // Hardly a word of English is in them, so that the table is seldom looked at, nor what there is of other scripts.
  struct Known {
    Sieve<1U << 20U> first;
    Sieve<1U << 19U> pairs;
    Sieve<1U << 19U> rows;
    std::size_t longest = 1;  // words of a form
  };
  std::array<Known, 2> known_;
  const Known& known(std::uint8_t begin) const { return known_[begin >= 0x80 ? 1 : 0]; }
  // What the words from `i` on mean, of which the first may be another than the window's; and of how many that is.
  struct Meaning {
    std::uint32_t word = kNoMeaning;
    std::size_t words = 1;
  };
  Meaning meaning(const WindowKeys& window, std::size_t i, std::uint32_t first, const Known& known) const;
  std::vector<Entry> entries_;  // linear probing; a power of two
  std::size_t size_ = 0, faults_ = 0;
  std::string digest_;
};

}  // namespace plimsoll::classify
