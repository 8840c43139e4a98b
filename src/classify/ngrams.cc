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

std::uint32_t alone(std::uint32_t word) { return finish_key(word ^ kAlone); }
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

void extract(std::string_view window, FeatureBuffer& buffer) {
  const std::size_t room = window.size() + 2 + FeatureBuffer::kPadding;
  if (buffer.folded.size() < room) buffer.folded.resize(room);
  std::uint8_t* const begin = buffer.folded.data();
  std::uint8_t* out = begin;
  *out++ = ' ';
  std::uint8_t beyond = 0;
  for (const char raw : window) {
    const auto c = static_cast<std::uint8_t>(raw);
    const std::uint8_t folded = kTables.fold[c];
    beyond |= c;
    *out = folded;
    out += static_cast<std::size_t>(folded != ' ' || out[-1] != ' ');
  }
  if (out[-1] != ' ') *out++ = ' ';
  buffer.length = static_cast<std::size_t>(out - begin);
  std::memset(out, 0, FeatureBuffer::kPadding);
  if ((beyond & 0x80U) != 0) lower_beyond_ascii(begin, buffer.length);

  buffer.words.clear();
  std::uint32_t before = 0;
  std::uint32_t last = 0;
  for (const std::uint8_t* p = begin; p < out;) {
    while (p < out && !kTables.in_word[*p]) ++p;
    const std::uint8_t* const word = p;
    while (p < out && kTables.in_word[*p]) ++p;
    if (p == word) break;
    const std::uint32_t h = word_hash(word, static_cast<std::size_t>(p - word));
    buffer.words.push_back(alone(h));
    if (last != 0) buffer.words.push_back(pair(last, h));
    if (before != 0) buffer.words.push_back(skip(before, h));
    before = last;
    last = h;
  }
}

std::uint32_t word_key(std::string_view word) {
  FeatureBuffer buffer;
  extract(word, buffer);
  return buffer.words.empty() ? 0 : buffer.words.front();
}

void keys_of(const FeatureBuffer& buffer, std::vector<std::uint32_t>& keys) {
  keys.assign(buffer.words.begin(), buffer.words.end());
  const std::uint8_t* p = buffer.folded.data();
  const std::size_t n = buffer.length;
  for (std::size_t i = 0; i + 3 <= n; ++i) {
    const auto x = static_cast<std::uint32_t>(load(p + i, 4));
    keys.push_back(run3_key(x));
    if (i + 4 <= n) keys.push_back(run4_key(x));
    if (i + 5 <= n) keys.push_back(run5_key(x, p[i + 4]));
  }
}

}  // namespace plimsoll::classify
