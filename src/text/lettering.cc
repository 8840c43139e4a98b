#include <algorithm>
#include <array>
#include <bit>
#include <optional>

#include "base/lanes.h"
#include "language.h"
#include "rewrite.h"
#include "utf8.h"

namespace plimsoll::text {
namespace {

constexpr std::size_t kLongestToken = 24;  // a longer one is a key or a hash, not a word
constexpr std::size_t kLongestShort = 3;   // token that is a word only among such words
constexpr std::size_t kFewestApart = 4;    // letters set apart: fewer are initials
constexpr std::size_t kWidestGap = 4;      // blanks between words of such letters
constexpr unsigned kTokensBefore = 3;      // that tell what one is
constexpr std::size_t kFewestLetters = 2;  // of these, true letters
constexpr unsigned kSooner = 2;            // half bits by which '1' is i sooner than l
// What a letter of a word may cost among words of such letters: names of things are not like English.
constexpr unsigned kPoorAmongOthers = Language::kPoorPerLetter + 5;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alnum(char c) {
  return is_digit(c) || letter_of(c) != 0;
}

// The letter a digit or a symbol stands for; '1' and its like may be l as well.
constexpr auto kStandsFor = [] {
  std::array<char, 256> table{};
  const auto set = [&](char c, char letter) { table[static_cast<unsigned char>(c)] = letter; };
  set('0', 'o'), set('1', 'i'), set('3', 'e'), set('4', 'a'), set('5', 's'), set('6', 'g'), set('7', 't');
  set('8', 'b'), set('9', 'g'), set('2', 'z'), set('@', 'a'), set('$', 's'), set('!', 'i');
  return table;
}();
char stands_for(char c) {
  return kStandsFor[static_cast<unsigned char>(c)];
}
constexpr auto kInToken = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0; c < 256; ++c)
    table[c] = kStandsFor[c] != 0 || letter_of(static_cast<char>(c)) != 0 || (c >= '0' && c <= '9');
  return table;
}();
bool in_token(char c) {
  return kInToken[static_cast<unsigned char>(c)];
}

// 1st, 22nd, 103rd, 4th.
bool is_ordinal(std::string_view token) {
  const auto digits = static_cast<std::size_t>(std::ranges::find_if_not(token, is_digit) - token.begin());
  const auto ends = [&](std::string_view suffix) {
    return std::ranges::equal(token.substr(digits), suffix, {},
                              [](char c) { return static_cast<char>(c | 0x20); });
  };
  return digits > 0 && (ends("st") || ends("nd") || ends("rd") || ends("th"));
}

// Where something may be rewritten. Behind the second letter of a row and a character of ASCII nothing is set apart.
std::uint64_t marks_of_lettering(const char* block, const std::array<char, 2>& before) {
  std::uint64_t always = 0, separators = 0, letters = 0, beyond = 0;
  in_lanes(block, [&](const Lanes& bytes, unsigned shift) {
    const auto digits = bytes.is_digit();
    always |= (bytes.is_one_of('@', '$', '!', '+') | digits).bits() << shift;
    separators |=
        (bytes.is_one_of(' ', '_', '|', '~', ':') | bytes.is_among('\t', 2) | bytes.is_among('*', 6)).bits()
        << shift;
    letters |= (bytes.is_letter() | digits | bytes).bits() << shift;
    beyond |= bytes.bits() << shift;
  });
  const auto is_letter = [](char c) { return is_alnum(c) || static_cast<unsigned char>(c) >= 0x80; };
  letters = letters << 2U | std::uint64_t{is_letter(before[1])} << 1U | std::uint64_t{is_letter(before[0])};
  beyond = beyond << 1U | std::uint64_t{static_cast<unsigned char>(before[1]) >= 0x80};
  return always | (separators & ~(letters & ~beyond));
}

class Pass {
 public:
  Pass(std::string_view text, std::size_t from, bool last, RewriteSink& sink)
      : text_(text), at_(from), kept_(from), last_(last), sink_(sink) {}

