#include "pointer.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>
#include <optional>

#include "base/json.h"

namespace plimsoll::wire {
namespace {

// Takes the first reference token, still escaped, off `rest`, which begins with a slash.
std::string_view take_token(std::string_view& rest) {
  const auto end = rest.find('/', 1);
  const auto token = rest.substr(1, end == std::string_view::npos ? end : end - 1);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end);
  return token;
}

std::string unescaped(std::string_view token) {
  std::string name;
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] == '~' && i + 1 < token.size()) {
      name += token[++i] == '1' ? '/' : '~';
    } else {
      name += token[i];
    }
  }
  return name;
}

std::optional<std::size_t> index_of(std::string_view token) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  if (token.empty() || error != std::errc() || end != token.data() + token.size()) return std::nullopt;
  return index;
}

}  // namespace

json::value* find_at(json::value& root, std::string_view pointer) {
  auto* value = &root;
  while (!pointer.empty() && value != nullptr) {
    if (pointer.front() != '/') return nullptr;
    const auto token = take_token(pointer);
    if (auto* object = value->if_object(); object != nullptr) {
      value = object->if_contains(token.contains('~') ? unescaped(token) : token);
    } else if (auto* array = value->if_array(); array != nullptr) {
      const auto index = index_of(token);
      value = index && *index < array->size() ? &(*array)[*index] : nullptr;
    } else {
      return nullptr;
    }
  }
  return value;
}

void append_step(std::string& pointer, std::string_view member) {
  pointer += '/';
  for (const char c : member) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
}

std::string as_param(std::string_view pointer) {
  std::string param;
  while (!pointer.empty()) {
    const auto token = take_token(pointer);
    if (index_of(token)) {
      param.append("[").append(token).append("]");
    } else {
      if (!param.empty()) param += '.';
      param += unescaped(token);
    }
  }
  return param;
}

}  // namespace plimsoll::wire
