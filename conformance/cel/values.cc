#include "values.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace plimsoll::conformance {
namespace {

using cel::Type;
using cel::Value;
using Kind = cel::Type::Kind;

template <class T>
std::expected<T, std::string> number(const std::string& text) {
  T out{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size())
    return std::unexpected("not a number: " + text);
  return out;
}

std::expected<double, std::string> real(const std::string& text) {
  if (text == "inf" || text == "infinity") return std::numeric_limits<double>::infinity();
  if (text == "-inf" || text == "-infinity") return -std::numeric_limits<double>::infinity();
  if (text == "nan") return std::nan("");
  return number<double>(text);
}

std::expected<Type, std::string> type_by_name(const std::string& name) {
  const std::pair<const char*, Type> known[] = {{"bool", Type::boolean()},
                                                {"int", Type::integer()},
                                                {"uint", Type::unsigned_integer()},
                                                {"double", Type::number()},
                                                {"string", Type::string()},
                                                {"bytes", Type::bytes()},
                                                {"null_type", Type::null()},
                                                {"list", Type::list(Type::dyn())},
                                                {"map", Type::map(Type::dyn(), Type::dyn())},
                                                {"type", Type::type_of(Type::dyn())},
                                                {"optional_type", Type::optional(Type::dyn())},
                                                {"google.protobuf.Timestamp", Type::timestamp()},
                                                {"google.protobuf.Duration", Type::duration()}};
  for (const auto& [known_name, type] : known) {
    if (name == known_name) return type;
  }
  return std::unexpected("unknown type name " + name);
}

std::expected<Value, std::string> read_list(const Message& list) {
  std::vector<Value> out;
  for (const Message* element : list.all("values")) {
    auto v = read_value(*element);
    if (!v) return v;
    out.push_back(*std::move(v));
  }
  return Value::list(std::move(out));
}

std::expected<Value, std::string> read_map(const Message& map) {
  std::vector<std::pair<Value, Value>> out;
  for (const Message* entry : map.all("entries")) {
    const Message* key = entry->message("key");
    const Message* value = entry->message("value");
    if (key == nullptr || value == nullptr) return std::unexpected("a map entry without key or value");
    auto k = read_value(*key);
    auto v = read_value(*value);
    if (!k) return k;
    if (!v) return v;
    out.emplace_back(*std::move(k), *std::move(v));
  }
  return Value::map(std::move(out));
}

std::expected<Value, std::string> read_object(const Message& any) {
  if (any.fields.size() != 1 || any.fields[0].message == nullptr)
    return std::unexpected("an unreadable object");
  const Message& body = *any.fields[0].message;
  const auto part = [&](std::string_view name) {
    return number<std::int64_t>(body.find(name) ? body.text(name) : "0");
  };
  const auto seconds = part("seconds");
  const auto nanos = part("nanos");
  if (!seconds || !nanos) return std::unexpected("seconds or nanos are no numbers");
  const auto small = static_cast<std::int32_t>(*nanos);
  if (any.fields[0].name.ends_with("google.protobuf.Duration]")) return Value::duration({*seconds, small});
  if (any.fields[0].name.ends_with("google.protobuf.Timestamp]")) return Value::timestamp({*seconds, small});
  return std::unexpected("a message: " + any.fields[0].name);
}

bool same_lists(const cel::List& a, const cel::List& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!same(a.at(i), b.at(i))) return false;
  }
  return true;
}

bool same_maps(const cel::Map& a, const cel::Map& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    bool found = false;
    for (std::size_t j = 0; j < b.size() && !found; ++j) found = same(a.key(i), b.key(j));
    if (!found || !same(*a.find(a.key(i)), *b.find(a.key(i)))) return false;
  }
  return true;
}

std::expected<Type, std::string> read_primitive(const std::string& name) {
  if (name == "BOOL") return Type::boolean();
  if (name == "INT64") return Type::integer();
  if (name == "UINT64") return Type::unsigned_integer();
  if (name == "DOUBLE") return Type::number();
  if (name == "STRING") return Type::string();
  if (name == "BYTES") return Type::bytes();
  return std::unexpected("unknown primitive type " + name);
}

