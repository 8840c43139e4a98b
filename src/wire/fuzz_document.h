// For fuzzers: what must hold for everything that was read.
#pragma once

#include <cstdlib>

#include "base/json.h"
#include "wire/document.h"

namespace plimsoll::wire {

inline void require(bool holds) {
  if (!holds) std::abort();
}

// A refusal names a place and quotes nothing that is not ours; a document can be written, and every segment
// is the text at its place until it is replaced there.
template <class Decode>
void check_document(std::string_view body, Decode decode) {
  auto document = decode(body);
  if (!document) {
    require(!document.error().message.empty() && is_utf8(document.error().message));
    return;
  }
  auto again = decode(document->body());
  require(again.has_value());
  const auto& segments = document->conversation().segments;
  require(segments.size() == again->conversation().segments.size());
  for (std::size_t i = 0; i < segments.size(); ++i) {
    require(segments[i].text == again->conversation().segments[i].text && is_utf8(segments[i].text));
    if (segments[i].kind != SegmentKind::kAttachment) document->replace(i, "replaced");
  }
  const auto replaced = decode(document->body());
  require(replaced.has_value());
  for (const auto& segment : replaced->conversation().segments)
    require(segment.kind == SegmentKind::kAttachment || segment.text == "replaced");
}

}  // namespace plimsoll::wire
