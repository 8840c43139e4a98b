// The values of CEL.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cel/type.h"

namespace plimsoll::cel {

class Value;

// Host data seen through an interface, so that binding facts copies nothing. What `borrowed` values point to
// must outlive the evaluation and every Value that came out of it.
class List {
 public:
  virtual ~List() = default;
  virtual std::size_t size() const = 0;
  virtual Value at(std::size_t index) const = 0;  // index < size()
};

class Map {
 public:
  virtual ~Map() = default;
  virtual std::size_t size() const = 0;
  virtual std::optional<Value> find(const Value& key) const = 0;
  virtual Value key(std::size_t index) const = 0;  // index < size(); a stable order
};

// A value of a type declared with Environment::declare_object; fields by their declared position.
class Object {
 public:
  virtual ~Object() = default;
  virtual std::string_view type_name() const = 0;
  virtual Value field(std::size_t index) const = 0;
  virtual bool has(std::size_t index) const = 0;
};

// A point in time and a span of it: nanosecond resolution, the ranges of google.protobuf.Timestamp and
// Duration. Seconds and nanos share a sign in a duration; nanos are 0…999999999 in a timestamp.
struct Timestamp {
  std::int64_t seconds = 0;
  std::int32_t nanos = 0;
  friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
};
struct Duration {
  std::int64_t seconds = 0;
  std::int32_t nanos = 0;
  friend auto operator<=>(const Duration&, const Duration&) = default;
};

// Immutable and cheap to copy: scalars inline, everything else borrowed or shared.
class Value {
 public:
  Value() = default;  // null
  static Value null() { return {}; }
  static Value boolean(bool v);
  static Value integer(std::int64_t v);
  static Value unsigned_integer(std::uint64_t v);
  static Value number(double v);
  static Value string(std::string v);               // owns
  static Value borrowed_string(std::string_view v); // does not
  static Value bytes(std::string v);
  static Value timestamp(Timestamp v);
  static Value duration(Duration v);
  static Value list(std::vector<Value> v);
  static Value map(std::vector<std::pair<Value, Value>> v);  // keys distinct
  static Value borrowed(const List* v);
  static Value borrowed(const Map* v);
  static Value borrowed(const Object* v);
  static Value none();  // optional.none()
  static Value optional_of(Value v);
  static Value type(Type v);

  Type::Kind kind() const;
  bool is_null() const { return kind() == Type::Kind::kNull; }

  // Each requires the matching kind().
  bool as_bool() const;
  std::int64_t as_int() const;
  std::uint64_t as_uint() const;
  double as_double() const;
  std::string_view as_string() const;  // of a string or bytes; valid as long as this Value
  Timestamp as_timestamp() const;
  Duration as_duration() const;
  const List& as_list() const;
  const Map& as_map() const;
  const Object& as_object() const;
  const Type& as_type() const;
  const Value* as_optional() const;  // nullptr for none

  // CEL equality: numbers across types by value, lists and maps by content, NaN unequal to itself.
  bool equals(const Value& other) const;

  // For people and for `policy explain`: CEL literal notation, at most `max_bytes`, then an ellipsis.
  std::string to_string(std::size_t max_bytes = 200) const;

 private:
  // The representation is the implementer's; see value.cc.
  struct Shared;
  std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string_view, Timestamp, Duration,
               const List*, const Map*, const Object*, std::shared_ptr<const Shared>>
      rep_;
};

}  // namespace plimsoll::cel
