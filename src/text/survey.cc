#include "survey.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/lanes.h"
#include "language.h"

namespace plimsoll::text {
namespace {

// Of letters, digits, + / - _ in a row: base64, base32 and hexadecimal have as many at least.
constexpr int kLongToken = 16;
// In two blocks: of digits, which codes in groups have; of dots and dashes, which Morse code has.
constexpr int kManyDigits = 8, kManyMarks = 10;

// A bit for each byte of a block.
struct Masks {
  std::uint64_t letters = 0, digits = 0, signs = 0;  // signs: @ $
  std::uint64_t bang = 0, marks = 0;                 // !; . -
  std::uint64_t joins = 0;                           // + / _ -
  std::uint64_t escapes = 0;                         // % & \ + | ~ 0x01
  std::uint64_t quotes = 0;
  std::uint64_t plus = 0;
  std::uint64_t turned = 0;  // first bytes of letters that stand on their head
  std::uint64_t high = 0;    // beyond ASCII
};

constexpr auto kClasses = [] {
  std::array<std::uint16_t, 256> table{};
  for (std::size_t i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    const auto in = [&](std::string_view set) { return set.contains(c); };
    unsigned bits = 0;
    if (letter_of(c) != 0) bits |= 1U;
    if (c >= '0' && c <= '9') bits |= 2U;
    if (in("@$")) bits |= 4U;
    if (c == '!') bits |= 8U;
    if (in(".-")) bits |= 16U;
    if (in("+/_-")) bits |= 32U;
    if (in("%&\\+|~\x01")) bits |= 64U;
    if (in("\"'")) bits |= 128U;
    if (c == '+') bits |= 512U;
    if ((i >= 0xC6 && i <= 0xCB) || i == 0xD4 || i == 0xD7 || i == 0xE1) bits |= 256U;
    table[i] = static_cast<std::uint16_t>(bits);
  }
  return table;
}();

Masks classify_slowly(std::string_view block, std::array<std::uint8_t, kBlock>& letters) {
  Masks m;
  for (std::size_t i = 0; i < block.size(); ++i) {
    letters.at(i) = letter_of(block[i]);
    const std::uint64_t c = kClasses[static_cast<unsigned char>(block[i])];
    m.letters |= (c & 1U) << i;
    m.digits |= (c >> 1U & 1U) << i;
    m.signs |= (c >> 2U & 1U) << i;
    m.bang |= (c >> 3U & 1U) << i;
    m.marks |= (c >> 4U & 1U) << i;
    m.joins |= (c >> 5U & 1U) << i;
    m.escapes |= (c >> 6U & 1U) << i;
    m.quotes |= (c >> 7U & 1U) << i;
    m.turned |= (c >> 8U & 1U) << i;
    m.plus |= (c >> 9U & 1U) << i;
    m.high |= std::uint64_t{static_cast<unsigned char>(block[i]) >= 0x80} << i;
  }
  return m;
}

Masks classify(const char* block, std::array<std::uint8_t, kBlock>& letters) {
  Masks m;
  std::uint64_t usual = 0;
  in_lanes(block, [&](const Lanes& bytes, unsigned shift) {
    const auto letter = bytes.is_letter(), digit = bytes.is_digit(), dot = bytes.is('.');
    (letter & bytes & Lanes::all(31)).put(letters.data() + shift);
    m.letters |= letter.bits() << shift;
    m.digits |= digit.bits() << shift;
    m.marks |= dot.bits() << shift;
    usual |= (letter | digit | dot | bytes.is_one_of(' ', ',')).bits() << shift;
  });
  if (usual == ~std::uint64_t{0}) return m;
  in_lanes(block, [&](const Lanes& bytes, unsigned shift) {
    const auto plus = bytes.is('+'), minus = bytes.is('-');
    m.signs |= bytes.is_one_of('@', '$').bits() << shift;
    m.bang |= bytes.is('!').bits() << shift;
    m.marks |= minus.bits() << shift;
    m.joins |= (plus | minus | bytes.is_one_of('/', '_')).bits() << shift;
    m.escapes |= (plus | bytes.is_one_of('%', '&', '\\', '|', '~', '\x01')).bits() << shift;
    m.plus |= plus.bits() << shift;
    m.high |= bytes.bits() << shift;
    m.quotes |= bytes.is_one_of('"', '\'').bits() << shift;
    if (bytes.bits() != 0)
      m.turned |= (bytes.is_among(0xC6, 0xCC - 0xC6) | bytes.is_one_of('\xD4', '\xD7', '\xE1')).bits()
                  << shift;
  });
  return m;
}

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

class Surveyor {
 public:
  explicit Surveyor(std::string_view text) : text_(text) {}

