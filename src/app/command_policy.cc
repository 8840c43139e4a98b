#include <array>
#include <cstdio>
#include <fstream>
#include <iomanip>
#include <iterator>
#include <ostream>

#include "base/json.h"
#include "base/time.h"
#include "commands.h"
#include "decide/replay.h"
#include "detect/rules.h"
#include "ledger/ledger.h"
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

int policy_rules(const std::string& file, bool json, std::ostream& out, std::ostream& err) {
  const auto store = policy::Store::open(file);
  if (!store) return complain(store.error(), err);
  const auto rules = detect::list_rules((*store)->current()->settings().detection_rules);
  json::array all;
  for (const auto& rule : rules) {
    if (json) {
      all.push_back(json::object{{"category", to_string(rule.category)},
                                 {"disabled", rule.disabled},
                                 {"id", rule.id},
                                 {rule.idea ? "idea" : "entity", rule.what},
                                 {"weight", rule.weight}});
      continue;
    }
    std::array<char, 8> weight{};
    if (rule.weight > 0) std::snprintf(weight.data(), weight.size(), "%.2f", rule.weight);
    out << std::left << std::setw(32) << rule.id << ' ' << std::setw(16) << to_string(rule.category) << ' '
        << std::setw(5) << weight.data() << ' ' << (rule.idea ? "idea " : "") << rule.what
        << (rule.disabled ? "  (disabled)\n" : "\n");
  }
  if (json) out << to_json(all) << '\n';
  return 0;
}

int policy_show(std::ostream& out) {
  out << policy::shipped_yaml();
  return 0;
}

namespace {

// A day is its beginning.
Result<std::optional<Time>> read_time(std::string_view name, const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto time = from_rfc3339(text.size() == 10 ? text + "T00:00:00Z" : text);
  if (!time)
    return fail(Code::kInvalid, std::string(name) + ": expected a day (2026-08-02) or an RFC 3339 time");
  return time;
}

Result<json::object> replay_log(const ReplayArgs& args, std::shared_ptr<const policy::Policy> candidate) {
  const auto from = read_time("--from", args.from);
  if (!from) return std::unexpected(from.error());
  const auto until = read_time("--to", args.until);
  if (!until) return std::unexpected(until.error());
  auto reader = ledger::Reader::open(args.log);
  if (!reader) return std::unexpected(std::move(reader).error().in(args.log));
  decide::Replay all(std::move(candidate), *from, *until);
  for (;;) {
    const auto entry = reader->next();
    if (!entry) return std::unexpected(entry.error());
    if (!*entry) return all.report();
    if ((*entry)->bytes.empty()) continue;  // removed when its time was over
    if (auto added = all.add((*entry)->index, (*entry)->bytes); !added)
      return std::unexpected(std::move(added).error());
  }
}

std::string text_of(const json::value& value) {
  return value.is_string() ? std::string(value.get_string()) : to_json(value);
}

void print(const json::object& report, std::ostream& out) {
  out << text_of(report.at("decisions")) << " decisions, " << text_of(report.at("changed"))
      << " would have been others\n";
  for (const auto& change : report.at("actions").as_array())
    out << "  " << text_of(change.at("from")) << " -> " << text_of(change.at("to")) << ": "
        << text_of(change.at("decisions")) << '\n';
  for (const auto* name : {"reviews", "asl"})
    out << (std::string_view(name) == "asl" ? "triggers: " : "reviews: ")
        << text_of(report.at(name).at("was")) << ", would be " << text_of(report.at(name).at("would_be"))
        << '\n';
  for (const auto& rule : report.at("rules").as_array())
    out << "  " << text_of(rule.at("id")) << ": " << text_of(rule.at("was")) << ", would be "
        << text_of(rule.at("would_be")) << '\n';
  for (const auto& [why, count] : report.at("not_replayed").as_object())
    out << "not replayed: " << text_of(count) << ", " << why << '\n';
  for (const auto& warning : report.at("warnings").as_array()) out << "warning: " << text_of(warning) << '\n';
  for (const auto& one : report.at("samples").as_array())
    out << "  entry " << text_of(one.at("index")) << ' '
        << text_of(one.at("event_id").is_null() ? one.at("decision_id") : one.at("event_id")) << " ("
        << text_of(one.at("tier")) << "): " << text_of(one.at("was")) << " -> " << text_of(one.at("would_be"))
        << '\n';
}

}  // namespace

int policy_replay(const ReplayArgs& args, std::ostream& out, std::ostream& err) {
  const auto store = policy::Store::open(args.policy);
  if (!store) return complain(store.error(), err);
  const auto report = replay_log(args, (*store)->current());
  if (!report) {
    err << report.error().message << '\n';
    return 2;
  }
  if (args.json)
    out << to_json(*report) << '\n';
  else
    print(*report, out);
  return report->at("changed").to_number<std::uint64_t>() > 0 ? 1 : 0;
}

}  // namespace plimsoll::app
