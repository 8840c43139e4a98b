#include <unordered_set>

#include "document.h"
#include "yaml/fields.h"

namespace plimsoll::policy {

using namespace yaml;
namespace {

constexpr std::size_t kMaxOpinions = 8;

using Band = std::pair<double, double>;

std::optional<Band> read_band(const Node& node, std::string_view name, Problems& problems) {
  if (node.kind != Node::Kind::kList || node.items.size() != 2) {
    problems.add(node.mark, "'" + std::string(name) + "' must be two scores, [from, to]; found " +
                                std::string(describe(node)));
    return std::nullopt;
  }
  const auto from = read_number(node.items[0], name, {0, 1}, problems);
  const auto to = read_number(node.items[1], name, {0, 1}, problems);
  if (!from || !to) return std::nullopt;
  if (*from > *to) {
    problems.add(node.mark, "'" + std::string(name) + "' ends before it begins");
    return std::nullopt;
  }
  return Band{*from, *to};
}

SecondOpinion read_opinion(const Node& node, Problems& problems) {
  SecondOpinion out;
  Fields fields(node, "a second opinion", problems);
  fields.require("guard");
  fields.read("guard", out.guard);
  out.id = "second_opinion." + out.guard;
  enum class When { kPrompt, kOutput, kBoth };
  When when = When::kPrompt;
  fields.choose<When>({"when"}, when,
                      {{"prompt", When::kPrompt}, {"output", When::kOutput}, {"both", When::kBoth}});
  out.on_prompt = when != When::kOutput;
  out.on_output = when != When::kPrompt;
  fields.choose<bool>({"ask"}, out.always, {{"uncertain", false}, {"always", true}});
  const Node* bands = fields.get("bands");
  if (bands != nullptr && bands->kind == Node::Kind::kMap) {
    for (const auto& [key, mark, value] : bands->members) {
      const auto category = read_category(key, mark, problems);
      if (const auto band = read_band(value, key, problems); band && category)
        out.bands.at(static_cast<std::size_t>(*category)) = band;
    }
  } else if (bands != nullptr) {
    problems.add(bands->mark, "'bands' must name categories, such as {jailbreak: [0.2, 0.8]}; found " +
                                  std::string(describe(*bands)));
  }
  if (bands == nullptr && !out.always)
    problems.add(node.mark, "a second opinion needs 'bands', or 'ask: always'");
  fields.choose<bool>({"effect"}, out.replace, {{"raise", false}, {"replace", true}});
  if (out.replace && bands == nullptr)
    problems.add(node.mark, "'effect: replace' counts within 'bands' only; add them");
  fields.choose<bool>({"on_error"}, out.fails_open, {{"closed", false}, {"open", true}});
  fields.finish();
  return out;
}

}  // namespace

void read_opinions(const Node& node, Settings& settings, Problems& problems) {
  if (node.kind != Node::Kind::kList || node.items.size() > kMaxOpinions) {
    problems.add(node.mark, "'second_opinions' must be a list of at most " + std::to_string(kMaxOpinions) +
                                "; found " + std::string(describe(node)));
    return;
  }
  std::unordered_set<std::string> guards;
  for (const Node& item : node.items) {
    settings.second_opinions.push_back(read_opinion(item, problems));
    if (!guards.insert(settings.second_opinions.back().guard).second)
      problems.add(item.mark, "the guard '" + settings.second_opinions.back().guard + "' is asked twice");
  }
}

}  // namespace plimsoll::policy
