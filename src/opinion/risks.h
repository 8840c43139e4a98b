// What each guard calls a risk, and which category of ours that is.
#pragma once

#include <span>
#include <string_view>

#include "model/category.h"

namespace plimsoll::opinion {

struct Risk {
  std::string_view name;
  Category category;
  std::string_view guideline = {};  // where the model is asked about a text of its own
};

std::span<const Risk> llama_guard_hazards();    // by code: MLCommons' hazards, as the model's card lists them
std::span<const Risk> granite_risks();          // by risk name, in the order they are asked
std::span<const Risk> shield_gemma_policies();  // with guidelines, in the order they are asked
std::span<const Risk> qwen3_categories();
std::span<const Risk> moderation_categories();  // OpenAI's API reference

// The entry of that name, or null.
const Risk* find_risk(std::span<const Risk> risks, std::string_view name);

}  // namespace plimsoll::opinion
