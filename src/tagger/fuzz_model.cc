// Any bytes as a model, and a good one with bytes changed: refused, or safe to use.
#include <cstddef>
#include <cstdint>

#include "tagger/tagger.h"
#include "test_model.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::tagger;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)Model::parse(bytes);
  // The same with a digest that fits, so that what lies behind it is read.
  static const std::string good = random_model();
  std::string body = good.substr(0, good.size() - 32);
  for (std::size_t i = 0; i + 1 < size && i < 64; i += 2)
    body[(data[i] * 7U) % 512U] = static_cast<char>(data[i + 1]);
  const plimsoll::Digest digest = plimsoll::sha256(body);
  const auto tagger = Tagger::create(body + std::string(plimsoll::bytes_of(digest)));
  if (!tagger) return 0;
  Scratch scratch;
  std::vector<NameSpan> spans;
  (*tagger)->tag("My name is Jane Doe, 5 High Street, Leeds.", scratch, spans);
  return 0;
}
