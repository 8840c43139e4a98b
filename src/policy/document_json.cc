#include "base/json.h"
#include "document.h"

namespace plimsoll::policy {
namespace {

json::value text(std::string_view value) {
  return json::value(json::string(value));
}

std::string_view name_of(Settings::Scope scope) {
  if (scope == Settings::Scope::kAll) return "all";
  return scope == Settings::Scope::kWindow ? "window" : "latest_turn";
}

json::array names(Categories set) {
  json::array out;
  for (std::size_t i = 0; i < kCategoryCount; ++i)
    if (set.has(static_cast<Category>(i))) out.push_back(text(to_string(static_cast<Category>(i))));
  return out;
}

// Each side of a threshold in the one spelling that says it all: where warnings begin, where it blocks.
void put_side(json::object& out, std::string_view target, std::string_view block, std::optional<double> limit,
              std::optional<double> warn) {
  if (warn) {
    out[target] = *warn;
    out[block] = limit ? json::value(*limit) : json::value(false);
  } else if (limit) {
    out[target] = *limit;
  }
}

json::object thresholds(const Document& document) {
  json::object out;
  for (std::size_t i = 0; i < document.thresholds.size(); ++i) {
    const Threshold& t = document.thresholds[i];
    json::object form;
    put_side(form, "target_min", "block_below", t.minimum, t.warn_below);
    put_side(form, "target_max", "block_above", t.maximum, t.warn_above);
    if (t.exclusive_minimum) form["operator"] = ">";
    if (t.exclusive_maximum) form["operator"] = "<";
    form["required"] = t.required;
    if (!document.threshold_notes[i].empty()) form["description"] = text(document.threshold_notes[i]);
    const auto dot = t.name.find('.');
    const std::string_view name = t.name;
    auto& group = out[name.substr(0, dot)];
    if (!group.is_object()) group = json::object();
    group.get_object()[name.substr(dot + 1)] = std::move(form);
  }
  return out;
}

json::array opinions(const Settings& settings) {
  json::array out;
  for (const SecondOpinion& o : settings.second_opinions) {
    json::object bands;
    for (std::size_t i = 0; i < kCategoryCount; ++i)
      if (const auto& band = o.bands.at(i))
        bands[to_string(static_cast<Category>(i))] = json::array{band->first, band->second};
    out.push_back(json::object{{"guard", text(o.guard)},
                               {"when", o.on_prompt && o.on_output ? "both"
                                        : o.on_prompt              ? "prompt"
                                                                   : "output"},
                               {"ask", o.always ? "always" : "uncertain"},
                               {"bands", std::move(bands)},
                               {"effect", o.replace ? "replace" : "raise"},
                               {"on_error", o.fails_open ? "open" : "closed"}});
  }
  return out;
}

json::array rules(const Document& document) {
  json::array out;
  for (const Rule& rule : document.rules) {
    json::object form;
    form["id"] = text(rule.id);
    if (!rule.description.empty()) form["description"] = text(rule.description);
    form["when"] = rule.on_prompt && rule.on_output ? "both" : rule.on_prompt ? "prompt" : "output";
    form["condition"] = text(rule.condition);
    form["action"] = text(to_string(rule.action));
    form["reason"] = text(rule.reason);
    form["mode"] = rule.shadow ? "shadow" : "enforce";
    form["on_error"] = rule.fail_open ? "open" : "closed";
    if (!rule.redact.empty()) form["redact"] = names(rule.redact);
    if (rule.review) form["review"] = true;
    if (rule.care) form["care"] = true;
    out.push_back(std::move(form));
  }
  return out;
}

json::object risk_thresholds(const Document& document) {
  json::object out;
  for (std::size_t i = 0; i < kCategoryCount; ++i) {
    json::object row;
    for (std::size_t column = 0; column < kColumnCount; ++column)
      if (const auto& limit = document.columns.at(column).limits.at(i)) row[column_name(column)] = *limit;
    if (!row.empty()) out[to_string(static_cast<Category>(i))] = std::move(row);
  }
  return out;
}

json::object asl_triggers(const Document& document) {
  json::object out;
  for (const AslTrigger& trigger : document.asl_triggers) {
    Categories set;
    for (const Category c : trigger.categories) set.add(c);
    json::object form{{"level", trigger.level}, {"threshold", trigger.threshold}, {"categories", names(set)}};
    if (!trigger.description.empty()) form["description"] = text(trigger.description);
    out[trigger.name] = std::move(form);
  }
  return out;
}

json::array accumulations(const Document& document) {
  json::array out;
  for (const Accumulation& a : document.accumulations) {
    json::array per, tiers;
    for (std::size_t i = 0; i < kPerCount; ++i)
      if (a.per.at(i)) per.push_back(text(to_string(static_cast<Per>(i))));
    for (std::size_t i = 0; i < kColumnCount; ++i)
      if (a.tiers.at(i)) tiers.push_back(text(column_name(i)));
    Categories set;
    for (const Category c : a.categories) set.add(c);
    json::object form{{"id", text(a.name)},       {"categories", names(set)},
                      {"per", std::move(per)},    {"window", window_text(a.window)},
                      {"min_score", a.min_score}, {"action", text(to_string(a.action))},
                      {"review", a.review},       {"mode", a.shadow ? "shadow" : "enforce"},
                      {"tiers", std::move(tiers)}};
    if (!a.description.empty()) form["description"] = text(a.description);
    if (a.count) form["count"] = *a.count;
    if (a.sum) form["sum"] = *a.sum;
    if (a.level > 0) form["level"] = a.level;
    out.push_back(std::move(form));
  }
  return out;
}

json::object tiers(const Document& document) {
  json::object out;
  for (std::size_t i = 0; i < kColumnCount; ++i) {
    const Column& column = document.columns.at(i);
    json::object form;
    if (!column.access.empty()) form["access"] = text(column.access);
    form["rate_limits"] = {{"requests_per_hour", column.rate_limit.requests_per_hour},
                           {"tokens_per_day", column.rate_limit.tokens_per_day}};
    form["on_threshold"] = {{"severe", text(to_string(column.severe))},
                            {"moderate", text(to_string(column.moderate))},
                            {"high", text(to_string(column.high))},
                            {"high_score", column.high_score}};
    form["on_asl_trigger"] = {{"action", text(to_string(column.asl_action))},
                              {"review", column.asl_review},
                              {"mode", column.asl_shadow ? "shadow" : "enforce"}};
    out[column_name(i)] = std::move(form);
  }
  return out;
}

json::object actions(const Settings& s) {
  json::array resources;
  for (const auto& line : s.crisis_resources) resources.push_back(text(line));
  return {{"redact", {{"pattern", text(s.redaction)}, {"restore", s.restore}}},
          {"safe_mode",
           {{"preamble", text(s.safety_preamble)}, {"max_temperature", s.safe_mode_max_temperature}}},
          {"escalate",
           {{"sla_hours", s.review_sla_hours},
            {"assignee", text(s.review_assignee)},
            {"second_reviewer", s.second_reviewer == Settings::Second::kNever        ? "never"
                                : s.second_reviewer == Settings::Second::kThresholds ? "threshold_changes"
                                                                                     : "decisions"},
            {"message", text(s.escalation_message)}}},
          {"block", {{"message", text(s.refusal_message)}}},
          {"care", {{"message", text(s.care_message)}, {"resources", std::move(resources)}}}};
}

json::object store_content(const Settings& s) {
  constexpr std::string_view kNames[] = {"none", "redacted", "full"};
  json::object out;
  for (std::size_t i = 0; i <= kTierCount; ++i)
    out[i < kTierCount ? to_string(static_cast<Tier>(i)) : "untiered"] =
        kNames[static_cast<std::size_t>(s.store_content.at(i))];
  return out;
}

}  // namespace

boost::json::value to_json(const Document& document) {
  const Settings& s = document.settings;
  json::object out;
  if (!document.about.empty()) {
    json::object about;
    for (const auto& [key, value] : document.about) about[key] = text(value);
    out["about"] = std::move(about);
  }
  out["thresholds"] = thresholds(document);
  out["rules"] = rules(document);
  out["risk_thresholds"] = risk_thresholds(document);
  out["asl_triggers"] = asl_triggers(document);
  if (!document.accumulations.empty())
    out["accumulate"] = accumulations(document);  // absent, it changes no version
  out["tiers"] = tiers(document);
  out["actions"] = actions(s);
  json::object retention;
  for (const auto& [name, keep] : s.retention) retention[name] = std::to_string(keep.count()) + " days";
  out["records"] = {{"content_days", s.content_age.count()},
                    {"retention", std::move(retention)},
                    {"store_content", store_content(s)},
                    {"wait_for_disk", s.wait_for_disk}};
  out["streaming"] = {{"hold_back_bytes", s.hold_back_bytes}};
  out["inspection"] = {{"enabled", s.inspect},
                       {"scope", text(name_of(s.scope))},
                       {"window_texts", s.window_texts},
                       {"history", s.replace_history ? "replace" : "judge"},
                       {"attachments", s.attachments_pass ? "allow" : "block"},
                       {"deadline_ms", s.inspection_deadline.count()},
                       {"on_error", s.inspection_fails_open ? "open" : "closed"}};
  out["second_opinions"] = opinions(s);
  json::object detection{{"model", s.detection_model}, {"names", s.detection_names}};
  if (!s.detection_model_alone.empty()) {
    json::object alone;
    for (const auto& [category, counts] : s.detection_model_alone) alone[to_string(category)] = counts;
    detection["model_alone"] = std::move(alone);
  }
  if (!s.detection_rules.empty()) detection["rules"] = detect::to_json(s.detection_rules);
  out["detection"] = std::move(detection);
  json::array routes;
  for (const auto& route : s.fail_open_routes) routes.push_back(text(route));
  out["fail_open_routes"] = std::move(routes);
  if (!document.card_required.empty()) {  // absent, it changes no policy's version
    json::array fields;
    for (const auto& field : document.card_required) fields.push_back(text(field));
    out["card_required"] = std::move(fields);
  }
  for (const auto& [key, value] : document.records) out[key] = value;
  return out;
}

}  // namespace plimsoll::policy
