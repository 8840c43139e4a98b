#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <span>

#include "base/lanes.h"
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
constexpr std::size_t kManyTurned = 12;  // letters that stand on their head
// A cipher is believed when the text costs so much less a letter once it is undone.
constexpr unsigned kOddPerLetter = 6, kMuch = 10;
constexpr unsigned kGainOfMany = 2, kGain = 3, kGainOfFew = 5;
// A run is over when so many letters more read as nothing, undone or not, than twice those that do: what chance began,
// chance does not keep up.
constexpr std::size_t kMostLost = 64;
// A longer run is a text only where a third of it are letters; else it is data, in which chance finds ciphers.
constexpr std::size_t kLongestSparse = 256;

// 1 to 25: Caesar's, by how far letters move back. Then the others.
constexpr unsigned kAtbash = 26, kBackwards = 27;
constexpr std::array kUsual = {13U, kAtbash, kBackwards};

constexpr char undo(unsigned cipher, char c) {
  const unsigned letter = letter_of(c);
  if (letter == 0) return c;
  const unsigned plain = cipher == kAtbash ? 27 - letter : (letter - 1 + 26 - cipher) % 26 + 1;
  return static_cast<char>(static_cast<unsigned>(c) + plain - letter);
}

// By cipher: the number of the letter that a byte stands for.
constexpr auto kPlain = [] {
  std::array<std::array<std::uint8_t, 256>, kAtbash + 1> table{};
  for (unsigned cipher = 0; cipher <= kAtbash; ++cipher)
    for (unsigned c = 'A'; c <= 'z'; ++c) table[cipher][c] = letter_of(undo(cipher, static_cast<char>(c)));
  return table;
}();

unsigned cost(std::string_view word, unsigned cipher) {
  const auto& language = Language::english();
  const auto& plain = kPlain.at(cipher == kBackwards ? 0 : cipher);
  const auto letter = [&](std::size_t i) { return unsigned{plain[static_cast<unsigned char>(word[i])]}; };
  if (cipher == kBackwards)
    return language.word(word.size(), [&](std::size_t i) { return letter(word.size() - 1 - i); });
  return language.word(word.size(), letter);
}

// The same for several ciphers, added to `totals`.
template <std::size_t N>
void add_costs(std::string_view word, const std::array<unsigned, N>& ciphers,
               std::array<unsigned, N>& totals) {
  struct Way {
    const std::uint8_t* plain;
    const char* first;
    std::ptrdiff_t step;
  };
  std::array<Way, N> ways;
  for (std::size_t k = 0; k < N; ++k)
    ways[k] = ciphers[k] == kBackwards ? Way{kPlain[0].data(), word.data() + word.size() - 1, -1}
                                       : Way{kPlain.at(ciphers[k]).data(), word.data(), 1};
  Language::english().words(
      word.size(),
      [&](std::size_t k, std::size_t i) -> unsigned {
        const auto& way = ways[k];
        return way.plain[static_cast<unsigned char>(way.first[static_cast<std::ptrdiff_t>(i) * way.step])];
      },
      totals);
}

bool is_poor(unsigned total, std::size_t size) {
  return total > Language::kPoorPerLetter * (size + 1);
}

// Whether a word, which costs `total`, is strange enough to begin or to go on a run: poor, or much better in one of
// the usual ciphers.
bool is_strange(std::string_view word, unsigned total) {
  if (is_poor(total, word.size())) return true;
  if (total <= kOddPerLetter * (word.size() + 1)) return false;
  std::array<unsigned, kUsual.size()> undone{};
  add_costs(word, kUsual, undone);
  return std::ranges::min(undone) + kMuch <= total;
}

