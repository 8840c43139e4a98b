#include <algorithm>
#include <array>
#include <bit>

#include "base/lanes.h"
#include "language.h"
#include "runs.h"

namespace plimsoll::text {
namespace {

constexpr std::size_t kFewestBase64 = 12, kFewestBase32 = 10, kFewestHex = 8, kFewestBinary = 4,
                      kFewestDecimal = 6,
                      kFewestMorse = 5;    // bytes of text: fewer are chance
constexpr std::size_t kFewestMarks = 10;   // dots and dashes
constexpr std::size_t kCertain = 24;       // so many bytes in a row are no chance, whatever they say
constexpr std::size_t kShortestLine = 16;  // of base64, before it is taken up on the next line

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_alnum(char c) {
  return is_digit(c) || letter_of(c) != 0;
}
constexpr auto kAlnum = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0; c < 128; ++c) table[c] = is_alnum(static_cast<char>(c));
  return table;
}();
int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr auto kBase64 = [] {
  std::array<int, 256> table{};
  table.fill(-1);
  for (int i = 0; i < 26; ++i) {
    table['A' + i] = i;
    table['a' + i] = 26 + i;
  }
  for (int i = 0; i < 10; ++i) table['0' + i] = 52 + i;
  table['+'] = table['-'] = 62;
  table['/'] = table['_'] = 63;
  return table;
}();

constexpr auto kSeparates = [] {
  std::array<bool, 256> table{};
  for (const char c : std::string_view(" ,:;-\n\r\t")) table[static_cast<unsigned char>(c)] = true;
  return table;
}();

// What bytes may follow each other in a text.
class TextBytes {
 public:
  // `within`: the text goes on from before, perhaps in the middle of a character.
  explicit TextBytes(bool within) : orphans_(within ? 3 : 0) {}

  enum class Answer { kNo, kSkip, kPart, kWhole };  // whole: a character ends here
  Answer push(unsigned char byte) {
    const auto count = count_++;
    if (byte == 0 && (wide_ ? count % 2 == 1 : count == 1 && expected_ == 0)) {
      wide_ = true;
      return Answer::kSkip;
    }
    if (wide_ && count % 2 == 1) return Answer::kNo;
    if (expected_ > 0) {
      if ((byte & 0xC0U) != 0x80U) return Answer::kNo;
      return --expected_ == 0 ? Answer::kWhole : Answer::kPart;
    }
    if ((byte >= 0x20 && byte < 0x7F) || byte == '\n' || byte == '\r' || byte == '\t') {
      orphans_ = 0;
      return Answer::kWhole;
    }
    if (byte >= 0xC2 && byte < 0xF5) {
      orphans_ = 0;
      expected_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
      return Answer::kPart;
    }
    if (orphans_ > 0 && (byte & 0xC0U) == 0x80U) {
      --orphans_;
      return Answer::kSkip;
    }
    return Answer::kNo;
  }

 private:
  unsigned orphans_;
  unsigned expected_ = 0;
  std::size_t count_ = 0;
  bool wide_ = false;  // UTF-16, of which only the first block is text
};

enum class Outcome { kNone, kMore, kWhole, kPart };  // part: a longer run, cut

// Reads one run, code by code.
class Reader {
 public:
  Reader(std::string_view text, std::size_t begin, bool last, bool within, Encoding encoding,
         const Places& places, Run& run)
      : text_(text), at_(begin), last_(last), bytes_(within), places_(places), run_(run) {
    run.reset(encoding, begin);
  }

  Outcome read() {
    for (;;) {
      if (at_ > run_.begin && bits_ == 0) {
        const auto span = places_.span(run_.begin, at_);
        if (span >= kRunStep && half_ == 0) half_ = at_;
        if (span >= kMaxRun) return finish(Outcome::kPart);
      }
      const auto step = next();
      if (step == Step::kMore && !last_) return Outcome::kMore;
      if (step != Step::kOn) return finish(Outcome::kWhole);
    }
  }
  // Where the next part begins.
  std::size_t half() const { return half_; }
  // How far the run could be read.
  std::size_t reached() const { return run_.end; }

