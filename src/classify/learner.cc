#include "learner.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>

#include "exact.h"
#include "kernel.h"

namespace plimsoll::classify {
namespace {

constexpr float kFirstSquares = 0.1F;  // what AdaGrad divides by before it has seen anything
constexpr int kLongText = 3;           // windows from which a text is also learned by one of them

constexpr EightFloats kNone{};
constexpr EightFloats kAll{1, 1, 1, 1, 1, 1, 1, 1};

std::uint32_t mix(std::uint32_t h) {
  h *= 0x9E3779B1U;
  h ^= h >> 15U;
  h *= 0x85EBCA77U;
  return h ^ (h >> 13U);
}

// Whether a draw named by `seed` falls under `share`.
bool drawn(std::uint32_t seed, double share) {
  return mix(seed) < static_cast<std::uint32_t>(share * 4294967295.0);
}

void step(EightFloats& weight, EightFloats& squares, const EightFloats& gradient, float rate) {
  squares += gradient * gradient;
  weight -= gradient / __builtin_elementwise_sqrt(squares) * rate;
}

template <class T>
void put(std::string& out, const std::vector<T>& v) {
  out.append(reinterpret_cast<const char*>(v.data()), v.size() * sizeof(T));
}
template <class T>
void get(std::string_view& in, std::vector<T>& v) {
  if (v.empty()) return;
  std::memcpy(v.data(), in.data(), v.size() * sizeof(T));
  in.remove_prefix(v.size() * sizeof(T));
}

}  // namespace

Learner::Learner(const Corpus& corpus, std::span<const Example> examples, const std::vector<bool>& part,
                 const TrainOptions& options)
    : corpus_(corpus), options_(options) {
  for (std::size_t i = 0; i < examples.size(); ++i)
    if (part[i] && windows_of(i) > 0) order_.push_back(i);
  weight_.resize(examples.size());
  target_.resize(examples.size());
  weigh(examples);
  bias_squares_ = kAll;
  grams_.assign(corpus.keys.size(), kNone);
  gram_squares_.assign(corpus.keys.size(), kAll * kFirstSquares);
  if (corpus.vectors.empty()) return;

  width_ = options.width;
  hidden_ = options.hidden;
  double squares = 0;
  for (const auto v : corpus.vectors) squares += static_cast<double>(v) * v;
  floor_ = options.floor * squares / static_cast<double>(corpus.word_keys.size());
  Random random(options.seed * 2 + 1);
  const auto spread = [&](double scale) { return static_cast<float>((random.uniform() * 2 - 1) * scale); };
  in_.resize(width_ * hidden_ / kLanes);
  for (auto& lanes : in_)
    for (std::size_t k = 0; k < kLanes; ++k) lanes[k] = spread(0.87 / std::sqrt(static_cast<double>(width_)));
  in_squares_.assign(in_.size(), kAll * kFirstSquares);
  hidden_bias_.assign(hidden_ / kLanes, kAll * 0.1F);
  hidden_bias_squares_.assign(hidden_ / kLanes, kAll * kFirstSquares);
  out_.resize(hidden_);
  EightFloats taught{};  // heads of which there are labels: the others say nothing
  for (const auto& w : weight_) taught += w;
  for (auto& w : out_)
    for (std::size_t h = 0; h < kHeadCount; ++h) w[h] = taught[h] > 0 ? spread(0.17) : 0;
  out_squares_.assign(hidden_, kAll * kFirstSquares);
  sums_.resize(width_);
  pooled_.resize(width_);
  active_.resize(hidden_ / kLanes);
  blame_.resize(hidden_ / kLanes);
}

std::size_t Learner::windows_of(std::size_t example) const {
  return corpus_.first[example + 1] - corpus_.first[example];
}

// Balances sources within a class, and classes within a head; the mean weight of a head is 1.
void Learner::weigh(std::span<const Example> examples) {
  for (std::size_t h = 0; h < kHeadCount; ++h) {
    std::map<std::pair<std::string_view, Label>, double> sizes;
    for (const std::size_t i : order_)
      sizes[{examples[i].source, examples[i].labels[h]}] += examples[i].weight;
    std::array<double, 2> total{};
    double known = 0;
    const auto raw = [&](std::size_t i) {
      return examples[i].weight *
             power_of(sizes[{examples[i].source, examples[i].labels[h]}], -options_.balance);
    };
    for (const std::size_t i : order_) {
      if (examples[i].labels[h] == Label::kUnknown) continue;
      total[static_cast<std::size_t>(examples[i].labels[h])] += raw(i);
      known += 1;
    }
    const std::array share{1 - options_.positive_share, options_.positive_share};
    for (const std::size_t i : order_) {
      if (examples[i].labels[h] == Label::kUnknown) continue;
      const auto c = static_cast<std::size_t>(examples[i].labels[h]);
      weight_[i][h] = static_cast<float>(std::min(raw(i) * share[c] * known / total[c], options_.max_weight));
      target_[i][h] = static_cast<float>(c);
    }
  }
}

bool Learner::kept(std::uint32_t gram, std::uint32_t mask_seed) const {
  return options_.dropout <= 0 || !drawn(gram ^ mask_seed, options_.dropout);
}

void Learner::run_epoch() {
  Random random(options_.seed ^ (0x5851F42D4C957F2DU * (epochs_ + 1)));
  auto order = order_;
  random.shuffle(order);
  for (const std::size_t i : order) {
    const std::size_t first = corpus_.first[i];
    const std::size_t last = corpus_.first[i + 1];
    const auto seed = static_cast<std::uint32_t>(random.next());
    learn(i, {first, last}, 1, seed);
    if (last - first < kLongText || options_.window_share <= 0) continue;
    bool positive = false;
    for (std::size_t h = 0; h < kHeadCount; ++h)
      positive = positive || (weight_[i][h] > 0 && target_[i][h] > 0);
    const std::size_t window = positive ? likeliest_window(i) : first + random.below(last - first);
    learn(i, {window, window + 1}, static_cast<float>(options_.window_share), seed + 1);
  }
  ++epochs_;
}

// The window that speaks most for the labels an example has.
std::size_t Learner::likeliest_window(std::size_t example) {
  std::size_t best = corpus_.first[example];
  float highest = -1e30F;
  for (std::size_t w = corpus_.first[example]; w < corpus_.first[example + 1]; ++w) {
    const auto f = forward({w, w + 1}, 0, false);
    float sum = 0;
    for (std::size_t h = 0; h < kHeadCount; ++h)
      if (weight_[example][h] > 0 && target_[example][h] > 0) sum += f.logits[h];
    if (sum <= highest) continue;
    highest = sum;
    best = w;
  }
  return best;
}

void Learner::pool(Instance instance) {
  std::ranges::fill(sums_, 0);
  const auto& vectors = corpus_.vectors;
  for (std::size_t k = corpus_.windows[instance.first].words; k < corpus_.windows[instance.last].words; ++k)
    for (std::size_t j = 0; j < width_; ++j) sums_[j] += vectors[corpus_.words[k] * width_ + j];
  double squares = 0;
  for (const auto s : sums_) squares += static_cast<double>(s) * s;
  const double gain = options_.gain / std::sqrt(squares + floor_);
  for (std::size_t j = 0; j < width_; ++j) pooled_[j] = static_cast<float>(gain * sums_[j]);
}

void Learner::add_network(EightFloats& logits, std::uint32_t mask_seed, bool training) {
  std::ranges::copy(hidden_bias_, active_.begin());
  for (std::size_t j = 0; j < width_; ++j)
    for (std::size_t k = 0; k < active_.size(); ++k) active_[k] += in_[j * active_.size() + k] * pooled_[j];
  const auto grown = static_cast<float>(1 / (1 - options_.hidden_dropout));
  for (std::size_t k = 0; k < hidden_; ++k) {
    float a = std::max(active_[k / kLanes][k % kLanes], 0.0F);
    if (training && options_.hidden_dropout > 0)
      a = drawn(mask_seed + static_cast<std::uint32_t>(k), options_.hidden_dropout) ? 0 : a * grown;
    active_[k / kLanes][k % kLanes] = a;
    logits += out_[k] * a;
  }
}

// One window has all it says; a text of several, what each says for the first time.
template <class Visit>
std::size_t Learner::visit_grams(Instance instance, const Visit& visit) const {
  const auto& windows = corpus_.windows;
  if (instance.last - instance.first == 1) {
    for (std::size_t k = windows[instance.first].grams; k < windows[instance.last].grams; ++k)
      visit(corpus_.grams[k]);
    return windows[instance.first].keys;
  }
  std::size_t keys = 0;
  for (std::size_t w = instance.first; w < instance.last; ++w) {
    for (std::size_t k = windows[w].grams; k < windows[w].again; ++k) visit(corpus_.grams[k]);
    keys += windows[w].fresh;
  }
  return keys;
}

Learner::Forward Learner::forward(Instance instance, std::uint32_t mask_seed, bool training) {
  EightFloats sum{};
  const double keys = options_.shrink + static_cast<double>(visit_grams(instance, [&](std::uint32_t gram) {
                        if (!training || kept(gram, mask_seed)) sum += grams_[gram];
                      }));
  const double grown = training ? 1 / (1 - options_.dropout) : 1;
  Forward f{bias_, static_cast<float>(grown / std::sqrt(keys))};
  f.logits += sum * f.norm;
  if (hidden_ > 0) {
    pool(instance);
    add_network(f.logits, mask_seed, training);
  }
  return f;
}

void Learner::learn(std::size_t example, Instance instance, float share, std::uint32_t mask_seed) {
  const Forward f = forward(instance, mask_seed, true);
  EightFloats gradient{};
  float largest = 0;
  for (std::size_t h = 0; h < kHeadCount; ++h) {
    if (weight_[example][h] <= 0) continue;
    const double miss = sigmoid(static_cast<double>(f.logits[h])) - static_cast<double>(target_[example][h]);
    gradient[h] = static_cast<float>(miss) * weight_[example][h] * share;
    largest = std::max(largest, std::abs(gradient[h]));
  }
  if (largest < 1e-3F) return;

  bias_squares_ += gradient * gradient;
  bias_ -= gradient / __builtin_elementwise_sqrt(bias_squares_) * static_cast<float>(options_.rate);
  if (hidden_ > 0) learn_network(gradient);
  const EightFloats g = gradient * f.norm;
  const auto rate = static_cast<float>(options_.rate);
  const auto decay = static_cast<float>(options_.decay);
  visit_grams(instance, [&](std::uint32_t gram) {
    if (!kept(gram, mask_seed)) return;
    EightFloats& w = grams_[gram];
    EightFloats& squares = gram_squares_[gram];
    const EightFloats full = g + w * decay * (g * g > 0 ? kAll : kNone);
    squares += full * full;
    w -= full / __builtin_elementwise_sqrt(squares) * rate;
  });
}

void Learner::learn_network(const EightFloats& gradient) {
  const auto rate = static_cast<float>(options_.network_rate);
  const auto decay = static_cast<float>(options_.network_decay);
  const EightFloats known = gradient * gradient > 0 ? kAll : kNone;
  for (std::size_t k = 0; k < hidden_; ++k) {
    const float active = active_[k / kLanes][k % kLanes];
    float blame = 0;
    if (active > 0) {
      const EightFloats back = out_[k] * gradient;
      for (std::size_t h = 0; h < kHeadCount; ++h) blame += back[h];
      step(out_[k], out_squares_[k], gradient * active + out_[k] * known * decay, rate);
    }
    blame_[k / kLanes][k % kLanes] = blame;
  }
  for (std::size_t k = 0; k < blame_.size(); ++k)
    step(hidden_bias_[k], hidden_bias_squares_[k], blame_[k], rate);
  for (std::size_t j = 0; j < width_; ++j)
    for (std::size_t k = 0; k < blame_.size(); ++k) {
      const std::size_t at = j * blame_.size() + k;
      const EightFloats used = blame_[k] * blame_[k] > 0 ? kAll * decay : kNone;
      step(in_[at], in_squares_[at], blame_[k] * pooled_[j] + in_[at] * used, rate);
    }
}

std::string Learner::save() const {
  std::string out(reinterpret_cast<const char*>(&epochs_), sizeof epochs_);
  put(out, std::vector{bias_, bias_squares_});
  put(out, grams_);
  put(out, gram_squares_);
  put(out, in_);
  put(out, in_squares_);
  put(out, hidden_bias_);
  put(out, hidden_bias_squares_);
  put(out, out_);
  put(out, out_squares_);
  return out;
}

bool Learner::restore(std::string_view state) {
  if (state.size() != save().size()) return false;
  std::memcpy(&epochs_, state.data(), sizeof epochs_);
  state.remove_prefix(sizeof epochs_);
  std::vector<EightFloats> bias(2);
  get(state, bias);
  bias_ = bias[0];
  bias_squares_ = bias[1];
  get(state, grams_);
  get(state, gram_squares_);
  get(state, in_);
  get(state, in_squares_);
  get(state, hidden_bias_);
  get(state, hidden_bias_squares_);
  get(state, out_);
  get(state, out_squares_);
  return true;
}

Parameters Learner::parameters() const {
  Parameters p;
  p.row_bits = options_.row_bits;
  p.shrink = options_.shrink;
  p.window_penalty.fill(options_.penalty);

  // A row belongs to the n-gram that says most; what it displaces is lost.
  struct Owner {
    float importance = 0;
    std::uint32_t gram = 0;
  };
  std::vector<Owner> owners(std::size_t{1} << p.row_bits);
  std::array<float, kHeadCount> largest{};
  for (std::uint32_t gram = 0; gram < grams_.size(); ++gram) {
    float most = 0;
    for (std::size_t h = 0; h < kHeadCount; ++h) most = std::max(most, std::abs(grams_[gram][h]));
    const float importance = most * std::sqrt(static_cast<float>(std::min(corpus_.counts[gram], 100U)));
    Owner& owner = owners[corpus_.keys[gram] & (owners.size() - 1)];
    if (importance > owner.importance) owner = {importance, gram};
  }
  for (const Owner& owner : owners)
    for (std::size_t h = 0; h < kHeadCount && owner.importance > 0; ++h)
      largest[h] = std::max(largest[h], std::abs(grams_[owner.gram][h]));
  for (std::size_t h = 0; h < kHeadCount; ++h) {
    p.bias[h] = static_cast<double>(bias_[h]);
    p.scale[h] = static_cast<double>(largest[h]) / 127;
  }
  p.rows.resize(owners.size());
  for (std::size_t r = 0; r < owners.size(); ++r) {
    if (owners[r].importance <= 0) continue;
    std::uint64_t row = static_cast<std::uint64_t>(corpus_.keys[owners[r].gram] >> 24U) << 56U;
    for (std::size_t h = 0; h < kHeadCount; ++h) {
      if (p.scale[h] <= 0) continue;
      const auto w = std::lround(static_cast<double>(grams_[owners[r].gram][h]) / p.scale[h]);
      row |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(static_cast<std::int8_t>(w))) << (8 * h);
    }
    p.rows[r] = row;
  }
  if (hidden_ == 0) return p;

  p.width = width_;
  p.hidden = hidden_;
  p.gain = options_.gain;
  p.floor = floor_;
  p.word_keys = corpus_.word_keys;
  p.vectors.assign(corpus_.vectors.begin(), corpus_.vectors.end());
  const auto flatten = [](const std::vector<EightFloats>& from, std::vector<float>& to) {
    for (const auto& lanes : from)
      for (std::size_t k = 0; k < kLanes; ++k) to.push_back(lanes[k]);
  };
  flatten(in_, p.in);
  flatten(hidden_bias_, p.hidden_bias);
  flatten(out_, p.out);
  return p;
}

}  // namespace plimsoll::classify
