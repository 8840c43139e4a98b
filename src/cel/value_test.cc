#include "cel/value.h"

#include <gtest/gtest.h>

#include <cmath>

#include "values.h"

namespace plimsoll::cel {
namespace {

using Kind = Type::Kind;

TEST(Value, IsNullUntilToldOtherwise) {
  EXPECT_TRUE(Value().is_null());
  EXPECT_EQ(Value().to_string(), "null");
}

TEST(Value, ComparesNumbersOfDifferentTypesByValue) {
  EXPECT_TRUE(Value::integer(1).equals(Value::number(1.0)));
  EXPECT_TRUE(Value::integer(1).equals(Value::unsigned_integer(1)));
  EXPECT_FALSE(Value::integer(-1).equals(Value::unsigned_integer(~0ULL)));
  EXPECT_FALSE(Value::number(std::nan("")).equals(Value::number(std::nan(""))));
}

TEST(Value, KeepsWhatItSharesAliveAcrossCopiesAndMoves) {
  Value list = Value::list({Value::string("a"), Value::optional_of(Value::bytes("b"))});
  const Value copy = list;
  Value moved = std::move(list);
  moved = Value::integer(1);
  moved = copy;
  moved = *&moved;
  EXPECT_EQ(moved.to_string(), "[\"a\", optional.of(b\"b\")]");
  EXPECT_TRUE(moved.equals(copy));
}

TEST(Value, DoesNotCopyWhatItBorrows) {
  const std::string text = "borrowed";
  const Value v = Value::borrowed_string(text);
  const Value copy = v;
  EXPECT_EQ(copy.as_string().data(), text.data());
}

TEST(Value, FindsEveryKeyOfSmallAndLargeMaps) {
  for (const std::int64_t size : {1, 8, 9, 100}) {
    std::vector<std::pair<Value, Value>> entries;
    for (std::int64_t i = 0; i < size; ++i) entries.emplace_back(Value::integer(i), Value::integer(-i));
    entries.emplace_back(Value::string("k"), Value::boolean(true));
    const Value map = Value::map(std::move(entries));
    for (std::int64_t i = 0; i < size; ++i) {
      EXPECT_EQ(map.as_map().find(Value::number(static_cast<double>(i)))->as_int(), -i);
    }
    EXPECT_TRUE(map.as_map().find(Value::borrowed_string("k")));
    EXPECT_FALSE(map.as_map().find(Value::integer(size)));
    EXPECT_FALSE(map.as_map().find(Value::number(0.5)));
    EXPECT_FALSE(map.as_map().find(Value()));
  }
}

TEST(Value, ComparesMapsWhateverTheirOrder) {
  const Value a = Value::map({{Value::string("x"), Value::integer(1)}, {Value::integer(2), Value()}});
  const Value b = Value::map({{Value::unsigned_integer(2), Value()}, {Value::string("x"), Value::number(1)}});
  EXPECT_TRUE(a.equals(b));
  EXPECT_FALSE(a.equals(Value::map({})));
}

TEST(Value, SharedStructureDoesNotMakeABoundedComparisonSlow) {
  Value a = Value::integer(1);
  Value b = Value::integer(1);
  for (int i = 0; i < 100; ++i) {
    a = Value::list({a, a});
    b = Value::list({b, b});
  }
  Budget budget{.steps = 10'000};
  EXPECT_FALSE(equal_values(a, b, budget));
  EXPECT_TRUE(budget.exhausted);
}

TEST(Value, WritesItselfInTheNotationOfTheLanguage) {
  EXPECT_EQ(Value::number(1).to_string(), "1.0");
  EXPECT_EQ(Value::unsigned_integer(7).to_string(), "7u");
  EXPECT_EQ(Value::string("say \"hi\"\n").to_string(), "\"say \\\"hi\\\"\\n\"");
  EXPECT_EQ(Value::bytes(std::string("\x00\xff", 2)).to_string(), "b\"\\x00\\xff\"");
  EXPECT_EQ(Value::duration({-1, -500'000'000}).to_string(), "duration(\"-1.5s\")");
  EXPECT_EQ(Value::timestamp({0, 1'000'000}).to_string(), "timestamp(\"1970-01-01T00:00:00.001Z\")");
  EXPECT_EQ(Value::type(Type::list(Type::integer())).to_string(), "list(int)");
  EXPECT_EQ(Value::map({{Value::boolean(true), Value::none()}}).to_string(), "{true: optional.none()}");
}

TEST(Value, CutsLongTextBetweenCodePoints) {
  EXPECT_EQ(Value::string("ééééé").to_string(4), "\"é…");
  EXPECT_LE(Value::list(std::vector<Value>(10'000, Value::integer(1))).to_string(50).size(), 53U);
}

}  // namespace
}  // namespace plimsoll::cel
