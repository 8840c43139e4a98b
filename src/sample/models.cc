#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "answer.h"
#include "base/json.h"

namespace plimsoll::sample {
namespace {

json::object describe(Style style, std::string_view model) {
  if (style == Style::kOpenAi)
    return {{"id", model}, {"object", "model"}, {"created", kCreated}, {"owned_by", "plimsoll"}};
  return {{"type", "model"}, {"id", model}, {"display_name", model}, {"created_at", "2025-01-01T00:00:00Z"}};
}

}  // namespace

std::string list_models(Style style, std::string_view model) {
  const json::array data{describe(style, model)};
  if (style == Style::kOpenAi) return to_json(json::object{{"object", "list"}, {"data", data}});
  return to_json(json::object{{"data", data}, {"has_more", false}, {"first_id", model}, {"last_id", model}});
}

std::string show_model(Style style, std::string_view model) {
  return to_json(describe(style, model));
}

}  // namespace plimsoll::sample
