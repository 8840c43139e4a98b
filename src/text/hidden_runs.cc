#include <algorithm>
#include <array>

#include "language.h"
#include "runs.h"
#include "utf8.h"

namespace plimsoll::text {
namespace {

constexpr std::size_t kFewestSelectors = 4, kFewestTags = 4, kFewestZeroWidth = 24;

// A character that is not seen, as the code it may be.
struct Hidden {
  Encoding encoding = Encoding::kNone;
  unsigned value = 0;
};

Hidden hidden(char32_t c) {
  if (c >= 0xFE00 && c <= 0xFE0F) return {Encoding::kVariationSelectors, c - 0xFE00};
  if (c >= 0xE0100 && c <= 0xE01EF) return {Encoding::kVariationSelectors, c - 0xE0100 + 16};
  if (c >= 0xE0020 && c <= 0xE007E) return {Encoding::kTags, c - 0xE0000};
  static constexpr char32_t kZeroWidth[] = {0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x200E,
                                            0x200F, 0x180E, 0x2061, 0x2062, 0x2063, 0x2064};
  const auto* found = std::ranges::find(kZeroWidth, c);
  if (found == std::end(kZeroWidth)) return {};
  return {Encoding::kZeroWidth, static_cast<unsigned>(found - kZeroWidth)};
}

bool may_begin(char c) {
  const auto lead = static_cast<unsigned char>(c);
  return lead == 0xE1 || lead == 0xE2 || lead == 0xEF || lead == 0xF3;
}

bool shows(unsigned value) {
  return (value >= 0x20 && value != 0x7F && value < 0x100) || value == '\n' || value == '\t' || value == '\r';
}

struct Symbol {
  std::size_t begin, end;
  unsigned value;
};

// Bits, eight to a byte or set apart by a third symbol.
// `cut`: more of them follow, and the last may not be whole.
bool read_bits(const std::vector<Symbol>& symbols, unsigned zero, unsigned one, bool apart, bool cut,
               Run& run) {
  run.text.clear();
  run.pieces.clear();
  unsigned value = 0, bits = 0;
  std::size_t begin = 0;
  const auto take = [&](std::size_t end) {
    if (bits == 0) return true;
    if (!shows(value)) return false;
    run.add(static_cast<char>(value), begin, end);
    value = bits = 0;
    return true;
  };
  for (const auto& symbol : symbols) {
    if (symbol.value != zero && symbol.value != one) {
      if (apart && !take(symbol.begin)) return false;
      continue;
    }
    if (bits == 0) begin = symbol.begin;
    value = value * 2 + (symbol.value == one ? 1U : 0U);
    ++bits;
    if (bits > 8 || (!apart && bits == 8 && !take(symbol.end))) return false;
  }
  if (apart && !cut && !take(symbols.back().end)) return false;
  return run.text.size() >= 3 && Language::is_plain(run.text);
}

bool read_zero_width(const std::vector<Symbol>& symbols, bool cut, Run& run) {
  std::array<std::size_t, 12> counts{};
  for (const auto& symbol : symbols) ++counts.at(symbol.value);
  unsigned first = 0, second = 1;
  if (counts[1] > counts[0]) std::swap(first, second);
  for (unsigned i = 2; i < counts.size(); ++i) {
    if (counts.at(i) > counts.at(first)) {
      second = first;
      first = i;
    } else if (counts.at(i) > counts.at(second)) {
      second = i;
    }
  }
  for (const bool apart : {false, true})
    for (const auto& [zero, one] : {std::pair(first, second), std::pair(second, first)})
      if (read_bits(symbols, zero, one, apart, cut, run)) return true;
  return false;
}

}  // namespace

std::size_t HiddenRuns::find(std::string_view text, std::size_t from, bool last, Run& run, RunSink& sink) {
  std::vector<Symbol> symbols;
  std::size_t i = from;
  while (i < text.size()) {
    if (!may_begin(text[i])) {
      ++i;
      continue;
    }
    const auto first = decode(text.substr(i));
    if (first.cut && !last) return i;
    const auto kind = first.size == 0 ? Encoding::kNone : hidden(first.c).encoding;
    if (kind == Encoding::kNone) {
      i += std::max<std::size_t>(1, first.size);
      continue;
    }
    symbols.clear();
    auto at = i;
    std::size_t half = 0;
    const auto most = kind == Encoding::kZeroWidth ? kMaxZeroWidth : kMaxRun;
    const auto step = kind == Encoding::kZeroWidth ? kZeroWidthStep : kRunStep;
    while (at - i < most) {
      if (at == text.size()) {
        if (!last) return i;
        break;
      }
      const auto decoded = decode(text.substr(at));
      if (decoded.cut && !last) return i;
      const auto code = decoded.size == 0 ? Hidden{} : hidden(decoded.c);
      if (code.encoding != kind) break;
      if (half == 0 && at - i >= step && symbols.size() % 8 == 0) half = at;
      symbols.push_back({at, at + decoded.size, code.value});
      at += decoded.size;
    }
    run.reset(kind, i);
    run.end = at;
    bool kept = false;
    if (kind == Encoding::kZeroWidth) {
      const bool cut = at - i >= most;
      kept = symbols.size() >= kFewestZeroWidth && read_zero_width(symbols, cut, run);
      // The next part begins with a whole byte, too.
      if (kept && cut) {
        const auto next =
            std::ranges::find_if(run.pieces, [&](const Run::Piece& p) { return p.begin >= step; });
        if (next != run.pieces.end()) half = i + next->begin;
      }
    } else {
      for (const auto& symbol : symbols) {
        if (!shows(symbol.value)) break;
        run.add(static_cast<char>(symbol.value), symbol.begin, symbol.end);
      }
      const auto fewest = kind == Encoding::kTags ? kFewestTags : kFewestSelectors;
      kept = run.text.size() >= fewest && Language::is_plain(run.text);
      // The flags of England, Scotland and Wales are written so.
      if (kind == Encoding::kTags && i >= 4 && text.substr(i - 4, 4) == "\xF0\x9F\x8F\xB4" &&
          run.text.size() <= 6)
        kept = false;
    }
    if (kept) sink.run(run);
    i = at - i >= most && half != 0 ? half : at;
  }
  return i;
}

}  // namespace plimsoll::text
