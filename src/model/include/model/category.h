// The kinds of risk, and a score for each.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>

namespace plimsoll {

enum class Category : std::uint8_t {
  kPii,
  kSecret,
  kJailbreak,
  kCbrn,
  kSelfHarm,
  kExploitation,
  kToxicity,
  kDeception,
  kHarmfulContent,
  kVerbatim,
  kDisguise,  // text written so that people read it and filters do not
  kCyberOffense,
  kAutonomousReplication,
  kAutonomousResearch,
  kScientificAutomation,
  kSocialEngineering,
};
inline constexpr std::size_t kCategoryCount = 16;

std::string_view to_string(Category category);  // "pii", "self_harm", "harmful_content", …
std::optional<Category> parse_category(std::string_view name);

// One calibrated probability per category, in [0, 1]; 0 where nothing was found.
class Scores {
 public:
  double operator[](Category c) const { return values_[static_cast<std::size_t>(c)]; }
  void set(Category c, double value) { values_[static_cast<std::size_t>(c)] = value; }
  // A score can be raised, never lowered.
  void raise(Category c, double value) { set(c, std::max((*this)[c], value)); }
  void raise(const Scores& other) {
    for (std::size_t i = 0; i < kCategoryCount; ++i) values_[i] = std::max(values_[i], other.values_[i]);
  }
  // To four places, as records give what detectors found: what is decided on is what is recorded.
  void round() {
    for (double& value : values_)
      if (value > 0) value = std::round(value * 10'000) / 10'000;
  }
  friend bool operator==(const Scores&, const Scores&) = default;

 private:
  std::array<double, kCategoryCount> values_{};
};

// A set of categories.
class Categories {
 public:
  void add(Category c) { bits_ |= 1U << static_cast<unsigned>(c); }
  void add(Categories other) { bits_ |= other.bits_; }
  bool has(Category c) const { return (bits_ >> static_cast<unsigned>(c) & 1U) != 0; }
  bool empty() const { return bits_ == 0; }
  friend bool operator==(Categories, Categories) = default;

 private:
  std::uint32_t bits_ = 0;
};

}  // namespace plimsoll
