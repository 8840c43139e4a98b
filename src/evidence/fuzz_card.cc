#include <cstdint>
#include <cstdlib>

#include "evidence/card.h"

// Whatever can be read becomes a card in every form, and the JSON forms are JSON.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::evidence;
  const auto sources = read_card_sources({reinterpret_cast<const char*>(data), size});
  if (!sources) return 0;
  for (const bool system : {false, true}) {
    const auto card = make_card(*sources, "", system);
    if (!card) continue;
    if (!plimsoll::parse_json(to_cyclonedx(*card)) || !plimsoll::parse_json(to_google(*card)) ||
        !plimsoll::parse_json(to_bias_json(*card)))
      std::abort();
    if (to_html(*card).find("<script") != std::string::npos) std::abort();
    (void)to_huggingface(*card);
    (void)to_bias_markdown(*card);
  }
  return 0;
}
