#include <algorithm>
#include <array>
#include <charconv>
#include <unordered_map>

#include "classify/model.h"
#include "document.h"
#include "yaml/fields.h"

namespace plimsoll::policy {

using namespace yaml;
namespace {

constexpr std::array<std::string_view, 8> kAbout = {"id",   "title", "version", "status",
                                                    "date", "owner", "name",    "description"};

// Read by people, exports and audits; nothing here decides.
constexpr std::array<std::string_view, 6> kFreeForm = {"frameworks",        "ownership",  "ci_cd_gates",
                                                       "incident_response", "monitoring", "metadata"};

constexpr std::size_t kMaxRules = 1000;

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  });
}

// Shown to callers and written to logs: one line of bounded length.
void check_line(const Node* node, std::string_view name, Problems& problems) {
  if (node == nullptr || node->kind != Node::Kind::kScalar) return;
  if (node->text.empty() || node->text.size() > 200)
    problems.add(node->mark, "'" + std::string(name) + "' must be 1 to 200 bytes of text");
  else if (std::ranges::any_of(node->text, [](char c) { return static_cast<unsigned char>(c) < 0x20U; }))
    problems.add(node->mark, "'" + std::string(name) + "' must be a single line");
}

enum class When { kPrompt, kOutput, kBoth };
enum class Mode { kEnforce, kShadow };
enum class OnError { kClosed, kOpen };

Rule read_rule(const Node& node, std::size_t index, Problems& problems) {
  Rule rule;
  rule.mark = node.mark;
  rule.id = "rule-" + std::to_string(index + 1);
  Fields fields(node, "a rule", problems);

  if (const Node* id = fields.get({"id", "name"}); id != nullptr) {
    if (auto text = read_text(*id, "id", problems)) {
      if (!is_name(*text))
        problems.add(id->mark, "'id' must be 1 to 64 letters, digits, '.', '_' or '-'");
      else
        rule.id = *std::move(text);
    }
  }
  fields.read("description", rule.description);

  When when = When::kBoth;
  fields.choose<When>({"when", "direction", "surface"}, when,
                      {{"prompt", When::kPrompt}, {"output", When::kOutput}, {"both", When::kBoth}});
  rule.on_prompt = when != When::kOutput;
  rule.on_output = when != When::kPrompt;

  fields.require("condition");
  if (const Node* condition = fields.get("condition")) {
    if (auto text = read_text(*condition, "condition", problems)) rule.condition = *std::move(text);
    rule.source = *condition;
  }
  fields.require("action");
  fields.read("action", rule.action);

  rule.reason = rule.id;
  fields.read("reason", rule.reason);
  check_line(node.find("reason"), "reason", problems);

  Mode mode = Mode::kEnforce;
  fields.choose<Mode>({"mode"}, mode, {{"enforce", Mode::kEnforce}, {"shadow", Mode::kShadow}});
  rule.shadow = mode == Mode::kShadow;
  OnError on_error = OnError::kClosed;
  fields.choose<OnError>({"on_error"}, on_error, {{"closed", OnError::kClosed}, {"open", OnError::kOpen}});
  rule.fail_open = on_error == OnError::kOpen;

  fields.read("redact", rule.redact);
  fields.read("review", rule.review);
  fields.read("care", rule.care);
  if (const Node* redact = node.find("redact"); redact != nullptr && rule.action != Action::kRedact)
    problems.add(redact->mark, "'redact' says what to replace, but the action is '" +
                                   std::string(to_string(rule.action)) + "'; expected action: redact");
  if (const Node* care = node.find("care"); rule.care && allows(rule.action))
    problems.add(care->mark, "'care' words a refusal, but the action is '" +
                                 std::string(to_string(rule.action)) + "'; expected block or escalate");
  fields.finish();
  return rule;
}

// Names and dates for people, at the top of the document or under `about`.
void read_about(const Node& node, Fields& fields, Document& document) {
  for (const auto key : kAbout) {
    std::string text;
    fields.read(key, text);
    if (node.find(key) != nullptr) document.about.emplace_back(key, std::move(text));
  }
}

// One for all, or one for each tier, "untiered" and "default".
void read_content(const Node& records, Fields& fields, Settings& settings, Problems& problems) {
  using Content = Settings::Content;
  const auto choose = [](Fields& from, std::string_view key, Content& out) {
    from.choose<Content>(
        {key}, out, {{"none", Content::kNone}, {"redacted", Content::kRedacted}, {"full", Content::kFull}});
  };
  const Node* node = records.find("store_content");
  if (node == nullptr || node->kind != Node::Kind::kMap) {
    auto all = settings.store_content.back();
    choose(fields, "store_content", all);
    settings.store_content = Settings::filled(all);
    return;
  }
  Fields tiers(*fields.get("store_content"), "'store_content'", problems);
  auto rest = settings.store_content.back();
  choose(tiers, "default", rest);
  settings.store_content = Settings::filled(rest);
  for (std::size_t i = 0; i < kTierCount; ++i)
    choose(tiers, to_string(static_cast<Tier>(i)), settings.store_content.at(i));
  choose(tiers, "untiered", settings.store_content.back());
  tiers.finish();
}

