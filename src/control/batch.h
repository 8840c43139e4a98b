// What is reported to POST /ingest: events, read strictly.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/caller.h"
#include "model/category.h"

namespace plimsoll::control {

inline constexpr std::size_t kMaxEvents = 10'000;  // of a batch
inline constexpr std::size_t kMaxIdBytes = 128;    // of an event's id, counted as characters
inline constexpr std::size_t kMaxNameBytes = 256;  // of any other name
inline constexpr std::size_t kMaxTags = 32;        // of an event
inline constexpr std::size_t kMaxBatchBytes = 64U << 20U;

// The surfaces that events come from.
inline constexpr std::string_view kSurfaces[] = {"api", "app", "aws_bedrock", "claude_web"};

struct IngestEvent {
  std::string id;  // made here where none is given
  std::string user, org, session, model;
  std::string_view surface;  // one of kSurfaces
  Tier tier = Tier::kGeneral;
  bool lawful_basis = false;
  std::optional<Time> occurred;
  std::string prompt;
  std::optional<std::string> completion;
  Scores reported;
  std::vector<std::string> tags;
};

// Why an event, or the whole batch (then without an index), cannot be read. Never quotes a value.
struct BatchProblem {
  std::optional<std::size_t> index;
  std::string field;
  std::string message;
  bool forbidden = false;  // it can be read, and may not be reported
};

struct Batch {
  std::vector<IngestEvent> events;
  std::vector<BatchProblem> refused;  // the others, where `partial`
};

// {"events":[…]}, or with `lines` one event a line (NDJSON; empty lines are skipped). The first bad event refuses all,
// unless `partial`. Member names are the contract's, section 3; others are refused by name.
// `may_report`: whether events of an organisation are taken; empty: of all.
using MayReport = std::function<bool(std::string_view org)>;
std::expected<Batch, BatchProblem> parse_batch(std::string_view body, bool lines, bool partial,
                                               const MayReport& may_report = {});

}  // namespace plimsoll::control
