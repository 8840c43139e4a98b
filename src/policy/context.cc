#include <array>
#include <cmath>

#include "base/json.h"
#include "policy/facts.h"

namespace plimsoll::policy {
namespace {

Error wrong(std::string_view name, std::string_view expected) {
  return {Code::kInvalid, "context." + std::string(name) + ": must be " + std::string(expected)};
}

// "<category>_score", built once: contexts are read on the request path.
const std::array<std::string, kCategoryCount>& score_names() {
  static const auto names = [] {
    std::array<std::string, kCategoryCount> out;
    for (std::size_t i = 0; i < kCategoryCount; ++i)
      out.at(i) = std::string(to_string(static_cast<Category>(i))) + "_score";
    return out;
  }();
  return names;
}

Result<void> read_score(std::string_view name, const json::value& value, Category category, Scores& scores) {
  if (value.is_null()) return {};
  if (!value.is_number()) return std::unexpected(wrong(name, "a number from 0 to 1"));
  const auto score = value.to_number<double>();
  if (!(score >= 0 && score <= 1)) return std::unexpected(wrong(name, "a number from 0 to 1"));
  scores.raise(category, score);
  return {};
}

Result<void> read_flag(std::string_view name, const json::value& value, bool& out) {
  if (value.is_null()) return {};
  if (!value.is_bool()) return std::unexpected(wrong(name, "true or false"));
  out = value.get_bool();
  return {};
}

Result<void> read_label(std::string_view name, const json::value& value, std::string& out) {
  if (value.is_null()) return {};
  if (!value.is_string() || value.get_string().size() > 256)
    return std::unexpected(wrong(name, "text of at most 256 bytes"));
  out = value.get_string();
  return {};
}

Result<void> read_member(std::string_view name, const json::value& value, Context& context) {
  if (name == "verbatim_ratio") return read_score(name, value, Category::kVerbatim, context.scores);
  if (name == "contains_pii") return read_flag(name, value, context.contains_pii);
  if (name == "contains_secrets") return read_flag(name, value, context.contains_secrets);
  if (name == "user_id") return read_label(name, value, context.user);
  if (name == "org_id") return read_label(name, value, context.org);
  if (name == "lawful_basis") {
    if (value.is_bool())
      context.lawful_basis = value.get_bool();
    else if (value.is_string())
      context.lawful_basis = is_lawful_basis(value.get_string());
    else if (!value.is_null())
      return std::unexpected(wrong(name, "true, false or the name of a lawful basis"));
    return {};
  }
  if (name == "tier") {
    if (value.is_null()) return {};
    if (value.is_string()) context.tier = parse_tier(value.get_string());
    if (!context.tier) return std::unexpected(wrong(name, "'general', 'enterprise' or 'research_sandbox'"));
    return {};
  }
  if (name.ends_with("_score"))
    for (std::size_t i = 0; i < kCategoryCount; ++i)
      if (score_names().at(i) == name)
        return read_score(name, value, static_cast<Category>(i), context.scores);
  return {};
}

}  // namespace

Result<Context> read_context(const boost::json::object& object) {
  Context context;
  context.raw = &object;
  for (const auto& member : object)
    if (auto read = read_member(member.key(), member.value(), context); !read)
      return std::unexpected(std::move(read).error());
  return context;
}

}  // namespace plimsoll::policy
