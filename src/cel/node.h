// A compiled expression: what the evaluator walks. Names are resolved, constants computed, patterns compiled.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "access.h"
#include "ast.h"
#include "cel/value.h"
#include "functions.h"
#include "pattern.h"
#include "zone.h"

namespace plimsoll::cel {

struct Node {
  enum class Op : std::uint8_t {
    kConstant,  // constant
    kVariable,  // activation variable `index`
    kLocal,     // local `index`
    kField,     // field `index` of an object of type `type_name`; `name` if it is another after all
    kHasField,
    kSelect,  // field `name` of whatever the child is
    kHas,
    kMaybeSelect,  // .?name
    kAnd,
    kOr,
    kConditional,
    kList,
    kMap,
    kCall,
    kMatch,         // the child matches `pattern`
    kInZone,        // function of the child, a timestamp, in `zone`
    kOptionalOr,    // a.or(b)
    kOptionalElse,  // a.orValue(b)
    kFold,          // children are range, body, and the filter if any; variables from `index` on
    kBind,          // children are value and body; variable `index`
    kOptionalMap,   // children are optional and body; variable `index`
    kError,         // fails with `name`
  };

  Op op = Op::kConstant;
  Expr::Fold fold = Expr::Fold::kAll;
  bool two_variables = false;
  bool flat = false;
  std::uint32_t index = 0;
  const Function* function = nullptr;
  std::vector<Node> children;
  Value constant;
  std::string name;
  std::string type_name;
  std::vector<bool> optional_flags;
  std::shared_ptr<const re2::RE2> pattern;
  std::shared_ptr<const Zone> zone;
};

// Checks keys and makes the map; fails for a key of the wrong type or one that is there twice.
bool build_map(Context& context, std::vector<std::pair<Value, Value>> entries, Value& out);

}  // namespace plimsoll::cel
