#include "openai_body.h"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/json.h"

namespace plimsoll::wire {
namespace {

using Step = Collector::Step;

constexpr std::array<std::string_view, 7> kAnswerLabels = {
    "id", "object", "created", "model", "system_fingerprint", "service_tier", "provider"};

bool is_token(const json::value& value) {
  return value.is_int64() || value.is_uint64();
}

}  // namespace

Decoded<json::value> read_request_object(std::string_view body) {
  auto parsed = parse_json(body);
  if (!parsed)
    return std::unexpected(
        BadBody{parsed.error().code == Code::kTooLarge ? 413 : 400,
                {},
                "We could not parse the JSON body of your request: " + parsed.error().message + "."});
  if (!parsed->is_object())
    return std::unexpected(BadBody{400, {}, "The body of a request must be a JSON object."});
  return *std::move(parsed);
}

Decoded<json::value> read_answer_object(std::string_view body) {
  auto parsed = parse_json(body, {.max_bytes = 32U << 20U});
  if (!parsed) return bad_answer({.param = {}, .message = parsed.error().message});
  if (!parsed->is_object()) return bad_answer({.param = {}, .message = "not a JSON object"});
  return *std::move(parsed);
}

std::unexpected<BadBody> bad_answer(const BadBody& problem) {
  return std::unexpected(BadBody{502, problem.param, "The model server's answer: " + problem.message});
}

bool collect_inputs(Collector& into, const json::value& inputs) {
  if (inputs.is_string()) return into.text(inputs.get_string(), Role::kUser, SegmentKind::kText);
  const auto* array = inputs.if_array();
  if (array == nullptr) return into.wrong_type(inputs, "a string, an array of strings or token ids");
  if (array->empty()) return into.refuse("An empty array cannot be used here.");
  if (std::ranges::all_of(*array, is_token)) return into.attachment(Role::kUser);
  if (array->size() > kMaxInputs)
    return into.refuse("At most " + std::to_string(kMaxInputs) + " inputs can be given at once.");
  for (std::size_t i = 0; i < array->size(); ++i) {
    const Step step(into, i);
    const auto& item = (*array)[i];
    if (item.is_string()) {
      if (!into.text(item.get_string(), Role::kUser, SegmentKind::kText)) return false;
    } else if (item.is_array() && std::ranges::all_of(item.get_array(), is_token)) {
      if (!into.attachment(Role::kUser)) return false;
    } else {
      return into.wrong_type(item, "a string or an array of token ids");
    }
  }
  return true;
}

bool read_model(Collector& into, const json::value& model) {
  if (!model.is_string()) return into.wrong_type(model, "a string");
  into.conversation().model = model.get_string();
  return into.identifier(model, Role::kUser);
}

bool read_stream(Collector& into, const json::value& stream) {
  if (!stream.is_bool() && !stream.is_null()) return into.wrong_type(stream, "a boolean");
  into.conversation().stream = stream.is_bool() && stream.get_bool();
  return true;
}

bool is_request_label(std::string_view member) {
  constexpr std::array<std::string_view, 6> kMembers = {
      "user", "safety_identifier", "prompt_cache_key", "service_tier", "encoding_format", "input_type"};
  return std::ranges::find(kMembers, member) != kMembers.end();
}

bool is_answer_label(std::string_view member) {
  return std::ranges::find(kAnswerLabels, member) != kAnswerLabels.end();
}

void copy_labels(const json::value& answer, json::object& into) {
  for (const auto label : kAnswerLabels)
    if (const auto* value = find(answer, label);
        value != nullptr && !value->is_object() && !value->is_array())
      if (!value->is_string() || is_identifier(value->get_string())) into.emplace(label, *value);
}

}  // namespace plimsoll::wire
