// What somebody submits as evidence: read strictly, so that nothing is stored whose meaning is in doubt.
#pragma once

#include <array>
#include <boost/json/object.hpp>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace plimsoll::evidence {

// Why a document is refused. The message quotes nothing of it.
struct Problem {
  enum class Kind : std::uint8_t {
    kMalformed,  // not JSON
    kField,      // JSON, but not what belongs here
    kTooLarge,   // beyond a documented limit
    kConflict,   // well formed, but not in this state of affairs
    kMissing,    // what it speaks of does not exist
  };
  Kind kind = Kind::kField;
  std::string field;    // "metadata.quality.pass_at_5"; empty: the whole
  std::string message;  // "metadata.quality.pass_at_5: expected a number from 0 to 1"
};

inline constexpr std::size_t kMaxTypeBytes = 64;
inline constexpr std::size_t kMaxVersionBytes = 200;
inline constexpr std::size_t kMaxReferenceBytes = 2'048;
inline constexpr std::size_t kMaxSubmissionBytes = 64U
                                                   << 10U;  // as received; an entry of the log holds 65,535
inline constexpr std::size_t kMaxSubmissionDepth = 32;

// The measurements that snapshots and metrics speak of.
enum class Measure : std::uint8_t {
  kPassAt5,
  kSubgroupDelta,
  kHarmfulRate,
  kReidRisk,
  kPsi,
  kP95,
  kAvailability
};
inline constexpr std::size_t kMeasureCount = 7;
std::string_view to_string(Measure measure);  // "quality.pass_at_5"

struct Measured {
  std::array<std::optional<double>, kMeasureCount> values;
  std::string eu_ai_act_tier;  // empty: not said

  std::optional<double>& operator[](Measure m) { return values.at(static_cast<std::size_t>(m)); }
  const std::optional<double>& operator[](Measure m) const { return values.at(static_cast<std::size_t>(m)); }
};

struct Submission {
  std::string artifact_type;  // letters, digits, '_', '-', '.'
  std::string model_version;
  std::string content_ref;  // a URI, a path, or "sha256:<64 hex>"; never opened
  json::object metadata;
  Measured measured;  // what the metadata say

  // The request as Python's json.dumps(body, sort_keys=True) writes it, in ASCII: its SHA-256 is the evidence_hash.
  std::string text;
  std::string hash() const;  // "sha256:<64 hex>"
};

// Reads {"artifactType", "modelVersion", "contentRef", "metadata"?}, in camel or snake case. Any other key, a key
// in both cases, a wrong type, control characters in a name are problems.
std::expected<Submission, Problem> read_submission(std::string_view body);

// The measurements in metadata: {"quality": {"pass_at_5": 0.84}}, {"quality.pass_at_5": 0.84} or {"pass_at_5": 0.84},
// at the top or under "metrics"; a measurement may also be {"value": 0.84, …}. One that is there twice with
// different values, is no number or out of its range is a problem.
std::expected<Measured, Problem> read_measures(const json::object& metadata);

// Building blocks of such readers.
Problem field_problem(std::string field, std::string_view expected);
bool is_plain_text(std::string_view text);  // no control characters

}  // namespace plimsoll::evidence
