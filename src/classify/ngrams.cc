#include "ngrams.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/lanes.h"
#include "glosses.h"

namespace plimsoll::classify {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::uint64_t kWord = 0x9E3779B97F4A7C15U;
constexpr std::uint32_t kAlone = 0x165667B1U;
constexpr std::uint32_t kPair = 0xD3A2646CU;
constexpr std::uint32_t kSkip = 0xFD7046C5U;

constexpr auto kFold = [] {
  std::array<std::uint8_t, 256> table{};
  for (unsigned c = 0; c < 256; ++c) {
    const bool upper = c >= 'A' && c <= 'Z', digit = c >= '0' && c <= '9';
    table[c] = static_cast<std::uint8_t>(upper ? c + 32 : digit ? '0' : (c <= ' ' || c == 127) ? ' ' : c);
  }
  return table;
}();

std::uint64_t load(const std::uint8_t* p, std::size_t size) {
  std::uint64_t x = 0;
  std::memcpy(&x, p, sizeof x);
  return size >= 8 ? x : x & ((std::uint64_t{1} << (8 * size)) - 1);
}

std::uint32_t alone(std::uint32_t word) {
  return finish_key(word ^ kAlone);
}
std::uint32_t pair(std::uint32_t first, std::uint32_t second) {
  return finish_key((std::rotl(first, 7) + second) * kPair);
}
std::uint32_t skip(std::uint32_t first, std::uint32_t second) {
  return finish_key((std::rotl(first, 11) + second) * kSkip);
}

// Letters beyond ASCII that have a lower case of the same length: Latin-1, Greek and Cyrillic capitals.
void lower_beyond_ascii(std::uint8_t* p, std::size_t size) {
  for (std::size_t i = 0; i + 1 < size; ++i) {
    const std::uint8_t a = p[i];
    if (a < 0xC3 || a > 0xD0) continue;
    std::uint8_t& b = p[i + 1];
    if (a == 0xC3 && b >= 0x80 && b <= 0x9E && b != 0x97) {
      b |= 0x20U;  // À..Þ
    } else if (a == 0xCE && b >= 0x91 && b <= 0x9F) {
      b += 0x20U;  // Α..Ο
    } else if (a == 0xCE && b >= 0xA0 && b <= 0xA9) {
      p[i] = 0xCF, b -= 0x20U;  // Π..Ω
    } else if (a == 0xD0 && b >= 0x90 && b <= 0x9F) {
      b += 0x20U;  // А..П
    } else if (a == 0xD0 && b >= 0xA0 && b <= 0xAF) {
      p[i] = 0xD1, b -= 0x20U;  // Р..Я
    }
  }
}

// Of 64 bytes that are folded: bit i, whether the i-th is part of a word.
std::uint64_t words_among_64(const std::uint8_t* p) {
  std::uint64_t mask = 0;
  in_lanes(reinterpret_cast<const char*>(p), [&](const Lanes& bytes, unsigned shift) {
    mask |= (bytes.is_among('a', 26) | bytes.is_one_of('0', '\'') | bytes).bits() << shift;
  });
  return mask;
}

// Chinese and Japanese have no blanks between words, and Korean none before what follows on a noun: each of their characters
// is a word. All take three bytes, the first from 0xE3 to 0xED.
bool is_ideograph(const std::uint8_t* p, const std::uint8_t* end) {
  return end - p >= 3 && p[0] >= 0xE3 && p[0] <= 0xED && (p[1] & 0xC0U) == 0x80 && (p[2] & 0xC0U) == 0x80;
}
void part_ideographs(WindowKeys& out) {
  const auto* const bytes = out.folded.data();
  const auto has_any = [&](std::uint32_t begin, std::uint32_t end) {
    return std::any_of(bytes + begin, bytes + end, [](std::uint8_t b) { return b >= 0xE3 && b <= 0xED; });
  };
  auto& parted = out.parted;
  parted.clear();
  for (std::size_t i = 0; i + 1 < out.edges.size(); i += 2) {
    auto begin = out.edges[i];
    const auto end = out.edges[i + 1];
    if (has_any(begin, end))
      for (auto at = begin; at < end;) {
        if (!is_ideograph(bytes + at, bytes + end)) {
          ++at;
          continue;
        }
        if (at > begin) parted.insert(parted.end(), {begin, at});
        parted.insert(parted.end(), {at, at + 3});
        begin = at += 3;
      }
    if (begin < end) parted.insert(parted.end(), {begin, end});
  }
  out.edges.swap(parted);
}

// As kFold does.
Lanes fold(const Lanes& bytes) {
  const auto white = bytes.is_among(0, ' ' + 1) | bytes.is(127);
  return (bytes | (bytes.is_among('A', 26) & Lanes::all(0x20))).with(bytes.is_digit(), '0').with(white, ' ');
}

}  // namespace