std::expected<Type, std::string> read_part(const Message& type, std::string_view name) {
  const Message* part = type.message(name);
  return part == nullptr ? Type::dyn() : read_type(*part);
}

std::expected<Type, std::string> read_abstract(const Message& type) {
  std::vector<Type> parameters;
  for (const Message* parameter : type.all("parameter_types")) {
    auto p = read_type(*parameter);
    if (!p) return p;
    parameters.push_back(*std::move(p));
  }
  if (type.text("name") == "optional_type" && parameters.size() == 1) return Type::optional(parameters[0]);
  return Type::opaque(type.text("name"), std::move(parameters));
}

}  // namespace

std::expected<Value, std::string> read_value(const Message& value) {
  if (value.fields.size() != 1) return std::unexpected("a value with other than one field");
  const Field& f = value.fields[0];
  const auto made = [](auto read, auto make) -> std::expected<Value, std::string> {
    if (!read) return std::unexpected(read.error());
    return make(*read);
  };
  if (f.name == "null_value") return Value::null();
  if (f.name == "bool_value") return Value::boolean(f.text == "true");
  if (f.name == "int64_value") return made(number<std::int64_t>(f.text), Value::integer);
  if (f.name == "uint64_value") return made(number<std::uint64_t>(f.text), Value::unsigned_integer);
  if (f.name == "double_value") return made(real(f.text), Value::number);
  if (f.name == "string_value") return Value::string(f.text);
  if (f.name == "bytes_value") return Value::bytes(f.text);
  if (f.name == "type_value") return made(type_by_name(f.text), Value::type);
  if (f.message == nullptr) return std::unexpected("unknown kind of value " + f.name);
  if (f.name == "list_value") return read_list(*f.message);
  if (f.name == "map_value") return read_map(*f.message);
  if (f.name == "object_value") return read_object(*f.message);
  return std::unexpected("unknown kind of value " + f.name);
}

std::expected<Type, std::string> read_type(const Message& type) {
  if (type.fields.size() != 1) return std::unexpected("a type with other than one field");
  const Field& f = type.fields[0];
  if (f.name == "dyn") return Type::dyn();
  if (f.name == "null") return Type::null();
  if (f.name == "primitive") return read_primitive(f.text);
  if (f.name == "type_param") return Type::parameter(f.text);
  if (f.name == "well_known" && f.text == "TIMESTAMP") return Type::timestamp();
  if (f.name == "well_known" && f.text == "DURATION") return Type::duration();
  if (f.name == "message_type" && f.text == "google.protobuf.Timestamp") return Type::timestamp();
  if (f.name == "message_type" && f.text == "google.protobuf.Duration") return Type::duration();
  if (f.message == nullptr) return std::unexpected("unknown type " + f.name + " " + f.text);
  if (f.name == "abstract_type") return read_abstract(*f.message);
  if (f.name == "list_type") {
    auto element = read_part(*f.message, "elem_type");
    return element ? std::expected<Type, std::string>(Type::list(*element)) : element;
  }
  if (f.name == "map_type") {
    auto key = read_part(*f.message, "key_type");
    auto value = read_part(*f.message, "value_type");
    if (!key) return key;
    return value ? std::expected<Type, std::string>(Type::map(*key, *value)) : value;
  }
  return std::unexpected("unknown type " + f.name);
}

bool same(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::kDouble:
      if (std::isnan(a.as_double()) && std::isnan(b.as_double())) return true;
      return a.as_double() == b.as_double() && std::signbit(a.as_double()) == std::signbit(b.as_double());
    case Kind::kList:
      return same_lists(a.as_list(), b.as_list());
    case Kind::kMap:
      return same_maps(a.as_map(), b.as_map());
    case Kind::kOptional: {
      const Value* left = a.as_optional();
      const Value* right = b.as_optional();
      return left == nullptr || right == nullptr ? left == right : same(*left, *right);
    }
    default:
      return a.equals(b);
  }
}

}  // namespace plimsoll::conformance
