#include "event_ids.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace plimsoll::control {
namespace {

using Claim = EventIds::Claim;

TEST(EventIds, AnEventIsClaimedOnceUntilItIsSettled) {
  EventIds ids;
  EXPECT_EQ(ids.claim(7), Claim::kNew);
  EXPECT_EQ(ids.claim(7), Claim::kInFlight);
  ids.settle(7, false);
  EXPECT_EQ(ids.claim(7), Claim::kNew);
  ids.settle(7, true);
  EXPECT_EQ(ids.claim(7), Claim::kKnown);
  EXPECT_EQ(ids.size(), 1U);
}

TEST(EventIds, KnowsWhatASetKnows) {
  EventIds ids;
  std::mt19937_64 random(1);
  std::set<std::int64_t> all = {0};
  ids.add(0);
  for (int i = 0; i < 50'000; ++i) {
    const auto key = static_cast<std::int64_t>(random() % 4 == 0 ? random() % 1'000 + 2 : random());
    all.insert(key);
    ids.add(key);
  }
  EXPECT_EQ(ids.size(), all.size());
  for (const auto key : all) ASSERT_EQ(ids.claim(key), Claim::kKnown);
  for (int i = 0; i < 1'000; ++i)
    if (const auto key = static_cast<std::int64_t>(random()); !all.contains(key)) {
      ASSERT_EQ(ids.claim(key), Claim::kNew);
    }
}

}  // namespace
}  // namespace plimsoll::control
