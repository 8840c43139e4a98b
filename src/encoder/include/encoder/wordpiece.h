// Cuts a text into the numbered pieces that BERT's encoders read.
//
// Basic tokens (words; each mark of punctuation and each ideograph on its own), then, greedily, the longest piece
// of the vocabulary that a word begins with, its continuations marked "##". Devlin et al., "BERT" (2019); Wu et al.,
// "Google's Neural Machine Translation System" (2016), section 4.1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"

namespace plimsoll::encoder {

// Immutable; one serves all threads.
class WordPiece {
 public:
  static constexpr std::size_t kMaxBytes = 16U << 20U;  // of a vocabulary

  // `vocabulary`: a piece a line, numbered from 0. kInvalid when it lacks [CLS], [SEP] or [UNK], names a piece
  // twice or is not UTF-8; kTooLarge beyond kMaxBytes.
  static Result<WordPiece> parse(std::string vocabulary, bool lower_case);

  // At most `most` pieces, without [CLS] and [SEP]. Any bytes; what is not UTF-8 reads as a blank.
  std::vector<std::int64_t> pieces(std::string_view text, std::size_t most) const;

  std::int64_t begin() const { return begin_; }  // [CLS]
  std::int64_t end() const { return end_; }      // [SEP]
  std::size_t size() const { return ids_.size(); }

 private:
  WordPiece() = default;
  void add_word(const std::u32string& word, std::vector<std::int64_t>& out) const;

  std::unique_ptr<const std::string> vocabulary_;  // what the keys look into
  std::unordered_map<std::string_view, std::int64_t> ids_;
  std::int64_t begin_ = 0;
  std::int64_t end_ = 0;
  std::int64_t unknown_ = 0;
  bool lower_case_ = true;
};

}  // namespace plimsoll::encoder
