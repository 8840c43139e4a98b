// What a verdict does to a text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "decide/judge.h"
#include "placeholders.h"
#include "wire/document.h"
#include "wire/surface.h"

namespace plimsoll::gateway {

using namespace decide;

// `text` with the spans of findings in `categories` replaced, findings taken in order of appearance; where
// they overlap one placeholder covers all. Spans are byte offsets into `text`.
std::string redact(std::string_view text, const std::vector<Finding>& findings, std::uint32_t segment,
                   Categories categories, Placeholders& placeholders);

// The text of segment `index` of what was judged, redacted as the judgement asks.
std::string redact(const Segment& segment, std::uint32_t index, const Judgement& judgement,
                   Placeholders& placeholders);

// Redacts every segment of a document as the judgement asks. A category without any span in the document
// takes every segment that is not the system's own, for good.
void redact(wire::Document& document, const Judgement& judgement, Placeholders& placeholders);
void redact(wire::Document& document, const Judgement& judgement);  // for good

// Fills in, in an answer, what was taken out of its request.
void restore(wire::Document& answer, const Placeholders& placeholders);

// The policy's redaction pattern; empty when there is no policy.
std::string_view pattern_of(const Judgement& judgement);

// Why a request was refused, for a protocol's error object.
wire::Problem refusal(const Judgement& judgement);

// What a refused caller reads: the care message with its resources, the escalation's or the refusal's own.
std::string refusal_text(const Judgement& judgement);

}  // namespace plimsoll::gateway