 private:
  enum class Step { kOn, kMore, kEnd };

  Step next() {
    if (at_ >= text_.size()) return Step::kMore;
    switch (run_.encoding) {
      case Encoding::kBase64:
        return base64();
      case Encoding::kBase32:
        return base32();
      case Encoding::kHex:
        return hex();
      case Encoding::kBinary:
        return binary();
      case Encoding::kDecimal:
        return decimal();
      default:
        return morse();
    }
  }

  Outcome finish(Outcome outcome) {
    // A character that is not whole is none of it.
    run_.text.resize(whole_);
    run_.pieces.resize(whole_);
    return outcome;
  }

  bool byte(unsigned char value, std::size_t from, std::size_t to) {
    switch (bytes_.push(value)) {
      case TextBytes::Answer::kNo:
        return false;
      case TextBytes::Answer::kSkip:
        break;
      case TextBytes::Answer::kPart:
        run_.add(static_cast<char>(value), from, to);
        return true;
      case TextBytes::Answer::kWhole: {
        run_.add(static_cast<char>(value), from, to);
        // The bytes of a character come from all of it.
        auto& pieces = run_.pieces;
        for (auto i = whole_; i < pieces.size(); ++i)
          pieces[i] = {.begin = pieces[whole_].begin, .end = pieces.back().end};
        whole_ = run_.text.size();
        break;
      }
    }
    run_.end = to;
    return true;
  }

  Step bits(unsigned value, unsigned width) {
    if (bits_ == 0) first_ = at_;
    buffer_ = buffer_ << width | value;
    bits_ += width;
    ++at_;
    if (bits_ < 8) return Step::kOn;
    bits_ -= 8;
    const auto from = first_;
    first_ = at_ - 1;
    return byte(static_cast<unsigned char>(buffer_ >> bits_), from, at_) ? Step::kOn : Step::kEnd;
  }

  Step padding() {
    while (at_ < text_.size() && text_[at_] == '=') ++at_;
    if (at_ == text_.size() && !last_) return Step::kMore;
    if (run_.end > run_.begin) run_.end = at_;
    return Step::kEnd;
  }

  Step base64() {
    if (bits_ == 0 && text_.size() - at_ >= 4) {
      const auto digit = [&](std::size_t i) { return kBase64[static_cast<unsigned char>(text_[at_ + i])]; };
      const int a = digit(0), b = digit(1), c = digit(2), d = digit(3);
      if ((a | b | c | d) >= 0) {
        const auto three = static_cast<unsigned>(a << 18 | b << 12 | c << 6 | d);
        const auto from = at_;
        at_ += 4;
        line_ += 4;
        for (unsigned i = 0; i < 3; ++i)
          if (!byte(static_cast<unsigned char>(three >> (16 - 8 * i)), from + i, from + i + 2))
            return Step::kEnd;
        return Step::kOn;
      }
    }
    const char c = text_[at_];
    if (const int value = kBase64[static_cast<unsigned char>(c)]; value >= 0) {
      ++line_;
      return bits(static_cast<unsigned>(value), 6);
    }
    if (c == '=') return padding();
    if (line_ < kShortestLine || (c != '\n' && c != '\r' && c != ' ')) return Step::kEnd;
    auto at = at_;
    bool broken = false;
    while (at < text_.size() && at - at_ < 12 && (text_[at] == ' ' || text_[at] == '\n' || text_[at] == '\r'))
      broken = text_[at++] == '\n' || broken;
    if (at == text_.size() && !last_) return Step::kMore;
    if (!broken || at == text_.size() || kBase64[static_cast<unsigned char>(text_[at])] < 0)
      return Step::kEnd;
    at_ = at;
    line_ = 0;
    return Step::kOn;
  }

  Step base32() {
    const char c = text_[at_];
    if (c >= 'A' && c <= 'Z') return bits(static_cast<unsigned>(c - 'A'), 5);
    if (c >= '2' && c <= '7') return bits(static_cast<unsigned>(c - '2' + 26), 5);
    return c == '=' ? padding() : Step::kEnd;
  }

