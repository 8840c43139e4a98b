#include "messages_chat_parts.h"

#include <algorithm>

#include "base/json.h"

namespace plimsoll::wire {
namespace {

constexpr std::int64_t kMostTokens = std::int64_t{1} << 50U;

// A count, or nothing: what no model could have used is not one.
std::optional<std::int64_t> count(const json::value* usage, std::string_view member) {
  const auto* value = usage != nullptr ? find(*usage, member) : nullptr;
  if (value == nullptr || !value->is_int64()) return std::nullopt;
  return std::clamp(value->get_int64(), std::int64_t{0}, kMostTokens);
}

}  // namespace

bool is_one_of(std::string_view key, std::initializer_list<std::string_view> keys) {
  return std::ranges::find(keys, key) != keys.end();
}

bool says_nothing(const json::value* value) {
  return value == nullptr || value->is_null() || (value->is_string() && value->get_string().empty()) ||
         (value->is_array() && value->get_array().empty()) ||
         (value->is_object() && value->get_object().empty());
}

bool no_word(Collector& at) {
  return at.refuse("cannot be carried over to the protocol that this model's server speaks.");
}

bool only(Collector& at, const json::object& object, std::initializer_list<std::string_view> keys) {
  return std::ranges::all_of(object, [&](const auto& member) {
    if (is_one_of(member.key(), keys) || says_nothing(&member.value())) return true;
    const Collector::Step step(at, member.key());
    return no_word(at);
  });
}

BadBody by_name(BadBody problem) {
  if (!problem.param.empty()) problem.message = "'" + problem.param + "' " + problem.message;
  return problem;
}

std::optional<Base64> from_data_url(std::string_view url) {
  constexpr std::string_view kScheme = "data:";
  constexpr std::string_view kCoding = ";base64,";
  if (!url.starts_with(kScheme)) return std::nullopt;
  url.remove_prefix(kScheme.size());
  const auto coding = url.find(kCoding);
  if (coding == std::string_view::npos || coding == 0 || coding > 128) return std::nullopt;
  return Base64{url.substr(0, coding), url.substr(coding + kCoding.size())};
}

std::string to_data_url(std::string_view media_type, std::string_view data) {
  return std::string("data:").append(media_type).append(";base64,").append(data);
}

std::string_view finish_reason_of(std::string_view stop_reason) {
  if (stop_reason == "max_tokens" || stop_reason == "model_context_window_exceeded") return "length";
  if (stop_reason == "tool_use") return "tool_calls";
  if (stop_reason == "refusal") return "content_filter";
  return "stop";
}

std::string_view stop_reason_of(std::string_view finish_reason, bool has_calls) {
  if (finish_reason == "content_filter") return "refusal";
  if (finish_reason == "length") return "max_tokens";
  return has_calls ? "tool_use" : "end_turn";
}

json::object chat_usage(const json::value& usage) {
  const auto cached = count(&usage, "cache_read_input_tokens");
  const auto prompt = count(&usage, "input_tokens").value_or(0) + cached.value_or(0) +
                      count(&usage, "cache_creation_input_tokens").value_or(0);
  const auto completion = count(&usage, "output_tokens").value_or(0);
  json::object out{
      {"prompt_tokens", prompt}, {"completion_tokens", completion}, {"total_tokens", prompt + completion}};
  if (cached) out.emplace("prompt_tokens_details", json::object{{"cached_tokens", *cached}});
  if (const auto thought = count(find(usage, "output_tokens_details"), "thinking_tokens"))
    out.emplace("completion_tokens_details", json::object{{"reasoning_tokens", *thought}});
  return out;
}

json::object messages_usage(const json::value& usage) {
  const auto cached = count(find(usage, "prompt_tokens_details"), "cached_tokens");
  const auto prompt = count(&usage, "prompt_tokens").value_or(0);
  json::object out{{"input_tokens", std::max<std::int64_t>(prompt - cached.value_or(0), 0)},
                   {"output_tokens", count(&usage, "completion_tokens").value_or(0)}};
  if (cached) out.emplace("cache_read_input_tokens", *cached);
  if (const auto thought = count(find(usage, "completion_tokens_details"), "reasoning_tokens"))
    out.emplace("output_tokens_details", json::object{{"thinking_tokens", *thought}});
  return out;
}

json::value as_content(json::array parts) {
  if (parts.empty()) return nullptr;
  if (parts.size() == 1)
    if (const auto* text = find_string(parts.front(), "text"); text != nullptr) return *text;
  return parts;
}

}  // namespace plimsoll::wire
