#include <algorithm>
#include <array>
#include <optional>

#include "language.h"
#include "runs.h"
#include "utf8.h"

namespace plimsoll::text {
namespace {

constexpr std::size_t kLongestWord = 40;
constexpr std::size_t kLongestGap = 24;     // bytes between two words of a run
constexpr std::size_t kSampleLetters = 12;  // of poor words, before a cipher is guessed
constexpr std::size_t kMostSampled = 20;    // words
constexpr std::size_t kFewestLetters = 5;
// A cipher is believed when the text costs so much less a letter once it is undone.
constexpr unsigned kGain = 3, kGainOfFew = 5;

// 1 to 25: Caesar's, by how far letters move back. Then the others.
constexpr unsigned kAtbash = 26, kBackwards = 27;

char undo(unsigned cipher, char c) {
  const unsigned letter = letter_of(c);
  if (letter == 0) return c;
  const unsigned plain = cipher == kAtbash ? 27 - letter : (letter - 1 + 26 - cipher) % 26 + 1;
  return static_cast<char>(static_cast<unsigned>(c) + plain - letter);
}

unsigned cost(std::string_view word, unsigned cipher) {
  const auto& language = Language::english();
  if (cipher == 0) return language.word(word);
  if (cipher == kBackwards)
    return language.word(word.size(), [&](std::size_t i) { return letter_of(word[word.size() - 1 - i]); });
  return language.word(word.size(), [&](std::size_t i) { return letter_of(undo(cipher, word[i])); });
}

bool is_poor(unsigned total, std::size_t size) {
  return total > Language::kPoorPerLetter * (size + 1);
}

bool has_rare(std::string_view word) {
  const auto& language = Language::english();
  unsigned a = 0, b = 0;
  for (const char c : word) {
    const unsigned l = letter_of(c);
    if (language.rare(a, b, l)) return true;
    a = b;
    b = l;
  }
  return language.rare(a, b, 0);
}

struct Turned {
  char32_t c;
  char letter;
};
// In order.
constexpr Turned kTurned[] = {
    {0xA1, '!'},   {0xBF, '?'},   {0x131, 'i'},  {0x183, 'g'},  {0x186, 'C'},  {0x18E, 'E'},  {0x1DD, 'e'},
    {0x250, 'a'},  {0x253, 'g'},  {0x254, 'c'},  {0x25F, 'f'},  {0x265, 'h'},  {0x26F, 'm'},  {0x279, 'r'},
    {0x27E, 'j'},  {0x283, 'l'},  {0x287, 't'},  {0x28C, 'v'},  {0x28D, 'w'},  {0x28E, 'y'},  {0x29E, 'k'},
    {0x2D9, '.'},  {0x2E5, 'L'},  {0x500, 'P'},  {0x5DF, 'l'},  {0x1D09, 'i'}, {0x1D1A, 'R'}, {0x1D77, 'g'},
    {0x2132, 'F'}, {0x2144, 'Y'}, {0x2200, 'A'}, {0x2229, 'U'}, {0x22A5, 'T'}, {0x22CA, 'K'}};
char turn(char32_t c) {
  if (c < 0x80) {
    constexpr std::string_view kFrom = "qpudbnMW'", kTo = "bdnpquWM,";
    const auto at = kFrom.find(static_cast<char>(c));
    return at == std::string_view::npos ? static_cast<char>(c) : kTo[at];
  }
  const auto* found = std::ranges::lower_bound(kTurned, c, {}, &Turned::c);
  return found != std::end(kTurned) && found->c == c ? found->letter : '\0';
}
bool is_turned_letter(char32_t c) {
  return c >= 0x80 && c < 0x2000 && letter_of(turn(c)) != 0;  // a run begins with one of these
}

enum class Next { kNone, kMore, kWord };
struct Word {
  std::size_t begin = 0, end = 0;
};

class Pass {
 public:
  Pass(std::string_view text, bool last, const Places& places, Run& run, RunSink& sink)
      : text_(text), last_(last), places_(places), run_(run), sink_(sink) {}

