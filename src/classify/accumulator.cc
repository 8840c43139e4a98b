#include "accumulator.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace plimsoll::classify {
namespace {

// What fewer words say is their wording alone: "danger" is no danger. Rules judge such texts.
constexpr std::size_t kFewestWords = 4;

constexpr double kNothing = -std::numeric_limits<double>::infinity();

// After how many windows the text so far is scored: 1, 2, 3, 4, 6, 8, 12, 16, 24 and so on, so that a stream is
// judged early and a long text costs no more than its windows.
bool is_milestone(std::size_t windows) {
  return std::has_single_bit(windows) || (windows % 3 == 0 && std::has_single_bit(windows / 3));
}

}  // namespace

void Accumulator::begin() {
  first_said_.begin_text();
  text_ = {};
  settled_ = windows_ = text_words_ = 0;
  text_is_considered_ = false;
  best_.fill(kNothing);
  best_enough_.fill(kNothing);
}

void Accumulator::add(std::string_view window, const Parameters& p, const Kernel& kernel) {
  read_words(window, keys_);
  words_.clear();
  if (p.width > 0)
    for (std::size_t i = 0; i < keys_.words; ++i)
      if (const auto id = find_word(p.index, keys_.keys[i]); id != WordSlot::kNone)
        words_.push_back(static_cast<std::uint16_t>(id));
  const std::size_t count =
      keys_.size + kernel.run_keys(keys_.folded.data(), keys_.length, keys_.keys.data() + keys_.size);
  const std::size_t fresh = first_said_.sort(keys_.keys, count, again_);

  fresh_.fill(0);
  repeated_.fill(0);
  std::fill_n(vector_sums_.begin(), p.width, 0);
  const auto mask = static_cast<std::uint32_t>(p.rows.size() - 1);
  kernel.add_rows(p.rows.data(), mask, keys_.keys.data(), fresh, fresh_.data());
  kernel.add_rows(p.rows.data(), mask, again_.data(), first_said_.again(), repeated_.data());
  kernel.add_vectors(p.vectors.data(), p.width, words_.data(), words_.size(), vector_sums_.data());

  text_.keys += static_cast<std::int64_t>(fresh);
  window_.keys = static_cast<std::int64_t>(fresh + first_said_.again());
  for (std::size_t i = 0; i < kHeadCount; ++i) {
    text_.rows[i] += fresh_[i];
    window_.rows[i] = fresh_[i] + repeated_[i];
  }
  std::copy_n(vector_sums_.begin(), p.width, window_.vectors.begin());
  for (std::size_t i = 0; i < p.width; ++i) text_.vectors[i] += vector_sums_[i];

  settled_ += window.size();
  text_words_ += keys_.words;
  ++windows_;
  if (windows_ > 1) consider(window_, keys_.words, true, p);
  text_is_considered_ = is_milestone(windows_);
  if (text_is_considered_) consider(text_, text_words_, false, p);
}

void Accumulator::end(const Parameters& p) {
  if (!text_is_considered_) consider(text_, text_words_, false, p);
  text_is_considered_ = true;
}

Assessment Accumulator::assessment(const Parameters& p) const {
  Assessment a;
  a.logits = best_;
  for (std::size_t h = 0; h < kHeadCount; ++h)
    if (best_enough_[h] > kNothing) a.scores.raise(kHeads[h], p.calibration[h](best_enough_[h]));
  return a;
}

void Accumulator::consider(const Sums& sums, std::size_t words, bool alone, const Parameters& p) {
  PerHead logits{};
  score(sums, p, logits);
  for (std::size_t h = 0; h < kHeadCount; ++h) {
    const double logit = logits[h] - (alone ? p.window_penalty[h] : 0);
    best_[h] = std::max(best_[h], logit);
    if (words >= kFewestWords) best_enough_[h] = std::max(best_enough_[h], logit);
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
