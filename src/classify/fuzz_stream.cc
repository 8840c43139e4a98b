#include <cstdint>
#include <cstdlib>

#include "classify/stream.h"
#include "test_models.h"

// A text in pieces, whose sizes its own bytes give, scores as the whole does.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::classify;
  static const Model model(random_parameters(1));
  static Scratch scratch;
  static StreamScorer scorer(model);
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto whole = model.assess(text, scratch);
  while (!text.empty()) {
    const auto piece = text.substr(0, 1 + static_cast<unsigned char>(text.front()) * 3U);
    scorer.feed(piece, scratch);
    text.remove_prefix(piece.size());
  }
  const auto streamed = scorer.finish(scratch);
  if (streamed.logits != whole.logits) std::abort();
  return 0;
}