  std::size_t run(std::size_t until) {
    Places64 places(text_, marks_of_lettering);
    while ((at_ = places.next(at_)) < until) {
      const char c = text_[at_];
      if (!(stands_for(c) != 0 ? token() : apart(c))) break;
    }
    at_ = std::min(at_, until);
    if (at_ > kept_) sink_.keep(kept_, at_);
    return at_;
  }

 private:
  void replace(std::size_t size, std::string_view bytes) {
    if (at_ > kept_) sink_.keep(kept_, at_);
    sink_.replace(at_, at_ + size, bytes);
    at_ += size;
    kept_ = at_;
  }

  // A digit or symbol: if the token it stands in reads as a word with letters in their place, it is rewritten from
  // here to its end.
  bool token() {
    std::size_t begin = at_, end = at_;
    while (begin > 0 && at_ - begin <= kLongestToken && in_token(text_[begin - 1])) --begin;
    while (end < text_.size() && end - begin <= kLongestToken && in_token(text_[end])) ++end;
    if (end - begin > kLongestToken) {
      // So it is for the rest of it.
      for (at_ = std::max(at_ + 1, end); at_ < text_.size() && in_token(text_[at_]);) ++at_;
      return true;
    }
    if (end == text_.size() && !last_) return false;
    const bool final = end == text_.size();
    const bool alone = end == at_ + 1 && begin == at_;
    end = without_bangs(at_, end);
    if (end == at_) {
      // A word of its own: "d0 ! h4v3".
      if (!alone || final || at_ == 0 || text_[at_ - 1] != ' ' || !after_word(begin, kTokensBefore))
        return pass();
      const auto next = before_word(at_ + 1, 2);
      if (!next) return false;
      if (!*next) return pass();
      ++end;
    }
    const bool beside_numbers = count_numbers(begin, end);
    Spelling word;
    told_again_ = SIZE_MAX;
    spell(begin, end, word);
    if (word.has_at && !final && text_[end] == '.') {  // an address
      if (end + 1 == text_.size() && !last_) return false;
      if (end + 1 < text_.size() && letter_of(text_[end + 1]) != 0) return pass_token(end);
    }
    if (!word.reads) {
      // Too short to tell: what its neighbours are, it is.
      if (!word.among) return pass_token(end);
      if (beside_numbers || !after_word(begin, kTokensBefore)) {
        const auto next = before_word(end, 2);
        if (!next) return false;
        if (!*next) return pass_token(end);
      }
    }
    if (word.letters == 0) choose_l(begin, word.spelled.data(), end - begin);
    while (at_ < end) {
      if (stands_for(text_[at_]) != 0)
        replace(1, {&word.spelled.at(at_ - begin), 1});
      else
        ++at_;
    }
    return true;
  }

  struct Spelling {
    std::array<char, kLongestToken> spelled{};
    std::size_t letters = 0, others = 0;
    bool has_at = false;
    bool reads = false;  // as a word, some of whose letters are others
    bool among = false;  // among words that do
  };
  void spell(std::size_t begin, std::size_t end, Spelling& word) {
    for (std::size_t i = begin; i < end; ++i) {
      const char c = text_[i];
      const char letter = stands_for(c);
      word.has_at = word.has_at || c == '@';
      if (letter != 0) ++word.others;
      if (letter_of(c) != 0) ++word.letters;
      word.spelled.at(i - begin) = letter != 0 ? letter : c;
    }
    const auto size = end - begin;
    if (word.others == 0 || word.letters + word.others < size) return;
    word.among = size <= kLongestShort;
    if (word.letters == 0) return;  // chosen when it is known to be a word
    choose_l(begin, word.spelled.data(), size);
    if (size < 3) return;
    const auto cost = Language::english().word({word.spelled.data(), size});
    // "@user", "1st": written so by everybody.
    const auto rest = text_.substr(begin + 1, size - 1);
    if (text_[begin] == '@' && word.others == 1 && Language::english().word(rest) < cost) return;
    if (is_ordinal(text_.substr(begin, size))) return;
    const auto many = word.letters * 2 >= word.others;
    word.reads = many && cost <= Language::kPoorPerLetter * (size + 1);
    word.among = word.among || cost <= (many ? kPoorAmongOthers : Language::kPoorPerLetter) * (size + 1);
  }