  // The run that begins with the poor word [begin, end), if one does. kMore: cannot be told yet. kNone: none.
  // kWord: it was passed on, `end` is where to go on, and `within` the cipher if there is more of it.
  Next ciphered(std::size_t begin, std::size_t& end, unsigned& within) {
    Word sample[kMostSampled];
    std::size_t count = 0, sampled = 0, poor = 0, good = 0;
    bool rare = false;
    sample[count++] = {begin, end};
    for (;;) {
      const auto word = at(sample[count - 1]);
      const auto is =
          stands_alone(sample[count - 1]) && word.size() > 1 && is_poor(cost(word, 0), word.size());
      if (!is && count == 1) return Next::kNone;
      // A short word may be anything, and so may part of a key.
      if (word.size() > 2 && stands_alone(sample[count - 1])) good = is ? 0 : good + 1;
      if (is) {
        sampled = count;
        poor += word.size();
        rare = rare || has_rare(word);
      }
      if (poor >= kSampleLetters || good > 1 || count == kMostSampled) break;
      Word following;
      const auto next = next_word(sample[count - 1].end, following);
      if (next == Next::kMore) return next;
      if (next == Next::kNone) break;
      sample[count++] = following;
    }
    if (!rare || poor < kFewestLetters) return Next::kNone;

    std::size_t edges = 0;
    for (std::size_t i = 0; i < sampled; ++i)
      if (stands_alone(sample[i])) edges += at(sample[i]).size() + 1;
    const auto total = [&](unsigned cipher) {
      unsigned sum = 0;
      for (std::size_t i = 0; i < sampled; ++i)
        if (stands_alone(sample[i])) sum += cost(at(sample[i]), cipher);
      return sum;
    };
    unsigned best = 0, least = UINT32_MAX;
    for (unsigned cipher = 1; cipher <= kBackwards; ++cipher) {
      if (const auto sum = total(cipher); sum < least) {
        least = sum;
        best = cipher;
      }
    }
    const auto gain = poor >= kSampleLetters ? kGain : kGainOfFew;
    if (least > Language::kPoorPerLetter * edges || least + gain * edges > total(0)) return Next::kNone;
    return follow(best, begin, sample[sampled - 1].end, end, within);
  }

  // The rest of a run in a known cipher, of which [begin, known) is certain.
  Next follow(unsigned cipher, std::size_t begin, std::size_t known, std::size_t& end, unsigned& within) {
    std::size_t bad = 0, half = 0;
    Word word{begin, known};
    for (;;) {
      if (half != 0 && span(begin, word.end) >= kMaxRun) {
        pass_on(cipher, begin, known);
        within = cipher;
        end = half;
        return Next::kWord;
      }
      const auto next = next_word(word.end, word);
      if (next == Next::kMore) return next;
      if (next == Next::kNone) break;
      if (half == 0 && span(begin, word.begin) >= kRunStep) half = word.begin;
      const auto size = word.end - word.begin;
      const bool plain = !is_poor(cost(at(word), 0), size), read = !is_poor(cost(at(word), cipher), size);
      if (plain && !read) bad += size;
      if (plain && read) continue;  // could be either
      if (bad >= 8) break;
      if (!plain) {
        bad = 0;
        known = word.end;
      }
    }
    while (known < text_.size() && text_[known] >= '0' && text_[known] <= '9') ++known;
    if (known == text_.size() && !last_) return Next::kMore;
    pass_on(cipher, begin, known);
    within = 0;
    end = known;
    return Next::kWord;
  }

  // The same for words with letters that stand on their head.
  Next turned(std::size_t begin, std::size_t& end) {
    std::size_t known = begin, plain = 0, some = 0;
    std::size_t i = begin;
    while (span(begin, i) < kMaxRun) {
      if (i == text_.size()) {
        if (!last_) return Next::kMore;
        break;
      }
      const auto decoded = decode(text_.substr(i));
      if (decoded.cut && !last_) return Next::kMore;
      const char letter = decoded.size == 0 ? '\0' : turn(decoded.c);
      if (letter == 0) break;
      i += decoded.size;
      if (decoded.c >= 0x80) {
        ++some;
        plain = 0;
        known = i;
      } else if (letter_of(letter) != 0) {
        if (plain == 0 || known == i - 1) known = i;
        if (++plain > kLongestGap) break;
      }
    }
    end = known;
    if (some < 3) return Next::kNone;
    run_.reset(Encoding::kUpsideDown, begin);
    run_.end = known;
    for (i = begin; i < known;) {
      const auto decoded = decode(text_.substr(i));
      run_.add(turn(decoded.c), i, i + decoded.size);
      i += decoded.size;
    }
    // Most often it is written from right to left, too.
    const auto ahead = read_cost(run_.text);
    std::ranges::reverse(run_.text);
    std::ranges::reverse(run_.pieces);
    if (read_cost(run_.text) > ahead) {
      std::ranges::reverse(run_.text);
      std::ranges::reverse(run_.pieces);
    }
    if (Language::english().is_message(run_.text)) sink_.run(run_);
    return Next::kWord;
  }

  Next word_at(std::size_t begin, Word& word) const {
    auto end = begin;
    while (end < text_.size() && letter_of(text_[end]) != 0 && end - begin <= kLongestWord) ++end;
    if (end == text_.size() && !last_) return Next::kMore;
    word = {begin, end};
    return Next::kWord;
  }