// What a word costs as it stands and in each of the usual ciphers, and how many rare rows of letters it has: side by side
// in one number, so that all are added at once.
class Costs {
 public:
  Costs() = default;
  // What the last of three letters adds, of a word as it stands and with all ways to undo it.
  static Costs of(unsigned a, unsigned b, unsigned c) {
    const auto& language = Language::english();
    Costs made;
    made.bits_ = language.cost(a, b, c) |
                 std::uint64_t{(language.raised(a << 10U | b << 5U | c) & Language::kRareBit) != 0}
                     << kRareAt;
    for (std::size_t k = 0; k < kUsual.size(); ++k) {
      // Backwards, what begins a word ends it; what it ends with is added in least().
      const auto cost = kUsual[k] != kBackwards
                            ? language.cost(undone(kUsual[k], a), undone(kUsual[k], b), undone(kUsual[k], c))
                        : b != 0 ? language.cost(c, b, a)
                                 : 0;
      made.bits_ |= std::uint64_t{cost} << kWidth * (k + 1);
    }
    return made;
  }
  Costs& operator+=(Costs other) {
    bits_ += other.bits_;
    return *this;
  }
  // Of a sum and one of its first terms.
  friend Costs operator-(Costs sum, Costs first) {
    sum.bits_ -= first.bits_;
    return sum;
  }

  unsigned plain() const { return at(0); }
  bool rare() const { return bits_ >> kRareAt != 0; }
  // In the best of the usual ciphers, of a word that ends with the letter.
  unsigned least(unsigned last) const {
    auto least = UINT32_MAX;
    for (std::size_t k = 0; k < kUsual.size(); ++k)
      least =
          std::min(least, at(k + 1) + (kUsual[k] == kBackwards ? Language::english().cost(0, 0, last) : 0));
    return least;
  }

 private:
  static constexpr unsigned kWidth = 13, kRareAt = kWidth * (kUsual.size() + 1);
  static_assert((kBlock + 1) * 32 < 1U << kWidth && kBlock < 1U << (64 - kRareAt));

  static unsigned undone(unsigned cipher, unsigned letter) {
    return letter == 0 ? 0 : letter_of(undo(cipher, static_cast<char>('a' + letter - 1)));
  }
  unsigned at(std::size_t k) const {
    return static_cast<unsigned>(bits_ >> kWidth * k & ((1U << kWidth) - 1));
  }
  std::uint64_t bits_ = 0;
};

// By three letters, five bits each.
using CostTable = std::array<Costs, 1U << 15U>;
const CostTable& all_costs() {
  static const auto all = [] {
    CostTable table;
    for (unsigned a = 0; a < 27; ++a)
      for (unsigned b = 0; b < 27; ++b)
        for (unsigned c = 0; c < 27; ++c) table[a << 10U | b << 5U | c] = Costs::of(a, b, c);
    return table;
  }();
  return all;
}

// The words of a text, a block at a time.
class WordScan {
 public:
  explicit WordScan(std::string_view text) : text_(text), costs_(all_costs()) {}

  // The first place from `at` on where a word begins, or a byte beyond ASCII stands; the end where there is none.
  std::size_t next(std::size_t at) {
    for (; at < text_.size(); at = begin_ + kBlock) {
      if (at < begin_ || at - begin_ >= kBlock) look_at(at);
      if (const auto rest = places_ >> (at - begin_); rest != 0)
        return at + static_cast<std::size_t>(std::countr_zero(rest));
    }
    return text_.size();
  }
  // Where the word ends that begins there, or has more than kLongestWord letters.
  std::size_t end_of(std::size_t begin) {
    static_assert(kLongestWord + 1 < kBlock);
    auto size = size_at(begin);
    if (begin + size == begin_ + kBlock && begin != begin_) {
      look_at(begin);
      size = size_at(begin);
    }
    return begin + std::min(size, kLongestWord + 1);
  }
  // Of a word whose end was asked for last.
  Costs costs(std::size_t begin, std::size_t end) const {
    const auto sum = sums_.at(end - begin_);
    return begin == begin_ ? sum : sum - sums_.at(begin - begin_ - 1);
  }

