#include <fstream>
#include <iterator>
#include <ostream>

#include "base/json.h"
#include "commands.h"
#include "policy/cases.h"
#include "policy/explain.h"
#include "policy/fixture.h"
#include "policy/shipped.h"
#include "policy/store.h"

namespace plimsoll::app {
namespace {

int complain(const std::vector<policy::Problem>& problems, std::ostream& err) {
  for (const auto& problem : problems) err << policy::to_string(problem) << '\n';
  err << problems.size() << (problems.size() == 1 ? " problem\n" : " problems\n");
  return 2;
}

}  // namespace

int policy_check(const std::string& file, std::ostream& out, std::ostream& err) {
  const auto store = policy::Store::open(file);
  if (!store) return complain(store.error(), err);
  const auto policy = (*store)->current();
  const auto* rules = find_array(policy->document(), "rules");
  out << (file.empty() ? std::string(policy::kShippedName) : file) << ": valid; "
      << (rules != nullptr ? rules->size() : 0) << " rules, " << policy->thresholds().size()
      << " thresholds\nversion " << policy->version() << '\n';
  return 0;
}

int policy_explain(const std::string& file, const std::string& facts, bool json, std::ostream& out,
                   std::ostream& err) {
  const auto store = policy::Store::open(file);
  if (!store) return complain(store.error(), err);
  std::ifstream in(facts, std::ios::binary);
  if (!in) {
    err << facts << ": cannot be read\n";
    return 2;
  }
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  const auto fixture = policy::facts_from_text(text, facts);
  if (!fixture) return complain(fixture.error(), err);
  const auto explanation = (*store)->current()->explain((*fixture)->facts());
  out << (json ? to_json(explanation) + "\n" : policy::to_text(explanation));
  return 0;
}

int policy_test(const std::string& file, const std::string& cases, std::ostream& out, std::ostream& err) {
  const auto report = policy::test_policy(file, cases);
  if (!report) return complain(report.error(), err);
  out << policy::to_text(*report, cases);
  return report->failed == 0 ? 0 : 1;
}

int policy_show(std::ostream& out) {
  out << policy::shipped_yaml();
  return 0;
}

}  // namespace plimsoll::app
