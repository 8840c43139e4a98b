#include "cel/type.h"

namespace plimsoll::cel {
namespace {

std::string base_name(const Type& type) {
  switch (type.kind()) {
    case Type::Kind::kDyn:
      return "dyn";
    case Type::Kind::kNull:
      return "null_type";
    case Type::Kind::kBool:
      return "bool";
    case Type::Kind::kInt:
      return "int";
    case Type::Kind::kUint:
      return "uint";
    case Type::Kind::kDouble:
      return "double";
    case Type::Kind::kString:
      return "string";
    case Type::Kind::kBytes:
      return "bytes";
    case Type::Kind::kTimestamp:
      return "google.protobuf.Timestamp";
    case Type::Kind::kDuration:
      return "google.protobuf.Duration";
    case Type::Kind::kList:
      return "list";
    case Type::Kind::kMap:
      return "map";
    case Type::Kind::kOptional:
      return "optional_type";
    case Type::Kind::kType:
      return "type";
    case Type::Kind::kObject:
    case Type::Kind::kParameter:
      return type.name();
  }
  return "dyn";
}

}  // namespace

std::string Type::to_string() const {
  std::string out = base_name(*this);
  if (parameters_.empty()) return out;
  out += '(';
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (i > 0) out += ", ";
    out += parameters_[i].to_string();
  }
  out += ')';
  return out;
}

}  // namespace plimsoll::cel
