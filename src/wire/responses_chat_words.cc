#include "responses_chat_words.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <utility>

#include "base/json.h"

namespace plimsoll::wire {
namespace {

std::int64_t count_in(const json::value& object, std::string_view member) {
  const auto* value = find(object, member);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

std::int64_t detail_in(const json::value& usage, std::string_view details, std::string_view member) {
  const auto* value = find(usage, details);
  return value != nullptr ? count_in(*value, member) : 0;
}

}  // namespace

bool Carrier::refuse(std::string_view member) {
  const Step step(*this, member);
  return refuse();
}

bool Carrier::expect_string(const json::value& object, std::string_view member) {
  return find_string(object, member) != nullptr || refuse(member);
}

bool Carrier::only(const json::object& object, std::initializer_list<std::string_view> members) {
  return std::ranges::all_of(object, [&](const auto& member) {
    const bool known = std::ranges::find(members, std::string_view(member.key())) != members.end();
    return known || asks_nothing(member.value()) || refuse(member.key());
  });
}

BadBody Carrier::problem() const {
  auto problem = at_.problem();
  problem.message =
      "Unsupported value: '" + problem.param + "' cannot be carried over to the API of the model's server.";
  return problem;
}

bool asks_nothing(const json::value& value) {
  return value.is_null() || (value.is_bool() && !value.get_bool()) ||
         (value.is_array() && value.get_array().empty()) || (value.is_object() && value.get_object().empty());
}

void copy_members(const json::value& from, std::initializer_list<std::string_view> members,
                  json::object& to) {
  for (const auto member : members)
    if (const auto* value = find(from, member); value != nullptr && !value->is_null()) to[member] = *value;
}

std::string_view text_in(const json::value& object, std::string_view member) {
  const auto* string = find_string(object, member);
  return string != nullptr ? std::string_view(*string) : std::string_view();
}

json::value usage_for_chat(const json::value& response) {
  const auto* usage = find(response, "usage");
  if (usage == nullptr || !usage->is_object()) return nullptr;
  const auto in = count_in(*usage, "input_tokens");
  const auto out = count_in(*usage, "output_tokens");
  return {{"prompt_tokens", in},
          {"completion_tokens", out},
          {"total_tokens", in + out},
          {"prompt_tokens_details",
           {{"cached_tokens", detail_in(*usage, "input_tokens_details", "cached_tokens")}}},
          {"completion_tokens_details",
           {{"reasoning_tokens", detail_in(*usage, "output_tokens_details", "reasoning_tokens")}}}};
}

json::value usage_for_responses(const json::value& completion) {
  const auto* usage = find(completion, "usage");
  if (usage == nullptr || !usage->is_object()) return nullptr;
  const auto in = count_in(*usage, "prompt_tokens");
  const auto out = count_in(*usage, "completion_tokens");
  return {{"input_tokens", in},
          {"input_tokens_details",
           {{"cached_tokens", detail_in(*usage, "prompt_tokens_details", "cached_tokens")}}},
          {"output_tokens", out},
          {"output_tokens_details",
           {{"reasoning_tokens", detail_in(*usage, "completion_tokens_details", "reasoning_tokens")}}},
          {"total_tokens", in + out}};
}

std::string_view finish_reason_of(const json::value& response, bool calls_tools) {
  if (text_in(response, "status") == "incomplete") {
    const auto* details = find(response, "incomplete_details");
    const bool filtered = details != nullptr && text_in(*details, "reason") == "content_filter";
    return filtered ? "content_filter" : "length";
  }
  return calls_tools ? "tool_calls" : "stop";
}

Ending ending_of(std::string_view finish_reason) {
  if (finish_reason == "length") return {"incomplete", "max_output_tokens"};
  if (finish_reason == "content_filter") return {"incomplete", "content_filter"};
  return {"completed", {}};
}

json::object response_shell(const json::value& completion, const json::value& request) {
  json::object response{{"id", derived_id("resp", completion, 0)},
                        {"object", "response"},
                        {"created_at", count_in(completion, "created")},
                        {"status", "in_progress"},
                        {"error", nullptr},
                        {"incomplete_details", nullptr},
                        {"instructions", nullptr},
                        {"metadata", json::object()},
                        {"model", text_in(completion, "model")},
                        {"output", json::array()},
                        {"parallel_tool_calls", true},
                        {"previous_response_id", nullptr},
                        {"store", false},
                        {"temperature", nullptr},
                        {"tool_choice", "auto"},
                        {"tools", json::array()},
                        {"top_p", nullptr},
                        {"truncation", "disabled"},
                        {"usage", nullptr}};
  copy_members(request, {"parallel_tool_calls", "temperature", "top_p", "max_output_tokens"}, response);
  if (find_string(request, "tool_choice") != nullptr) copy_members(request, {"tool_choice"}, response);
  if (text_in(completion, "model").empty()) copy_members(request, {"model"}, response);
  return response;
}

std::string derived_id(std::string_view prefix, const json::value& completion, std::size_t number) {
  auto id = std::string(prefix) + "_";
  if (const auto own = text_in(completion, "id"); is_identifier(own)) {
    id += own;
  } else {
    id += "0";
  }
  if (number > 0) id += "_" + std::to_string(number);
  return id;
}

}  // namespace plimsoll::wire