  // What a token is beside another, which is asked of each several times.
  struct Told {
    std::size_t begin = SIZE_MAX, end = 0;
    bool has_ones = false;  // and so was told by whether there is an l
    bool has_l = false;
    bool reads = false, among = false;
  };
  Told tell(std::size_t begin, std::size_t end) {
    if (is_short_number(begin, end)) return {.among = true};
    auto& told = told_.at(begin % told_.size());
    if (told.begin == begin && told.end == end && (!told.has_ones || told.has_l == has_l(begin, end - begin)))
      return told;
    Spelling word;
    spell(begin, end, word);
    const bool ones = has_ones(begin, end - begin);
    told = {.begin = begin,
            .end = end,
            .has_ones = ones,
            .has_l = ones && has_l(begin, end - begin),
            .reads = word.reads,
            .among = word.among};
    return told;
  }

  // Which spell() leaves to its neighbours.
  bool is_short_number(std::size_t begin, std::size_t end) const {
    return end > begin && end - begin <= kLongestShort &&
           std::ranges::all_of(text_.substr(begin, end - begin), is_digit);
  }
  // Whether nothing but short numbers is before the token, as far as after_word() looks.
  bool count_numbers(std::size_t begin, std::size_t end) {
    if (numbers_end_ + 1 != begin || text_[numbers_end_] != ' ') numbers_ = 0;
    const bool enough = numbers_ >= kTokensBefore;
    numbers_ = is_short_number(begin, end) ? numbers_ + 1 : 0;
    numbers_end_ = end;
    return enough;
  }

  // Whether the token before `begin` is such a word, or the first of so many before it that is not short.
  bool after_word(std::size_t begin, unsigned tokens) {
    if (tokens == 0 || begin < 2 || text_[begin - 1] != ' ') return false;
    const auto end = begin - 1;
    auto first = end;
    while (first > 0 && end - first <= kLongestToken && in_token(text_[first - 1])) --first;
    if (first == end || end - first > kLongestToken) return false;
    const auto word = tell(first, without_bangs(first, end));
    if (word.reads || !word.among) return word.reads;
    return after_word(first, tokens - 1);
  }
  // Whether the token after `end` is, or the first of so many after it that tells; nothing while that cannot be told.
  std::optional<bool> before_word(std::size_t end, unsigned tokens) {
    if (tokens == 0 || (end < text_.size() && text_[end] != ' ')) return false;
    const auto begin = end + 1;
    auto last = begin;
    while (last < text_.size() && last - begin <= kLongestToken && in_token(text_[last])) ++last;
    if (last >= text_.size() && !last_) return std::nullopt;
    if (last <= begin || last > text_.size() || last - begin > kLongestToken) return false;
    const auto word = tell(begin, without_bangs(begin, last));
    if (word.reads || !word.among) return word.reads;
    return before_word(last, tokens - 1);
  }
  // What ends a sentence is no letter of its last word.
  std::size_t without_bangs(std::size_t begin, std::size_t end) const {
    while (end > begin && text_[end - 1] == '!') --end;
    return end;
  }