 private:
  std::size_t size_at(std::size_t begin) const {
    return static_cast<std::size_t>(std::countr_one(letters_ >> (begin - begin_)));
  }
  void look_at(std::size_t begin) {
    begin_ = begin;
    std::array<char, kBlock> padded;  // NOLINT(*-member-init)
    const char* block = text_.data() + begin;
    if (text_.size() - begin < kBlock) {
      padded.fill('\0');
      std::ranges::copy(text_.substr(begin), padded.begin());
      block = padded.data();
    }
    std::array<std::uint8_t, kBlock + 2> numbers{};
    std::uint64_t beyond = 0;
    letters_ = 0;
    in_lanes(block, [&](const Lanes& bytes, unsigned shift) {
      const auto letter = bytes.is_letter();
      (letter & bytes & Lanes::all(31)).put(numbers.data() + 2 + shift);
      letters_ |= letter.bits() << shift;
      beyond |= bytes.bits() << shift;
    });
    const bool within = begin > 0 && letter_of(text_[begin - 1]) != 0;
    places_ = (letters_ & ~(letters_ << 1U | std::uint64_t{within})) | beyond;
    std::array<std::uint16_t, kBlock> triples;  // NOLINT(*-member-init)
    for (std::size_t i = 0; i < kBlock; ++i)
      triples[i] = static_cast<std::uint16_t>(numbers[i] << 10U | numbers[i + 1] << 5U | numbers[i + 2]);
    Costs sum;
    for (std::size_t i = 0; i < kBlock; ++i) sums_[i] = sum += costs_[triples[i]];
  }

  std::string_view text_;
  const CostTable& costs_;
  std::size_t begin_ = SIZE_MAX;  // of the block
  std::uint64_t letters_ = 0, places_ = 0;
  std::array<Costs, kBlock> sums_;  // of all letters up to each
};

struct Turned {
  char32_t c;
  char letter;
};
// In order.
constexpr Turned kTurned[] = {
    {0xA1, '!'},   {0xBF, '?'},   {0x131, 'i'},  {0x183, 'g'},  {0x186, 'C'},  {0x18E, 'E'},  {0x190, '3'},
    {0x196, '1'},  {0x1DD, 'e'},  {0x250, 'a'},  {0x253, 'g'},  {0x254, 'c'},  {0x25F, 'f'},  {0x265, 'h'},
    {0x26F, 'm'},  {0x279, 'r'},  {0x27E, 'j'},  {0x283, 'l'},  {0x287, 't'},  {0x28C, 'v'},  {0x28D, 'w'},
    {0x28E, 'y'},  {0x29E, 'k'},  {0x2D9, '.'},  {0x2E5, 'L'},  {0x39B, 'V'},  {0x3DB, '5'},  {0x500, 'P'},
    {0x5DF, 'l'},  {0x5E4, 'G'},  {0x1105, '2'}, {0x15E1, 'D'}, {0x1D09, 'i'}, {0x1D1A, 'R'}, {0x1D77, 'g'},
    {0x2132, 'F'}, {0x2144, 'Y'}, {0x214B, '&'}, {0x2200, 'A'}, {0x2229, 'U'}, {0x22A5, 'T'}, {0x22CA, 'K'},
    {0x2534, 'T'}, {0x3123, '4'}, {0x3125, '7'}, {0x10412, 'B'}};
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

// What a letter costs once it is moved back by so many, in quarter bits: by how often English uses its letters.
constexpr auto kShiftCosts = [] {
  constexpr std::array<std::uint8_t, 26> kLetterCosts = {15, 24, 20, 18, 12, 22, 23, 16, 15, 36, 27, 18, 21,
                                                         15, 15, 23, 40, 16, 16, 14, 20, 27, 22, 36, 23, 42};
  std::array<std::array<std::uint8_t, 32>, 27> table{};
  for (unsigned letter = 1; letter <= 26; ++letter)
    for (unsigned shift = 1; shift < 26; ++shift)
      table[letter][shift] = kLetterCosts[(letter - 1 + 26 - shift) % 26];
  return table;
}();

