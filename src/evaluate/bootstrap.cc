#include "bootstrap.h"

#include <utility>

namespace plimsoll::evaluate {
namespace {

// FNV-1a, 64 bits.
std::uint64_t mix(std::uint64_t hash, std::string_view text) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return (hash ^ 0xffU) * 0x100000001b3U;
}

}  // namespace

Random::Random(std::uint64_t seed, std::string_view category, std::string_view source)
    : state_(mix(mix(0xcbf29ce484222325U ^ seed, category), source)) {}

std::uint64_t Random::next() {
  state_ += 0x9e3779b97f4a7c15U;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

std::size_t Random::below(std::size_t n) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::size_t>((static_cast<Wide>(next()) * n) >> 64U);
}

Resampler::Resampler(std::span<const Tie> ties) : ties_(ties.begin(), ties.end()) {
  for (std::uint32_t i = 0; i < ties.size(); ++i) {
    positives_.insert(positives_.end(), static_cast<std::size_t>(ties[i].positives), i);
    negatives_.insert(negatives_.end(), static_cast<std::size_t>(ties[i].negatives), i);
  }
}

std::span<const Tie> Resampler::draw(Random& random) {
  for (auto& t : ties_) t.positives = t.negatives = 0;
  for (std::size_t i = 0; i < positives_.size(); ++i)
    ties_[positives_[random.below(positives_.size())]].positives += 1;
  for (std::size_t i = 0; i < negatives_.size(); ++i)
    ties_[negatives_[random.below(negatives_.size())]].negatives += 1;
  return ties_;
}

std::optional<Interval> Spread::interval(std::size_t resamples) {
  if (values_.empty() || values_.size() * 2 < resamples) return std::nullopt;
  const auto low = quantile(values_, .025);
  const auto high = quantile(values_, .975);
  return Interval{*low, *high};
}

}  // namespace plimsoll::evaluate
