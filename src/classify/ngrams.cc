#include "ngrams.h"

#include <array>
#include <bit>
#include <cstring>

namespace plimsoll::classify {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::uint64_t kWord = 0x9E3779B97F4A7C15U;
constexpr std::uint32_t kAlone = 0x165667B1U;
constexpr std::uint32_t kPair = 0xD3A2646CU;
constexpr std::uint32_t kSkip = 0xFD7046C5U;

struct Tables {
  std::array<std::uint8_t, 256> fold{};
  std::array<bool, 256> in_word{};
};

constexpr Tables make_tables() {
  Tables t;
  for (unsigned c = 0; c < 256; ++c) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool lower = c >= 'a' && c <= 'z';
    const bool digit = c >= '0' && c <= '9';
    t.fold[c] = static_cast<std::uint8_t>(upper ? c + 32 : digit ? '0' : (c <= ' ' || c == 127) ? ' ' : c);
    t.in_word[c] = upper || lower || digit || c >= 128 || c == '\'';
  }
  return t;
}
constexpr Tables kTables = make_tables();

std::uint64_t load(const std::uint8_t* p, std::size_t size) {
  std::uint64_t x = 0;
  std::memcpy(&x, p, sizeof x);
  return size >= 8 ? x : x & ((std::uint64_t{1} << (8 * size)) - 1);
}

// Of a word in the folded buffer, which may be read eight bytes past its end.
std::uint32_t word_hash(const std::uint8_t* p, std::size_t size) {
  std::uint64_t h = size * kWord;
  for (;; p += 8, size -= 8) {
    h = (h ^ load(p, size)) * kWord;
    h ^= h >> 32U;
    if (size <= 8) break;
  }
  return static_cast<std::uint32_t>(h);
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

}  // namespace

void read_words(std::string_view window, WindowKeys& out) {
  const std::size_t room = window.size() + 2 + WindowKeys::kPadding;
  if (out.folded.size() < room) out.folded.resize(room);
  std::uint8_t* const begin = out.folded.data();
  std::uint8_t* end = begin;
  *end++ = ' ';
  std::uint8_t beyond = 0, last = ' ';
  for (const char raw : window) {
    const auto c = static_cast<std::uint8_t>(raw);
    const std::uint8_t folded = kTables.fold[c];
    beyond |= c;
    *end = folded;
    end += static_cast<std::size_t>(folded != ' ' || last != ' ');
    last = folded;
  }
  if (end[-1] != ' ') *end++ = ' ';
  out.length = static_cast<std::size_t>(end - begin);
  std::memset(end, 0, WindowKeys::kPadding);
  out.ascii = (beyond & 0x80U) == 0;
  if (!out.ascii) lower_beyond_ascii(begin, out.length);

  out.hashes.clear();
  for (const std::uint8_t* p = begin; p < end;) {
    while (p < end && !kTables.in_word[*p]) ++p;
    const std::uint8_t* const word = p;
    while (p < end && kTables.in_word[*p]) ++p;
    if (p != word) out.hashes.push_back(word_hash(word, static_cast<std::size_t>(p - word)));
  }

  const auto& h = out.hashes;
  const std::size_t keys = 3 * (h.size() + out.length) + WindowKeys::kSlack;
  if (out.keys.size() < keys) out.keys.resize(keys);
  std::uint32_t* key = out.keys.data();
  for (const std::uint32_t word : h) *key++ = alone(word);
  for (std::size_t i = 1; i < h.size(); ++i) *key++ = pair(h[i - 1], h[i]);
  for (std::size_t i = 2; i < h.size(); ++i) *key++ = skip(h[i - 2], h[i]);
  out.words = h.size();
  out.size = static_cast<std::size_t>(key - out.keys.data());
}

void measure_words(WindowKeys& keys) {
  keys.lengths.clear();
  std::size_t length = 0;
  for (std::size_t i = 0; i <= keys.length; ++i) {  // what follows is no word
    if (kTables.in_word[keys.folded[i]]) {
      ++length;
    } else if (length > 0) {
      keys.lengths.push_back(length);
      length = 0;
    }
  }
}

std::uint32_t word_key(std::string_view word) {
  WindowKeys keys;
  read_words(word, keys);
  return keys.words == 0 ? 0 : keys.keys.front();
}

}  // namespace plimsoll::classify