  bool has_ones(std::size_t begin, std::size_t size) const {
    return std::ranges::any_of(text_.substr(begin, size), [](char c) { return c == '1' || c == '!'; });
  }
  // Whether there is an l in what was read last, up to the end of the token.
  bool has_l(std::size_t begin, std::size_t size) {
    const auto from = at_ - std::min(at_, kLookBehind);
    const auto seen = text_.substr(from, std::max(begin + size, at_) - from);
    unsigned any = 0;  // all at once, as most often there is none
    for (const char c : seen) any |= (c | 0x20) == 'l' ? 1U : 0U;
    if (any == 0) return false;
    told_again_ = std::min(told_again_, from + seen.find_last_of("lL") + kLookBehind + 1);
    return true;
  }
  // Where '1' and its like read better as l than as i.
  void choose_l(std::size_t begin, char* word, std::size_t size) {
    // Who writes some as they are has no digit for it.
    if (!has_ones(begin, size) || has_l(begin, size)) return;
    const auto& language = Language::english();
    const auto letter = [&](std::size_t i) { return i < size ? unsigned{letter_of(word[i])} : 0U; };
    for (std::size_t i = 0; i < size; ++i) {
      const char c = text_[begin + i];
      if (c != '1' && c != '!') continue;
      const unsigned before = i > 0 ? letter(i - 1) : 0, earlier = i > 1 ? letter(i - 2) : 0;
      const auto cost = [&](unsigned x) {
        return language.cost(earlier, before, x) + language.cost(before, x, letter(i + 1)) +
               (i + 1 < size ? language.cost(x, letter(i + 1), letter(i + 2)) : 0U);
      };
      // The next may be either as well.
      const char next = i + 1 < size ? text_[begin + i + 1] : '\0';
      const bool twice = next == '1' || next == '!';
      unsigned as_i = cost(letter_of('i')), as_l = cost(letter_of('l'));
      if (twice) {
        const char kept = word[i + 1];
        word[i + 1] = 'l';
        as_i = std::min(as_i, cost(letter_of('i')));
        as_l = std::min(as_l, cost(letter_of('l')));
        word[i + 1] = kept;
      }
      if (as_l + kSooner < as_i) word[i] = 'l';
    }
  }

  // A separator between two letters that stand apart is dropped, when there are enough of them: on both sides, and
  // across the wider gaps between words.
  bool apart(char separator) {
    if (const auto letters = letters_in_row(separator)) {
      if (*letters < kFewestLetters) return not_apart(separator);
      replace(1, "");
      return true;
    }
    if (no_letter_near()) return pass();
    Apart seen{.separator = separator};
    std::size_t at = at_;
    while (seen.count < kFewestApart && at > 0) {
      const auto first = begin_of_character(at);
      if (!graphic(first, at, separator, first == 0 ? '\0' : text_[first - 1]) ||
          (first > 0 && is_letter_byte(text_[first - 1])) || !seen.add(text_[first]))
        break;
      at = first;
      std::size_t blanks = 0;
      while (blanks <= kWidestGap && at > blanks && text_[at - 1 - blanks] == ' ') ++blanks;
      const auto step = seen.step(at > 0 ? text_[at - 1] : '\0', blanks);
      if (step == 0) break;
      at -= step;
    }
    if (seen.count == 0) return not_apart(separator);
    // A wide gap is the blank between two words.
    std::size_t gap = 1;
    if (separator == ' ')
      while (gap <= kWidestGap && at_ + gap < text_.size() && text_[at_ + gap] == ' ') ++gap;
    if (at_ + gap == text_.size() && !last_) return false;
    if (gap > kWidestGap) return pass();
    seen.beside = gap == 1 && is_alnum(text_[at_ - 1]);
    const auto before = seen.count;
    seen.blank = false;
    at = at_ + gap;
    while (seen.count < before + kFewestApart) {
      if (at == text_.size() && !last_) return false;
      if (at == text_.size()) break;
      auto end = at + 1;
      if (static_cast<unsigned char>(text_[at]) >= 0x80) {
        const auto decoded = decode(text_.substr(at));
        if (decoded.cut && !last_) return false;
        end = at + std::max<std::size_t>(1, decoded.size);
      }
      if (end == text_.size() && !last_) return false;
      const char next = end < text_.size() ? text_[end] : '\0';
      if (!graphic(at, end, separator, next) || is_letter_byte(next) || !seen.add(text_[at])) break;
      at = end;
      std::size_t blanks = 0;
      while (blanks <= kWidestGap && at + blanks < text_.size() && text_[at + blanks] == ' ') ++blanks;
      if (at + blanks == text_.size() && !last_) return false;
      const auto step = seen.step(at < text_.size() ? text_[at] : '\0', blanks);
      if (step == 0) break;
      at += step;
    }
    if (seen.count == before || seen.count < kFewestApart || seen.letters < kFewestLetters || !seen.pair)
      return not_apart(separator);
    replace(gap, gap > 1 ? " " : "");
    return true;
  }

