#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "verbatim/tokenizer.h"

// Words lie inside the text, in order, and are the same wherever the text is cut.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::verbatim;
  static const auto characters = *Characters::create();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto whole = tokenize(text, characters);
  std::size_t last = 0;
  for (const auto& token : whole) {
    if (token.begin < last || token.begin >= token.end || token.end > size) std::abort();
    last = token.begin;
  }
  Tokenizer tokenizer(characters);
  std::vector<Token> parts;
  for (std::size_t at = 0; at < size;) {
    const std::size_t step = 1 + data[at] % 7;
    tokenizer.feed(text.substr(at, step), parts);
    at += std::min(step, size - at);
  }
  tokenizer.finish(parts);
  if (parts != whole) std::abort();
  return 0;
}
