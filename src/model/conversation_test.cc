#include "model/conversation.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

Segment at(Role role, std::string pointer) {
  return {.role = role, .kind = SegmentKind::kText, .text = "x", .pointer = std::move(pointer)};
}

Conversation of(std::vector<Segment> segments) {
  Conversation c;
  c.segments = std::move(segments);
  return c;
}

TEST(LatestTurn, BeginsWithTheLastUserMessageAllPartsOfItIncluded) {
  EXPECT_EQ(
      latest_turn(of({at(Role::kSystem, "/messages/0/content"), at(Role::kUser, "/messages/1/content"),
                      at(Role::kAssistant, "/messages/2/content"), at(Role::kUser, "/messages/3/content/0"),
                      at(Role::kUser, "/messages/3/content/1")})),
      3U);
}

TEST(LatestTurn, HoldsTheToolResultsThatItBroughtAbout) {
  EXPECT_EQ(latest_turn(of({at(Role::kUser, "/input/0/content"), at(Role::kAssistant, "/input/1/content"),
                            at(Role::kUser, "/input/2/content"), at(Role::kAssistant, "/input/3/arguments"),
                            at(Role::kTool, "/input/4/output")})),
            2U);
}

TEST(LatestTurn, IsEverythingWhereTheModelHasNotSpokenYet) {
  EXPECT_EQ(latest_turn(of({})), 0U);
  EXPECT_EQ(latest_turn(of({at(Role::kUser, "/prompt")})), 0U);
  EXPECT_EQ(latest_turn(of({at(Role::kUser, "/messages/0/content"), at(Role::kUser, "/messages/1/content")})),
            0U);
  EXPECT_EQ(latest_turn(of({at(Role::kSystem, "/system"), at(Role::kUser, "/messages/0/content")})), 0U);
  EXPECT_EQ(latest_turn(of({at(Role::kUser, "/input/0"), at(Role::kUser, "/input/1")})), 0U);
  EXPECT_EQ(latest_turn(of({at(Role::kAssistant, "/messages/0/content")})), 0U);
}

}  // namespace
}  // namespace plimsoll
