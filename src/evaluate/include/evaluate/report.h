// What an evaluation found. docs/evaluate_format.md says what each figure means and how it is worked out.
#pragma once

#include <array>
#include <boost/json/value.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evaluate/metrics.h"
#include "model/action.h"
#include "model/caller.h"
#include "model/category.h"

namespace plimsoll::evaluate {

// The tiers, and after them callers of no tier.
inline constexpr std::size_t kColumns = kTierCount + 1;
std::string_view column_name(std::size_t column);  // "general", …, "untiered"
std::optional<Tier> column_tier(std::size_t column);

struct Interval {
  double low = 0;
  double high = 0;
};

// A figure, if it exists, and where it lies with 95 % confidence, if that was worked out.
struct Figure {
  std::optional<double> value;
  std::optional<Interval> interval;
};

// At a threshold that a policy has for a column, or, for what is found and not scored, "found".
struct AtThreshold {
  std::string name;  // the column's, or "found"
  double threshold = 0;
  Confusion counts;
  Figure precision, recall, f1, f2, false_positive_rate;
};

// One category over the texts of one source, or of all of them.
struct Measures {
  std::string source;  // empty: all
  bool shares_training = false;
  bool benign = false;  // no text of the source has a positive label, of any name
  std::size_t texts = 0;
  std::size_t positives = 0;
  Figure auprc, auroc, calibration_error;
  Figure recall_at_01, recall_at_1;                // at .1 % and 1 % false positives on its own negatives
  Figure benign_recall_at_01, benign_recall_at_1;  // on the negatives of all benign sources
  std::vector<AtThreshold> thresholds;
};

// Of a figure over sources with at least kFewestPositives positives, each counting the same.
struct OverSources {
  std::size_t sources = 0;
  Figure mean;  // its interval draws sources, not texts
  std::optional<double> worst;
  std::string worst_source;
};
inline constexpr std::size_t kFewestPositives = 10;

struct CategoryReport {
  Category category = Category::kPii;
  bool scored = false;  // any text at all scored above 0
  Measures all;
  std::vector<Measures> sources;  // by name
  std::size_t benign_negatives = 0;
  OverSources auroc, recall_at_1, benign_recall_at_1;
};

// How many texts a column's verdict left alone.
struct Passed {
  std::size_t texts = 0;
  std::array<std::size_t, kColumns> allowed{};  // action "allow"
  std::array<std::size_t, kColumns> goes_on{};  // allowed, or changed, but not withheld
};

// Over-refusal, and its opposite.
struct SourceActions {
  std::string source;  // empty: all
  bool shares_training = false;
  Passed harmless;  // texts known to be harmless
  Passed harmful;   // texts with a positive label
};

// Spans of one type: true and false positives, false negatives.
struct SpanMeasures {
  std::string type;  // an entity's name; "all types": typed, summed; "any type": whatever the types
  std::uint64_t marked = 0;
  std::uint64_t matched = 0;
  std::uint64_t spurious = 0;
  Figure precision, recall, f1, f2;
};

struct SpanReport {
  std::string source;  // empty: all
  bool shares_training = false;
  std::size_t texts = 0;
  std::vector<SpanMeasures> types;  // "all types" and "any type" last
  std::uint64_t unjudged = 0;       // found, of a type that nobody marked in that source
};

// Times are the thread's own on a processor, not the clock's.
struct Speed {
  std::size_t texts = 0;
  std::uint64_t bytes = 0;
  double seconds = 0;  // spent inspecting, by all threads
  struct Size {
    std::size_t up_to_bytes = 0;  // 0: no limit
    std::size_t texts = 0;
    double p50_us = 0, p99_us = 0;  // per text
  };
  std::vector<Size> sizes;
  double p50_us_per_kb = 0, p99_us_per_kb = 0;  // a text below 1 KiB counts as 1 KiB
  double decide_p50_us = 0;                     // the policy's part, per verdict
};

struct Report {
  std::string detector_revision;
  std::string policy_version;
  std::vector<std::string> files;
  bool leave_one_source_out = false;
  std::size_t rows = 0;
  std::size_t resamples = 0;
  std::uint64_t seed = 0;
  std::vector<CategoryReport> categories;  // those with a label
  std::vector<SourceActions> actions;      // all first, then by name
  std::vector<SpanReport> spans;           // all first, then by name
  Speed speed;
};

boost::json::value to_json(const Report& report);

// For a terminal; ends in a newline.
std::string to_text(const Report& report);

}  // namespace plimsoll::evaluate
