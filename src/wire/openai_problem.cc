#include <boost/json/value.hpp>

#include "wire/openai_chat.h"
#include "wire/openai_responses.h"
#include "wire/surface.h"

namespace plimsoll::wire {
namespace {

std::string_view type_of(ProblemKind kind) {
  switch (kind) {
    case ProblemKind::kInvalid:
    case ProblemKind::kRefused:
    case ProblemKind::kStranger:  // with the code "invalid_api_key"
      return "invalid_request_error";
    case ProblemKind::kLimited:
      return "rate_limit_error";
    case ProblemKind::kUpstream:
    case ProblemKind::kTimeout:
      return "upstream_error";
    case ProblemKind::kUndecided:
    case ProblemKind::kInternal:
      break;
  }
  return "server_error";
}

}  // namespace

std::string chat_error(const Problem& problem) {
  return openai_error(problem.message, type_of(problem.kind), problem.code, problem.param,
                      problem.inner.is_null() ? nullptr : &problem.inner);
}

std::string responses_error(const Problem& problem) {
  return chat_error(problem);
}

}  // namespace plimsoll::wire
