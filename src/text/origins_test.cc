#include "text/origins.h"

#include <gtest/gtest.h>

#include <random>

namespace plimsoll::text {
namespace {

TEST(Origins, AreThoseThatWereAppended) {
  std::mt19937 random(3);
  for (int round = 0; round < 300; ++round) {
    Origins before;
    std::vector<Origin> all_before;
    for (int generation = 0; generation < 2; ++generation) {
      Origins origins;
      std::vector<Origin> all;
      std::uint32_t at = random() % 100;
      for (int step = 0; step < 40; ++step) {
        const auto count = random() % (step % 3 == 0 ? 5 : 300);
        const Origin origin{at, at + 1 + static_cast<std::uint32_t>(random() % 4)};
        switch (random() % 4) {
          case 0:
            origins.append(count % 7, origin);
            all.insert(all.end(), count % 7, origin);
            break;
          case 1:
            origins.push_back(origin);
            all.push_back(origin);
            break;
          case 2:
            if (all_before.empty()) break;
            {
              const auto begin = random() % all_before.size(),
                         end = std::min(begin + count, all_before.size());
              origins.append(before, begin, end);
              all.insert(all.end(), all_before.begin() + static_cast<std::ptrdiff_t>(begin),
                         all_before.begin() + static_cast<std::ptrdiff_t>(end));
            }
            break;
          default:
            origins.append_same(count, at);
            for (std::uint32_t i = 0; i < count; ++i) all.push_back({at + i, at + i + 1});
        }
        // Often right behind what was appended last.
        at = random() % 4 == 0 ? static_cast<std::uint32_t>(random() % 1000)
             : all.empty()     ? 0
                               : all.back().end;
      }
      ASSERT_EQ(origins.size(), all.size());
      for (std::size_t i = 0; i < all.size(); ++i) {
        ASSERT_EQ(origins[i].begin, all[i].begin) << i;
        ASSERT_EQ(origins[i].end, all[i].end) << i;
      }
      before = std::move(origins);
      all_before = std::move(all);
    }
    before.clear();
    ASSERT_EQ(before.size(), 0U);
  }
}

}  // namespace
}  // namespace plimsoll::text
