#include "accumulator.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace plimsoll::classify {
namespace {

// What fewer words say is their wording alone: "danger" is no danger. Rules judge such texts.
constexpr std::size_t kFewestWords = 4;

}  // namespace

void Accumulator::begin() {
  text_ = {};
  settled_ = windows_ = text_words_ = 0;
  best_ = {};
  best_.logits.fill(-std::numeric_limits<double>::infinity());
}

void Accumulator::add(std::string_view window, const Parameters& p, const Kernel& kernel) {
  read_words(window, keys_);
  words_.clear();
  if (p.width > 0)
    for (std::size_t i = 0; i < keys_.words; ++i)
      if (const auto id = find_word(p.index, keys_.keys[i]); id != WordSlot::kNone)
        words_.push_back(static_cast<std::uint16_t>(id));
  const std::size_t count = keep_first_of_each(
      keys_.size + kernel.run_keys(keys_.folded.data(), keys_.length, keys_.keys.data() + keys_.size));

  row_sums_.fill(0);
  std::fill_n(vector_sums_.begin(), p.width, 0);
  kernel.add_rows(p.rows.data(), static_cast<std::uint32_t>(p.rows.size() - 1), keys_.keys.data(), count,
                  row_sums_.data());
  kernel.add_vectors(p.vectors.data(), p.width, words_.data(), words_.size(), vector_sums_.data());

  window_.keys = static_cast<std::int64_t>(count);
  std::ranges::copy(row_sums_, window_.rows.begin());
  std::copy_n(vector_sums_.begin(), p.width, window_.vectors.begin());
  text_.keys += window_.keys;
  for (std::size_t i = 0; i < kHeadCount; ++i) text_.rows[i] += row_sums_[i];
  for (std::size_t i = 0; i < p.width; ++i) text_.vectors[i] += vector_sums_[i];

  const Span span{settled_, settled_ + window.size()};
  settled_ = span.end;
  text_words_ += keys_.words;
  if (windows_ == 0) consider(text_, {0, span.end}, false, text_words_ >= kFewestWords, p);
  if (windows_++ > 0) consider(window_, span, true, keys_.words >= kFewestWords, p);
}

// A word said a hundred times says no more than once. Of two keys with the same low bits the second counts as said
// before: one in sixty, in the longest window.
std::size_t Accumulator::keep_first_of_each(std::size_t count) {
  seen_.reset();
  std::size_t kept = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto key = keys_.keys[i];
    auto bit = seen_[key & (kSeenBits - 1)];
    keys_.keys[kept] = key;
    kept += bit ? 0U : 1U;
    bit = true;
  }
  return kept;
}

void Accumulator::consider(const Sums& sums, Span where, bool alone, bool enough, const Parameters& p) {
  PerHead logits{};
  score(sums, p, logits);
  for (std::size_t h = 0; h < kHeadCount; ++h) {
    const double logit = logits[h] - (alone ? p.window_penalty[h] : 0);
    if (enough) best_.scores.raise(kHeads[h], p.calibration[h](logit));
    if (logit <= best_.logits[h]) continue;
    best_.logits[h] = logit;
    best_.where[h] = where;
  }
}

void Accumulator::score(const Sums& sums, const Parameters& p, PerHead& logits) {
  const double norm = 1 / std::sqrt(static_cast<double>(sums.keys) + p.shrink);
  for (std::size_t h = 0; h < kHeadCount; ++h)
    logits[h] = p.bias[h] + p.scale[h] * norm * static_cast<double>(sums.rows[h]);
  if (p.hidden == 0) return;

  double squares = 0;
  for (std::size_t i = 0; i < p.width; ++i)
    squares += static_cast<double>(sums.vectors[i]) * static_cast<double>(sums.vectors[i]);
  const double gain = p.gain / std::sqrt(squares + p.floor);
  std::ranges::copy(p.hidden_bias, hidden_.begin());
  for (std::size_t i = 0; i < p.width; ++i) {
    const auto d = static_cast<float>(gain * static_cast<double>(sums.vectors[i]));
    const float* in = p.in.data() + i * p.hidden;
    for (std::size_t k = 0; k < p.hidden; ++k) hidden_[k] += d * in[k];
  }
  std::array<float, kLanes> sum{};
  for (std::size_t k = 0; k < p.hidden; ++k) {
    const float active = std::max(hidden_[k], 0.0F);
    const float* out = p.out.data() + k * kLanes;
    for (std::size_t h = 0; h < kLanes; ++h) sum[h] += active * out[h];
  }
  for (std::size_t h = 0; h < kHeadCount; ++h) logits[h] += static_cast<double>(sum[h]);
}

}  // namespace plimsoll::classify
