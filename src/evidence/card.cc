#include "evidence/card.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <tuple>

#include "base/hash.h"
#include "evidence/submission.h"

namespace plimsoll::evidence {
namespace {

constexpr std::size_t kMaxListed = 1'000;  // of one field

std::string text_in(const json::object& object, std::initializer_list<std::string_view> keys) {
  for (const auto key : keys)
    if (const auto* value = object.if_contains(key); value != nullptr && value->is_string())
      return std::string(value->get_string());
  return {};
}

std::string text_or_name(const json::value& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (!value.is_object()) return {};
  return text_in(value.get_object(), {"name", "description", "format", "title"});
}

// A text, a list of texts, or of objects with a name.
std::vector<std::string> texts_in(const json::object& object, std::initializer_list<std::string_view> keys) {
  std::vector<std::string> out;
  for (const auto key : keys) {
    const auto* value = object.if_contains(key);
    if (value == nullptr) continue;
    if (value->is_array()) {
      for (const auto& item : value->get_array())
        if (auto text = text_or_name(item); !text.empty() && out.size() < kMaxListed)
          out.push_back(std::move(text));
    } else if (auto text = text_or_name(*value); !text.empty()) {
      out.push_back(std::move(text));
    }
    if (!out.empty()) break;
  }
  return out;
}

void take(std::string& field, std::string said) {
  if (!said.empty()) field = std::move(said);
}
void take(std::vector<std::string>& field, std::vector<std::string> said) {
  if (!said.empty()) field = std::move(said);
}

std::optional<double> number_in(const json::object& object, std::initializer_list<std::string_view> keys) {
  for (const auto key : keys) {
    const auto* value = object.if_contains(key);
    if (value == nullptr || !value->is_number()) continue;
    const auto read = value->to_number<double>();
    if (std::isfinite(read)) return read;
  }
  return std::nullopt;
}

// {"confidence_interval": {"lower_bound", "upper_bound"}}, {"ci": [lower, upper]}, {"lower", "upper"}.
void read_interval(const json::object& object, CardMetric& metric) {
  for (const std::string_view key : {"confidence_interval", "confidenceInterval", "ci", "interval"}) {
    const auto* value = object.if_contains(key);
    if (value == nullptr) continue;
    if (value->is_object()) {
      metric.lower = number_in(value->get_object(), {"lower_bound", "lowerBound", "lower"});
      metric.upper = number_in(value->get_object(), {"upper_bound", "upperBound", "upper"});
    } else if (value->is_array() && value->get_array().size() == 2 && value->get_array()[0].is_number() &&
               value->get_array()[1].is_number()) {
      metric.lower = value->get_array()[0].to_number<double>();
      metric.upper = value->get_array()[1].to_number<double>();
    }
    return;
  }
  metric.lower = number_in(object, {"lower", "ci_lower"});
  metric.upper = number_in(object, {"upper", "ci_upper"});
}

void read_details(const json::object& object, CardMetric& metric) {
  read_interval(object, metric);
  metric.slice = text_in(object, {"slice"});
  metric.dataset = text_in(object, {"dataset"});
  if (const auto n = number_in(object, {"n", "count", "samples"}); n && *n >= 0 && *n < 1e15)
    metric.n = static_cast<std::uint64_t>(*n);
}

void put(std::vector<CardMetric>& metrics, CardMetric metric) {
  const auto same = std::ranges::find_if(metrics, [&](const CardMetric& m) {
    return m.type == metric.type && m.slice == metric.slice && m.dataset == metric.dataset;
  });
  if (same != metrics.end())
    *same = std::move(metric);
  else if (metrics.size() < kMaxListed * 10)
    metrics.push_back(std::move(metric));
}

// The measurement's object, where it is one: for its interval.
const json::object* details_of(const json::object& metadata, std::string_view name) {
  const auto dot = name.find('.');
  const auto bare = name.substr(dot + 1);
  const auto look = [&](const json::object& o) -> const json::value* {
    if (const auto* v = o.if_contains(name)) return v;
    if (const auto* v = o.if_contains(bare)) return v;
    const auto* group = o.if_contains(name.substr(0, dot));
    return group != nullptr && group->is_object() ? group->get_object().if_contains(bare) : nullptr;
  };
  const json::value* found = look(metadata);
  if (const auto* inner = metadata.if_contains("metrics");
      found == nullptr && inner != nullptr && inner->is_object())
    found = look(inner->get_object());
  return found != nullptr ? found->if_object() : nullptr;
}

Result<void> read_metrics(const CardSource& source, const std::string& from, Card& card) {
  const auto measured = read_measures(source.metadata);
  if (!measured) return fail(Code::kInvalid, measured.error().message);
  for (std::size_t i = 0; i < kMeasureCount; ++i) {
    if (!measured->values.at(i)) continue;
    CardMetric metric{.type = std::string(to_string(static_cast<Measure>(i))),
                      .value = *measured->values.at(i),
                      .slice = {},
                      .dataset = {},
                      .lower = {},
                      .upper = {},
                      .n = {},
                      .source = from};
    if (const auto* details = details_of(source.metadata, metric.type)) read_details(*details, metric);
    put(card.metrics, std::move(metric));
  }
  for (const std::string_view key : {"performance_metrics", "performanceMetrics", "subgroups"}) {
    const auto* list = source.metadata.if_contains(key);
    if (list == nullptr) continue;
    if (!list->is_array()) return fail(Code::kInvalid, "metadata." + std::string(key) + ": expected a list");
    for (std::size_t i = 0; i < list->get_array().size(); ++i) {
      const auto* item = list->get_array()[i].if_object();
      const auto value = item != nullptr ? number_in(*item, {"value"}) : std::nullopt;
      const auto type = item != nullptr ? text_in(*item, {"type", "metric", "name"}) : std::string();
      if (!value || type.empty())
        return fail(Code::kInvalid, "metadata." + std::string(key) + "[" + std::to_string(i) +
                                        "]: expected an object with a type and a number as its value");
      CardMetric metric{.type = type,
                        .value = *value,
                        .slice = {},
                        .dataset = {},
                        .lower = {},
                        .upper = {},
                        .n = {},
                        .source = from};
      read_details(*item, metric);
      const auto attribute = text_in(*item, {"attribute"});
      const auto group = text_in(*item, {"group"});
      if (metric.slice.empty() && !group.empty())
        metric.slice = (attribute.empty() ? "group" : attribute) + "=" + group;
      put(card.metrics, std::move(metric));
    }
  }
  return {};
}

void read_controls(const CardSource& source, const std::string& from, Card& card) {
  const auto* list = source.metadata.if_contains("controls");
  if (list == nullptr || !list->is_array()) return;
  for (const auto& item : list->get_array()) {
    CardControl control;
    control.source = from;
    if (item.is_string()) {
      control.id = item.get_string();
    } else if (const auto* o = item.if_object()) {
      control.framework = text_in(*o, {"framework", "standard"});
      control.id = text_in(*o, {"id", "control", "control_id"});
      control.title = text_in(*o, {"title", "name"});
      control.rationale = text_in(*o, {"rationale", "reasoning", "notes"});
      if (const auto score = number_in(*o, {"conformance", "score"}); score && *score >= 0 && *score <= 1)
        control.conformance = score;
    }
    if (control.id.empty() || card.controls.size() >= kMaxListed) continue;
    const auto same = std::ranges::find_if(card.controls, [&](const CardControl& c) {
      return c.framework == control.framework && c.id == control.id;
    });
    if (same != card.controls.end())
      *same = std::move(control);
    else
      card.controls.push_back(std::move(control));
  }
}

void read_text(const json::object& m, Card& card) {
  take(card.name, text_in(m, {"name", "model_name"}));
  take(card.description, text_in(m, {"description", "overview"}));
  take(card.architecture, text_in(m, {"model_architecture", "architecture"}));
  take(card.architecture_family, text_in(m, {"architecture_family"}));
  take(card.approach, text_in(m, {"approach", "learning_approach"}));
  take(card.task, text_in(m, {"task", "pipeline_tag"}));
  take(card.environment, text_in(m, {"environmental_considerations", "environment"}));
  take(card.license, text_in(m, {"license"}));
  take(card.language, text_in(m, {"language"}));
  take(card.base_model, text_in(m, {"base_model"}));
  take(card.owners, texts_in(m, {"owners", "owner"}));
  take(card.references, texts_in(m, {"references"}));
  take(card.datasets, texts_in(m, {"datasets", "dataset"}));
  take(card.inputs, texts_in(m, {"inputs", "input_format"}));
  take(card.outputs, texts_in(m, {"outputs", "output_format"}));
  take(card.users, texts_in(m, {"users"}));
  take(card.use_cases, texts_in(m, {"use_cases", "intended_use"}));
  take(card.out_of_scope, texts_in(m, {"out_of_scope", "out_of_scope_uses"}));
  take(card.limitations, texts_in(m, {"limitations"}));
  take(card.tradeoffs, texts_in(m, {"tradeoffs"}));
  take(card.tags, texts_in(m, {"tags"}));
  if (const auto* list = m.if_contains("ethical_considerations"); list != nullptr && list->is_array()) {
    card.ethics.clear();
    for (const auto& item : list->get_array()) {
      const auto name = text_or_name(item);
      if (!name.empty() && card.ethics.size() < kMaxListed)
        card.ethics.push_back({name, item.is_object()
                                         ? text_in(item.get_object(), {"mitigation_strategy", "mitigation"})
                                         : std::string()});
    }
  }
  if (const auto* list = m.if_contains("fairness_assessments"); list != nullptr && list->is_array()) {
    card.fairness.clear();
    for (const auto& item : list->get_array())
      if (const auto* o = item.if_object(); o != nullptr && card.fairness.size() < kMaxListed)
        card.fairness.push_back({.group = text_in(*o, {"group_at_risk", "group"}),
                                 .benefits = text_in(*o, {"benefits"}),
                                 .harms = text_in(*o, {"harms"}),
                                 .mitigation = text_in(*o, {"mitigation_strategy", "mitigation"})});
  }
  if (const auto* list = m.if_contains("components"); list != nullptr && list->is_array()) {
    card.components.clear();
    for (const auto& item : list->get_array())
      if (const auto name = text_or_name(item); !name.empty() && card.components.size() < kMaxListed)
        card.components.push_back(
            {name, item.is_object() ? text_in(item.get_object(), {"version"}) : std::string()});
  }
}

Result<CardSource> read_source(const json::value& value) {
  const auto* object = value.if_object();
  if (object == nullptr) return fail(Code::kInvalid, "expected a submission, or what GET /evidence shows");
  CardSource out{.artifact_type = text_in(*object, {"artifact_type", "artifactType"}),
                 .model_version = text_in(*object, {"model_version", "modelVersion"}),
                 .content_ref = text_in(*object, {"content_ref", "contentRef"}),
                 .metadata = {},
                 .id = text_in(*object, {"id"}),
                 .evidence_hash = text_in(*object, {"evidence_hash"}),
                 .stored_at = text_in(*object, {"stored_at"})};
  if (const auto* at = object->if_contains("ledger_index");
      at != nullptr && at->is_int64() && at->get_int64() >= 0)
    out.ledger_index = static_cast<std::uint64_t>(at->get_int64());
  if (out.artifact_type.empty() || out.model_version.empty())
    return fail(Code::kInvalid, "artifactType and modelVersion: expected texts");
  if (const auto* metadata = object->if_contains("metadata")) {
    if (!metadata->is_object()) return fail(Code::kInvalid, "metadata: expected an object");
    out.metadata = metadata->get_object();
  }
  return out;
}

}  // namespace

Result<std::vector<CardSource>> read_card_sources(std::string_view text) {
  const auto value = parse_json(text, {.max_bytes = kMaxCardBytes, .max_depth = 64});
  if (!value) return std::unexpected(value.error());
  const auto* items = find_array(*value, "items");
  if (items == nullptr) items = value->if_array();
  std::vector<CardSource> out;
  if (items == nullptr) {
    auto one = read_source(*value);
    if (!one) return std::unexpected(std::move(one).error());
    out.push_back(*std::move(one));
    return out;
  }
  if (items->size() > kMaxCardSources)
    return fail(Code::kTooLarge, "more than " + std::to_string(kMaxCardSources) + " pieces of evidence");
  for (std::size_t i = 0; i < items->size(); ++i) {
    auto one = read_source((*items)[i]);
    if (!one) return std::unexpected(std::move(one).error().in("[" + std::to_string(i) + "]"));
    out.push_back(*std::move(one));
  }
  return out;
}

Result<Card> make_card(const std::vector<CardSource>& given, std::string_view model, bool system) {
  std::vector<const CardSource*> sources;
  for (const auto& source : given)
    if (model.empty() || source.model_version == model) sources.push_back(&source);
  if (sources.empty())
    return fail(Code::kNotFound,
                "no evidence about the model version asked for; without evidence there is no card");
  // Oldest first, as the log has them; where some are not from a log, by time; where some have no time, as given.
  const bool logged =
      std::ranges::all_of(sources, [](const CardSource* s) { return s->ledger_index.has_value(); });
  const bool timed = std::ranges::none_of(sources, [](const CardSource* s) { return s->stored_at.empty(); });
  std::vector<std::tuple<std::string_view, std::uint64_t, const CardSource*>> order;
  order.reserve(sources.size());
  for (std::size_t i = 0; i < sources.size(); ++i)
    order.emplace_back(timed && !logged ? std::string_view(sources[i]->stored_at) : std::string_view(),
                       logged ? *sources[i]->ledger_index : i, sources[i]);
  std::ranges::sort(order);
  std::ranges::transform(order, sources.begin(), [](const auto& item) { return std::get<2>(item); });
  Card card;
  card.system = system;
  for (const auto* source : sources) {
    const std::string from = !source->id.empty() ? source->id : source->evidence_hash;
    card.version = source->model_version;
    const auto* nested = source->metadata.if_contains("card");
    if (source->artifact_type == "model_card" || source->artifact_type == "system_card")
      read_text(source->metadata, card);
    if (nested != nullptr && nested->is_object()) read_text(nested->get_object(), card);
    if (auto read = read_metrics(*source, from, card); !read)
      return std::unexpected(std::move(read).error().in(from.empty() ? source->artifact_type : from));
    read_controls(*source, from, card);
    CardSource kept = *source;
    kept.metadata.clear();
    card.sources.push_back(std::move(kept));
  }
  for (const auto& field : card_lines(card))
    if (field.values.empty()) card.missing.emplace_back(field.name);
  if (card.name.empty()) card.name = card.version;
  return card;
}

std::string number_text(double value) {
  std::array<char, 40> room{};
  return {room.data(), std::to_chars(room.data(), room.data() + room.size(), value).ptr};
}

std::vector<std::string_view> card_fields(bool system) {
  Card card;
  card.system = system;
  std::vector<std::string_view> out;
  for (const auto& field : card_lines(card)) out.push_back(field.name);
  return out;
}

std::vector<CardField> card_lines(const Card& card) {
  const auto one = [](const std::string& text) {
    return text.empty() ? std::vector<std::string>() : std::vector<std::string>{text};
  };
  const auto pairs = [](const std::vector<NamedText>& items, std::string_view between) {
    std::vector<std::string> out;
    out.reserve(items.size());
    for (const auto& [name, text] : items)
      out.push_back(text.empty() ? name : name + std::string(between) + text);
    return out;
  };
  std::vector<std::string> fairness, metrics, controls;
  for (const auto& f : card.fairness)
    fairness.push_back(f.group + (f.harms.empty() ? "" : "; harms: " + f.harms) +
                       (f.benefits.empty() ? "" : "; benefits: " + f.benefits) +
                       (f.mitigation.empty() ? "" : "; mitigation: " + f.mitigation));
  for (const auto& m : card.metrics) metrics.push_back(m.type);
  for (const auto& c : card.controls)
    controls.push_back((c.framework.empty() ? "" : c.framework + " ") + c.id);
  std::vector<CardField> out = {{"name", "Name", one(card.name)},
                                {"description", "Description", one(card.description)},
                                {"owners", "Owners", card.owners},
                                {"license", "Licence", one(card.license)},
                                {"references", "References", card.references}};
  if (card.system) {
    out.push_back({"components", "Components", pairs(card.components, " ")});
  } else {
    out.push_back({"model_architecture", "Architecture", one(card.architecture)});
    out.push_back({"approach", "Learning approach", one(card.approach)});
    out.push_back({"task", "Task", one(card.task)});
    out.push_back({"datasets", "Data", card.datasets});
  }
  const std::vector<CardField> rest = {
      {"inputs", "Inputs", card.inputs},
      {"outputs", "Outputs", card.outputs},
      {"users", "Users", card.users},
      {"use_cases", "Intended uses", card.use_cases},
      {"out_of_scope", "Uses out of scope", card.out_of_scope},
      {"limitations", "Limitations", card.limitations},
      {"tradeoffs", "Trade-offs", card.tradeoffs},
      {"ethical_considerations", "Ethical considerations", pairs(card.ethics, ". Mitigation: ")},
      {"fairness_assessments", "Fairness assessments", fairness},
      {"environmental_considerations", "Environment", one(card.environment)},
      {"performance_metrics", "Measurements", metrics},
      {"controls", "Controls", controls}};
  out.insert(out.end(), rest.begin(), rest.end());
  return out;
}

// The slice "sex=female" is the group "female" of the attribute "sex".
std::vector<BiasComparison> compare_groups(const Card& card) {
  std::map<std::pair<std::string, std::string>, BiasComparison> by;
  for (const auto& metric : card.metrics) {
    const auto equals = metric.slice.find('=');
    if (equals == std::string::npos) continue;
    auto& comparison = by[{metric.type, metric.slice.substr(0, equals)}];
    comparison.metric = metric.type;
    comparison.attribute = metric.slice.substr(0, equals);
    (metric.n && *metric.n < kMinimumGroup ? comparison.too_small : comparison.groups).push_back(metric);
  }
  std::vector<BiasComparison> out;
  for (auto& [key, comparison] : by) {
    if (comparison.groups.size() >= 2) {
      const auto [least, most] = std::ranges::minmax_element(comparison.groups, {}, &CardMetric::value);
      comparison.difference = most->value - least->value;
      if (most->value > 0 && least->value >= 0) comparison.ratio = least->value / most->value;
      if (comparison.metric.find("selection_rate") != std::string::npos && comparison.ratio)
        comparison.adverse_impact = *comparison.ratio < 0.8;
    }
    out.push_back(std::move(comparison));
  }
  return out;
}

}  // namespace plimsoll::evidence
