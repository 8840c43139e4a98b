#include "dataset/row.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace plimsoll::dataset {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Row read(std::string_view line) {
  auto row = parse_row(line);
  EXPECT_TRUE(row) << line << ": " << row.error().message;
  return row ? *row : Row{};
}

TEST(Row, ReadsEveryMember) {
  const auto row =
      read(R"({"id":"a-1","text":"x","source":"a","lic":"MIT","lang":"en","native":"bad",)"
           R"("labels":{"cbrn":1,"unsafe":0},"split":"dev","w":0.6,"rule":["cbrn"],"hand":["unsafe"]})");
  EXPECT_EQ(row.id, "a-1");
  EXPECT_EQ(row.text, "x");
  EXPECT_EQ(row.source, "a");
  EXPECT_EQ(row.licence, "MIT");
  EXPECT_EQ(row.lang, "en");
  EXPECT_EQ(row.native, "bad");
  EXPECT_EQ(row.labels[Category::kCbrn], true);
  EXPECT_EQ(row.labels[Category::kHarmfulContent], false);
  EXPECT_EQ(row.split, Split::kDev);
  EXPECT_EQ(row.weight, 0.6);
  EXPECT_THAT(row.by_rule, ElementsAre("cbrn"));
  EXPECT_THAT(row.by_hand, ElementsAre("unsafe"));
  EXPECT_FALSE(row.spans);
}

TEST(Row, WhatIsAbsentIsUnknown) {
  const auto row = read(R"({"text":"x","labels":{"cbrn":null}})");
  EXPECT_EQ(row.labels[Category::kCbrn], std::nullopt);
  EXPECT_EQ(row.labels["jailbreak"], std::nullopt);
  EXPECT_EQ(row.split, Split::kNone);
  EXPECT_EQ(row.weight, 1);
}

TEST(Row, KeepsLabelsThatNoDetectorAnswersTo) {
  const auto row = read(R"({"text":"x","labels":{"privacy":1,"secret":false}})");
  EXPECT_EQ(row.labels["privacy"], true);
  EXPECT_EQ(category_of("privacy"), std::nullopt);
  EXPECT_EQ(row.labels[Category::kSecret], false);
}

TEST(Row, SpansCountCodePointsInTheFileAndBytesInTheRow) {
  const auto row =
      read(R"({"text":"né à 東京, 😀 x","spans":[)"
           R"({"start":9,"end":10,"type":"EMOJI"},{"start":5,"end":7,"type":"LOCATION","native":"GPE"}]})");
  ASSERT_TRUE(row.spans);
  ASSERT_EQ(row.spans->size(), 2U);
  const auto text = [&](const TypedSpan& s) {
    return row.text.substr(s.span.begin, s.span.end - s.span.begin);
  };
  EXPECT_EQ(text(row.spans->at(0)), "東京");
  EXPECT_EQ(row.spans->at(0).native, "GPE");
  EXPECT_EQ(text(row.spans->at(1)), "😀");
}

TEST(Row, ASpanMayEndWhereTheTextEnds) {
  EXPECT_EQ(read(R"({"text":"ab","spans":[{"start":0,"end":2,"type":"X"}]})").spans->at(0).span,
            (Span{0, 2}));
  EXPECT_EQ(read(R"({"text":"ab","spans":[]})").spans->size(), 0U);
}

TEST(Row, NamesTheMemberThatIsWrongAndQuotesNothing) {
  for (const auto& [line, member] : std::vector<std::pair<std::string_view, std::string_view>>{
           {R"({"id":"SEEN"})", "text: is missing"},
           {R"({"text":7})", "text: must be a string"},
           {R"({"text":"SEEN","id":7})", "id: must be a string"},
           {R"({"text":"SEEN","labels":[]})", "labels: must be"},
           {R"({"text":"SEEN","labels":{"SEEN":2}})", "labels: must be"},
           {R"({"text":"SEEN","labels":{"SEEN":0.5}})", "labels: must be"},
           {R"({"text":"SEEN","split":"SEEN"})", "split: must be"},
           {R"({"text":"SEEN","w":0})", "w: must be"},
           {R"({"text":"SEEN","w":1.5})", "w: must be"},
           {R"({"text":"SEEN","rule":[1]})", "rule: must be"},
           {R"({"text":"SEEN","spans":{}})", "spans: must be"},
           {R"({"text":"SEEN","spans":[{"start":0,"end":5,"type":"X"}]})", "inside the text"},
           {R"({"text":"SEEN","spans":[{"start":1,"end":1,"type":"X"}]})", "start < end"},
           {R"({"text":"SEEN","spans":[{"start":-1,"end":1,"type":"X"}]})", "start < end"},
           {R"({"text":"SEEN","spans":[{"start":0,"end":1}]})", "type"},
           {R"(["SEEN"])", "JSON object"},
           {R"({"text":"SEEN","text":"SEEN"})", "duplicate"},
           {R"({"text":"SEEN)", "byte"},
       }) {
    const auto row = parse_row(line);
    ASSERT_FALSE(row) << line;
    EXPECT_EQ(row.error().code, Code::kInvalid) << line;
    EXPECT_THAT(row.error().message, HasSubstr(member)) << line;
    EXPECT_EQ(row.error().message.find("SEEN"), std::string::npos) << row.error().message;
  }
}

TEST(Row, IsBounded) {
  const RowLimits small{.max_line_bytes = 100, .max_labels = 1, .max_spans = 1};
  for (const std::string& line :
       {R"({"text":")" + std::string(100, 'x') + R"("})",
        std::string(R"({"text":"x","labels":{"a":1,"b":1}})"),
        std::string(R"({"text":"x","rule":["a","b"]})"), std::string(R"({"text":"x","spans":[1,2]})")}) {
    const auto row = parse_row(line, small);
    ASSERT_FALSE(row) << line;
    EXPECT_EQ(row.error().code, Code::kTooLarge) << line;
  }
}

TEST(Labels, UnsafeIsAnyHarm) {
  EXPECT_EQ(category_of("unsafe"), Category::kHarmfulContent);
  EXPECT_EQ(label_of(Category::kHarmfulContent), "unsafe");
  EXPECT_EQ(category_of(label_of(Category::kSelfHarm)), Category::kSelfHarm);
}

}  // namespace
}  // namespace plimsoll::dataset
