// Any bytes under any coding: the same body wherever they are cut, and never more than the limits allow.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "content_coding.h"

namespace plimsoll::net {
namespace {

constexpr InflationLimits kLimits{.max_bytes = 100'000, .max_ratio = 100, .free_bytes = 1'000};

void require(bool holds) {
  if (!holds) std::abort();
}

struct Outcome {
  Inflater::State state = Inflater::State::kGood;
  bool complete = false;
  std::string body;
};

Outcome inflate_in_two(Coding coding, std::string_view bytes, std::size_t cut) {
  const auto inflater = Inflater::create(coding, kLimits);
  Outcome outcome;
  std::size_t fed = 0;
  for (const auto piece : {bytes.substr(0, cut), bytes.substr(cut)}) {
    if (outcome.state != Inflater::State::kGood) break;
    fed += piece.size();
    outcome.state = inflater->feed(piece, outcome.body);
    require(outcome.body.size() <=
            std::min(kLimits.max_bytes, std::max(kLimits.free_bytes, kLimits.max_ratio * fed)) + 1);
  }
  outcome.complete = inflater->is_complete();
  return outcome;
}

}  // namespace
}  // namespace plimsoll::net

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::net;
  if (size < 2) return 0;
  constexpr Coding kCodings[] = {Coding::kGzip, Coding::kDeflate, Coding::kBrotli, Coding::kZstd};
  const Coding coding = kCodings[data[0] % 4];
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto whole = inflate_in_two(coding, bytes, 0);
  const auto halves = inflate_in_two(coding, bytes, data[1] % (bytes.size() + 1));
  // What half of the bytes may become is less than what all of them may.
  if (whole.state == Inflater::State::kGood && halves.state == Inflater::State::kGood)
    require(whole.body == halves.body && whole.complete == halves.complete);
  if (whole.state == Inflater::State::kCorrupt) require(halves.state != Inflater::State::kGood);
  return 0;
}
