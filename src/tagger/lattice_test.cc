#include "lattice.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "random.h"

namespace plimsoll::tagger {
namespace {

constexpr std::size_t kWords = 4;

struct World {
  std::vector<Scores> scores{kWords};
  Transitions<std::int16_t> transitions{};

  explicit World(std::uint64_t seed) {
    Random random(seed);
    for (auto& row : scores)
      for (std::size_t y = 0; y < kLabels; ++y)
        row[y] = static_cast<std::int16_t>(static_cast<int>(random.below(60)) - 30);
    for (auto& row : transitions)
      for (auto& w : row) w = static_cast<std::int16_t>(static_cast<int>(random.below(40)) - 20);
  }

  // Every legal labelling and its score.
  void each(const std::function<void(const std::vector<Label>&, int)>& take) const {
    std::vector<Label> labels(kWords);
    std::size_t combinations = 1;
    for (std::size_t i = 0; i < kWords; ++i) combinations *= kLabels;
    for (std::size_t code = 0; code < combinations; ++code) {
      std::size_t rest = code;
      int sum = 0;
      bool fine = true;
      Label before = kOutside;
      for (std::size_t t = 0; t < kWords; ++t, rest /= kLabels) {
        labels[t] = static_cast<Label>(rest % kLabels);
        fine = fine && legal(before, labels[t]);
        sum += scores[t][labels[t]] + transitions[before][labels[t]];
        before = labels[t];
      }
      if (fine) take(labels, sum);
    }
  }
};

TEST(Decoder, FindsTheBestOfAllLegalLabellings) {
  Decoder decoder;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const World world(seed);
    int best = -1'000'000;
    world.each([&](const auto&, int score) { best = std::max(best, score); });
    const auto labels = decoder.decode(world.scores, world.transitions);
    int sum = 0;
    Label before = kOutside;
    for (std::size_t t = 0; t < kWords; ++t) {
      EXPECT_TRUE(legal(before, labels[t]));
      sum += world.scores[t][labels[t]] + world.transitions[before][labels[t]];
      before = labels[t];
    }
    EXPECT_EQ(sum, best) << seed;
  }
}

TEST(Lattice, AgreesWithTheSumOverAllLegalLabellings) {
  constexpr float kScale = 0.05F;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const World world(seed);
    std::vector<Lattice::Row> unary(kWords);
    Transitions<float> transitions{};
    for (std::size_t t = 0; t < kWords; ++t)
      for (std::size_t y = 0; y < kLabels; ++y) unary[t][y] = world.scores[t][y] * kScale;
    for (std::size_t x = 0; x < kLabels; ++x)
      for (std::size_t y = 0; y < kLabels; ++y) transitions[x][y] = world.transitions[x][y] * kScale;

    double all = 0, person = 0, second = 0, edge = 0;
    const Label b = begin_of(Kind::kPerson), i = inside_of(Kind::kPerson);
    world.each([&](const auto& labels, int score) {
      const double weight = std::exp(score * static_cast<double>(kScale));
      all += weight;
      if (labels[1] == b && labels[2] == i && labels[3] != i) person += weight;
      if (labels[1] == b) second += weight;
      if (labels[0] == kOutside && labels[1] == b) edge += weight;
    });
    const auto steps = Lattice::steps_of(transitions);
    Lattice lattice;
    ASSERT_TRUE(lattice.sum(unary, steps, {}));
    EXPECT_NEAR(lattice.log_sum(), std::log(all), 1e-4);
    EXPECT_NEAR(lattice.probability(1, 3, Kind::kPerson), person / all, 1e-5);
    EXPECT_NEAR(lattice.probability(1, b), second / all, 1e-5);
    EXPECT_NEAR(lattice.probability(1, kOutside, b), edge / all, 1e-5);
  }
}

TEST(Lattice, SaysWhenNothingIsAllowed) {
  const std::vector<Lattice::Row> unary(2);
  const Transitions<float> transitions{};
  const std::vector<std::uint16_t> allowed{1, 0};
  EXPECT_FALSE(Lattice().sum(unary, transitions, allowed));
}

}  // namespace
}  // namespace plimsoll::tagger