// What a text costs by how far its letters are moved back.
using ShiftCosts = std::array<std::int16_t, 32>;
// The first of the least. Which it is cannot be guessed, so nothing branches on it.
unsigned place_of_least(const ShiftCosts& costs) {
#if defined(__SSE2__)
  const auto part = [&](std::size_t i) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(costs.data() + 8 * i));
  };
  auto least = _mm_min_epi16(_mm_min_epi16(part(0), part(1)), _mm_min_epi16(part(2), part(3)));
  least = _mm_min_epi16(least, _mm_srli_si128(least, 8));
  least = _mm_min_epi16(least, _mm_srli_si128(least, 4));
  least = _mm_min_epi16(least, _mm_srli_si128(least, 2));
  least = _mm_set1_epi16(static_cast<std::int16_t>(_mm_cvtsi128_si32(least)));
  const auto places = [&](std::size_t i) {
    const auto same = _mm_packs_epi16(_mm_cmpeq_epi16(part(i), least), _mm_cmpeq_epi16(part(i + 1), least));
    return static_cast<unsigned>(_mm_movemask_epi8(same)) << (8 * i);
  };
  return static_cast<unsigned>(std::countr_zero(places(0) | places(2)));
#else
  return static_cast<unsigned>(std::ranges::min_element(costs) - costs.begin());
#endif
}

enum class Next { kNone, kMore, kWord };
struct Word {
  std::size_t begin = 0, end = 0;
};
// One of a sample, and what it is as it stands.
struct Sampled {
  std::size_t begin = 0, end = 0;
  Language::Reading reading;  // where it is alone
  bool alone = false;
  std::optional<bool> strange;  // once it was asked for
  std::size_t size() const { return end - begin; }
  std::size_t edges() const { return size() + 1; }  // its letters, and one
};

class Pass {
 public:
  Pass(std::string_view text, bool last, const Places& places, Run& run, RunSink& sink)
      : text_(text), last_(last), places_(places), run_(run), sink_(sink) {}

  // Whether a run may begin with the word: as is_strange().
  bool may_begin(Word word, Costs costs) const {
    const auto edges = word.end - word.begin + 1;
    const auto total = costs.plain();
    if (total <= kOddPerLetter * edges || !stands_alone(word)) return false;
    return is_poor(total, edges - 1) || costs.least(letter_of(text_[word.end - 1])) + kMuch <= total;
  }

  // The run that begins with the strange word [begin, end), if one does; `end` becomes where to go on.
  // kMore: cannot be told yet. kNone: none. `first`: what the word is as it stands. `lead`: what ends a sentence
  // stands so many bytes before, where it would be backwards.
  // kWord: it was passed on, and `within` the cipher if there is more of it.
  Next ciphered(std::size_t begin, std::size_t lead, const Language::Reading& first, std::size_t& end,
                unsigned& within) {
    if (const auto next = next_rare({begin, end}, first); next != Next::kWord) return next;
    std::size_t count = 1, sampled = 0, poor = 0, good = 0;
    std::size_t wanted = kSampleLetters;
    bool rare = false;
    Evidence evidence;
    for (bool over = false; !over;) {
      auto& last = seen(count - 1);
      const auto is = count == 1 || is_strange(last);
      // A short word may be anything, and so may part of a key.
      if (last.size() > 2 && last.alone) good = is ? 0 : good + 1;
      if (is) {
        sampled = count;
        poor += last.size();
        rare = rare || tells(last);
      }
      over = good > (poor >= kSampleLetters ? 2U : 1U) || count == kMostSampled;
      if (!over && poor < wanted) {
        const auto next = see(count);
        if (next == Next::kMore) return next;
        if (next == Next::kWord) {
          ++count;
          continue;
        }
        over = true;
      }
      if (poor < kFewestLetters || (over && !rare)) {
        // Nor does one with any other of the sample, which would be over no later.
        if (count < kMostSampled) end = seen(sampled - 1).end;
        return Next::kNone;
      }
      if (rare) {
        const auto guess = best_guess(std::span(seen_).subspan(seen_first_, sampled), evidence);
        const auto gain = poor >= 2 * kSampleLetters ? kGainOfMany
                          : poor >= kSampleLetters   ? kGain
                                                     : kGainOfFew;
        if (guess.cost <= Language::kPoorPerLetter * guess.edges &&
            guess.cost + gain * guess.edges <= guess.plain)
          return follow(guess.cipher, guess.cipher == kBackwards ? begin - lead : begin,
                        seen(sampled - 1).end, end, within);
        // More words may tell, when there is a beginning.
        if (guess.cost + guess.edges > guess.plain) break;
      }
      if (wanted > 2 * kSampleLetters) break;
      wanted *= 2;
    }
    // The last of the sample may be the first of a run.
    if (rare && sampled > 1) end = seen(sampled - 1).begin;
    return Next::kNone;
  }

