#include "model/action.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

TEST(Action, ReadsItsNamesAndTheDocumentsAliases) {
  for (std::size_t i = 0; i < kActionCount; ++i)
    EXPECT_EQ(parse_action(to_string(static_cast<Action>(i))), static_cast<Action>(i));
  EXPECT_EQ(parse_action("pass"), Action::kAllow);
  EXPECT_EQ(parse_action("mask"), Action::kRedact);
  EXPECT_FALSE(parse_action("Block"));
}

TEST(Actions, TheStrictestWins) {
  Actions fired;
  EXPECT_EQ(fired.strictest(), Action::kAllow);
  fired.add(Action::kRedact);
  fired.add(Action::kSafeMode);
  EXPECT_EQ(fired.strictest(), Action::kRedact);
  EXPECT_TRUE(fired.has(Action::kSafeMode));
  fired.add(Action::kErrorBlock);
  EXPECT_EQ(fired.strictest(), Action::kErrorBlock);
}

}  // namespace
}  // namespace plimsoll
