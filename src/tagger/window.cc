#include "window.h"

#include "letters.h"
#include "tagger/tagger.h"

namespace plimsoll::tagger {
namespace {

// Where a window that has grown too long is cut: before which token. As late as possible, at a line's end if
// there is one in its second half, else between two words that are no names, else at any space.
std::size_t cut_of(const std::vector<Token>& tokens) {
  const std::size_t half = tokens.front().begin + kWindowBytes / 2;
  std::size_t calm = 0;
  std::size_t space = 0;
  for (std::size_t j = tokens.size(); j-- > 1;) {
    const Token& t = tokens[j];
    if (t.begin < half && space != 0) break;
    if (t.gap == Gap::kNone) continue;
    if (space == 0) space = j;
    if (t.begin < half) break;
    if (t.gap == Gap::kNewline) return j;
    if (calm == 0 && t.shape == Shape::kLower && tokens[j - 1].shape == Shape::kLower) calm = j;
  }
  return calm != 0 ? calm : space != 0 ? space : tokens.size();
}

Window shorten(Words& words) {
  const std::size_t cut = cut_of(words.tokens);
  const bool line = cut < words.tokens.size() && words.tokens[cut].gap == Gap::kNewline;
  words.tokens.resize(cut);
  return {.end = words.tokens.back().end, .mid_sentence = !line};
}

bool ends_sentence(const Words& words, const WordTable& table) {
  const auto& tokens = words.tokens;
  std::size_t i = tokens.size();
  const auto closer = [](char c) {
    return c == '"' || c == ')' || c == '\'' || c == ']' || c == 'u' || c == '*';
  };
  while (i > 0 && tokens[i - 1].shape == Shape::kMark && closer(tokens[i - 1].mark)) --i;
  if (i == 0) return false;
  const Token& stop = tokens[i - 1];
  if (stop.shape != Shape::kMark) return false;
  if (stop.mark == '!' || stop.mark == '?') return i > 1;
  if (stop.mark != '.') return false;
  if (i < 2) return false;
  const Token& word = tokens[i - 2];
  if (stop.gap != Gap::kNone || !word.word()) return true;
  if (word.end - word.begin < 2) return false;
  return (table.find(word.hash).lists & bit(List::kAbbreviation)) == 0;
}

}  // namespace

std::size_t skip_space(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    const Letter c = letter_at(text, at);
    if (!c.space()) break;
    at += c.size;
  }
  return at;
}

std::optional<Window> next_window(std::string_view text, std::size_t begin, bool last, const WordTable& table,
                                  Words& words) {
  words.clear();
  std::size_t at = begin;
  Gap gap = Gap::kNone;
  while (at < text.size()) {
    Token token = token_at(text, at, words.folded);
    token.gap = gap;
    if (token.end - begin > kWindowBytes && !words.tokens.empty()) {
      // What a token is can change until white space follows it.
      bool settled = last || text.size() - begin >= 2 * kWindowBytes - 8;
      for (std::size_t i = token.end; !settled && i < text.size(); ++i) settled = letter_at(text, i).space();
      if (!settled) return std::nullopt;
      return shorten(words);
    }
    words.tokens.push_back(token);
    at = token.end;

    gap = Gap::kNone;
    while (at < text.size()) {
      const Letter c = letter_at(text, at);
      if (!c.space()) break;
      if (gap == Gap::kNone && ends_sentence(words, table)) return Window{.end = token.end};
      if (c.kind == LetterKind::kNewline && gap == Gap::kNewline) return Window{.end = token.end};
      gap = c.kind == LetterKind::kNewline || gap == Gap::kNewline ? Gap::kNewline : Gap::kSpace;
      at += c.size;
      if (at - begin > kWindowBytes) return Window{.end = token.end, .mid_sentence = gap == Gap::kSpace};
    }
  }
  if (!last) return std::nullopt;
  return Window{.end = text.size()};
}

}  // namespace plimsoll::tagger
