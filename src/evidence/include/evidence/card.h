// Model cards, system cards and bias reports, made of nothing but what was submitted as evidence.
//
// What no evidence says is missing, and shown as missing. Where two pieces of evidence speak of the same thing, the
// later one counts.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace plimsoll::evidence {

// A piece of evidence as a card reads it: a submission, or what GET /evidence shows of one.
struct CardSource {
  std::string artifact_type, model_version, content_ref;
  json::object metadata;
  std::string id, evidence_hash, stored_at;        // empty: not from a service
  std::optional<std::uint64_t> ledger_index = {};  // likewise
};
inline constexpr std::size_t kMaxCardBytes = 16U << 20U;
inline constexpr std::size_t kMaxCardSources = 10'000;

// Reads a submission, a shown artifact, a page of a list ({"items": […]}), or an array of them. kInvalid, with what is
// wrong.
Result<std::vector<CardSource>> read_card_sources(std::string_view text);

struct CardMetric {
  std::string type;  // "pass@5", "quality.pass_at_5"
  double value = 0;
  std::string slice;  // "sex=female"; empty: of the whole
  std::string dataset;
  std::optional<double> lower, upper;  // of the confidence interval
  std::optional<std::uint64_t> n;
  std::string source;  // the evidence's id or hash
};

struct NamedText {  // an ethical consideration and its mitigation, a control and its status, …
  std::string name, text;
};

struct CardControl {
  std::string framework, id, title;
  std::optional<double> conformance;  // 0 to 1
  std::string rationale;
  std::string source;
};

struct Card {
  bool system = false;
  std::string name, version, description, architecture, architecture_family, approach, task, environment,
      license, language, base_model;
  std::vector<std::string> owners, references, datasets, inputs, outputs, users, use_cases, out_of_scope,
      limitations, tradeoffs, tags;
  std::vector<NamedText> ethics;
  struct Fairness {
    std::string group, benefits, harms, mitigation;
  };
  std::vector<Fairness> fairness;
  std::vector<CardMetric> metrics;
  std::vector<CardControl> controls;
  std::vector<NamedText> components;  // of a system: name and version
  std::vector<CardSource> sources;    // what it was made of; their metadata left out
  std::vector<std::string>
      missing;  // names of the fields that no evidence fills, in the order of kCardFields
};

// Every field that can be asked for, and found missing.
std::vector<std::string_view> card_fields(bool system);

// Of the model version named; of all sources when it is empty. kNotFound when no source speaks of it, kInvalid, naming the
// field, where metadata cannot be read.
Result<Card> make_card(const std::vector<CardSource>& sources, std::string_view model, bool system);

std::string to_cyclonedx(const Card& card);    // CycloneDX 1.6 JSON, with declarations for controls
std::string to_huggingface(const Card& card);  // Markdown behind YAML with a model-index
std::string to_google(const Card& card);       // Model Card Toolkit JSON, schema 0.0.2
std::string to_markdown(const Card& card);
std::string to_html(const Card& card);  // one page, nothing loaded from elsewhere, no script

// Subgroup results: per measurement and attribute ("sex" of the slice "sex=female"), every group, the largest difference
// and the ratio of smallest to largest.
struct BiasComparison {
  std::string metric, attribute;
  std::vector<CardMetric> groups;     // with at least kMinimumGroup cases, or an unknown number
  std::vector<CardMetric> too_small;  // not compared
  double difference = 0;              // largest less smallest
  std::optional<double> ratio;        // smallest by largest; none where that is 0
  // For selection rates: whether the ratio is below four fifths (29 CFR 1607.4(D)).
  std::optional<bool> adverse_impact;
};
inline constexpr std::uint64_t kMinimumGroup = 30;
std::vector<BiasComparison> compare_groups(const Card& card);
std::string to_bias_json(const Card& card);
std::string to_bias_markdown(const Card& card);

// For the writers.
std::string number_text(double value);  // the shortest that reads back
struct CardField {
  std::string_view name, title;
  std::vector<std::string> values;  // a line each
};
std::vector<CardField> card_lines(const Card& card);  // all fields in order, missing ones without values

}  // namespace plimsoll::evidence
