// Any answer is a verdict with scores from 0 to 1, or none.
#include <cstdlib>

#include "opinion/guard.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll;
  if (size < 2) return 0;
  const auto kind = static_cast<opinion::Kind>(data[0] % 6);
  const std::string_view body(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto scores = opinion::read_answer(kind, data[1] % 5, body);
  if (!scores) return 0;
  for (std::size_t i = 0; i < kCategoryCount; ++i) {
    const double score = (*scores)[static_cast<Category>(i)];
    if (!(score >= 0 && score <= 1)) std::abort();
  }
  return 0;
}
