#include "sort_runs.h"

#include <gtest/gtest.h>

#include <random>

namespace plimsoll::detect {
namespace {

TEST(SortRuns, SortsWhateverThereIs) {
  std::mt19937 random(3);
  for (int round = 0; round < 500; ++round) {
    std::vector<int> all;
    const auto runs = random() % 9;
    const auto longest = 1 + random() % 60;
    for (std::size_t i = 0; i < runs; ++i) {
      std::vector<int> run(random() % longest);
      for (auto& n : run) n = static_cast<int>(random() % 100);
      if (random() % 4 != 0) std::ranges::sort(run);
      all.insert(all.end(), run.begin(), run.end());
    }
    auto expected = all;
    std::ranges::sort(expected);
    sort_runs(all);
    ASSERT_EQ(all, expected);
  }
}

}  // namespace
}  // namespace plimsoll::detect