 private:
  // No part of a token with digits: those are names of things, keys, codes.
  bool stands_alone(Word word) const {
    const auto is_digit = [&](std::size_t i) {
      return i < text_.size() && text_[i] >= '0' && text_[i] <= '9';
    };
    return (word.begin == 0 || !is_digit(word.begin - 1)) && !is_digit(word.end);
  }
  std::size_t span(std::size_t begin, std::size_t end) const {
    return end == begin ? 0 : places_.span(begin, end);
  }
  std::string_view at(Word word) const { return text_.substr(word.begin, word.end - word.begin); }

  // `from` is the end of a word. A word that is too long is none.
  Next next_word(std::size_t from, Word& word) const {
    auto begin = from;
    while (begin < text_.size() && letter_of(text_[begin]) == 0) {
      if (begin - from >= kLongestGap) return Next::kNone;
      ++begin;
    }
    if (begin == text_.size()) return last_ ? Next::kNone : Next::kMore;
    const auto next = word_at(begin, word);
    return next == Next::kWord && word.end - begin > kLongestWord ? Next::kNone : next;
  }

  static unsigned read_cost(std::string_view text) {
    unsigned total = 0;
    for (std::size_t i = 0; i < text.size();) {
      auto end = i;
      while (end < text.size() && letter_of(text[end]) != 0) ++end;
      if (end > i) total += Language::english().word(text.substr(i, end - i));
      i = end + 1;
    }
    return total;
  }

  void pass_on(unsigned cipher, std::size_t begin, std::size_t end) {
    const auto text = text_.substr(begin, end - begin);
    if (cipher != kBackwards) {
      run_.reset(cipher == 13        ? Encoding::kRot13
                 : cipher == kAtbash ? Encoding::kAtbash
                                     : Encoding::kCaesar,
                 begin);
      run_.end = end;
      for (std::size_t i = 0; i < text.size();) {
        const auto size = static_cast<unsigned char>(text[i]) < 0x80
                              ? 1
                              : std::max<std::size_t>(1, decode(text.substr(i)).size);
        for (std::size_t k = 0; k < size; ++k)
          run_.add(undo(cipher, text[i + k]), begin + i, begin + i + size);
        i += size;
      }
      sink_.run(run_);
      return;
    }
    // Each word for itself,
    run_.reset(Encoding::kReversed, begin);
    run_.end = end;
    for (std::size_t i = 0; i < text.size();) {
      auto word = i;
      while (word < text.size() && text[word] != ' ' && text[word] != '\n') ++word;
      append_backwards(text, begin, i, word);
      for (; word < text.size() && (text[word] == ' ' || text[word] == '\n'); ++word)
        run_.add(text[word], begin + word, begin + word + 1);
      i = word;
    }
    sink_.run(run_);
    // and the whole.
    run_.reset(Encoding::kReversed, begin);
    run_.end = end;
    append_backwards(text, begin, 0, text.size());
    sink_.run(run_);
  }

  void append_backwards(std::string_view text, std::size_t begin, std::size_t from, std::size_t to) {
    for (auto i = to; i > from;) {
      auto first = i - 1;
      while (first > from && (static_cast<unsigned char>(text[first]) & 0xC0U) == 0x80U && i - first < 4)
        --first;
      for (auto k = first; k < i; ++k) run_.add(text[k], begin + first, begin + i);
      i = first;
    }
  }

  std::string_view text_;
  bool last_;
  const Places& places_;
  Run& run_;
  RunSink& sink_;
};

}  // namespace

std::size_t WordRuns::find(std::string_view text, std::size_t from, bool last, const Places& places,
                           RunSink& sink) {
  Pass pass(text, last, places, run_, sink);
  std::size_t i = from;
  while (i < text.size()) {
    if (within_ != 0) {
      auto end = i;
      unsigned within = 0;
      if (pass.follow(within_, i, i, end, within) == Next::kMore) return i;
      within_ = within;
      i = std::max(end, i + (within == 0 ? 1 : 0));
      continue;
    }
    const char c = text[i];
    if (static_cast<unsigned char>(c) >= 0x80) {
      const auto decoded = decode(text.substr(i));
      if (decoded.cut && !last) return i;
      if (decoded.size == 0 || !is_turned_letter(decoded.c)) {
        i += std::max<std::size_t>(1, decoded.size);
        continue;
      }
      auto end = i;
      const auto next = pass.turned(i, end);
      if (next == Next::kMore) return i;
      i = next == Next::kWord ? end : i + decoded.size;
      continue;
    }
    if (letter_of(c) == 0 || (i > 0 && letter_of(text[i - 1]) != 0)) {
      ++i;
      continue;
    }
    Word word;
    if (pass.word_at(i, word) == Next::kMore) return i;
    const auto size = word.end - i;
    auto end = word.end;
    if (size > 1 && size <= kLongestWord && is_poor(cost(text.substr(i, size), 0), size)) {
      unsigned within = 0;
      if (pass.ciphered(i, end, within) == Next::kMore) return i;
      within_ = within;
    }
    i = end;
  }
  return i;
}

}  // namespace plimsoll::text
