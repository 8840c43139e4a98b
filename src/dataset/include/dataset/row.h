// One labelled text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/category.h"
#include "model/finding.h"

namespace plimsoll::dataset {

// What is known of a text, by the data's own names: "cbrn", "jailbreak", "unsafe", "secret", … A label that
// is absent is unknown, not negative.
class Labels {
 public:
  struct Label {
    std::string name;
    bool positive = false;
  };

  std::optional<bool> operator[](std::string_view name) const;
  std::optional<bool> operator[](Category category) const;  // through label_of()
  void set(std::string_view name, bool positive);           // replaces one of the same name

  const std::vector<Label>& all() const { return labels_; }  // in the order of the row
  bool empty() const { return labels_.empty(); }

 private:
  std::vector<Label> labels_;
};

// The category a label speaks of: its namesake, and for "unsafe" (any harm) kHarmfulContent. nullopt for
// labels that no detector answers to ("privacy" and "copyright" are requests, not findings).
std::optional<Category> category_of(std::string_view label);
// The other way: "unsafe" for kHarmfulContent, else the category's name.
std::string_view label_of(Category category);

enum class Split : std::uint8_t { kNone, kTrain, kDev, kHeldout };
std::string_view to_string(Split split);  // "none", "train", "dev", "heldout"
std::optional<Split> parse_split(std::string_view name);

// A place in a text that an annotator marked.
struct TypedSpan {
  Span span;           // bytes of Row::text, on code-point boundaries, never empty
  std::string type;    // "PERSON", "PHONE", …
  std::string native;  // the type in the words of the source; may be empty
};

struct Row {
  std::string id;
  std::string text;  // UTF-8; may be empty
  std::string source;
  std::string licence;  // SPDX; empty when not stated
  std::string lang;     // as the data say: a code or a name; empty when not stated
  std::string native;   // the label in the words of the source
  Labels labels;
  Split split = Split::kNone;
  double weight = 1;                 // (0, 1]; below 1 for noisy labels
  std::vector<std::string> by_rule;  // labels set by a word rule
  std::vector<std::string> by_hand;  // labels set by hand
  // All marked places in order of appearance; nullopt when nobody looked for any.
  std::optional<std::vector<TypedSpan>> spans;
};

struct RowLimits {
  std::size_t max_line_bytes = 1U << 20U;
  std::size_t max_labels = 64;
  std::size_t max_spans = 10'000;
};

// Reads one JSON object:
//
//   {"id": "a-1", "text": "…", "source": "a", "lic": "MIT", "lang": "en", "native": "…",
//    "labels": {"jailbreak": 1}, "split": "train", "w": 0.7, "rule": ["cbrn"], "hand": [],
//    "spans": [{"start": 0, "end": 4, "type": "PERSON", "native": "NAME"}]}
//
// Only `text` is required. A label is 0, 1, false or true; null is an absent one. Offsets of spans count code
// points in the file and are bytes in the row. Members that are not listed are ignored. kInvalid names the
// member that is wrong and quotes nothing; kTooLarge for a limit.
Result<Row> parse_row(std::string_view line, const RowLimits& limits = {});

}  // namespace plimsoll::dataset
