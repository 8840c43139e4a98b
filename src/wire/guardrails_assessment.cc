#include "guardrails_assessment.h"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <utility>

#include "base/json.h"
#include "certainty.h"

namespace plimsoll::wire {
namespace {

constexpr std::size_t kMaxListed = 256;

// Bedrock's name for an entity; empty where it has none.
std::string_view bedrock_type(std::string_view entity) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 21> kTypes = {{
      {"ABA_ROUTING_NUMBER", "US_BANK_ROUTING_NUMBER"},
      {"AWS_ACCESS_KEY", "AWS_ACCESS_KEY"},
      {"AWS_SECRET_KEY", "AWS_SECRET_KEY"},
      {"CREDIT_CARD", "CREDIT_DEBIT_CARD_NUMBER"},
      {"EMAIL_ADDRESS", "EMAIL"},
      {"IBAN_CODE", "INTERNATIONAL_BANK_ACCOUNT_NUMBER"},
      {"IP_ADDRESS", "IP_ADDRESS"},
      {"LOCATION", "ADDRESS"},
      {"MAC_ADDRESS", "MAC_ADDRESS"},
      {"PASSWORD", "PASSWORD"},
      {"PERSON", "NAME"},
      {"PHONE_NUMBER", "PHONE"},
      {"UK_NHS", "UK_NATIONAL_HEALTH_SERVICE_NUMBER"},
      {"UK_NINO", "UK_NATIONAL_INSURANCE_NUMBER"},
      {"URL", "URL"},
      {"US_BANK_NUMBER", "US_BANK_ACCOUNT_NUMBER"},
      {"US_DRIVER_LICENSE", "DRIVER_ID"},
      {"US_ITIN", "US_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER"},
      {"US_PASSPORT", "US_PASSPORT_NUMBER"},
      {"US_SSN", "US_SOCIAL_SECURITY_NUMBER"},
      {"VEHICLE_VIN", "VEHICLE_IDENTIFICATION_NUMBER"},
  }};
  const auto* const found =
      std::ranges::find(kTypes, entity, &std::pair<std::string_view, std::string_view>::first);
  return found != kTypes.end() ? found->second : std::string_view();
}

std::string placeholder(std::string_view pattern, const Finding& finding) {
  constexpr std::string_view kField = "{entity}";
  std::string out(pattern);
  if (const auto at = out.find(kField); at != std::string::npos)
    out.replace(at, kField.size(), finding.entity.empty() ? to_string(finding.category) : finding.entity);
  return out;
}

class Assessor {
 public:
  Assessor(const GuardrailDecision& decision, bool full)
      : decision_(decision),
        full_(full),
        refused_(!decision.verdict.allowed()),
        certain_(certainties(decision.scores, decision.findings)) {}

  json::object assess() {
    list_findings();
    list_filters();
    list_topics();
    json::object assessment;
    if (!topics_.empty()) assessment.emplace("topicPolicy", json::object{{"topics", std::move(topics_)}});
    if (!filters_.empty())
      assessment.emplace("contentPolicy", json::object{{"filters", std::move(filters_)}});
    if (!entities_.empty() || !regexes_.empty())
      assessment.emplace("sensitiveInformationPolicy", json::object{{"piiEntities", std::move(entities_)},
                                                                    {"regexes", std::move(regexes_)}});
    return assessment;
  }

 private:
  bool redacted(Category category) const {
    return decision_.verdict.fired.has(Action::kRedact) && decision_.verdict.redact.has(category);
  }

  static bool is_sensitive(Category category) {
    return category == Category::kPii || category == Category::kSecret;
  }

  void list_findings() {
    for (const auto& finding : decision_.findings) {
      if (!is_sensitive(finding.category) && !redacted(finding.category)) continue;
      const std::string_view action = refused_                     ? "BLOCKED"
                                      : redacted(finding.category) ? "ANONYMIZED"
                                                                   : "NONE";
      if ((action == "NONE" && !full_) || entities_.size() + regexes_.size() == kMaxListed) continue;
      const auto type = bedrock_type(finding.entity);
      json::object entry{
          {"match", placeholder(decision_.redaction, finding)}, {"action", action}, {"detected", true}};
      entry.emplace(type.empty() ? "name" : "type", type.empty() ? finding.entity : type);
      (type.empty() ? regexes_ : entities_).push_back(std::move(entry));
    }
  }

  // What was done about a score: Bedrock's content policies block, or do nothing.
  std::optional<std::string_view> action_for(double score) {
    if (refused_ && score >= kCertainEnough) {
      explained_ = true;
      return "BLOCKED";
    }
    if (full_ && score > 0) return "NONE";
    return std::nullopt;
  }

  void list_filter(std::string_view type, double score) {
    const auto action = action_for(score);
    if (!action) return;
    const std::string_view confidence = score >= 0.8 ? "HIGH" : score >= kCertainEnough ? "MEDIUM" : "LOW";
    filters_.push_back(
        json::object{{"type", type}, {"confidence", confidence}, {"action", *action}, {"detected", true}});
  }

  void list_filters() {
    constexpr auto kToxicity = Category::kToxicity;
    const bool hate = has_finding(decision_.findings, kToxicity, "HATE");
    const bool insults = !hate || has_other_finding(decision_.findings, kToxicity, "HATE");
    if (insults) list_filter("INSULTS", certain_[kToxicity]);
    if (hate) list_filter("HATE", certain_[kToxicity]);
    list_filter("MISCONDUCT", std::max({certain_[Category::kCbrn], certain_[Category::kExploitation],
                                        certain_[Category::kCyberOffense], certain_[Category::kDeception],
                                        certain_[Category::kSocialEngineering]}));
    list_filter("PROMPT_ATTACK", std::max(certain_[Category::kJailbreak], certain_[Category::kDisguise]));
  }

  void list_topic(std::string_view name, std::string_view action) {
    topics_.push_back(json::object{{"name", name}, {"type", "DENY"}, {"action", action}, {"detected", true}});
  }

  void list_topics() {
    constexpr std::array kTopics = {Category::kSelfHarm,           Category::kHarmfulContent,
                                    Category::kVerbatim,           Category::kAutonomousReplication,
                                    Category::kAutonomousResearch, Category::kScientificAutomation};
    for (const auto category : kTopics)
      if (const auto action = action_for(certain_[category])) list_topic(to_string(category), *action);
    if (refused_ && !explained_ && entities_.empty() && regexes_.empty()) list_topic("policy", "BLOCKED");
  }

  const GuardrailDecision& decision_;
  bool full_;
  bool refused_;
  bool explained_ = false;  // a category says why it was refused
  Scores certain_;
  json::array entities_;
  json::array regexes_;
  json::array filters_;
  json::array topics_;
};

}  // namespace

json::object assess(const GuardrailDecision& decision, bool full) {
  return Assessor(decision, full).assess();
}

}  // namespace plimsoll::wire
