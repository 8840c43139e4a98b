#include <cstdint>
#include <cstdlib>

#include "classify/model.h"
#include "kernel.h"
#include "test_models.h"

// Every kernel scores as the plain one does, to the last bit.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::classify;
  static const Model model(random_parameters(1));
  static Scratch scratch;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto expected = model.assess(text, scratch, kScalarKernel);
  for (const Kernel& kernel : kernels()) {
    const auto got = model.assess(text, scratch, kernel);
    if (got.logits != expected.logits) std::abort();
  }
  return 0;
}
