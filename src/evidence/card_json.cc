// Cards as CycloneDX, as Google's Model Card Toolkit, and the bias report, in JSON.
#include <boost/json/array.hpp>

#include "base/hash.h"
#include "evidence/card.h"

namespace plimsoll::evidence {
namespace {

json::array to_array(const std::vector<std::string>& texts) {
  json::array out;
  for (const auto& text : texts) out.emplace_back(text);
  return out;
}

template <class T>
void put(json::object& object, std::string_view key, T&& value) {
  if (!value.empty()) object[key] = std::forward<T>(value);
}

// The same card has the same serial number: a UUID (version 8, RFC 9562) of its digest.
std::string serial_of(const json::object& bom) {
  std::string hex = to_hex(sha256(to_canonical_json(bom))).substr(0, 32);
  hex[12] = '8';
  hex[16] = '8';
  for (const std::size_t at : {20U, 16U, 12U, 8U}) hex.insert(at, "-");
  return "urn:uuid:" + hex;
}

json::object performance(const CardMetric& m) {
  json::object out{{"type", m.type}, {"value", number_text(m.value)}};
  std::string slice = m.slice;
  if (!m.dataset.empty()) slice += (slice.empty() ? "dataset=" : "; dataset=") + m.dataset;
  if (m.n) slice += (slice.empty() ? "n=" : "; n=") + std::to_string(*m.n);
  put(out, "slice", slice);
  if (m.lower && m.upper)
    out["confidenceInterval"] =
        json::object{{"lowerBound", number_text(*m.lower)}, {"upperBound", number_text(*m.upper)}};
  return out;
}

json::array formats(const std::vector<std::string>& texts) {
  json::array out;
  for (const auto& text : texts) out.push_back(json::object{{"format", text}});
  return out;
}

json::object model_card(const Card& card) {
  json::object parameters, considerations, out{{"bom-ref", "model-card"}};
  constexpr std::string_view kApproaches[] = {"supervised", "unsupervised", "reinforcement-learning",
                                              "semi-supervised", "self-supervised"};
  for (const auto known : kApproaches)
    if (card.approach == known) parameters["approach"] = json::object{{"type", known}};
  put(parameters, "task", card.task);
  put(parameters, "architectureFamily", card.architecture_family);
  put(parameters, "modelArchitecture", card.architecture);
  json::array datasets;
  for (const auto& name : card.datasets)
    datasets.push_back(json::object{{"type", "dataset"}, {"name", name}});
  put(parameters, "datasets", std::move(datasets));
  put(parameters, "inputs", formats(card.inputs));
  put(parameters, "outputs", formats(card.outputs));
  put(out, "modelParameters", std::move(parameters));

  json::array metrics;
  for (const auto& m : card.metrics) metrics.push_back(performance(m));
  if (!metrics.empty())
    out["quantitativeAnalysis"] = json::object{{"performanceMetrics", std::move(metrics)}};

  put(considerations, "users", to_array(card.users));
  json::array uses = to_array(card.use_cases);
  for (const auto& text : card.out_of_scope) uses.emplace_back("Out of scope: " + text);
  put(considerations, "useCases", std::move(uses));
  put(considerations, "technicalLimitations", to_array(card.limitations));
  put(considerations, "performanceTradeoffs", to_array(card.tradeoffs));
  json::array ethics, fairness;
  for (const auto& [name, mitigation] : card.ethics) {
    json::object one{{"name", name}};
    put(one, "mitigationStrategy", mitigation);
    ethics.push_back(std::move(one));
  }
  put(considerations, "ethicalConsiderations", std::move(ethics));
  for (const auto& f : card.fairness) {
    json::object one;
    put(one, "groupAtRisk", f.group);
    put(one, "benefits", f.benefits);
    put(one, "harms", f.harms);
    put(one, "mitigationStrategy", f.mitigation);
    fairness.push_back(std::move(one));
  }
  put(considerations, "fairnessAssessments", std::move(fairness));
  put(out, "considerations", std::move(considerations));

  json::array properties;
  if (!card.environment.empty())
    properties.push_back(json::object{{"name", "plimsoll:environment"}, {"value", card.environment}});
  for (const auto& name : card.missing)
    properties.push_back(json::object{{"name", "plimsoll:missing"}, {"value", name}});
  for (const auto& source : card.sources)
    if (!source.id.empty())
      properties.push_back(json::object{{"name", "plimsoll:evidence"}, {"value", source.id}});
  put(out, "properties", std::move(properties));
  return out;
}

// Controls: what the standard asks for, what is claimed, and the evidence, each found by reference.
void declare(const Card& card, json::object& bom) {
  if (card.controls.empty()) return;
  json::array standards, requirements_of, claims, evidence, map;
  std::vector<std::string> frameworks;
  for (const auto& control : card.controls) {
    const std::string framework = control.framework.empty() ? "unnamed" : control.framework;
    auto known = std::ranges::find(frameworks, framework);
    if (known == frameworks.end()) {
      frameworks.push_back(framework);
      standards.push_back(json::object{
          {"bom-ref", "standard:" + framework}, {"name", framework}, {"requirements", json::array()}});
      known = std::prev(frameworks.end());
    }
    auto& standard = standards[static_cast<std::size_t>(known - frameworks.begin())].get_object();
    const std::string name = framework + ":" + control.id;
    json::object requirement{{"bom-ref", "requirement:" + name}, {"identifier", control.id}};
    put(requirement, "title", control.title);
    standard["requirements"].get_array().push_back(std::move(requirement));

    json::object item{{"bom-ref", "evidence:" + name}, {"propertyName", "plimsoll:evidence"}};
    if (!control.source.empty())
      item["data"] = json::array{
          json::object{{"name", control.source},
                       {"contents", json::object{{"url", "urn:plimsoll:evidence:" + control.source}}}}};
    evidence.push_back(std::move(item));
    json::object claim{{"bom-ref", "claim:" + name}, {"target", "subject"}};
    claim["predicate"] = "meets " + framework + " " + control.id;
    put(claim, "reasoning", control.rationale);
    claim["evidence"] = json::array{"evidence:" + name};
    claims.push_back(std::move(claim));

    json::object mapped{{"requirement", "requirement:" + name}, {"claims", json::array{"claim:" + name}}};
    if (control.conformance) {
      json::object conformance{{"score", *control.conformance}};
      put(conformance, "rationale", control.rationale);
      mapped["conformance"] = std::move(conformance);
    }
    map.push_back(std::move(mapped));
  }
  bom["definitions"] = json::object{{"standards", std::move(standards)}};
  json::object declarations;
  json::object organization{{"name", card.owners.empty() ? "the operator" : card.owners.front()}};
  json::object assessor{{"bom-ref", "assessor"}, {"thirdParty", false}};
  assessor["organization"] = std::move(organization);
  declarations["assessors"] = json::array{std::move(assessor)};
  json::object attestation{{"summary", "Controls that submitted evidence speaks of"},
                           {"assessor", "assessor"}};
  attestation["map"] = std::move(map);
  declarations["attestations"] = json::array{std::move(attestation)};
  declarations["claims"] = std::move(claims);
  declarations["evidence"] = std::move(evidence);
  bom["declarations"] = std::move(declarations);
}

json::object detailed(const CardMetric& m) {
  json::object out{{"group", m.slice}, {"value", m.value}};
  out["n"] = m.n ? json::value(*m.n) : json::value(nullptr);
  out["lower"] = m.lower ? json::value(*m.lower) : json::value(nullptr);
  out["upper"] = m.upper ? json::value(*m.upper) : json::value(nullptr);
  put(out, "evidence", m.source);
  return out;
}

}  // namespace

std::string to_cyclonedx(const Card& card) {
  json::object bom{{"bomFormat", "CycloneDX"}, {"specVersion", "1.6"}, {"version", 1}};
  json::object subject{{"bom-ref", "subject"},
                       {"type", card.system ? "application" : "machine-learning-model"}};
  subject["name"] = card.name;
  subject["version"] = card.version;
  put(subject, "description", card.description);
  if (!card.license.empty())
    subject["licenses"] = json::array{json::object{{"license", json::object{{"name", card.license}}}}};
  json::array authors;
  for (const auto& owner : card.owners) authors.push_back(json::object{{"name", owner}});
  put(subject, "authors", std::move(authors));
  json::array references;
  for (const auto& url : card.references)
    if (url.starts_with("https://") || url.starts_with("http://"))
      references.push_back(json::object{{"type", "documentation"}, {"url", url}});
  put(subject, "externalReferences", std::move(references));
  json::array components;
  if (card.system) {
    // The schema has model cards on components that are models only.
    json::object model{{"bom-ref", "model"}, {"type", "machine-learning-model"}, {"name", card.version}};
    model["version"] = card.version;
    model["modelCard"] = model_card(card);
    bom["metadata"] = json::object{{"component", std::move(subject)}};
    components.push_back(std::move(model));
    for (const auto& [name, version] : card.components) {
      json::object one{{"type", "library"}, {"name", name}};
      put(one, "version", version);
      components.push_back(std::move(one));
    }
  } else {
    subject["modelCard"] = model_card(card);
    components.push_back(std::move(subject));
  }
  bom["components"] = std::move(components);
  declare(card, bom);
  bom["serialNumber"] = serial_of(bom);
  return to_json(bom);
}

std::string to_google(const Card& card) {
  json::object details{{"name", card.name}}, version{{"name", card.version}};
  put(details, "overview", card.description);
  json::array owners, licenses, references;
  for (const auto& owner : card.owners) owners.push_back(json::object{{"name", owner}});
  put(details, "owners", std::move(owners));
  details["version"] = std::move(version);
  if (!card.license.empty()) licenses.push_back(json::object{{"custom_text", card.license}});
  put(details, "licenses", std::move(licenses));
  for (const auto& text : card.references) references.push_back(json::object{{"reference", text}});
  put(details, "references", std::move(references));

  const auto joined = [](const std::vector<std::string>& texts) {
    std::string out;
    for (const auto& text : texts) out.append(out.empty() ? "" : "; ").append(text);
    return out;
  };
  json::object parameters;
  put(parameters, "model_architecture", card.architecture);
  json::array data;
  for (const auto& name : card.datasets) data.push_back(json::object{{"name", name}});
  put(parameters, "data", std::move(data));
  put(parameters, "input_format", joined(card.inputs));
  put(parameters, "output_format", joined(card.outputs));

  json::array metrics;
  for (const auto& m : card.metrics) {
    json::object one{{"type", m.type}, {"value", number_text(m.value)}};
    put(one, "slice", m.slice);
    if (m.lower && m.upper)
      one["confidence_interval"] =
          json::object{{"lower_bound", number_text(*m.lower)}, {"upper_bound", number_text(*m.upper)}};
    metrics.push_back(std::move(one));
  }
  const auto described = [](const std::vector<std::string>& texts) {
    json::array out;
    for (const auto& text : texts) out.push_back(json::object{{"description", text}});
    return out;
  };
  json::object considerations;
  put(considerations, "users", described(card.users));
  put(considerations, "use_cases", described(card.use_cases));
  put(considerations, "limitations", described(card.limitations));
  put(considerations, "tradeoffs", described(card.tradeoffs));
  json::array ethics;
  for (const auto& [name, mitigation] : card.ethics) {
    json::object one{{"name", name}};
    put(one, "mitigation_strategy", mitigation);
    ethics.push_back(std::move(one));
  }
  put(considerations, "ethical_considerations", std::move(ethics));

  json::object out{{"schema_version", "0.0.2"}, {"model_details", std::move(details)}};
  put(out, "model_parameters", std::move(parameters));
  if (!metrics.empty())
    out["quantitative_analysis"] = json::object{{"performance_metrics", std::move(metrics)}};
  put(out, "considerations", std::move(considerations));
  return to_json(out);
}

std::string to_bias_json(const Card& card) {
  json::array comparisons;
  for (const auto& c : compare_groups(card)) {
    json::object one{{"metric", c.metric}, {"attribute", c.attribute}};
    json::array groups, small;
    for (const auto& m : c.groups) groups.push_back(detailed(m));
    for (const auto& m : c.too_small) small.push_back(detailed(m));
    const bool compared = c.groups.size() >= 2;
    one["groups"] = std::move(groups);
    one["too_small"] = std::move(small);
    one["difference"] = compared ? json::value(c.difference) : json::value(nullptr);
    one["ratio"] = c.ratio ? json::value(*c.ratio) : json::value(nullptr);
    one["adverse_impact"] = c.adverse_impact ? json::value(*c.adverse_impact) : json::value(nullptr);
    comparisons.push_back(std::move(one));
  }
  json::object out{{"model_version", card.version}, {"minimum_group", kMinimumGroup}};
  out["comparisons"] = std::move(comparisons);
  return to_json(out);
}

}  // namespace plimsoll::evidence
