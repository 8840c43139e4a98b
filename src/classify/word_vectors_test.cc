#include "word_vectors.h"

#include <gtest/gtest.h>

#include <cmath>

#include "exact.h"

namespace plimsoll::classify {
namespace {

// Words 0 to 9 are animals, 10 to 19 tools; 20 to 39 stand near animals, 40 to 59 near tools.
std::vector<std::vector<std::uint32_t>> two_subjects() {
  std::vector<std::vector<std::uint32_t>> lines;
  Random random(7);
  for (int i = 0; i < 2000; ++i) {
    const auto subject = static_cast<std::uint32_t>(i % 2);
    std::vector<std::uint32_t> line;
    for (int k = 0; k < 3; ++k) {
      line.push_back(static_cast<std::uint32_t>(subject * 10 + random.below(10)));
      line.push_back(static_cast<std::uint32_t>(20 + subject * 20 + random.below(20)));
      if (k == 1) line.push_back(kNoWord);
    }
    lines.push_back(line);
  }
  return lines;
}

double likeness(const std::vector<std::int8_t>& vectors, std::size_t a, std::size_t b) {
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t j = 0; j < 64; ++j) {
    const double x = vectors[a * 64 + j], y = vectors[b * 64 + j];
    ab += x * y, aa += x * x, bb += y * y;
  }
  return ab / std::sqrt(aa * bb);
}

TEST(WordVectors, WordsOfASubjectAreAlike) {
  const auto vectors = learn_vectors(two_subjects(), 60, {});
  ASSERT_EQ(vectors.size(), 60U * 64);
  double within = 0, across = 0;
  for (std::size_t a = 0; a < 10; ++a)
    for (std::size_t b = 0; b < a; ++b) {
      within += likeness(vectors, a, b) / 45;
      across += likeness(vectors, a, 10 + b) / 45;
    }
  EXPECT_GT(within, across + 0.3) << within << ' ' << across;
}

TEST(WordVectors, AreTheSameEveryTime) {
  EXPECT_EQ(learn_vectors(two_subjects(), 60, {}), learn_vectors(two_subjects(), 60, {}));
}

TEST(WordVectors, AWordThatStandsAloneHasNone) {
  const std::vector<std::vector<std::uint32_t>> lines{{0}, {1, 2}, {1, 2}};
  const auto vectors = learn_vectors(lines, 3, {});
  for (std::size_t j = 0; j < 64; ++j) EXPECT_EQ(vectors[j], 0);
}

}  // namespace
}  // namespace plimsoll::classify
