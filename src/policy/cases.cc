#include "policy/cases.h"

#include "policy/shipped.h"
#include "read_facts.h"

namespace plimsoll::policy {
namespace {

std::string listed(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const auto& text : texts) out += (out.size() > 1 ? ", " : "") + text;
  return out + "]";
}

// Holds one expectation after another against a verdict.
class Expectations {
 public:
  Expectations(Fields& fields, const Verdict& verdict, Problems& problems)
      : fields_(fields), verdict_(verdict), problems_(problems) {}

  std::vector<std::string> differences() {
    action();
    flag("allowed", verdict_.allowed());
    std::vector<std::string> rules, redact;
    for (const RuleHit& hit : verdict_.rules) rules.emplace_back(hit.id);
    for (std::size_t i = 0; i < kCategoryCount; ++i)
      if (verdict_.redact.has(static_cast<Category>(i)))
        redact.emplace_back(to_string(static_cast<Category>(i)));
    list("reasons", verdict_.reasons);
    list("rules", rules);
    list("redact", redact);
    if (const Node* node = take("asl_level"))
      if (const auto level = read_count(*node, "asl_level", 0, 9, problems_))
        compare("asl_level", std::to_string(*level), std::to_string(verdict_.asl_level));
    flag("review", verdict_.review);
    flag("care", verdict_.care);
    if (expected_ == 0)
      problems_.add(fields_.node().mark, "'expect' expects nothing: give 'action', 'reasons', 'rules', …");
    return std::move(differences_);
  }

 private:
  const Node* take(std::string_view key) {
    const Node* node = fields_.get(key);
    if (node != nullptr) ++expected_;
    return node;
  }
  void compare(std::string_view name, const std::string& expected, const std::string& got) {
    if (expected != got)
      differences_.push_back(std::string(name) + ": expected " + expected + ", got " + got);
  }
  void action() {
    const Node* node = take("action");
    if (node == nullptr) return;
    auto expected = node->text == "error_block" ? Action::kErrorBlock : read_action(*node, problems_);
    if (expected)
      compare("action", std::string(to_string(*expected)), std::string(to_string(verdict_.action)));
  }
  void flag(std::string_view name, bool got) {
    if (const Node* node = take(name))
      if (const auto expected = read_bool(*node, name, problems_))
        compare(name, *expected ? "true" : "false", got ? "true" : "false");
  }
  void list(std::string_view name, const std::vector<std::string>& got) {
    if (const Node* node = take(name))
      if (const auto expected = read_texts(*node, name, problems_))
        compare(name, listed(*expected), listed(got));
  }

  Fields& fields_;
  const Verdict& verdict_;
  Problems& problems_;
  std::vector<std::string> differences_;
  std::size_t expected_ = 0;
};

CaseResult run_case(const Policy& policy, const Node& node, std::size_t number, Problems& problems) {
  CaseResult result;
  result.name = "case " + std::to_string(number);
  result.line = node.mark.line;
  Fields fields(node, "a case", problems);
  fields.read("name", result.name);
  const std::size_t before = problems.count();
  const auto fixture = FixtureReader(problems).read(fields);
  fields.require("expect");
  const Node* expect = fields.get("expect");
  fields.finish();
  if (expect == nullptr || problems.count() != before) return result;
  Fields expected(*expect, "'expect'", problems);
  const Verdict verdict = policy.decide(fixture->facts());
  result.differences = Expectations(expected, verdict, problems).differences();
  expected.finish();
  return result;
}

}  // namespace

std::expected<CasesReport, std::vector<Problem>> run_cases(const Policy& policy, std::string_view yaml,
                                                           std::string file) {
  Problems problems(std::move(file));
  const auto root = parse_yaml(yaml, problems);
  if (!root) return std::unexpected(problems.take());
  CasesReport report;
  const auto run_all = [&](const Node& list) {
    if (list.kind != Node::Kind::kList || list.items.empty()) {
      problems.add(list.mark,
                   "expected a list of cases; found " +
                       std::string(list.kind == Node::Kind::kList ? "an empty one" : describe(list)));
      return;
    }
    for (const Node& item : list.items)
      report.cases.push_back(run_case(policy, item, report.cases.size() + 1, problems));
  };
  if (root->kind == Node::Kind::kList) {
    run_all(*root);
  } else {
    Fields fields(*root, "a file of cases", problems);
    std::string description;
    fields.read("description", description);
    fields.require("cases");
    if (const Node* list = fields.get("cases")) run_all(*list);
    fields.finish();
  }
  if (!problems.none()) return std::unexpected(problems.take());
  for (const CaseResult& result : report.cases)
    if (!result.passed()) ++report.failed;
  return report;
}

std::expected<CasesReport, std::vector<Problem>> test_policy(const std::string& policy_path,
                                                             const std::string& cases_path) {
  const auto policy = policy_path.empty() ? Policy::parse(shipped_yaml(), std::string(kShippedName))
                                          : Policy::load(policy_path);
  if (!policy) return std::unexpected(policy.error());
  const auto text = read_file(cases_path);
  if (!text) return std::unexpected(text.error());
  return run_cases(**policy, *text, cases_path);
}

std::string to_text(const CasesReport& report, std::string_view file) {
  std::string out;
  for (const CaseResult& result : report.cases) {
    out += result.passed() ? "ok    " : "FAIL  ";
    out += result.name;
    if (!result.passed()) out += " (" + std::string(file) + ":" + std::to_string(result.line) + ")";
    out += "\n";
    for (const auto& difference : result.differences) out += "        " + difference + "\n";
  }
  const auto count = std::to_string(report.cases.size());
  out += report.failed == 0 ? count + " cases passed\n"
                            : std::to_string(report.failed) + " of " + count + " cases failed\n";
  return out;
}

}  // namespace plimsoll::policy
