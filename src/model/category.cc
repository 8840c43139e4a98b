#include "model/category.h"

namespace plimsoll {
namespace {
constexpr std::array<std::string_view, kCategoryCount> kNames = {"pii",
                                                                 "secret",
                                                                 "jailbreak",
                                                                 "cbrn",
                                                                 "self_harm",
                                                                 "exploitation",
                                                                 "toxicity",
                                                                 "deception",
                                                                 "harmful_content",
                                                                 "verbatim",
                                                                 "disguise",
                                                                 "cyber_offense",
                                                                 "autonomous_replication",
                                                                 "autonomous_research",
                                                                 "scientific_automation",
                                                                 "social_engineering"};
}

std::string_view to_string(Category category) {
  return kNames.at(static_cast<std::size_t>(category));
}

std::optional<Category> parse_category(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (kNames.at(i) == name) return static_cast<Category>(i);
  return std::nullopt;
}

}  // namespace plimsoll