  // Whether it is a word without which no cipher is believed. Of two letters most pairs are rare.
  static constexpr std::size_t kFewestTelling = 3;
  static bool tells(const Sampled& word) {
    return word.alone && word.reading.rare && word.size() >= kFewestTelling;
  }
  // Whether there is such a word in the sample that begins with the word given.
  Next next_rare(Word word, const Language::Reading& reading) {
    while (seen_count_ > 0 && seen(0).begin < word.begin) {
      ++seen_first_;
      --seen_count_;
    }
    if (seen_count_ == 0 || seen(0).begin != word.begin) {
      seen_first_ = seen_count_ = 0;
      add_seen(
          {.begin = word.begin, .end = word.end, .reading = reading, .alone = true, .strange = std::nullopt});
    }
    for (std::size_t k = 0; k < kMostSampled; ++k) {
      if (const auto next = see(k); next != Next::kWord) return next;
      if (tells(seen(k))) return Next::kWord;
    }
    return Next::kNone;
  }
  // kWord: so many words after the first of the sample there is one, which seen() has now.
  Next see(std::size_t k) {
    if (k < seen_count_) return Next::kWord;
    Word word;
    const auto next = next_word(seen(k - 1).end, word);
    if (next != Next::kWord) return next;
    Sampled added{
        .begin = word.begin, .end = word.end, .reading = {}, .alone = stands_alone(word), .strange = {}};
    if (added.alone) added.reading = Language::english().read(at(word));
    add_seen(added);
    return next;
  }
  Sampled& seen(std::size_t k) { return seen_.at(seen_first_ + k); }
  void add_seen(const Sampled& word) {
    if (seen_first_ + seen_count_ == seen_.size()) {
      std::copy_n(seen_.begin() + static_cast<std::ptrdiff_t>(seen_first_), seen_count_, seen_.begin());
      seen_first_ = 0;
    }
    seen_.at(seen_first_ + seen_count_++) = word;
  }
  bool is_strange(Sampled& word) const {
    if (!word.strange)
      word.strange = word.alone && word.size() > 1 && plimsoll::text::is_strange(at(word), word.reading.cost);
    return *word.strange;
  }

  // What the words that stand alone cost as they are and once the likeliest cipher is undone; `edges`: their letters, and
  // one for each.
  struct Guess {
    unsigned cipher = 0, cost = UINT32_MAX, plain = 0;
    std::size_t edges = 0;
  };
  // What the first words of a sample say, to which more are added.
  struct Evidence {
    std::size_t words = 0, edges = 0;
    unsigned plain = 0;
    std::array<unsigned, kUsual.size()> usual{};
    ShiftCosts shifts = no_shifts();
  };
  Guess best_guess(std::span<const Sampled> words, Evidence& known) const {
    for (; known.words < words.size(); ++known.words) {
      const auto& word = words[known.words];
      if (!word.alone) continue;
      known.plain += word.reading.cost;
      known.edges += word.edges();
      add_costs(at(word), kUsual, known.usual);
      add_shifts(at(word), known.shifts);
    }
    Guess guess{.plain = known.plain, .edges = known.edges};
    const auto consider = [&](const auto& ciphers, const auto& totals) {
      for (std::size_t k = 0; k < ciphers.size(); ++k)
        if (totals[k] < guess.cost) {
          guess.cost = totals[k];
          guess.cipher = ciphers[k];
        }
    };
    consider(kUsual, known.usual);
    const auto shifts = likely_shifts(known.shifts);
    std::array<unsigned, shifts.size()> totals{};
    for (const auto& word : words)
      if (word.alone) add_costs(at(word), shifts, totals);
    consider(shifts, totals);
    return guess;
  }

