#include "gate/run.h"

#include <algorithm>
#include <filesystem>
#include <ostream>

#include "base/files.h"
#include "base/json.h"
#include "evidence/card.h"
#include "gate/check.h"
#include "policy/policy.h"
#include "policy/shipped.h"

namespace plimsoll::gate {

namespace {

// Of the fields that the policy requires of a model's card, those that no evidence fills.
Result<std::vector<std::string>> missing_card_fields(const GateArgs& args, const policy::Policy& policy) {
  std::vector<std::string> required;
  if (const auto* list = find(policy.document(), "card_required"); list != nullptr && list->is_array())
    for (const auto& field : list->get_array()) required.emplace_back(field.get_string());
  if (required.empty()) return required;

  const auto known = evidence::card_fields(false);
  for (const auto& field : required) {
    if (std::ranges::find(known, field) != known.end()) continue;
    std::string names;
    for (const auto name : known) names.append(names.empty() ? "" : ", ").append(name);
    return fail(Code::kInvalid,
                "the policy's card_required: no card has a field '" + field + "'; there are " + names);
  }
  auto files = args.cards;
  if (files.empty() && !args.sources.artifacts.empty()) {
    std::error_code ec;
    const auto usual = std::filesystem::path(args.sources.artifacts) / "model_card.json";
    if (std::filesystem::is_regular_file(usual, ec)) files.push_back(usual.string());
  }
  if (files.empty()) return required;  // no card: all of it is missing
  std::vector<evidence::CardSource> sources;
  for (const auto& path : files) {
    const auto text = read_file(path, evidence::kMaxCardBytes);
    if (!text) return std::unexpected(text.error());
    auto read = evidence::read_card_sources(*text);
    if (!read) return std::unexpected(std::move(read).error().in(path));
    for (auto& source : *read) sources.push_back(std::move(source));
  }
  const auto card = evidence::make_card(sources, {}, false);
  if (!card) return std::unexpected(card.error());
  std::erase_if(required, [&](const auto& field) {
    return std::ranges::find(card->missing, field) == card->missing.end();
  });
  return required;
}

}  // namespace

int run(const GateArgs& args, std::ostream& out, std::ostream& err) {
  constexpr int kPassed = 0, kViolated = 1, kBadInput = 2;
  if (args.format != "text" && args.format != "json") {
    err << "unknown format '" << args.format << "'; expected text or json\n";
    return kBadInput;
  }
  const auto policy = args.policy.empty()
                          ? policy::Policy::parse(policy::shipped_yaml(), std::string(policy::kShippedName))
                          : policy::Policy::load(args.policy);
  if (!policy) {
    for (const auto& problem : policy.error()) err << policy::to_string(problem) << "\n";
    return kBadInput;
  }
  const auto metrics = read_artifacts(args.sources);
  if (!metrics) {
    err << metrics.error().message << "\n";
    return kBadInput;
  }
  const auto missing = missing_card_fields(args, **policy);
  if (!missing) {
    err << missing.error().message << "\n";
    return kBadInput;
  }
  auto report = check((*policy)->thresholds(), *metrics);
  if (!report) {
    err << report.error().message << "\n";
    return kBadInput;
  }
  require_card(*report, *missing);
  out << (args.format == "json" ? plimsoll::to_json(to_detailed_json(*report)) + "\n" : to_text(*report));
  return report->status == Status::kFail ? kViolated : kPassed;
}

}  // namespace plimsoll::gate
