#include "context.h"

namespace plimsoll::cel {

bool Context::exhausted(std::string_view what) {
  if (!limit_passed_) error_ = {Code::kTooLarge, "the expression was stopped: " + std::string(what)};
  limit_passed_ = true;
  return false;
}

bool Context::no_overload(std::string_view function, Args args) {
  if (limit_passed_) return false;
  std::string message = "no such overload: " + std::string(display_name(function)) + "(";
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (i > 0) message += ", ";
    message += runtime_type(args[i]).to_string();
  }
  return fail(message + ")");
}

}  // namespace plimsoll::cel
