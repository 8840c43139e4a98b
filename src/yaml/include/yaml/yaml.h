// YAML text as a tree that remembers where everything stood.
//
// yaml-cpp reads the syntax; this keeps what a validator needs and that library forgets: duplicate keys, the
// position of every key and value, whether a scalar was quoted. What a hostile document could inflate is
// bounded: nesting, and the size of the tree once aliases are copied into place.
#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "yaml/problem.h"

namespace plimsoll::yaml {

// A place in the source. Line and column are 1-based; columns count code points.
struct Mark {
  std::size_t line = 1;
  std::size_t column = 1;
  std::size_t offset = 0;  // in bytes
};

// What is wrong with one file, in the order of the text once sorted. Keeps the first kMost.
class Problems {
 public:
  static constexpr std::size_t kMost = 100;

  explicit Problems(std::string file) : file_(std::move(file)) {}
  void add(const Mark& mark, std::string message);
  bool none() const { return list_.empty(); }
  bool full() const { return list_.size() >= kMost; }
  std::size_t count() const { return list_.size(); }
  std::vector<Problem> take();

 private:
  std::string file_;
  std::vector<Problem> list_;
};

struct Member;

struct Node {
  enum class Kind { kNull, kScalar, kList, kMap };

  Kind kind = Kind::kNull;
  Mark mark;
  bool quoted = false;  // a scalar that is text whatever it looks like: quoted, or a block
  std::string text;     // of a scalar
  std::vector<Node> items;
  std::vector<Member> members;  // keys distinct, in the order of the text; merges (`<<`) already done

  const Node* find(std::string_view key) const;
};

struct Member {
  std::string key;
  Mark mark;
  Node value;
};

std::string_view describe(const Node& node);  // "a list", "a mapping", "text", "a number", … for messages

// The one document in `source`, or nullopt with what is wrong added to `problems`. Refused, beside syntax
// errors: text that is not UTF-8, a second document, tags, duplicate keys, keys that are not plain text, a
// value that contains itself, nesting beyond 32, a tree beyond 24 MiB.
std::optional<Node> parse_yaml(std::string_view source, Problems& problems);

// The value as JSON: plain scalars become null, booleans, integers and numbers where they look like one.
boost::json::value to_json_value(const Node& node);

// Where in `source` the code point at `line`:`column` (1-based) of a scalar's value was written. Knows plain,
// quoted and block scalars over several lines.
Mark place_in_scalar(std::string_view source, const Node& scalar, std::size_t line, std::size_t column);

}  // namespace plimsoll::yaml
