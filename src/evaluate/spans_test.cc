#include "spans.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace plimsoll::evaluate {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(Spans, OverlapIsIntersectionOverUnion) {
  EXPECT_DOUBLE_EQ(overlap({0, 10}, {0, 10}), 1);
  EXPECT_DOUBLE_EQ(overlap({0, 10}, {5, 15}), 5 / 15.);
  EXPECT_DOUBLE_EQ(overlap({2, 4}, {0, 10}), .2);
  EXPECT_DOUBLE_EQ(overlap({0, 5}, {5, 9}), 0);
  EXPECT_DOUBLE_EQ(overlap({0, 5}, {7, 9}), 0);
}

TEST(Spans, MatchWhenMoreThanSevenTenthsOverlap) {
  const std::vector<Place> marked = {{{0, 10}, 1}};
  EXPECT_THAT(match(marked, std::vector<Place>{{{0, 7}, 1}}, true), IsEmpty());  // exactly .7
  EXPECT_THAT(match(marked, std::vector<Place>{{{0, 8}, 1}}, true), ElementsAre(Pair(0, 0)));
}

TEST(Spans, MatchWithinATypeOrWhateverTheType) {
  const std::vector<Place> marked = {{{0, 10}, 1}};
  const std::vector<Place> found = {{{0, 10}, 2}};
  EXPECT_THAT(match(marked, found, true), IsEmpty());
  EXPECT_THAT(match(marked, found, false), ElementsAre(Pair(0, 0)));
}

TEST(Spans, EachIsMatchedOnceAndTheBestPairFirst) {
  const std::vector<Place> marked = {{{0, 10}, 1}, {{20, 30}, 1}};
  const std::vector<Place> found = {{{0, 9}, 1}, {{0, 10}, 1}, {{20, 30}, 1}};
  EXPECT_THAT(match(marked, found, true), ElementsAre(Pair(0, 1), Pair(1, 2)));
  // Two marked over one found: the closer has it.
  EXPECT_THAT(match(std::vector<Place>{{{0, 8}, 1}, {{0, 10}, 1}}, std::vector<Place>{{{0, 10}, 1}}, true),
              ElementsAre(Pair(1, 0)));
}

TEST(Spans, NamesOfOneTypeAreOneType) {
  EXPECT_EQ(canonical_type("PHONE"), "PHONE_NUMBER");
  EXPECT_EQ(canonical_type("PHONE_NUMBER"), "PHONE_NUMBER");
  EXPECT_EQ(canonical_type("US_DRIVER_LICENSE"), canonical_type("DRIVER_LICENSE"));
  EXPECT_EQ(canonical_type("BIC"), "SWIFT_CODE");
  EXPECT_EQ(canonical_type("US_PASSPORT"), "PASSPORT");
  EXPECT_EQ(canonical_type("SOMETHING_ELSE"), "SOMETHING_ELSE");
  EXPECT_EQ(canonical_type(""), "");
}

TEST(Spans, EveryAliasIsFound) {
  // The table is searched by halves, so it must be in order.
  for (const char* name : {"BIC",
                           "CARD_NUMBER",
                           "CREDIT_CARD_NUMBER",
                           "DATE",
                           "DOB",
                           "DOMAIN",
                           "DOMAIN_NAME",
                           "DRIVERS_LICENSE",
                           "DRIVING_LICENCE",
                           "EMAIL",
                           "GPE",
                           "IBAN",
                           "IP",
                           "IPV4",
                           "IPV6",
                           "LOC",
                           "MAC",
                           "NAME",
                           "ORG",
                           "PASSPORT_NUMBER",
                           "PER",
                           "PHONE",
                           "SSN",
                           "STREET_ADDRESS",
                           "UK_DRIVING_LICENCE",
                           "UK_PASSPORT",
                           "URL_CREDENTIALS",
                           "US_DRIVER_LICENSE",
                           "US_PASSPORT"})
    EXPECT_NE(canonical_type(name), name);
}

}  // namespace
}  // namespace plimsoll::evaluate