  // Whether there is no letter as far as apart() looks, and that is known.
  bool no_letter_near() {
    // Four characters and blanks between them, each with the widest gap.
    constexpr std::size_t kSide =
        kFewestApart * 4 + (kFewestApart + 1) + (2 * kFewestApart + 1) * kWidestGap + 7;
    static_assert(kSide <= kLookBehind);
    const auto from = at_ - std::min(at_, kSide), to = at_ + kSide + kWidestGap;
    if (to > text_.size() || (letter_ >= from && letter_ < to && is_letter(text_[letter_]))) return false;
    if (from < bare_ || to > letter_) {
      bare_ = from;
      letter_ = letter_from(from);
    }
    return to <= letter_;
  }
  // The first letter from there on, or the end, or a place far behind.
  std::size_t letter_from(std::size_t from) const {
    const auto far = from + std::min<std::size_t>(1024, text_.size() - from);
    for (; from + Lanes::kSize <= far; from += Lanes::kSize) {
      const Lanes bytes(text_.data() + from);
      if (const auto letters = (bytes.is_letter() | bytes).bits(); letters != 0)
        return from + static_cast<std::size_t>(std::countr_zero(letters));
    }
    while (from < far && !is_letter(text_[from])) ++from;
    return from;
  }
  static bool is_letter(char c) { return letter_of(c) != 0 || static_cast<unsigned char>(c) >= 0x80; }

  // How many of them are letters, where four letters and digits stand apart on either side, one such separator between
  // each two: most often, that is the middle of a long row.
  std::optional<std::size_t> letters_in_row(char separator) const {
    constexpr std::size_t kSide = 2 * kFewestApart;
    static_assert(2 * kSide == Lanes::kSize);
    if (at_ < kSide || text_.size() - at_ <= kSide + 1 || text_[at_ + kSide] != separator)
      return std::nullopt;
    const Lanes around(text_.data() + at_ - kSide);
    constexpr std::uint64_t kEven = 0x5555, kOdd = 0xAAAA;
    const auto letters = around.is_letter().bits() & kOdd;
    if ((around.is(separator).bits() & kEven) != kEven ||
        ((around.is_digit().bits() | letters) & kOdd) != kOdd)
      return std::nullopt;
    return static_cast<std::size_t>(std::popcount(letters));
  }

  std::size_t begin_of_character(std::size_t end) const {
    auto first = end - 1;
    while (first > 0 && end - first < 4 && (static_cast<unsigned char>(text_[first]) & 0xC0U) == 0x80U)
      --first;
    // A byte that belongs to none stands for itself.
    return end - first == 1 || decode(text_.substr(first, end - first)).size == end - first ? first : end - 1;
  }
  static bool is_letter_byte(char c) { return is_alnum(c) || static_cast<unsigned char>(c) >= 0x80; }
  // What may stand apart: signs, letters of any script; and, between other separators, a blank. `beyond`: the byte on
  // its other side.
  bool graphic(std::size_t begin, std::size_t end, char separator, char beyond) const {
    const char c = text_[begin];
    if (static_cast<unsigned char>(c) < 0x80)
      return c == ' ' ? separator != ' ' && beyond == separator : c > ' ' && c < 0x7F && c != separator;
    const auto decoded = decode(text_.substr(begin));
    if (decoded.size != end - begin) return false;
    return (decoded.c >= 0xC0 && decoded.c < 0x2000) || (decoded.c >= 0x3040 && decoded.c < 0xD7B0);
  }