// "90 days", "6 months", "10 years", "for ever"; nullopt for all else.
std::optional<std::chrono::days> parse_duration(std::string_view text) {
  if (text == "for ever") return std::chrono::days::max();
  unsigned number = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto unit = text.substr(static_cast<std::size_t>(end - text.data()));
  const auto days = unit == " day" || unit == " days"       ? 1U
                    : unit == " month" || unit == " months" ? 31U
                    : unit == " year" || unit == " years"   ? 366U
                                                            : 0U;
  if (wrong != std::errc() || days == 0 || number == 0 || number > 100 * 366 / days) return std::nullopt;
  return std::chrono::days(number * days);
}

void read_retention(const Node& node, Settings& settings, Problems& problems) {
  Fields fields(node, "'retention'", problems);
  for (const auto name : kEntryClasses) {
    const Node* value = fields.get(name);
    if (value == nullptr) continue;
    const auto text = yaml::read_text(*value, name, problems);
    if (!text) continue;
    const auto keep = parse_duration(*text);
    if (!keep)
      problems.add(value->mark, "'" + std::string(name) +
                                    "' must be a time such as '90 days', '6 months' or '10 years', up to 100 "
                                    "years, or 'for ever'");
    else if (*keep != std::chrono::days::max())
      settings.retention.emplace_back(name, *keep);
  }
  fields.finish();
}