  // Separators before the next code, if there are any; kOn: they end at `at`.
  Step separators(std::size_t& at, std::size_t most) {
    at = at_;
    while (at < text_.size() && at - at_ < most && kSeparates[static_cast<unsigned char>(text_[at])]) ++at;
    return at == text_.size() ? Step::kMore : Step::kOn;
  }

  Step hex() {
    std::size_t at = at_;
    if (separators(at, 3) == Step::kMore) return Step::kMore;
    if (text_[at] == '0') {
      if (at + 1 == text_.size()) return Step::kMore;
      if ((text_[at + 1] | 0x20) == 'x') at += 2;
      if (at == text_.size()) return Step::kMore;
    }
    const int high = hex_value(text_[at]);
    if (high < 0) return Step::kEnd;
    if (at + 1 == text_.size()) return Step::kMore;
    const int low = hex_value(text_[at + 1]);
    if (low < 0) return Step::kEnd;
    if (at + 2 == text_.size() && !last_) return Step::kMore;
    if (at + 2 < text_.size() && is_alnum(text_[at + 2]) && hex_value(text_[at + 2]) < 0) return Step::kEnd;
    if (!byte(static_cast<unsigned char>(high * 16 + low), at, at + 2)) return Step::kEnd;
    at_ = at + 2;
    return Step::kOn;
  }

  Step binary() {
    std::size_t at = at_;
    if (separators(at, 2) == Step::kMore) return Step::kMore;
    unsigned value = 0;
    for (std::size_t i = 0; i < 8; ++i) {
      if (at + i == text_.size()) return Step::kMore;
      const char c = text_[at + i];
      if (c != '0' && c != '1') return Step::kEnd;
      value = value * 2 + static_cast<unsigned>(c - '0');
    }
    if (!byte(static_cast<unsigned char>(value), at, at + 8)) return Step::kEnd;
    at_ = at + 8;
    return Step::kOn;
  }

  Step decimal() {
    std::size_t at = at_;
    if (separators(at, 3) == Step::kMore) return Step::kMore;
    if (at == at_ && at != run_.begin && !run_.text.empty()) return Step::kEnd;
    unsigned value = 0;
    auto end = at;
    for (; end < text_.size() && end - at < 4 && is_digit(text_[end]); ++end)
      value = value * 10 + static_cast<unsigned>(text_[end] - '0');
    if (end == at || end - at > 3 || value > 255) return Step::kEnd;
    if (end == text_.size()) {
      if (!last_) return Step::kMore;
    } else if (is_alnum(text_[end])) {
      return Step::kEnd;
    }
    if (!byte(static_cast<unsigned char>(value), at, end)) return Step::kEnd;
    at_ = end;
    return Step::kOn;
  }

  Step morse() {
    static constexpr std::string_view kLetters[] = {
        ".-", "-...", "-.-.", "-..",  ".",   "..-.", "--.", "....", "..",   ".---", "-.-",  ".-..", "--",
        "-.", "---",  ".--.", "--.-", ".-.", "...",  "-",   "..-",  "...-", ".--",  "-..-", "-.--", "--.."};
    static constexpr std::string_view kDigits[] = {"-----", ".----", "..---", "...--", "....-",
                                                   ".....", "-....", "--...", "---..", "----."};
    struct Sign {
      std::string_view code;
      char c;
    };
    static constexpr Sign kSigns[] = {{".-.-.-", '.'}, {"--..--", ','}, {"..--..", '?'}, {"-....-", '-'},
                                      {".--.-.", '@'}, {"---...", ':'}, {"-..-.", '/'},  {"..--.-", '_'},
                                      {"-.-.--", '!'}, {".----.", '\''}};
    std::size_t at = at_;
    bool gap = false;
    while (at < text_.size() && at - at_ < 4 && std::string_view(" /|\n").contains(text_[at])) {
      gap = gap || text_[at] != ' ' || (at > at_ && text_[at - 1] == ' ');
      ++at;
    }
    if (at == text_.size()) return Step::kMore;
    if (at == at_ && at != run_.begin) return Step::kEnd;
    auto end = at;
    while (end < text_.size() && end - at < 8 && (text_[end] == '.' || text_[end] == '-')) ++end;
    if (end == text_.size() && !last_) return Step::kMore;
    const auto code = text_.substr(at, end - at);
    char letter = 0;
    if (const auto* l = std::ranges::find(kLetters, code); l != std::end(kLetters))
      letter = static_cast<char>('a' + (l - kLetters));
    else if (const auto* d = std::ranges::find(kDigits, code); d != std::end(kDigits))
      letter = static_cast<char>('0' + (d - kDigits));
    else if (const auto* s = std::ranges::find(kSigns, code, &Sign::code); s != std::end(kSigns))
      letter = s->c;
    if (letter == 0) return Step::kEnd;
    if (gap && !run_.text.empty()) byte(' ', at_, at);
    byte(static_cast<unsigned char>(letter), at, end);
    at_ = end;
    return Step::kOn;
  }

