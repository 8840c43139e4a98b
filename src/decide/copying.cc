#include "decide/copying.h"

namespace plimsoll::decide {

std::vector<Finding> findings_of(const verbatim::Index& corpus, const std::vector<verbatim::Match>& matches,
                                 std::uint32_t segment) {
  std::vector<Finding> out;
  for (const auto& match : matches) {
    const auto work = corpus.work(match.work);
    out.push_back({.category = Category::kVerbatim,
                   .entity = work.title,
                   .detector = work.name,
                   .span = {match.begin, match.end},
                   .segment = segment});
  }
  return out;
}

void compare(const CorpusPtr& corpus, std::string_view text, std::uint32_t segment, Inspection& found) {
  const auto copying = verbatim::find_copying(corpus, text);
  const auto findings = findings_of(*corpus, copying.matches, segment);
  found.findings.insert(found.findings.end(), findings.begin(), findings.end());
  found.scores.raise(Category::kVerbatim, copying.ratio());
}

}  // namespace plimsoll::decide