  // The rest of a run in a known cipher, of which [begin, known) is certain.
  Next follow(unsigned cipher, std::size_t begin, std::size_t known, std::size_t& end, unsigned& within) {
    std::size_t bad = 0, half = 0, lost = 0;
    Word word{begin, known};
    for (;;) {
      if (half != 0 && span(begin, word.end) >= kMaxRun) {
        pass_on(cipher, begin, known);
        within = cipher;
        end = half;
        return Next::kWord;
      }
      const auto before = word.end;
      const auto next = next_word(before, word);
      if (next == Next::kMore) return next;
      if (next == Next::kNone) {
        if (bad == 0) known = before;
        break;
      }
      if (half == 0 && span(begin, word.begin) >= kRunStep) half = word.begin;
      const auto size = word.end - word.begin;
      const auto as_it_is = cost(at(word), 0), undone = cost(at(word), cipher);
      const bool plain = !is_poor(as_it_is, size) && undone + kMuch > as_it_is, read = !is_poor(undone, size);
      if (plain && !read) bad += size;
      if (plain && read) continue;  // could be either
      if (bad >= 8) break;
      lost = read ? lost - std::min(lost, 2 * size) : lost + size;
      if (lost >= kMostLost) break;
      if (!plain) {
        bad = 0;
        known = word.end;
      }
    }
    while (known < text_.size() && std::string_view("0123456789.?!").contains(text_[known])) ++known;
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
      // Letters with accents, which have nothing to stand on.
      if (letter == 0 && (decoded.size == 0 || decoded.c < 0xC0 || decoded.c >= 0x1F00)) break;
      i += decoded.size;
      if (letter == 0) {
        if (++plain > kLongestGap) break;
      } else if (decoded.c >= 0x80) {
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
      if (const char letter = turn(decoded.c); letter != 0)
        run_.add(letter, i, i + decoded.size);
      else
        for (std::size_t k = 0; k < decoded.size; ++k) run_.add(text_[i + k], i, i + decoded.size);
      i += decoded.size;
    }
    // Most often it is written from right to left, too.
    const auto ahead = read_cost(run_.text);
    reverse_run();
    if (read_cost(run_.text) > ahead) reverse_run();
    // Many such letters are no chance, whatever the language.
    if (Language::english().is_message(run_.text) || (some >= kManyTurned && Language::is_plain(run_.text)))
      sink_.run(run_);
    return Next::kWord;
  }

  // Character by character.
  void reverse_run() {
    std::ranges::reverse(run_.text);
    std::ranges::reverse(run_.pieces);
    for (std::size_t i = 0; i < run_.text.size();) {
      auto end = i;
      while (end + 1 < run_.text.size() && (static_cast<unsigned char>(run_.text[end]) & 0xC0U) == 0x80U)
        ++end;
      std::reverse(run_.text.begin() + static_cast<std::ptrdiff_t>(i),
                   run_.text.begin() + static_cast<std::ptrdiff_t>(end) + 1);
      i = end + 1;
    }
  }

