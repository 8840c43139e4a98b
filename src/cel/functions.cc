#include "functions.h"

#include <cassert>
#include <cctype>
#include <functional>
#include <unordered_map>

namespace plimsoll::cel {
namespace {

struct Hash {
  using is_transparent = void;
  std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
};

using Registry = std::unordered_map<std::string, Function, Hash, std::equal_to<>>;

const Registry& registry() {
  static const Registry all = [] {
    Registry out;
    for (const auto library :
         {arithmetic_functions(), comparison_functions(), collection_functions(), conversion_functions(),
          text_functions(), text_search_functions(), format_functions(), math_functions(), bit_functions(),
          time_functions(), optional_functions()}) {
      for (const auto& [name, signatures, implementation] : library) {
        out.emplace(name, Function{std::string(name), parse_signatures(signatures), implementation});
      }
    }
    return out;
  }();
  return all;
}

// Reads the notation of Builtin::signatures, which is ours: it is never wrong.
class SignatureReader {
 public:
  explicit SignatureReader(std::string_view text) : text_(text) {}

  std::vector<Overload> read() {
    std::vector<Overload> out;
    while (!text_.empty()) {
      Overload overload{{}, Type::dyn()};
      while (!accept("->")) {
        overload.parameters.push_back(type());
        accept(",");
      }
      overload.result = type();
      accept(";");
      out.push_back(std::move(overload));
    }
    return out;
  }

 private:
  bool accept(std::string_view symbol) {
    while (text_.starts_with(' ')) text_.remove_prefix(1);
    if (!text_.starts_with(symbol)) return false;
    text_.remove_prefix(symbol.size());
    return true;
  }

  Type type() {
    accept(" ");
    std::size_t length = 0;
    while (length < text_.size() && (text_[length] == '_' || std::isalpha(text_[length]) != 0)) ++length;
    const auto word = text_.substr(0, length);
    text_.remove_prefix(length);
    std::vector<Type> parameters;
    if (accept("(")) {
      while (!accept(")")) {
        parameters.push_back(type());
        accept(",");
      }
    }
    return make(word, std::move(parameters));
  }

  static Type make(std::string_view word, std::vector<Type> parameters) {
    if (word == "list") return Type::list(parameters.at(0));
    if (word == "map") return Type::map(parameters.at(0), parameters.at(1));
    if (word == "optional") return Type::optional(parameters.at(0));
    if (word == "type") return Type::type_of(parameters.at(0));
    if (word == "bool") return Type::boolean();
    if (word == "int") return Type::integer();
    if (word == "uint") return Type::unsigned_integer();
    if (word == "double") return Type::number();
    if (word == "string") return Type::string();
    if (word == "bytes") return Type::bytes();
    if (word == "timestamp") return Type::timestamp();
    if (word == "duration") return Type::duration();
    if (word == "dyn") return Type::dyn();
    assert(word.size() == 1);
    return Type::parameter(std::string(word));
  }

  std::string_view text_;
};

}  // namespace

std::vector<Overload> parse_signatures(std::string_view text) {
  return SignatureReader(text).read();
}

const Function* find_function(std::string_view name) {
  const auto found = registry().find(name);
  return found == registry().end() ? nullptr : &found->second;
}

std::vector<std::string_view> function_names() {
  std::vector<std::string_view> out;
  for (const auto& [name, function] : registry()) out.emplace_back(name);
  return out;
}

std::string_view display_name(std::string_view name) {
  if (name == "_[_]" || name == "_[?_]") return "[]";
  if (name.starts_with("_")) return name.substr(1, name.size() - 2);
  if (name.ends_with("_") && name.size() == 2) return name.substr(0, 1);
  if (name.starts_with(".")) return name.substr(1);
  return name;
}

}  // namespace plimsoll::cel