  void look(const Masks& m, std::size_t at) {
    const auto joined = [](std::uint64_t before, std::uint64_t mask, unsigned by) {
      return mask << by | before >> (64U - by);  // bit i: what was `by` bytes before byte i
    };
    const auto alnum = m.letters | m.digits;
    const auto before_alnum = last_.letters | last_.digits;
    // A letter beside a digit or a sign.
    const auto stands_in = m.digits | m.signs, stood_in = last_.digits | last_.signs;
    found_.letters |=
        ((m.letters & joined(stood_in, stands_in, 1)) | (stands_in & joined(last_.letters, m.letters, 1)) |
         ((alnum | m.signs) & joined(last_.bang, m.bang, 1))) != 0;
    // Characters that stand alone, one separator between two of them: told a byte late.
    const auto ends_alone = ~alnum & joined(before_alnum, alnum, 1) & ~joined(before_alnum, alnum, 2);
    found_.letters |= (ends_alone & joined(last_alone_, ends_alone, 2)) != 0;
    last_alone_ = ends_alone;
    // how+to, told a byte late as well.
    const auto after_letter = m.plus & joined(last_.letters | last_.high, m.letters | m.high, 1);
    found_.letters |= ((alnum | m.high) & joined(last_plus_, after_letter, 1)) != 0;
    last_plus_ = after_letter;

    const auto token = alnum | m.joins;
    const auto long_run = [](std::uint64_t x) {
      x &= x >> 1U;
      x &= x >> 2U;
      x &= x >> 4U;
      return x & x >> 8U;
    };
    found_.codes |= long_run(token) != 0 || run_ + std::countr_one(token) >= kLongToken;
    run_ = token == ~std::uint64_t{0} ? run_ + 64 : std::countl_one(token);
    const auto digits = std::popcount(m.digits), marks = std::popcount(m.marks);
    found_.codes |= digits + digits_ >= kManyDigits || marks + marks_ >= kManyMarks;
    digits_ = digits;
    marks_ = marks;

    for (auto bits = m.escapes; bits != 0 && !found_.escapes; bits &= bits - 1)
      look_at_escape(at + static_cast<std::size_t>(std::countr_zero(bits)));
    if (m.quotes != 0) {
      quotes_ = true;
      for (auto bits = m.quotes; bits != 0 && !found_.escapes; bits &= bits - 1)
        look_at_quote(at + static_cast<std::size_t>(std::countr_zero(bits)));
    }
    last_ = m;
  }

  // What is beyond the end is no letter.
  Survey finish() {
    found_.letters |= ends_alone_at_end();
    found_.escapes |= quotes_ && joins_;
    found_.words |= turned_ || (raised_ & Language::kRareBit) != 0 ||
                    (language_.raised(triple_ << 5U & 0x7FFFU) & Language::kRareBit) != 0;
    return found_;
  }
  void saw_turned() { turned_ = true; }

  // The numbers of the letters of the next block, after two of the block before.
  void look_at_letters(const std::array<std::uint8_t, kBlock>& letters, std::size_t size) {
    std::array<std::uint16_t, kBlock> triples;  // NOLINT(*-member-init)
    triples[0] = static_cast<std::uint16_t>((triple_ << 5U | letters[0]) & 0x7FFFU);
    triples[1] =
        static_cast<std::uint16_t>((triple_ << 10U | unsigned{letters[0]} << 5U | letters[1]) & 0x7FFFU);
    for (std::size_t i = 2; i < kBlock; ++i)
      triples[i] = static_cast<std::uint16_t>(letters[i - 2] << 10U | letters[i - 1] << 5U | letters[i]);
    for (std::size_t i = 0; i < size; ++i) raised_ |= language_.raised(triples[i]);
    triple_ = triples.at(size - 1);
  }

 private:
  void look_at_escape(std::size_t i) {
    const char c = text_[i];
    const char next = i + 1 < text_.size() ? text_[i + 1] : '\0';
    const auto is_alnum = [](char x) { return letter_of(x) != 0 || (x >= '0' && x <= '9'); };
    switch (c) {
      case '|':
      case '~':
        joins_ = true;
        break;
      case '%':
        found_.escapes = is_hex(next);
        break;
      case '&':
        joins_ = true;
        found_.escapes = next == '#' || is_alnum(next);
        break;
      case '\\':
        found_.escapes = std::string_view("xuU01").contains(next);
        break;
      case '+':
        joins_ = true;
        found_.escapes = i > 0 && text_[i - 1] == 'U';
        break;
      default:
        found_.escapes = true;
    }
  }

  void look_at_quote(std::size_t i) {
    const char next = i + 1 < text_.size() ? text_[i + 1] : '\0';
    const char second = i + 2 < text_.size() ? text_[i + 2] : '\0';
    found_.escapes = next == '.' || (next == ' ' && second == '.');
  }

  // A character that stands alone at the end of the text, and one before it.
  bool ends_alone_at_end() const {
    const auto size = text_.size();
    const auto alone = [&](std::size_t i) {
      const auto is = [&](std::size_t k) {
        return letter_of(text_[k]) != 0 || (text_[k] >= '0' && text_[k] <= '9');
      };
      return is(i) && (i == 0 || !is(i - 1)) && (i + 1 == size || !is(i + 1));
    };
    return size >= 3 && alone(size - 1) && alone(size - 3);
  }

  std::string_view text_;
  const Language& language_ = Language::english();
  unsigned triple_ = 0, raised_ = 0;
  Survey found_;
  Masks last_;
  std::uint64_t last_alone_ = 0, last_plus_ = 0;
  int run_ = 0, digits_ = 0, marks_ = 0;
  bool quotes_ = false, joins_ = false, turned_ = false;
};

template <class Classify>
Survey look_through(std::string_view text, Classify classify_block) {
  Surveyor surveyor(text);
  std::array<std::uint8_t, kBlock> letters{};
  for (std::size_t at = 0; at < text.size(); at += kBlock) {
    const auto block = text.substr(at, kBlock);
    const auto masks = classify_block(block, letters);
    if (masks.turned != 0) surveyor.saw_turned();
    surveyor.look(masks, at);
    surveyor.look_at_letters(letters, block.size());
  }
  return surveyor.finish();
}

}  // namespace

Survey survey_slowly(std::string_view text) {
  return look_through(text, classify_slowly);
}

Survey survey(std::string_view text) {
  return look_through(text, [](std::string_view block, std::array<std::uint8_t, kBlock>& letters) {
    if (block.size() == kBlock) return classify(block.data(), letters);
    std::array<char, kBlock> padded{};
    std::memcpy(padded.data(), block.data(), block.size());
    return classify(padded.data(), letters);
  });
}

}  // namespace plimsoll::text
