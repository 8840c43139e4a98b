#include "act.h"

#include <gtest/gtest.h>

namespace plimsoll::gateway {
namespace {

Categories of(std::initializer_list<Category> list) {
  Categories out;
  for (const Category c : list) out.add(c);
  return out;
}

std::string redacted(std::string_view text, const std::vector<Finding>& findings, std::uint32_t segment,
                     Categories categories, std::string_view pattern) {
  Placeholders final_ones(pattern, false);
  return redact(text, findings, segment, categories, final_ones);
}

Finding at(std::size_t begin, std::size_t end, Category category = Category::kPii,
           std::string_view entity = "E") {
  return {.category = category, .entity = entity, .detector = "d", .span = {begin, end}};
}

TEST(Redact, ReplacesSpansBackIntoTheTextAroundThem) {
  EXPECT_EQ(redacted("ab CD ef GH", {at(3, 5), at(9, 11)}, 0, of({Category::kPii}), "<{entity}>"),
            "ab <E> ef <E>");
}

TEST(Redact, CoversOverlapsWithOnePlaceholder) {
  EXPECT_EQ(redacted("abcdefgh", {at(4, 7), at(2, 5), at(2, 4)}, 0, of({Category::kPii}), "_"), "ab_h");
}

TEST(Redact, LeavesOtherCategoriesAndSegmentsAlone) {
  EXPECT_EQ(redacted("abc", {at(0, 3, Category::kSecret)}, 0, of({Category::kPii}), "_"), "abc");
  EXPECT_EQ(redacted("abc", {at(0, 3)}, 1, of({Category::kPii}), "_"), "abc");
}

TEST(Redact, ToleratesSpansBeyondTheText) {
  EXPECT_EQ(redacted("abc", {at(1, 99)}, 0, of({Category::kPii}), "_"), "a_");
}

TEST(Placeholder, FallsBackToTheCategory) {
  EXPECT_EQ(placeholder("[{entity}]", at(0, 1, Category::kSelfHarm, "")), "[self_harm]");
  EXPECT_EQ(placeholder("***", at(0, 1)), "***");
}

}  // namespace
}  // namespace plimsoll::gateway
