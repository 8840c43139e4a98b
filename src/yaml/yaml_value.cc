#include <algorithm>
#include <charconv>
#include <cmath>

#include "yaml/yaml.h"

namespace plimsoll::yaml {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool starts_point(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

// Code points that are not white space before `line`:`column` of `text`. White space is what scalar styles
// fold, trim and indent; the rest they keep, so the rest is what can be counted on both sides.
std::size_t solid_before(std::string_view text, std::size_t line, std::size_t column) {
  std::size_t at_line = 1, at_column = 1, solid = 0;
  for (const char c : text) {
    if (!starts_point(c)) continue;
    if (at_line > line || (at_line == line && at_column >= column)) break;
    if (!is_space(c)) ++solid;
    if (c == '\n') {
      ++at_line;
      at_column = 1;
    } else {
      ++at_column;
    }
  }
  return solid;
}

// Walks the source of one scalar, code point by code point of its value.
class Walk {
 public:
  Walk(std::string_view source, const Mark& mark) : source_(source), at_(mark) {
    while (at_.offset < source_.size() && (here() == '&' || here() == '!')) {  // anchor, tag
      while (at_.offset < source_.size() && !is_space(here())) step();
      skip_space();
    }
    if (at_.offset >= source_.size()) return;
    if (here() == '|' || here() == '>') {
      while (at_.offset < source_.size() && here() != '\n') step();
    } else if (here() == '"' || here() == '\'') {
      quote_ = here();
      step();
    }
  }

  // The place of the next one that is not white space, after passing `solid` of them.
  Mark after(std::size_t solid) {
    for (; solid > 0; --solid) {
      skip_unseen();
      if (at_.offset >= source_.size()) return at_;
      step_point();
    }
    const Mark end = at_;
    skip_unseen();
    return at_.offset >= source_.size() || here() == quote_ ? end : at_;
  }

 private:
  char here() const { return source_[at_.offset]; }

  void step() {
    if (here() == '\n') {
      ++at_.line;
      at_.column = 1;
      ++at_.offset;
      return;
    }
    ++at_.offset;
    while (at_.offset < source_.size() && !starts_point(here())) ++at_.offset;
    ++at_.column;
  }
  void steps(std::size_t count) {
    while (count-- > 0 && at_.offset < source_.size()) step();
  }
  void skip_space() {
    while (at_.offset < source_.size() && is_space(here())) step();
  }
  // White space, and the escapes of double quotes that stand for it.
  void skip_unseen() {
    for (;;) {
      skip_space();
      if (quote_ != '"' || at_.offset + 1 >= source_.size() || here() != '\\') return;
      if (std::string_view("ntr \t\n\r").find(source_[at_.offset + 1]) == std::string_view::npos) return;
      steps(2);
    }
  }
  // One code point of the value, escaped or not.
  void step_point() {
    if (quote_ == '\'' && here() == '\'') return steps(2);
    if (quote_ != '"' || here() != '\\' || at_.offset + 1 >= source_.size()) return step();
    const char kind = source_[at_.offset + 1];
    steps(kind == 'x' ? 4 : kind == 'u' ? 6 : kind == 'U' ? 10 : 2);
  }

  std::string_view source_;
  Mark at_;
  char quote_ = '\0';
};

}  // namespace

Mark place_in_scalar(std::string_view source, const Node& scalar, std::size_t line, std::size_t column) {
  if (source.starts_with("\xEF\xBB\xBF")) source.remove_prefix(3);
  return Walk(source, scalar.mark).after(solid_before(scalar.text, line, column));
}

boost::json::value to_json_value(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNull:
      return nullptr;
    case Node::Kind::kList: {
      boost::json::array out;
      for (const Node& item : node.items) out.push_back(to_json_value(item));
      return out;
    }
    case Node::Kind::kMap: {
      boost::json::object out;
      for (const Member& member : node.members) out[member.key] = to_json_value(member.value);
      return out;
    }
    case Node::Kind::kScalar:
      break;
  }
  const std::string_view text = node.text;
  if (node.quoted) return boost::json::string(text);
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  std::int64_t integer = 0;
  double number = 0;
  const char* end = text.data() + text.size();
  if (const auto r = std::from_chars(text.data(), end, integer); r.ec == std::errc() && r.ptr == end)
    return integer;
  if (const auto r = std::from_chars(text.data(), end, number);
      r.ec == std::errc() && r.ptr == end && std::isfinite(number))
    return number;
  return boost::json::string(text);
}

std::string_view describe(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNull:
      return "nothing";
    case Node::Kind::kList:
      return "a list";
    case Node::Kind::kMap:
      return "a mapping";
    case Node::Kind::kScalar:
      break;
  }
  const auto value = to_json_value(node);
  return value.is_bool() ? "true or false" : value.is_string() ? "text" : "a number";
}

}  // namespace plimsoll::yaml
