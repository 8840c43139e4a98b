// POST /filter/prompt and /filter/output.
#pragma once

#include <string>
#include <string_view>

#include "model/finding.h"
#include "model/verdict.h"
#include "wire/document.h"

namespace plimsoll::wire {

struct FilterRequest {
  Conversation conversation;  // one segment, pointer "/prompt" or "/output"
  boost::json::object context;
  bool explain = false;
};

// `direction` says which member is read: "prompt" or "output" (a string, required). Other members are errors.
Decoded<FilterRequest> decode_filter_request(std::string_view body, Direction direction);

// Exactly {"allowed","action","reasons"}; with `explain` also "scores", "findings", "rules". Findings give
// category, entity, detector, confidence, segment, pointer and span in code points and bytes.
std::string encode_filter_answer(const Verdict& verdict);
std::string encode_filter_answer(const Verdict& verdict, const Inspection& found, const Scores& scores,
                                 const Conversation& conversation);

// {"error":{"message","type","param"}} for requests that cannot be read.
std::string filter_error(const BadBody& problem);

}  // namespace plimsoll::wire
