// The values of CEL.
#pragma once

#include <cassert>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
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
  Value(const Value& other);
  Value(Value&& other) noexcept;
  Value& operator=(const Value& other);
  Value& operator=(Value&& other) noexcept;
  ~Value();
  static Value null() { return {}; }
  static Value boolean(bool v);
  static Value integer(std::int64_t v);
  static Value unsigned_integer(std::uint64_t v);
  static Value number(double v);
  static Value string(std::string v);                // owns
  static Value borrowed_string(std::string_view v);  // does not
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

  // CEL equality: numbers across types by value, lists and maps by content, NaN unequal to itself, an Object
  // equal to itself only.
  bool equals(const Value& other) const;

  // For people and for `policy explain`: CEL literal notation, at most `max_bytes`, then an ellipsis.
  std::string to_string(std::size_t max_bytes = 200) const;

 private:
  struct Shared;
  struct OwnedText;
  struct OwnedList;
  struct OwnedMap;
  struct OwnedOptional;
  struct OwnedType;

  void retain() const;
  void release();

  // A kind, what it needs inline, and, for what this value shares rather than borrows, the counted owner.
  union Payload {
    std::int64_t integer;
    std::uint64_t unsigned_integer;
    double number;
    bool boolean;
    const char* text;
    const List* list;
    const Map* map;
    const Object* object;
    const Value* optional;
    const Type* type;
  };
  Type::Kind kind_ = Type::Kind::kNull;
  std::int32_t nanos_ = 0;  // of a timestamp or duration
  Payload payload_{.integer = 0};
  std::size_t length_ = 0;  // of text
  const Shared* owner_ = nullptr;
};

inline Value Value::boolean(bool v) {
  Value out;
  out.kind_ = Type::Kind::kBool;
  out.payload_.boolean = v;
  return out;
}

inline Value Value::integer(std::int64_t v) {
  Value out;
  out.kind_ = Type::Kind::kInt;
  out.payload_.integer = v;
  return out;
}

inline Value Value::unsigned_integer(std::uint64_t v) {
  Value out;
  out.kind_ = Type::Kind::kUint;
  out.payload_.unsigned_integer = v;
  return out;
}

inline Value Value::number(double v) {
  Value out;
  out.kind_ = Type::Kind::kDouble;
  out.payload_.number = v;
  return out;
}

inline Value Value::borrowed_string(std::string_view v) {
  Value out;
  out.kind_ = Type::Kind::kString;
  out.payload_.text = v.data();
  out.length_ = v.size();
  return out;
}

inline Value::Value(const Value& other)
    : kind_(other.kind_),
      nanos_(other.nanos_),
      payload_(other.payload_),
      length_(other.length_),
      owner_(other.owner_) {
  if (owner_ != nullptr) retain();
}

inline Value::Value(Value&& other) noexcept
    : kind_(other.kind_),
      nanos_(other.nanos_),
      payload_(other.payload_),
      length_(other.length_),
      owner_(std::exchange(other.owner_, nullptr)) {
  other.kind_ = Type::Kind::kNull;
}

inline Value::~Value() {
  if (owner_ != nullptr) release();
}

inline Value& Value::operator=(Value&& other) noexcept {
  if (this == &other) return *this;
  if (owner_ != nullptr) release();
  kind_ = std::exchange(other.kind_, Type::Kind::kNull);
  nanos_ = other.nanos_;
  payload_ = other.payload_;
  length_ = other.length_;
  owner_ = std::exchange(other.owner_, nullptr);
  return *this;
}

inline Value& Value::operator=(const Value& other) {
  if (this != &other) *this = Value(other);
  return *this;
}

inline Type::Kind Value::kind() const {
  return kind_;
}

inline bool Value::as_bool() const {
  assert(kind_ == Type::Kind::kBool);
  return payload_.boolean;
}

inline std::int64_t Value::as_int() const {
  assert(kind_ == Type::Kind::kInt);
  return payload_.integer;
}

inline std::uint64_t Value::as_uint() const {
  assert(kind_ == Type::Kind::kUint);
  return payload_.unsigned_integer;
}

inline double Value::as_double() const {
  assert(kind_ == Type::Kind::kDouble);
  return payload_.number;
}

inline std::string_view Value::as_string() const {
  assert(kind_ == Type::Kind::kString || kind_ == Type::Kind::kBytes);
  return {payload_.text, length_};
}

inline Timestamp Value::as_timestamp() const {
  assert(kind_ == Type::Kind::kTimestamp);
  return {payload_.integer, nanos_};
}

inline Duration Value::as_duration() const {
  assert(kind_ == Type::Kind::kDuration);
  return {payload_.integer, nanos_};
}

inline const List& Value::as_list() const {
  assert(kind_ == Type::Kind::kList);
  return *payload_.list;
}

inline const Map& Value::as_map() const {
  assert(kind_ == Type::Kind::kMap);
  return *payload_.map;
}

inline const Object& Value::as_object() const {
  assert(kind_ == Type::Kind::kObject);
  return *payload_.object;
}

inline const Type& Value::as_type() const {
  assert(kind_ == Type::Kind::kType);
  return *payload_.type;
}

inline const Value* Value::as_optional() const {
  assert(kind_ == Type::Kind::kOptional);
  return payload_.optional;
}

}  // namespace plimsoll::cel
