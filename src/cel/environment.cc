#include <utility>

#include "cel/cel.h"

namespace plimsoll::cel {

std::size_t Environment::declare(std::string name, Type type) {
  variables_.push_back({std::move(name), std::move(type)});
  return variables_.size() - 1;
}

void Environment::declare_object(std::string type_name, std::vector<std::pair<std::string, Type>> fields) {
  objects_.emplace_back(std::move(type_name), std::move(fields));
}

void Environment::declare_function(std::string name, std::vector<Type> parameters, Type result) {
  functions_.emplace_back(std::move(name), std::pair(std::move(parameters), std::move(result)));
}

void Environment::set_container(std::string container) {
  container_ = std::move(container);
}

void Environment::allow_spelled_operators(bool allow) {
  spelled_operators_ = allow;
}

}  // namespace plimsoll::cel
