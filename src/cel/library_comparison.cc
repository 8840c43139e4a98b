#include <array>

#include "context.h"
#include "functions.h"

namespace plimsoll::cel {
namespace {

Outcome equal(Context& context, Args args, Value& out) {
  bool equal = false;
  if (!context.equal(args[0], args[1], equal)) return Outcome::kFailed;
  out = Value::boolean(equal);
  return Outcome::kDone;
}

Outcome unequal(Context& context, Args args, Value& out) {
  bool equal = false;
  if (!context.equal(args[0], args[1], equal)) return Outcome::kFailed;
  out = Value::boolean(!equal);
  return Outcome::kDone;
}

template <bool (*Accept)(std::partial_ordering)>
Outcome ordered(Context&, Args args, Value& out) {
  const auto order = compare_values(args[0], args[1]);
  if (!order) return Outcome::kNoOverload;
  out = Value::boolean(Accept(*order));
  return Outcome::kDone;
}

constexpr std::string_view kOrdered =
    "bool,bool->bool; int,int->bool; int,double->bool; int,uint->bool; uint,uint->bool; uint,double->bool; "
    "uint,int->bool; double,double->bool; double,int->bool; double,uint->bool; string,string->bool; "
    "bytes,bytes->bool; timestamp,timestamp->bool; duration,duration->bool";

constexpr std::array<Builtin, 6> kFunctions = {{
    {"_==_", "A,A->bool", equal},
    {"_!=_", "A,A->bool", unequal},
    {"_<_", kOrdered, ordered<std::is_lt>},
    {"_<=_", kOrdered, ordered<std::is_lteq>},
    {"_>_", kOrdered, ordered<std::is_gt>},
    {"_>=_", kOrdered, ordered<std::is_gteq>},
}};

}  // namespace

std::span<const Builtin> comparison_functions() {
  return kFunctions;
}

}  // namespace plimsoll::cel
