// What a verdict does to a text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "judge.h"
#include "wire/document.h"

namespace plimsoll::gateway {

// In order of appearance; of two that begin together the longer first.
inline bool starts_before(const Finding& a, const Finding& b) {
  return a.span.begin != b.span.begin ? a.span.begin < b.span.begin : a.span.end > b.span.end;
}

// "[REDACTED:{entity}]" with the entity filled in.
std::string placeholder(std::string_view pattern, const Finding& finding);

// `text` with the spans of findings in `categories` replaced, findings taken in order of appearance; where
// they overlap one placeholder covers all. Spans are byte offsets into `text`.
std::string redact(std::string_view text, const std::vector<Finding>& findings, std::uint32_t segment,
                   Categories categories, std::string_view pattern);

// Redacts every segment of a document as the judgement asks. A category without any span in the document
// takes every segment that is not the system's own.
void redact(wire::Document& document, const Judgement& judgement);

// What a refused caller reads: the care message with its resources, the escalation's or the refusal's own.
std::string refusal_text(const Judgement& judgement);

}  // namespace plimsoll::gateway
