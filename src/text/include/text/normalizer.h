// Undoes the cheap disguises of text.
//
// What a reader does not see (format characters, combining marks, variation selectors) is dropped, but for vowels and tones
// behind letters of their script; Latin letters lose their accents, Unicode tag characters become the ASCII they stand for,
// compatibility forms become plain letters (NFKC; but wide marks stay behind Chinese, Japanese and Korean, where they are
// usual), and Cyrillic, Greek and Armenian look-alikes become Latin inside words that mix scripts and, after such, in words
// of look-alikes alone. A capital beyond ASCII that follows another (with anything but letters between them) becomes small:
// texts in capitals alone then read as others do. Other capitals, and those of ASCII, stay as they are: what reads the view
// matches ASCII without regard to case, and plain text then needs no second look.
//
// Each character is rewritten on its own, but for the scripts of the word it stands in and the letter before it; so text can be
// normalised as it arrives, and no byte of the view depends on more than kMaxPending bytes that follow it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "text/view.h"

namespace plimsoll::text {

class FoldTable;

// Immutable; one serves all threads.
class Normalizer {
 public:
  // kInternal when Unicode data is missing from the program.
  static Result<Normalizer> create();

  // `text` must outlive the view, and be shorter than 4 GiB. Bytes that are not UTF-8 stand for themselves.
  View normalize(std::string_view text) const;
  // The same into a view whose memory is used again.
  void normalize(std::string_view text, View& view) const;

  // A regular expression (without classes beyond ASCII) that matches in the view of a text what `pattern` matches in the text,
  // and what is spelled without accents.
  std::string in_pattern(std::string_view pattern) const;

  // The view that is the text itself.
  static View original(std::string_view text) {
    View view;
    view.original_ = text;
    return view;
  }

  const FoldTable& table() const { return *table_; }

 private:
  friend class Folder;
  explicit Normalizer(std::shared_ptr<const FoldTable> table) : table_(std::move(table)) {}
  std::shared_ptr<const FoldTable> table_;
};

// Takes the bytes of a view in order.
class FoldSink {
 public:
  virtual ~FoldSink() = default;
  // Original bytes from `begin` on, unchanged, ending with whole characters.
  virtual void same(std::string_view bytes, std::size_t begin) = 0;
  // What original bytes [begin, end) became; may be empty.
  virtual void changed(std::string_view bytes, std::size_t begin, std::size_t end) = 0;
  // Capitals from `begin` on became small letters, each as long as its own: as if each had been told as changed.
  virtual void lowered(std::string_view bytes, std::size_t begin);
};

// The same normalisation of a text that arrives in pieces. The sink gets what Normalizer gives for the whole,
// wherever it was cut.
class Folder {
 public:
  static constexpr std::size_t kMaxPending = 48;
  // What is dropped in a row reads as one blank each time it is as long as this, so that no text waits long for what
  // follows it.
  static constexpr std::size_t kLongestGap = 32;

  explicit Folder(const Normalizer& normalizer) : table_(normalizer.table_) {}

  void feed(std::string_view piece, FoldSink& sink);
  void finish(FoldSink& sink);
  // Offset up to which the sink has been told everything.
  std::size_t settled() const { return settled_; }

 private:
  struct Letter {
    std::size_t begin;
    std::uint8_t size;  // in bytes
    char latin;         // what it looks like; 0 when like nothing
    bool lowered;
    bool dropped;  // a character that is no letter
  };
  std::size_t take(std::string_view bytes, bool last, FoldSink& sink);
  void take_character(char32_t c, std::string_view bytes, std::size_t begin, FoldSink& sink);
  void take_other(char32_t c, std::string_view bytes, std::size_t begin, FoldSink& sink);
  void end_word(bool mixed, FoldSink& sink);
  void drop(std::size_t begin, std::size_t end, FoldSink& sink);
  // For the sink, which is told of what stays as it is in long stretches.
  void keep(std::string_view bytes, std::size_t begin, FoldSink& sink);
  void change(std::string_view bytes, std::size_t begin, std::size_t end, FoldSink& sink);
  void tell(FoldSink& sink);
  // The small letter of a capital that follows another, or 0.
  char32_t lower(char32_t c);

  std::shared_ptr<const FoldTable> table_;
  std::string carry_;            // the beginning of a character
  std::vector<Letter> pending_;  // of a word not known to mix scripts
  std::string pending_bytes_;    // what its letters read if it does not
  bool latin_word_ = false;
  bool capital_ = false;  // the last letter was one
  bool mixing_ = false;   // words before this one mixed scripts
  bool wide_ = false;     // the last character is written as wide as its marks are
  bool aside_ = false;    // a wide bracket that stayed is open
  char32_t last_ = 0;     // the last character that was not dropped, if it was beyond ASCII
  std::size_t gap_ = 0;   // bytes dropped since the last that were not
  std::size_t read_ = 0;
  std::size_t settled_ = 0;
  std::string_view same_;  // that it has not been told, of what is being read
  std::size_t same_begin_ = 0;
};

}  // namespace plimsoll::text