  std::string_view text_;
  std::size_t at_;
  bool last_;
  TextBytes bytes_;
  const Places& places_;
  Run& run_;
  std::size_t whole_ = 0;  // bytes of the run's text that are whole characters
  std::size_t half_ = 0;
  std::size_t line_ = 0;
  std::uint32_t buffer_ = 0;
  unsigned bits_ = 0;
  std::size_t first_ = 0;
};

// survey.cc must know every kind of run that passes.
bool worth_keeping(const Run& run, std::string_view source) {
  const auto size = run.text.size();
  switch (run.encoding) {
    case Encoding::kBase64:
      return size >= kCertain || (size >= kFewestBase64 && Language::is_plain(run.text));
    case Encoding::kBase32:
      return size >= kCertain || (size >= kFewestBase32 && Language::is_plain(run.text));
    case Encoding::kHex:
      return (size >= kCertain || (size >= kFewestHex && Language::is_plain(run.text))) &&
             (source.size() == 2 * size || std::ranges::all_of(run.text, [](char c) { return c >= 0; }) ||
              (size >= kCertain && Language::is_plain(run.text) &&
               static_cast<std::size_t>(std::ranges::count_if(source, is_digit)) * 2 >= size));
    case Encoding::kBinary:
      return size >= kFewestBinary && Language::is_plain(run.text);
    case Encoding::kDecimal:
      return size >= kFewestDecimal && Language::is_plain(run.text);
    default:
      return size >= kFewestMorse &&
             static_cast<std::size_t>(std::ranges::count_if(
                 source, [](char c) { return c == '.' || c == '-'; })) >= kFewestMarks &&
             Language::english().is_message(run.text);
  }
}

constexpr std::size_t kFewestDigits = 16;  // of base64 and of base32; no line is shorter
static_assert(kFewestBase64 * 8 >= kFewestDigits * 6 && kFewestBase32 * 8 >= kFewestDigits * 5);

