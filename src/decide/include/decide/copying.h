// An answer compared with the protected works.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "model/finding.h"
#include "verbatim/index.h"
#include "verbatim/matcher.h"

namespace plimsoll::decide {

// Null: there are none.
using CorpusPtr = std::shared_ptr<const verbatim::Index>;

// What stands for a copied passage where an answer is to be summarized and cannot be.
inline constexpr std::string_view kVerbatimCut = "[verbatim text removed]";

// One finding for each match, with the work's title as its entity and its name as its detector. Both point into the index.
std::vector<Finding> findings_of(const verbatim::Index& corpus, const std::vector<verbatim::Match>& matches,
                                 std::uint32_t segment);

// Adds a text's findings, and raises the verbatim score to its ratio.
void compare(const CorpusPtr& corpus, std::string_view text, std::uint32_t segment, Inspection& found);

}  // namespace plimsoll::decide