  // From the least number on, so that those of the longest sample fit.
  static constexpr ShiftCosts no_shifts() {
    static_assert(kMostSampled * kLongestWord * 42 < UINT16_MAX);
    ShiftCosts costs{};
    costs.fill(INT16_MIN);
    return costs;
  }
  static void add_shifts(std::string_view word, ShiftCosts& costs) {
    for (const char c : word) {
      const auto& row = kShiftCosts.at(letter_of(c));
      for (std::size_t i = 0; i < costs.size(); ++i) costs[i] = static_cast<std::int16_t>(costs[i] + row[i]);
    }
  }
  // The three ciphers of Caesar's that make the usual letters most of the text.
  static std::array<unsigned, 3> likely_shifts(ShiftCosts costs) {
    costs[0] = INT16_MAX;
    std::fill(costs.begin() + 26, costs.end(), INT16_MAX);
    std::array<unsigned, 3> best{};
    for (auto& cipher : best) {
      cipher = place_of_least(costs);
      costs.at(cipher) = INT16_MAX;
    }
    return best;
  }

  Next word_at(std::size_t begin, Word& word) const {
    auto end = begin;
    while (end < text_.size() && letter_of(text_[end]) != 0 && end - begin <= kLongestWord) ++end;
    if (end == text_.size() && !last_) return Next::kMore;
    word = {begin, end};
    return Next::kWord;
  }

 private:
  // No part of a token with digits, which is the name of a thing, a key, a code; nor of a word with other letters.
  bool stands_alone(Word word) const {
    const auto goes_on = [&](std::size_t i) {
      return i < text_.size() &&
             ((text_[i] >= '0' && text_[i] <= '9') || static_cast<unsigned char>(text_[i]) >= 0x80);
    };
    return (word.begin == 0 || !goes_on(word.begin - 1)) && !goes_on(word.end);
  }
  std::size_t span(std::size_t begin, std::size_t end) const {
    return end == begin ? 0 : places_.span(begin, end);
  }
  std::string_view at(const auto& word) const { return text_.substr(word.begin, word.end - word.begin); }

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
    if (text.size() > kLongestSparse && !is_third_letters(text)) return;
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
  // The words from the last on that might have begun a run: samples overlap, and no word is weighed twice.
  std::array<Sampled, 2 * kMostSampled> seen_;
  std::size_t seen_first_ = 0, seen_count_ = 0;
};

}  // namespace

std::size_t WordRuns::find(std::string_view text, std::size_t from, bool last, const Places& places, Run& run,
                           RunSink& sink) {
  Pass pass(text, last, places, run, sink);
  WordScan scan(text);
  const auto ends_sentence = [&](std::size_t at) { return std::string_view(".?!").contains(text[at]); };
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
    // A word, or the letters before one that stands on its head.
    const auto undecided = i;
    i = scan.next(i);
    const bool after_end = i > undecided && ends_sentence(i - 1);
    if (i == text.size()) return after_end && !last ? i - 1 : i;
    const bool is_letter = letter_of(text[i]) != 0;
    const std::size_t lead = is_letter && after_end ? 1 : 0;
    const Word word{.begin = i, .end = is_letter ? scan.end_of(i) : i};
    if (word.end == text.size() && !last) return i - lead;
    if (word.end < text.size() && static_cast<unsigned char>(text[word.end]) >= 0x80) {
      const auto decoded = decode(text.substr(word.end));
      if (decoded.cut && !last) return i - lead;
      auto end = word.end + std::max<std::size_t>(1, decoded.size);
      if (decoded.size != 0 && is_turned_letter(decoded.c)) {
        auto known = end;
        const auto next = pass.turned(i, known);
        if (next == Next::kMore) return i - lead;
        if (next == Next::kWord) end = known;
      }
      i = end;
      continue;
    }
    auto end = word.end;
    if (const auto size = word.end - i; size > 1 && size <= kLongestWord) {
      const auto costs = scan.costs(i, word.end);
      unsigned within = 0;
      if (pass.may_begin(word, costs) &&
          pass.ciphered(i, lead, {.cost = costs.plain(), .rare = costs.rare()}, end, within) == Next::kMore)
        return i - lead;
      within_ = within;
    }
    i = end;
  }
  return i;
}

}  // namespace plimsoll::text
