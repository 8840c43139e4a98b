#include "evidence/submission.h"

#include <algorithm>
#include <array>

#include "base/hash.h"
#include "base/python_json.h"

namespace plimsoll::evidence {
namespace {

struct Known {
  Measure measure;
  std::string_view name;
  double most;

  std::string_view category() const { return name.substr(0, name.find('.')); }
  std::string_view bare() const { return name.substr(name.find('.') + 1); }
};
constexpr double kUnbounded = 1e12;
constexpr std::array<Known, kMeasureCount> kMeasures = {{
    {Measure::kPassAt5, "quality.pass_at_5", 1},
    {Measure::kSubgroupDelta, "fairness.subgroup_delta", 1},
    {Measure::kHarmfulRate, "safety.harmful_rate", 1},
    {Measure::kReidRisk, "privacy.reid_risk", 1},
    {Measure::kPsi, "drift.psi", kUnbounded},
    {Measure::kP95, "latency.p95_seconds", kUnbounded},
    {Measure::kAvailability, "availability", 1},
}};

bool is_type_name(std::string_view text) {
  return !text.empty() && text.size() <= kMaxTypeBytes && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  });
}

// One measurement from the places where it may stand.
class Finder {
 public:
  explicit Finder(const json::object& metadata) {
    places_.at(count_++) = {"metadata", &metadata};
    if (const auto* inner = metadata.if_contains("metrics"); inner != nullptr && inner->is_object())
      places_.at(count_++) = {"metadata.metrics", &inner->get_object()};
  }

  std::optional<Problem> find(const Known& known, std::optional<double>& out) const {
    for (std::size_t i = 0; i < count_; ++i) {
      const auto& [path, object] = places_.at(i);
      const std::string at = std::string(path) + ".";
      const auto* value = object->if_contains(known.name);
      if (value != nullptr)
        if (auto problem = take(known, *value, at + std::string(known.name), out)) return problem;
      if (known.bare() == known.name) continue;
      value = object->if_contains(known.bare());
      if (value != nullptr)
        if (auto problem = take(known, *value, at + std::string(known.bare()), out)) return problem;
      const auto* group = object->if_contains(known.category());
      value =
          group != nullptr && group->is_object() ? group->get_object().if_contains(known.bare()) : nullptr;
      if (value != nullptr)
        if (auto problem = take(known, *value, at + std::string(known.name), out)) return problem;
    }
    return std::nullopt;
  }

 private:
  static std::optional<Problem> take(const Known& known, const json::value& value, std::string field,
                                     std::optional<double>& out) {
    const json::value* number = &value;
    if (value.is_object()) {
      number = value.get_object().if_contains("value");
      field += ".value";
    }
    json::error_code wrong;
    const double read = number != nullptr ? number->to_number<double>(wrong) : 0;
    if (number == nullptr || wrong || !(read >= 0 && read <= known.most))
      return field_problem(std::move(field), known.most == 1 ? "expected a number from 0 to 1"
                                                             : "expected a number that is not negative");
    if (out && *out != read) return field_problem(std::move(field), "is given twice, with different values");
    out = read;
    return std::nullopt;
  }

  std::array<std::pair<std::string_view, const json::object*>, 2> places_{};
  std::size_t count_ = 0;
};

}  // namespace

std::string_view to_string(Measure measure) {
  return kMeasures.at(static_cast<std::size_t>(measure)).name;
}

Problem field_problem(std::string field, std::string_view expected) {
  std::string message = field + ": " + std::string(expected);
  return {Problem::Kind::kField, std::move(field), std::move(message)};
}

bool is_plain_text(std::string_view text) {
  return std::ranges::none_of(text, [](unsigned char c) { return c < 0x20U || c == 0x7FU; });
}

std::string Submission::hash() const {
  return "sha256:" + to_hex(sha256(text));
}

std::expected<Measured, Problem> read_measures(const json::object& metadata) {
  Measured out;
  const Finder finder(metadata);
  for (const Known& known : kMeasures)
    if (auto problem = finder.find(known, out[known.measure])) return std::unexpected(*std::move(problem));
  if (const auto* tier = metadata.if_contains("eu_ai_act_tier")) {
    const auto* text = tier->if_string();
    if (text == nullptr || !is_type_name(*text))
      return std::unexpected(field_problem("metadata.eu_ai_act_tier", "expected a name such as \"high\""));
    out.eu_ai_act_tier = *text;
  }
  return out;
}

std::expected<Submission, Problem> read_submission(std::string_view body) {
  if (body.size() > kMaxSubmissionBytes)
    return std::unexpected(Problem{Problem::Kind::kTooLarge, "",
                                   "the submission is larger than " + std::to_string(kMaxSubmissionBytes) +
                                       " bytes; keep what is large elsewhere and "
                                       "name it and its digest in contentRef"});
  const auto value =
      parse_exact_json(body, {.max_bytes = kMaxSubmissionBytes, .max_depth = kMaxSubmissionDepth});
  if (!value) return std::unexpected(Problem{Problem::Kind::kMalformed, "", value.error().message});
  const auto* object = value->if_object();
  if (object == nullptr) return std::unexpected(Problem{Problem::Kind::kField, "", "expected a JSON object"});

  Submission out;
  struct Field {
    std::string_view camel, snake;
    std::string* text;  // null: the metadata
    std::size_t most = 0;
    const json::value* value = nullptr;
    std::string_view as = {};  // the name the client used
  };
  std::array<Field, 4> fields = {{{"artifactType", "artifact_type", &out.artifact_type, kMaxTypeBytes},
                                  {"modelVersion", "model_version", &out.model_version, kMaxVersionBytes},
                                  {"contentRef", "content_ref", &out.content_ref, kMaxReferenceBytes},
                                  {"metadata", "metadata", nullptr}}};
  for (const auto& member : *object) {
    const std::string_view key = member.key();
    const auto field =
        std::ranges::find_if(fields, [&](const Field& f) { return f.camel == key || f.snake == key; });
    if (field == fields.end())
      return std::unexpected(
          field_problem(key.size() <= 64 && is_plain_text(key) ? std::string(key) : "a key",
                        "is not known here; expected artifactType, modelVersion, contentRef and metadata"));
    if (field->value != nullptr)
      return std::unexpected(field_problem(std::string(field->camel), "is given twice, in both spellings"));
    field->value = &member.value();
    field->as = key;
  }
  for (const Field& field : fields) {
    if (field.text == nullptr) {
      if (field.value == nullptr || field.value->is_null()) continue;
      if (!field.value->is_object()) return std::unexpected(field_problem("metadata", "expected an object"));
      out.metadata = field.value->get_object();
      continue;
    }
    const auto* text = field.value != nullptr ? field.value->if_string() : nullptr;
    const std::string name(field.as.empty() ? field.camel : field.as);
    if (text == nullptr)
      return std::unexpected(
          field_problem(name, field.value == nullptr ? "is missing" : "expected a string"));
    if (text->empty() || text->size() > field.most || !is_plain_text(*text))
      return std::unexpected(field_problem(
          name, "expected 1 to " + std::to_string(field.most) + " bytes of text without control characters"));
    *field.text = *text;
  }
  if (!is_type_name(out.artifact_type))
    return std::unexpected(
        field_problem("artifactType", "expected letters, digits, '_', '-' and '.', such as ci_evidence"));
  auto measured = read_measures(out.metadata);
  if (!measured) return std::unexpected(std::move(measured).error());
  out.measured = *std::move(measured);
  out.text = to_python_json(*value);
  return out;
}

}  // namespace plimsoll::evidence
