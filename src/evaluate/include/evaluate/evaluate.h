// How well the detectors and a policy do on labelled texts.
//
// Every text is inspected and judged as the gateway would judge a request, or an answer, that holds just this
// text: same detector, same policy, once for each tier. The figures are those of docs/evaluate_format.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dataset/row.h"
#include "detect/detector.h"
#include "evaluate/report.h"
#include "model/conversation.h"
#include "policy/policy.h"

namespace plimsoll::evaluate {

using DetectorPtr = std::shared_ptr<const detect::Detector>;

struct Subject {
  DetectorPtr detector;
  std::shared_ptr<const policy::Policy> policy;

  // What rows with spans are inspected by, where they mark what `detector` is not asked to find; null: `detector`.
  DetectorPtr spans_detector = nullptr;

  // Sources that the detector's models learned from; the report marks them. Sources whose rows are of the
  // training or dev split are marked whether named here or not.
  std::vector<std::string> trained_on;

  // The detector as it would be had it never seen a source: it judges that source's texts when
  // leave_one_source_out is asked for. Called once per source, one at a time. Rules have not learned from anybody:
  // without a model this gives `detector` itself.
  std::function<Result<DetectorPtr>(std::string_view source)> without;
};

struct Options {
  std::vector<std::string> files;      // JSONL, plain or gzip
  std::vector<dataset::Split> splits;  // empty: all
  std::vector<std::string> languages;  // as the rows call them, any case; empty: all
  Direction direction = Direction::kPrompt;
  bool lawful_basis = false;     // of the callers, for personal data
  unsigned jobs = 1;             // threads, 1 to kMostJobs
  std::size_t resamples = 1000;  // for intervals; 0: none
  std::uint64_t seed = 1;
  bool leave_one_source_out = false;
};
inline constexpr unsigned kMostJobs = 64;
inline constexpr std::size_t kMostRows = 5'000'000;
// Leaving sources out needs all texts at once.
inline constexpr std::size_t kMostBytesAtOnce = 2UL << 30U;

// Where else it writes, each a JSON object a line, in the order of the rows; null: nowhere.
struct Outputs {
  std::ostream* scores = nullptr;
  std::ostream* mistakes = nullptr;  // holds texts
  std::function<void(std::size_t rows)> progress;
};

// The report depends on the files, the subject and the options alone, but for Report::speed. kInvalid,
// kNotFound, kTooLarge with file and line when the files cannot be read or hold nothing.
Result<Report> evaluate(const Options& options, const Subject& subject, const Outputs& outputs = {});

}  // namespace plimsoll::evaluate