void read_records(const Node& node, Settings& settings, Problems& problems) {
  Fields fields(node, "'records'", problems);
  read_content(node, fields, settings, problems);
  auto days = static_cast<std::uint64_t>(settings.content_age.count());
  fields.read("content_days", days, 1, 36'500);
  settings.content_age = std::chrono::days(days);
  if (const Node* retention = fields.get("retention")) read_retention(*retention, settings, problems);
  fields.read("wait_for_disk", settings.wait_for_disk);
  fields.finish();
}

void read_streaming(const Node& node, Settings& settings, Problems& problems) {
  Fields fields(node, "'streaming'", problems);
  std::uint64_t bytes = settings.hold_back_bytes;
  fields.read("hold_back_bytes", bytes, 1, 65'536);
  settings.hold_back_bytes = bytes;
  fields.finish();
}

// Of categories that a model scores, in their order.
void read_model_alone(const Node& node, std::vector<std::pair<Category, double>>& alone, Problems& problems) {
  if (node.kind != Node::Kind::kMap) {
    problems.add(node.mark, "'model_alone' must name categories, such as {jailbreak: 1}; found " +
                                std::string(describe(node)));
    return;
  }
  for (const auto& [key, mark, value] : node.members) {
    const auto category = read_category(key, mark, problems);
    const auto counts = read_number(value, key, {0, 1}, problems);
    if (!category || !counts) continue;
    if (std::ranges::find(classify::kHeads, *category) == classify::kHeads.end())
      problems.add(mark, "the model does not score '" + key + "'");
    else
      alone.emplace_back(*category, *counts);
  }
  std::ranges::sort(alone);
}

void read_inspection(const Node& node, Settings& settings, Problems& problems) {
  Fields fields(node, "'inspection'", problems);
  fields.read("enabled", settings.inspect);
  using Scope = Settings::Scope;
  fields.choose<Scope>(
      {"scope"}, settings.scope,
      {{"all", Scope::kAll}, {"window", Scope::kWindow}, {"latest_turn", Scope::kLatestTurn}});
  std::uint64_t window = settings.window_texts;
  fields.read("window_texts", window, 1, 4'096);
  settings.window_texts = window;
  fields.choose<bool>({"history"}, settings.replace_history, {{"judge", false}, {"replace", true}});
  fields.choose<bool>({"attachments"}, settings.attachments_pass, {{"block", false}, {"allow", true}});
  auto deadline = static_cast<std::uint64_t>(settings.inspection_deadline.count());
  fields.read("deadline_ms", deadline, 1, 60'000);
  settings.inspection_deadline = std::chrono::milliseconds(deadline);
  fields.choose<bool>({"on_error"}, settings.inspection_fails_open, {{"closed", false}, {"open", true}});
  fields.finish();
}

}  // namespace

std::string_view column_name(std::size_t column) {
  return column == kUntiered ? "untiered" : to_string(static_cast<Tier>(column));
}

std::optional<std::size_t> parse_column(std::string_view name) {
  if (name == "untiered") return kUntiered;
  const auto tier = parse_tier(name);
  return tier ? std::optional(static_cast<std::size_t>(*tier)) : std::nullopt;
}

Document::Document() {
  Column& general = columns[0];
  general.moderate = Action::kRedact;
  general.asl_review = true;

  Column& enterprise = columns[1];
  enterprise.severe = enterprise.high = enterprise.asl_action = Action::kEscalate;
  enterprise.moderate = Action::kRedact;
  enterprise.asl_review = true;

  Column& research = columns[2];
  research.severe = research.moderate = research.high = Action::kRedact;
  research.asl_action = Action::kAllow;
  research.asl_review = true;

  Column& untiered = columns[kUntiered];
  untiered.asl_action = Action::kAllow;
  untiered.asl_shadow = true;

  for (std::size_t i = 0; i < kColumnCount; ++i) columns.at(i).rate_limit = settings.rate_limits.at(i);
}

void read_rules(const Node& node, Document& document, Problems& problems) {
  if (node.kind != Node::Kind::kList) {
    problems.add(node.mark, "'rules' must be a list of rules; found " + std::string(describe(node)));
    return;
  }
  if (node.items.size() > kMaxRules) {
    problems.add(node.mark, "more than " + std::to_string(kMaxRules) + " rules");
    return;
  }
  std::unordered_map<std::string, std::size_t> lines;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    Rule rule = read_rule(node.items[i], i, problems);
    const auto [first, is_new] = lines.try_emplace(rule.id, rule.mark.line);
    if (!is_new)
      problems.add(rule.mark, "duplicate rule id '" + rule.id + "'; the first is on line " +
                                  std::to_string(first->second));
    document.rules.push_back(std::move(rule));
  }
}

Document read_document(const Node& root, const std::optional<std::string>& directory, Problems& problems,
                       std::vector<Problem>& elsewhere) {
  Document document;
  Fields fields(root, "the policy", problems);
  if (root.kind != Node::Kind::kMap) return document;

  read_about(root, fields, document);
  if (const Node* about = fields.get("about")) {
    Fields inner(*about, "'about'", problems);
    read_about(*about, inner, document);
    inner.finish();
  }
  if (const Node* node = fields.get("thresholds")) read_thresholds(*node, document, problems);

  const Node* rules = fields.get("rules");
  if (const Node* runtime = fields.get("runtime")) {
    Fields inner(*runtime, "'runtime'", problems);
    const Node* nested = inner.get("rules");
    inner.finish();
    if (nested != nullptr && rules != nullptr)
      problems.add(nested->mark, "'runtime.rules' beside 'rules'; keep the rules in one list");
    if (rules == nullptr) rules = nested;
  }
  if (rules != nullptr) read_rules(*rules, document, problems);

  if (const Node* node = fields.get("risk_thresholds")) read_risk_thresholds(*node, document, problems);
  if (const Node* node = fields.get("tiers")) read_tiers(*node, document, problems);
  if (const Node* node = fields.get("asl_triggers")) read_asl_triggers(*node, document, problems);
  if (const Node* node = fields.get("accumulate")) read_accumulate(*node, document, problems);
  if (const Node* node = fields.get("actions")) read_actions(*node, document.settings, problems);
  if (const Node* node = fields.get("records")) read_records(*node, document.settings, problems);
  if (const Node* node = fields.get("streaming")) read_streaming(*node, document.settings, problems);
  if (const Node* node = fields.get("inspection")) read_inspection(*node, document.settings, problems);
  if (const Node* node = fields.get("second_opinions")) read_opinions(*node, document.settings, problems);
  if (const Node* node = fields.get("detection")) {
    Fields inner(*node, "'detection'", problems);
    if (const Node* own = inner.get("rules"))
      document.settings.detection_rules = detect::read_rule_options(*own, directory, problems, elsewhere);
    inner.read("model", document.settings.detection_model);
    if (const Node* alone = inner.get("model_alone"))
      read_model_alone(*alone, document.settings.detection_model_alone, problems);
    inner.read("names", document.settings.detection_names);
    inner.finish();
  }
  fields.read("fail_open_routes", document.settings.fail_open_routes);
  fields.read("card_required", document.card_required);
  if (const Node* node = fields.get("card_required"))
    if (document.card_required.size() > 64 || !std::ranges::all_of(document.card_required, is_name))
      problems.add(node->mark,
                   "'card_required' must be up to 64 names of card fields, like [owners, limitations]");
  if (const Node* node = root.find("monitoring"); node != nullptr && node->kind == Node::Kind::kMap)
    if (const Node* watch = node->find("watch")) read_watch(*watch, document.watch, problems);
  for (const auto key : kFreeForm)
    if (const Node* node = fields.get(key)) {
      document.records.emplace_back(key, to_json_value(*node));
      if (key == "incident_response") read_clocks(*node, document.settings, problems);
    }
  fields.finish();

  check_columns(document, problems);
  for (std::size_t i = 0; i < kColumnCount; ++i)
    document.settings.rate_limits.at(i) = document.columns.at(i).rate_limit;
  const bool has_limits = std::ranges::any_of(document.columns, [](const Column& c) {
    return std::ranges::any_of(c.limits, [](const auto& limit) { return limit.has_value(); });
  });
  if (problems.none() && document.thresholds.empty() && document.rules.empty() &&
      document.asl_triggers.empty() && document.accumulations.empty() && !has_limits)
    problems.add(root.mark,
                 "the policy decides nothing: expected 'rules', 'risk_thresholds', 'asl_triggers' or "
                 "'thresholds'");
  return document;
}

}  // namespace plimsoll::policy
