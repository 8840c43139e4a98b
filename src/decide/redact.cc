#include "decide/redact.h"

#include <algorithm>

namespace plimsoll::decide {

std::string_view name_of(const Finding& finding) {
  return finding.entity.empty() ? to_string(finding.category) : finding.entity;
}

std::string fill(std::string_view pattern, std::string_view name) {
  std::string out(pattern);
  if (const auto at = out.find(kEntityField); at != std::string::npos)
    out.replace(at, kEntityField.size(), name);
  return out;
}

std::string placeholder(std::string_view pattern, const Finding& finding) {
  return fill(pattern, name_of(finding));
}

std::string redact(std::string_view text, const std::vector<Finding>& findings, std::uint32_t segment,
                   Categories categories, const StandIn& stand_in) {
  std::vector<const Finding*> hits;
  for (const Finding& f : findings)
    if (f.segment == segment && categories.has(f.category) && has_span(f)) hits.push_back(&f);
  std::ranges::sort(hits, [](const Finding* a, const Finding* b) { return starts_before(*a, *b); });

  std::string out;
  out.reserve(text.size());
  std::size_t done = 0;
  for (std::size_t i = 0; i < hits.size();) {
    const Finding& first = *hits[i];
    std::size_t end = std::min(first.span.end, text.size());
    for (++i; i < hits.size() && hits[i]->span.begin < end; ++i)
      end = std::max(end, std::min(hits[i]->span.end, text.size()));
    if (first.span.begin >= end) continue;
    out.append(text.substr(done, first.span.begin - done));
    out.append(stand_in(first, text.substr(first.span.begin, end - first.span.begin)));
    done = end;
  }
  return out.append(text.substr(done));
}

}  // namespace plimsoll::decide
