#include <cstdint>
#include <cstdlib>

#include "encoder/wordpiece.h"

// The first half is a vocabulary, the second a text: no piece is beyond the vocabulary, none are too many.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::encoder;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::string vocabulary("[CLS]\n[SEP]\n[UNK]\n");
  vocabulary += bytes.substr(0, size / 2);
  const auto text = bytes.substr(size / 2);
  for (const bool lower_case : {false, true}) {
    const auto tokenizer = WordPiece::parse(vocabulary, lower_case);
    if (!tokenizer) continue;
    const auto pieces = tokenizer->pieces(text, 64);
    if (pieces.size() > 64) std::abort();
    for (const auto piece : pieces)
      if (piece < 0 || piece >= static_cast<std::int64_t>(tokenizer->size())) std::abort();
  }
  return 0;
}