// Whether one of the first bytes that are written there in hexadecimal, one right behind the other, is none of a text.
bool is_no_text(std::string_view hex) {
  constexpr std::size_t kLook = 4;
  static_assert(kLook <= kFewestHex);
  TextBytes bytes(false);
  for (std::size_t i = 0; i < kLook && hex.size() >= 2 * i + 2; ++i) {
    const int high = hex_value(hex[2 * i]), low = hex_value(hex[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    if (bytes.push(static_cast<unsigned char>(high * 16 + low)) == TextBytes::Answer::kNo) return true;
  }
  return false;
}

// Whether what begins at `at` is surely too short, or none: most places are told so by a few bytes. False where `text` ends
// before that is known. `long_run`: so many bytes that may be digits of base64 stand there, or the text ends in them.
bool is_refused(Encoding encoding, std::string_view text, std::size_t at, bool long_run) {
  // What follows a code of `size` bytes is the next, perhaps after separators.
  const auto stands_alone = [&](std::size_t size, auto is) {
    auto next = at + size;
    while (next < text.size() && next - at < size + 3 && kSeparates[static_cast<unsigned char>(text[next])])
      ++next;
    return next < text.size() && !is(text[next]);
  };
  switch (encoding) {
    case Encoding::kBase64:
    case Encoding::kBase32:
      return !long_run;
    case Encoding::kHex: {
      const auto is_hex = [](char c) { return hex_value(c) >= 0; };
      if (text.size() - at < 3) return false;
      const bool prefixed = text[at] == '0' && (text[at + 1] | 0x20) == 'x';
      return !prefixed && (!is_hex(text[at + 1]) || stands_alone(2, is_hex) || is_no_text(text.substr(at)));
    }
    case Encoding::kBinary: {
      const auto byte = text.substr(at, 8);
      return !std::ranges::all_of(byte, [](char c) { return c == '0' || c == '1'; });
    }
    case Encoding::kDecimal: {
      std::size_t size = 0;
      unsigned value = 0;
      for (; at + size < text.size() && size < 4 && is_digit(text[at + size]); ++size)
        value = value * 10 + static_cast<unsigned>(text[at + size] - '0');
      if (at + size == text.size()) return false;
      return size == 4 || value > 255 || stands_alone(size, is_digit) ||
             TextBytes(false).push(static_cast<unsigned char>(value)) == TextBytes::Answer::kNo;
    }
    default:
      return false;
  }
}

// The encodings a run that begins with this byte may be in.
struct Candidates {
  std::array<Encoding, 5> all{};
  std::size_t size = 0;
  constexpr void add(Encoding e) { all[size++] = e; }
};
constexpr auto kCandidates = [] {
  std::array<Candidates, 256> table{};
  for (std::size_t i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    auto& candidates = table[i];
    if (c == '.' || c == '-') candidates.add(Encoding::kMorse);
    if (c == '0' || c == '1') candidates.add(Encoding::kBinary);
    if (c >= '0' && c <= '9') candidates.add(Encoding::kDecimal);
    const bool upper = c >= 'A' && c <= 'Z', lower = c >= 'a' && c <= 'z', digit = c >= '0' && c <= '9';
    // The first byte of a text is at least a blank, so its first bits are given.
    if (digit || (upper && c <= 'F') || (lower && c <= 'f')) candidates.add(Encoding::kHex);
    if ((upper && c >= 'B') || (c >= '2' && c <= '7')) candidates.add(Encoding::kBase32);
    const int value = kBase64[i];
    if ((upper || lower || digit) && ((value >= 2 && value < 32) || value >= 48))
      candidates.add(Encoding::kBase64);
  }
  return table;
}();

// A bit for each byte.
struct Block {
  std::uint64_t alnum = 0;   // letters and digits
  std::uint64_t digits = 0;  // 0 to 9
  std::uint64_t hex = 0;     // and a to f
  std::uint64_t base64 = 0;  // letters, digits, and what else is a digit of base64
  std::uint64_t marks = 0;   // . -
  std::uint64_t blank = 0;   // a blank, the end of a line

  explicit Block(const char* text) {
    in_lanes(text, [&](const Lanes& bytes, unsigned shift) {
      const auto digit = bytes.is_digit(), minus = bytes.is('-');
      const auto letters = bytes.is_letter() | digit;
      alnum |= letters.bits() << shift;
      digits |= digit.bits() << shift;
      hex |= (digit | bytes.lower().is_among('a', 6)).bits() << shift;
      base64 |= (letters | minus | bytes.is_one_of('+', '/', '_')).bits() << shift;
      marks |= (minus | bytes.is('.')).bits() << shift;
      blank |= bytes.is_one_of(' ', '\n').bits() << shift;
    });
  }
};

// Of `mask` and what follows it: where so many bits in a row begin.
std::uint64_t runs_of_16(std::uint64_t mask, std::uint64_t next) {
  for (unsigned by = 1; by <= 8; by *= 2) {
    mask &= mask >> by | next << (64U - by);
    next &= next >> by;
  }
  return mask;
}

// The first place from `at` on where a run may begin, or another that is told in other ways. Whole blocks are passed over;
// `text[at - 1]` is looked at.
std::size_t skip_none(std::string_view text, std::size_t at) {
  if (text.size() - at < 2 * kBlock) return at;
  Block block(text.data() + at);
  const char before = at > 0 ? text[at - 1] : ' ';
  std::uint64_t was_alnum = kAlnum[static_cast<unsigned char>(before)] ? 1 : 0;
  std::uint64_t was_blank = before == ' ' || before == '\n' ? 1 : 0;
  for (;; at += kBlock) {
    if (text.size() - at < 2 * kBlock) return at;
    const Block next(text.data() + at + kBlock);
    static_assert(kFewestDigits == 16);
    const auto is_long = runs_of_16(block.base64, next.base64);
    const auto two_of_hex = block.hex & (block.hex >> 1U | next.hex << 63U);
    const auto begins =
        (block.alnum & ~(block.alnum << 1U | was_alnum) & (block.digits | two_of_hex | is_long)) |
        (block.marks & (block.blank << 1U | was_blank));
    for (auto bits = begins; bits != 0; bits &= bits - 1) {
      const auto bit = static_cast<unsigned>(std::countr_zero(bits));
      const auto place = at + bit;
      const auto& candidates = kCandidates[static_cast<unsigned char>(text[place])];
      for (std::size_t k = 0; k < candidates.size; ++k)
        if (!is_refused(candidates.all.at(k), text, place, (is_long >> bit & 1U) != 0)) return place;
    }
    was_alnum = block.alnum >> 63U;
    was_blank = block.blank >> 63U;
    block = next;
  }
}

}  // namespace

std::size_t CodeRuns::find(std::string_view text, std::size_t from, bool last, const Places& places, Run& run,
                           RunSink& sink) {
  // Bytes that may be digits of base64 are counted once, as far as that matters.
  std::size_t digits_end = from;
  const auto long_run = [&](std::size_t at) {
    digits_end = std::max(digits_end, at);
    while (digits_end < text.size() && digits_end - at < kFewestDigits &&
           kBase64[static_cast<unsigned char>(text[digits_end])] >= 0)
      ++digits_end;
    return digits_end - at >= kFewestDigits || digits_end == text.size();
  };
  std::size_t i = from;
  while (i < text.size()) {
    if (within_ == Encoding::kNone) i = skip_none(text, i);
    const char c = text[i];
    if (within_ == Encoding::kNone) {
      const char before = i > 0 ? text[i - 1] : ' ';
      const bool starts = kCandidates[static_cast<unsigned char>(c)].size > 0 &&
                          (c == '.' || c == '-' ? before == ' ' || before == '\n'
                                                : !kAlnum[static_cast<unsigned char>(before)]);
      if (!starts) {
        ++i;
        continue;
      }
    }
    Candidates one;
    if (within_ != Encoding::kNone) one.add(within_);
    const auto& candidates = within_ != Encoding::kNone ? one : kCandidates[static_cast<unsigned char>(c)];
    std::size_t reached = i + 1;
    Encoding going_on = Encoding::kNone;
    const bool is_long = long_run(i);
    for (std::size_t k = 0; k < candidates.size; ++k) {
      const auto encoding = candidates.all.at(k);
      if (within_ == Encoding::kNone && is_refused(encoding, text, i, is_long)) continue;
      Reader reader(text, i, last, within_ == encoding, encoding, places, run);
      const auto outcome = reader.read();
      if (outcome == Outcome::kMore) return i;
      const bool kept = worth_keeping(run, text.substr(i, run.end - i));
      if (kept) sink.run(run);
      if (outcome == Outcome::kPart) {
        going_on = encoding;
        reached = reader.half();
      } else {
        reached = std::max(reached, reader.reached());
      }
      if (kept || outcome == Outcome::kPart) break;
    }
    within_ = going_on;
    i = reached;
  }
  return i;
}

}  // namespace plimsoll::text
