// The types of CEL, as values.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace plimsoll::cel {

// A small value: a kind, and for lists, maps, optionals and type-of-types the parameters. Compared by
// structure. to_string() gives the notation of the specification: "list(int)", "map(string, dyn)".
class Type {
 public:
  enum class Kind {
    kDyn,
    kNull,
    kBool,
    kInt,
    kUint,
    kDouble,
    kString,
    kBytes,
    kTimestamp,
    kDuration,
    kList,
    kMap,
    kOptional,
    kType,
    kObject,
    kParameter,
  };

  static Type dyn() { return Type(Kind::kDyn); }
  static Type null() { return Type(Kind::kNull); }
  static Type boolean() { return Type(Kind::kBool); }
  static Type integer() { return Type(Kind::kInt); }
  static Type unsigned_integer() { return Type(Kind::kUint); }
  static Type number() { return Type(Kind::kDouble); }
  static Type string() { return Type(Kind::kString); }
  static Type bytes() { return Type(Kind::kBytes); }
  static Type timestamp() { return Type(Kind::kTimestamp); }
  static Type duration() { return Type(Kind::kDuration); }
  static Type list(Type element) { return Type(Kind::kList, {}, {std::move(element)}); }
  static Type map(Type key, Type value) { return Type(Kind::kMap, {}, {std::move(key), std::move(value)}); }
  static Type optional(Type of) { return Type(Kind::kOptional, {}, {std::move(of)}); }
  static Type type_of(Type of) { return Type(Kind::kType, {}, {std::move(of)}); }
  static Type object(std::string name) { return Type(Kind::kObject, std::move(name), {}); }
  // A type that programs only pass around: known by name and parameters, without fields or literals.
  static Type opaque(std::string name, std::vector<Type> parameters) {
    return Type(Kind::kObject, std::move(name), std::move(parameters));
  }
  static Type parameter(std::string name) { return Type(Kind::kParameter, std::move(name), {}); }

  Kind kind() const { return kind_; }
  const std::string& name() const { return name_; }  // of an object or a parameter
  const std::vector<Type>& parameters() const { return parameters_; }
  std::string to_string() const;
  friend bool operator==(const Type&, const Type&) = default;

 private:
  explicit Type(Kind kind, std::string name = {}, std::vector<Type> parameters = {})
      : kind_(kind), name_(std::move(name)), parameters_(std::move(parameters)) {}

  Kind kind_ = Kind::kDyn;
  std::string name_;
  std::vector<Type> parameters_;
};

}  // namespace plimsoll::cel
