#include "evidence/statement.h"

#include <algorithm>
#include <boost/json/array.hpp>

#include "base/hash.h"
#include "base/json.h"

namespace plimsoll::evidence {
namespace {

std::string_view digest_of(std::string_view reference) {
  constexpr std::string_view kPrefix = "sha256:";
  if (!reference.starts_with(kPrefix) || !is_id(reference.substr(kPrefix.size()))) return {};
  return reference.substr(kPrefix.size());
}

json::array names_in(const json::object& object, std::string_view key) {
  json::array out;
  const auto* value = object.if_contains(key);
  if (value == nullptr || !value->is_array()) return out;
  for (const auto& item : value->get_array())
    if (item.is_string()) out.push_back(item);
  return out;
}

// What of a gate's report the predicates ask for. `rows`, where they are there, say what else was tested.
struct GateRun {
  std::string_view result;  // PASSED, WARNED, FAILED
  json::array passed, warned, failed;
  json::array configuration;
  json::array policies;
};

std::optional<GateRun> gate_run(const json::object& metadata) {
  const auto* status = metadata.if_contains("status");
  const auto* violations = metadata.if_contains("violations");
  if (status == nullptr || !status->is_string() || violations == nullptr || !violations->is_array())
    return std::nullopt;
  GateRun run;
  const std::string_view said = status->get_string();
  run.result = said == "pass" ? "PASSED" : said == "warn" ? "WARNED" : said == "fail" ? "FAILED" : "";
  if (run.result.empty()) return std::nullopt;
  run.failed = names_in(metadata, "violations");
  run.warned = names_in(metadata, "warnings");
  // A report that says "pass" and lists violations is no pass.
  if (!run.failed.empty()) run.result = "FAILED";
  const auto* rows = metadata.if_contains("rows");
  for (const auto& row : rows != nullptr && rows->is_array() ? rows->get_array() : json::array()) {
    const auto* name = find_string(row, "name");
    if (name == nullptr) continue;
    const json::value named(*name);
    if (std::ranges::find(run.failed, named) == run.failed.end() &&
        std::ranges::find(run.warned, named) == run.warned.end())
      run.passed.push_back(named);
  }
  const auto* policy = metadata.if_contains("policy");
  const auto* version = metadata.if_contains("policy_version");
  for (const auto* said_of_it : {policy, version})
    if (said_of_it != nullptr && said_of_it->is_string() && is_id(said_of_it->get_string())) {
      run.configuration.emplace_back(descriptor("policy", said_of_it->get_string()));
      run.policies.emplace_back(descriptor("policy", said_of_it->get_string()));
      break;
    }
  return run;
}

}  // namespace

std::string model_evaluation_type(std::string_view base) {
  return std::string(base) + "/attestation/model-evaluation/v0.1";
}
std::string audit_export_type(std::string_view base) {
  return std::string(base) + "/attestation/audit-export/v0.1";
}
std::string verifier_id(std::string_view base) {
  return std::string(base) + "/verifier";
}

json::object descriptor(std::string_view name, std::string_view sha256) {
  return {{"name", name}, {"digest", json::object{{"sha256", sha256}}}};
}

std::string make_statement(json::array subjects, std::string_view predicate_type, json::object predicate) {
  json::object out{{"_type", kStatementType}, {"predicateType", predicate_type}};
  out["subject"] = std::move(subjects);
  out["predicate"] = std::move(predicate);
  return to_canonical_json(out);
}

std::vector<std::string> statements_of(std::string_view entry_id, const Stored& stored) {
  const auto* artifact = std::get_if<Artifact>(&stored.content);
  if (artifact == nullptr) return {};
  const auto submitted = parse_json(artifact->submitted);
  const auto* given = submitted ? find_object(*submitted, "metadata") : nullptr;
  const json::object metadata = given != nullptr ? *given : json::object();

  json::array subjects;
  subjects.emplace_back(descriptor("evidence", digest_of(artifact->evidence_hash)));
  if (const auto digest = digest_of(artifact->content_ref); !digest.empty())
    subjects.emplace_back(descriptor("content", digest));
  const std::string time = to_rfc3339(stored.time);

  if (auto run = gate_run(metadata)) {
    std::vector<std::string> out;
    json::object result{{"result", run->result}};
    result["configuration"] = run->configuration;
    result["passedTests"] = std::move(run->passed);
    result["warnedTests"] = std::move(run->warned);
    result["failedTests"] = std::move(run->failed);
    result["url"] = artifact->attestation_base + "/evidence/" + std::string(entry_id);
    out.push_back(make_statement(subjects, kTestResult, std::move(result)));
    if (run->result != "FAILED") {
      json::object svr;
      svr["verifier"] = json::object{{"id", verifier_id(artifact->attestation_base)},
                                     {"policies", std::move(run->policies)}};
      svr["timeCreated"] = time;
      svr["properties"] = json::array{"PLIMSOLL_MERGE_GATE_PASSED"};
      out.push_back(make_statement(std::move(subjects), kSimpleVerificationResult, std::move(svr)));
    }
    return out;
  }

  json::object predicate{{"artifactType", artifact->artifact_type},
                         {"modelVersion", artifact->model_version}};
  predicate["contentRef"] = artifact->content_ref;
  predicate["recordedAt"] = time;
  predicate["entry"] = entry_id;
  json::object measures;
  if (const auto measured = read_measures(metadata))
    for (std::size_t i = 0; i < kMeasureCount; ++i)
      if (measured->values.at(i)) measures[to_string(static_cast<Measure>(i))] = *measured->values.at(i);
  predicate["measures"] = std::move(measures);
  predicate["metadata"] = metadata;
  return {make_statement(std::move(subjects), model_evaluation_type(artifact->attestation_base),
                         std::move(predicate))};
}

}  // namespace plimsoll::evidence
