// What docs/policy.md shows is what the program reads.
#include <fstream>
#include <sstream>

#include "policy/cases.h"
#include "support_test.h"

namespace plimsoll::policy {
namespace {

using testing::Each;
using testing::HasSubstr;

std::vector<std::string> yaml_examples() {
  std::ifstream file(PLIMSOLL_SOURCE_DIR "/docs/policy.md");
  std::stringstream text;
  text << file.rdbuf();
  const std::string all = text.str();
  std::vector<std::string> out;
  constexpr std::string_view kOpen = "```yaml\n", kClose = "\n```";
  for (auto at = all.find(kOpen); at != std::string::npos; at = all.find(kOpen, at)) {
    at += kOpen.size();
    out.push_back(all.substr(at, all.find(kClose, at) - at + 1));
  }
  return out;
}

TEST(Docs, EveryExampleLoads) {
  const auto examples = yaml_examples();
  EXPECT_GT(examples.size(), 8U);
  for (const std::string& example : examples) {
    if (example.contains("cases:")) {
      EXPECT_TRUE(run_cases(shipped(), example, "docs")) << example;
    } else if (example.starts_with("condition:")) {
      std::istringstream lines(example);
      for (std::string line; std::getline(lines, line);)
        EXPECT_TRUE(parsed("rules:\n  - action: block\n    " + line + "\n")) << line;
    } else {
      EXPECT_THAT(problems_of(example), Each(HasSubstr("the policy decides nothing"))) << example;
    }
  }
}

}  // namespace
}  // namespace plimsoll::policy
