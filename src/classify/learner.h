// The learning itself: AdaGrad (Duchi, Hazan, Singer 2011) on logistic losses, all heads at once.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "classify/train.h"
#include "corpus.h"
#include "parameters.h"

namespace plimsoll::classify {

using EightFloats [[gnu::vector_size(32)]] = float;

class Learner {
 public:
  // `corpus` as select() made it of `examples` and `part`; all is borrowed.
  Learner(const Corpus& corpus, std::span<const Example> examples, const std::vector<bool>& part,
          const TrainOptions& options);

  unsigned epochs() const { return epochs_; }
  void run_epoch();

  // Everything the next epoch depends on. restore() is false, and changes nothing, when it does not fit.
  std::string save() const;
  bool restore(std::string_view state);

  // The model in eight bits, uncalibrated.
  Parameters parameters() const;

 private:
  // A run of windows that the learner reads as one text.
  struct Instance {
    std::size_t first;
    std::size_t last;
  };
  struct Forward {
    EightFloats logits;
    float norm;
  };

  void weigh(std::span<const Example> examples);
  void learn(std::size_t example, Instance instance, float share, std::uint32_t mask_seed);
  Forward forward(Instance instance, std::uint32_t mask_seed, bool training);
  void pool(Instance instance);
  void add_network(EightFloats& logits, std::uint32_t mask_seed, bool training);
  void learn_network(const EightFloats& gradient);
  std::size_t likeliest_window(std::size_t example);
  std::size_t windows_of(std::size_t example) const;
  // Calls visit(gram) for each n-gram that counts in an instance, and returns how many n-grams count.
  template <class Visit>
  std::size_t visit_grams(Instance instance, const Visit& visit) const;
  bool kept(std::uint32_t gram, std::uint32_t mask_seed) const;

  const Corpus& corpus_;
  const TrainOptions& options_;
  std::size_t width_ = 0;
  std::size_t hidden_ = 0;
  double floor_ = 1;
  std::vector<std::size_t> order_;
  std::vector<EightFloats> weight_;  // of each example's heads; 0 where the label is unknown
  std::vector<EightFloats> target_;

  unsigned epochs_ = 0;
  EightFloats bias_{};
  EightFloats bias_squares_{};
  std::vector<EightFloats> grams_;
  std::vector<EightFloats> gram_squares_;
  std::vector<EightFloats> in_, in_squares_;  // width x hidden / 8
  std::vector<EightFloats> hidden_bias_, hidden_bias_squares_;
  std::vector<EightFloats> out_, out_squares_;  // hidden

  std::vector<std::int32_t> sums_;
  std::vector<float> pooled_;
  std::vector<EightFloats> active_, blame_;
};

}  // namespace plimsoll::classify
