// Taking findings out of a text.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "model/category.h"
#include "model/finding.h"

namespace plimsoll::decide {

// In order of appearance; of two that begin together the longer first.
inline bool starts_before(const Finding& a, const Finding& b) {
  return a.span.begin != b.span.begin ? a.span.begin < b.span.begin : a.span.end > b.span.end;
}

inline bool has_span(const Finding& finding) {
  return finding.span.begin < finding.span.end;
}

// What a finding is called in a placeholder, and a pattern with a name in place of its "{entity}".
inline constexpr std::string_view kEntityField = "{entity}";
std::string_view name_of(const Finding& finding);
std::string fill(std::string_view pattern, std::string_view name);

// The policy's pattern with the finding's entity filled in: "[REDACTED:EMAIL_ADDRESS]".
std::string placeholder(std::string_view pattern, const Finding& finding);

// What stands for a value that a finding covers.
using StandIn = std::function<std::string(const Finding& finding, std::string_view value)>;

// `text` with the spans of findings in `categories` replaced, findings taken in order of appearance; where
// they overlap one placeholder covers all. Spans are byte offsets into `text`.
std::string redact(std::string_view text, const std::vector<Finding>& findings, std::uint32_t segment,
                   Categories categories, const StandIn& stand_in);

}  // namespace plimsoll::decide
