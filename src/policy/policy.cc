#include "policy/policy.h"

#include <algorithm>

#include "base/hash.h"
#include "base/json.h"
#include "impl.h"
#include "read_facts.h"

namespace plimsoll::policy {
namespace {

constexpr std::size_t kMaxBytes = 4U << 20U;

// Severe categories first, so that their reasons come first.
std::vector<LimitCheck> lay_out(const Column& column, std::size_t index) {
  const auto who = std::string(column_name(index));
  std::vector<LimitCheck> out;
  for (const bool severe : {true, false})
    for (std::size_t i = 0; i < kCategoryCount; ++i) {
      const auto category = static_cast<Category>(i);
      const auto& limit = column.limits.at(i);
      if (!limit || is_severe(category) != severe) continue;
      const auto name = std::string(to_string(category));
      out.push_back({category, *limit, column.high_score, severe ? column.severe : column.moderate,
                     severe ? column.severe : column.high, "risk_thresholds." + name + "." + who,
                     name + " score over " + (index == kUntiered ? "" : who + " ") + "threshold"});
    }
  return out;
}

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

Policy::Policy(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Policy::~Policy() = default;

std::expected<std::shared_ptr<const Policy>, std::vector<Problem>> Policy::parse(
    std::string_view yaml, std::string file, const std::optional<std::string>& directory) {
  Problems problems(std::move(file));
  if (yaml.size() > kMaxBytes) {
    problems.add({}, "larger than 4 MiB");
    return std::unexpected(problems.take());
  }
  const auto root = parse_yaml(yaml, problems);
  if (!root) return std::unexpected(problems.take());

  auto impl = std::make_unique<Impl>();
  std::vector<Problem> elsewhere;
  impl->document = read_document(*root, directory, problems, elsewhere);
  impl->rules = compile_rules(yaml, impl->document, problems);
  check_rules(yaml, impl->document, impl->rules, problems);
  if (!problems.none() || !elsewhere.empty()) {
    auto all = problems.take();
    all.insert(all.end(), elsewhere.begin(), elsewhere.end());
    return std::unexpected(std::move(all));
  }

  const Document& document = impl->document;
  for (const AslTrigger& trigger : document.asl_triggers) {
    impl->asl_ids.push_back("asl_triggers." + trigger.name);
    impl->asl_reasons.push_back("ASL-" + std::to_string(trigger.level) + " trigger: " + trigger.name);
  }
  for (std::size_t i = 0; i < kColumnCount; ++i) {
    const Column& column = document.columns.at(i);
    impl->limits.at(i) = lay_out(column, i);
    for (const AslTrigger& trigger : document.asl_triggers)
      impl->triggers.at(i).push_back({&trigger, column.asl_action, column.asl_review, column.asl_shadow});
  }
  impl->json = to_json(document);
  impl->version = to_hex(sha256(to_canonical_json(impl->json)));
  return std::shared_ptr<const Policy>(new Policy(std::move(impl)));
}

std::expected<std::shared_ptr<const Policy>, std::vector<Problem>> Policy::load(const std::string& path) {
  const auto text = read_file(path);
  if (!text) return std::unexpected(text.error());
  return parse(*text, path, directory_of(path));
}

const std::string& Policy::version() const {
  return impl_->version;
}
const boost::json::value& Policy::document() const {
  return impl_->json;
}
bool Policy::reads_text(Direction direction) const {
  // A word in the condition, wherever it stands: an index or a string literal of that name counts, too.
  return std::ranges::any_of(impl_->rules, [&](const CompiledRule& compiled) {
    const Rule& rule = impl_->rule(compiled);
    return rule.judges(direction) && (rule.condition.find("text") != std::string::npos ||
                                      rule.condition.find("length") != std::string::npos);
  });
}
const Settings& Policy::settings() const {
  return impl_->document.settings;
}
const std::vector<Threshold>& Policy::thresholds() const {
  return impl_->document.thresholds;
}

const std::vector<Accumulation>& Policy::accumulations() const {
  return impl_->document.accumulations;
}

std::optional<double> Policy::risk_threshold(Category category, std::optional<Tier> tier) const {
  const auto column = tier ? static_cast<std::size_t>(*tier) : kUntiered;
  return impl_->document.columns.at(column).limits.at(static_cast<std::size_t>(category));
}

}  // namespace plimsoll::policy