std::uint32_t word_hash(const std::uint8_t* word, std::size_t size) {
  std::uint64_t h = size * kWord;
  for (;; word += 8, size -= 8) {
    h = (h ^ load(word, size)) * kWord;
    h ^= h >> 32U;
    if (size <= 8) break;
  }
  return static_cast<std::uint32_t>(h);
}

void split_words(std::string_view window, WindowKeys& out) {
  const std::size_t room = window.size() + 2 + WindowKeys::kPadding;
  if (out.folded.size() < room) out.folded.resize(room);
  std::uint8_t* const begin = out.folded.data();
  std::uint8_t* end = begin;
  *end++ = ' ';
  const auto take = [&](char c) {
    *end = kFold[static_cast<std::uint8_t>(c)];
    end += static_cast<std::size_t>(*end != ' ' || end[-1] != ' ');
  };
  bool beyond = false;
  // Where no two blanks stand together, nothing is left out.
  while (window.size() >= Lanes::kSize) {
    const Lanes bytes(window.data()), folded = fold(bytes);
    const auto blanks = folded.is(' ').bits();
    if ((blanks & (blanks << 1U | (end[-1] == ' ' ? 1U : 0U))) != 0) {
      for (const char c : window.substr(0, Lanes::kSize)) take(c);
    } else {
      folded.put(end);
      end += Lanes::kSize;
    }
    beyond = beyond || bytes.bits() != 0;
    window.remove_prefix(Lanes::kSize);
  }
  for (const char c : window) {
    take(c);
    beyond = beyond || static_cast<unsigned char>(c) >= 0x80;
  }
  if (end[-1] != ' ') *end++ = ' ';
  out.length = static_cast<std::size_t>(end - begin);
  std::memset(end, 0, WindowKeys::kPadding);
  out.ascii = !beyond;
  if (!out.ascii) lower_beyond_ascii(begin, out.length);

  // Where words begin and end, in turns.
  out.edges.clear();
  std::uint64_t before = 0;  // bit 0: whether the byte before is part of a word
  for (std::size_t at = 0; at < out.length; at += 64) {
    const auto words = words_among_64(begin + at);
    for (auto changes = words ^ (words << 1U | before); changes != 0; changes &= changes - 1)
      out.edges.push_back(
          static_cast<std::uint32_t>(at + static_cast<std::size_t>(std::countr_zero(changes))));
    before = words >> 63U;
  }
  if (!out.ascii) part_ideographs(out);
  out.hashes.clear();
  out.lengths.clear();
  for (std::size_t i = 0; i + 1 < out.edges.size(); i += 2) {
    const std::size_t size = out.edges[i + 1] - out.edges[i];
    out.lengths.push_back(static_cast<std::uint32_t>(size));
    out.hashes.push_back(word_hash(begin + out.edges[i], size));
  }
}

void read_words(std::string_view window, WindowKeys& out) {
  split_words(window, out);
  Glosses::shipped().read(out);
  const auto& h = out.hashes;
  const std::size_t keys = 3 * h.size() + out.length + WindowKeys::kSlack;
  if (out.keys.size() < keys) out.keys.resize(keys);
  std::uint32_t* key = out.keys.data();
  for (const std::uint32_t word : h) *key++ = alone(word);
  for (std::size_t i = 1; i < h.size(); ++i) *key++ = pair(h[i - 1], h[i]);
  for (std::size_t i = 2; i < h.size(); ++i) *key++ = skip(h[i - 2], h[i]);
  out.words = h.size();
  out.size = static_cast<std::size_t>(key - out.keys.data());
}

std::uint32_t word_key(std::string_view word) {
  WindowKeys keys;
  read_words(word, keys);
  return keys.words == 0 ? 0 : keys.keys.front();
}

}  // namespace plimsoll::classify