  // how+to, as forms write blanks: between words of English, or where one such sign follows another.
  bool not_apart(char separator) {
    if (separator != '+' || at_ == 0 || !is_letter(text_[at_ - 1])) return pass();
    auto begin = at_, end = at_ + 1;
    while (begin > 0 && at_ - begin <= kLongestToken && is_letter_byte(text_[begin - 1])) --begin;
    while (end < text_.size() && end - at_ <= kLongestToken && is_letter_byte(text_[end])) ++end;
    if (end + 1 >= text_.size() && !last_) return false;
    const auto reads = [&](std::size_t from, std::size_t to) {
      const auto word = text_.substr(from, to - from);
      return !word.empty() && word.size() <= kLongestToken && std::ranges::all_of(word, is_alnum) &&
             Language::english().word(word) <= Language::kPoorPerLetter * (word.size() + 1);
    };
    const auto joins = [&](std::size_t i) {
      return i > 0 && i + 1 < text_.size() && text_[i] == '+' && is_letter(text_[i - 1]) &&
             is_letter(text_[i + 1]);
    };
    const bool words = at_ - begin >= 2 && end - at_ > 2;
    if (!(reads(begin, at_) && reads(at_ + 1, end)) &&
        !(words && joins(at_) && ((begin > 0 && joins(begin - 1)) || joins(end))))
      return pass();
    replace(1, " ");
    return true;
  }

  // Characters that stand apart, one after the other.
  struct Apart {
    char separator;
    std::size_t count = 0, letters = 0;
    bool beside = false;  // the last one is a letter or a digit, and the next stands beside it
    bool pair = false;    // there were two such
    bool blank = false;   // the last one is

    // False where one blank follows another: between words there is one.
    bool add(char c) {
      if (c == ' ' && blank) return false;
      blank = c == ' ';
      if (!blank) ++count;
      letters += letter_of(c) != 0 || static_cast<unsigned char>(c) >= 0x80 ? 1U : 0U;
      pair = pair || (beside && is_alnum(c));
      beside = is_alnum(c);
      return true;
    }
    // How much is between this character and the next, which begins with `c` and so many blanks; 0: too much.
    std::size_t step(char c, std::size_t blanks) {
      if (blanks == 0 || (separator == ' ' && blanks == 1)) return c == separator ? 1 : 0;
      beside = false;
      return blanks <= kWidestGap ? blanks : 0;
    }
  };

  bool pass() {
    ++at_;
    return true;
  }
  // The rest of the token would be told the same, until an l that was seen is no longer near.
  bool pass_token(std::size_t end) {
    at_ = std::max(at_ + 1, std::min(end, told_again_));
    return true;
  }

  std::string_view text_;
  std::size_t at_, kept_;
  bool last_;
  std::size_t bare_ = 0, letter_ = 0;  // from the one to the other there are no letters
  std::size_t told_again_ = SIZE_MAX;  // from where on a token may be told otherwise than before
  std::array<Told, 32> told_;
  std::size_t numbers_ = 0, numbers_end_ = 0;  // short numbers in a row, a blank between each two
  RewriteSink& sink_;
};

}  // namespace

std::size_t undo_lettering(std::string_view text, std::size_t from, bool last, RewriteSink& sink,
                           std::size_t until) {
  return Pass(text, from, last, sink).run(std::min(until, text.size()));
}

// Behind a token: nothing that is rewritten reaches across, and its last character stays or becomes another.
std::size_t lettering_cut(std::string_view text, std::size_t at) {
  for (at = std::max<std::size_t>(at, 1); at < text.size(); ++at)
    if (in_token(text[at - 1]) && !in_token(text[at])) return at;
  return text.size();
}

}  // namespace plimsoll::text
