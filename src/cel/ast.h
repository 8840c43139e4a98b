// What the parser makes of a text, macros already expanded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cel/value.h"

namespace plimsoll::cel {

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;

struct Expr {
  enum class Kind {
    kLiteral,     // literal
    kIdentifier,  // name; absolute when written with a leading dot
    kSelect,      // children[0].name, or .?name when optional
    kHas,         // has(children[0].name)
    kCall,        // name(children…), or children[0].name(…) when member; operators as "_+_"
    kAnd,         // two children or more
    kOr,
    kConditional,
    kList,           // optional_flags says which children were written ?x
    kMap,            // children are key, value, key, value…; optional_flags per entry
    kObject,         // name{…}; children are the field values
    kComprehension,  // children are range, body, and the filter if there is one
    kBind,           // children are the value and the body, in which variables[0] has the value
    kOptionalMap,    // children are the optional and the body; flat when the body is optional itself
  };
  enum class Fold { kAll, kExists, kExistsOne, kFilter, kMap, kTransformMap, kTransformMapEntry };

  Kind kind = Kind::kLiteral;
  Fold fold = Fold::kAll;
  bool absolute = false;
  bool optional = false;
  bool member = false;
  bool flat = false;
  std::uint32_t offset = 0;  // in bytes, of what a message about this expression should point at
  std::uint32_t depth = 1;   // of the tree below, this node included
  std::string name;
  Value literal;
  std::vector<std::string> variables;  // that a macro declares
  std::vector<ExprPtr> children;
  std::vector<bool> optional_flags;
};

}  // namespace plimsoll::cel
