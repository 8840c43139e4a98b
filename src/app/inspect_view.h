// An inspection for a person at a terminal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/category.h"
#include "model/finding.h"

namespace plimsoll::app {

struct InspectStyle {
  bool colour = false;  // ANSI escapes; otherwise findings are in numbered brackets
};

// The text with its findings marked: underlined, in their category's colour, or "[1:jane@example.com:1]".
// Characters that would act on a terminal or that nobody sees are written out ("\u{200b}"). Of a text longer than
// kShownWhole only the surroundings of findings are shown. `findings` are of this text, in order of appearance.
std::string show_text(std::string_view text, const std::vector<Finding>& findings, InspectStyle style);
inline constexpr std::size_t kShownWhole = 4000;

// "1  jailbreak  IGNORE_INSTRUCTIONS  jailbreak.ignore  0-32  .95", a finding a line.
std::string show_findings(const std::vector<Finding>& findings, InspectStyle style);

// A category's score and the limit of the caller's tier; below 0: it has none.
struct ScoreLine {
  Category category;
  double score = 0;
  double limit = -1;
};
// A bar for each, the limit marked in it.
std::string show_scores(const std::vector<ScoreLine>& lines, InspectStyle style);

// Bytes as a terminal may have them: what show_text() writes of a text without findings.
std::string printable(std::string_view text);

}  // namespace plimsoll::app
