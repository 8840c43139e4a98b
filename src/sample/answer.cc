#include "answer.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/hash.h"
#include "base/json.h"
#include "schema.h"
#include "wire/sse.h"

namespace plimsoll::sample {
namespace {

constexpr std::int64_t kMaxChoices = 16;

// Of whatever has one, or empty.
std::string_view string_in(const json::value& object, std::string_view member) {
  const auto* text = find_string(object, member);
  return text != nullptr ? std::string_view(*text) : std::string_view();
}

bool is_tool_result(const json::value& message) {
  const auto role = string_in(message, "role");
  if (role == "tool" || role == "function" || string_in(message, "type") == "function_call_output")
    return true;
  const auto* parts = find_array(message, "content");
  return parts != nullptr && !parts->empty() && string_in(parts->back(), "type") == "tool_result";
}

// What was read.
struct Heard {
  std::string asked;  // last
  bool is_result = false;
  std::size_t words = 0;
};

void hear_text(const json::value& request, std::string_view member, Heard& heard) {
  const auto* value = find(request, member);
  if (value == nullptr) return;
  const auto text = text_of(*value);
  heard.words += count_words(text);
  if (member == "prompt" || member == "input") heard.asked = text;
}

// The messages of a conversation, or the items of OpenAI's responses.
void hear_messages(const json::array& messages, Heard& heard) {
  for (const auto& message : messages) {
    const auto* content = find(message, "content");
    if (content == nullptr) content = find(message, "output");
    const auto text = content != nullptr ? text_of(*content) : std::string();
    heard.words += count_words(text);
    heard.is_result = is_tool_result(message);
    if (heard.is_result || string_in(message, "role") == "user") heard.asked = text;
  }
}

Heard hear(const json::value& request) {
  Heard heard;
  for (const auto* member : {"prompt", "system", "instructions"}) hear_text(request, member, heard);
  if (const auto* messages = find_array(request, "messages"); messages != nullptr)
    hear_messages(*messages, heard);
  if (const auto* items = find_array(request, "input"); items != nullptr)
    hear_messages(*items, heard);
  else
    hear_text(request, "input", heard);
  return heard;
}

// What the request says about tools.
struct Choice {
  bool forced = false;
  bool forbidden = false;
  std::string_view name;  // of the only one that may be called
};

Choice tool_choice(const json::value& request) {
  Choice choice;
  const auto* wish = find(request, "tool_choice");
  if (wish == nullptr) return choice;
  const auto kind = wish->is_string() ? std::string_view(wish->get_string()) : string_in(*wish, "type");
  choice.forbidden = kind == "none";
  choice.forced = kind == "required" || kind == "any";
  if (kind == "function" || kind == "tool") {
    const auto* function = find(*wish, "function");
    choice.name = string_in(function != nullptr ? *function : *wish, "name");
    choice.forced = true;
  }
  return choice;
}

// A call of the first tool that may be called, with something in every parameter it declares.
std::optional<Tool> call_tool(const json::value& request, const Choice& choice, const Script& script) {
  const auto* tools = find_array(request, "tools");
  if (tools == nullptr || choice.forbidden) return std::nullopt;
  for (const auto& offered : *tools) {
    const auto* function = find(offered, "function");
    const auto& tool = function != nullptr ? *function : offered;
    const auto name = string_in(tool, "name");
    if (name.empty() || (!choice.name.empty() && name != choice.name)) continue;
    if (!script.arguments.empty()) return Tool{std::string(name), script.arguments};
    const auto* schema = find(tool, "parameters");
    if (schema == nullptr) schema = find(tool, "input_schema");
    const auto value = schema != nullptr ? fill(*schema, script.heard) : json::value();
    return Tool{std::string(name), value.is_object() ? to_json(value) : "{}"};
  }
  return std::nullopt;
}

// The format that a request of any protocol asks for, or nullptr.
const json::value* wanted_format(const json::value& request) {
  for (const auto* member : {"response_format", "output_format"})
    if (const auto* format = find(request, member); format != nullptr) return format;
  for (const auto* member : {"text", "output_config"})
    if (const auto* group = find(request, member); group != nullptr)
      if (const auto* format = find(*group, "format"); format != nullptr) return format;
  return nullptr;
}

// The text as JSON of the format asked for, unless it is JSON already.
std::string formatted(const json::value& request, std::string text) {
  const auto* format = wanted_format(request);
  const auto type = format != nullptr ? string_in(*format, "type") : std::string_view();
  if ((type != "json_schema" && type != "json_object") || parse_json(text)) return text;
  const auto* named = find(*format, "json_schema");
  const auto* schema = find(named != nullptr ? *named : *format, "schema");
  if (schema == nullptr) return to_json(json::object{{"answer", text}});
  return to_json(fill(*schema, text));
}

}  // namespace

std::string text_of(const json::value& content) {
  if (const auto* text = content.if_string(); text != nullptr) return std::string(*text);
  std::string all;
  if (const auto* parts = content.if_array(); parts != nullptr)
    for (const auto& part : *parts) {
      const auto* text = part.is_string() ? &part.get_string() : find_string(part, "text");
      const auto* inner = find(part, "content");  // of a tool_result
      if (!all.empty()) all += '\n';
      all += text != nullptr ? std::string(*text) : inner != nullptr ? text_of(*inner) : "[attachment]";
    }
  return all;
}

std::int64_t integer(const json::value& object, std::string_view member, std::int64_t otherwise) {
  const auto* value = find(object, member);
  return value != nullptr && value->is_int64() ? value->get_int64() : otherwise;
}

bool is_true(const json::value& object, std::string_view member) {
  const auto* value = find(object, member);
  return value != nullptr && value->is_bool() && value->get_bool();
}

bool cut_text(const json::value& request, std::string& text) {
  std::int64_t limit = -1;
  for (const auto* member : {"max_tokens", "max_completion_tokens", "max_output_tokens"})
    limit = integer(request, member, limit);
  if (limit < 0 || count_words(text) <= static_cast<std::size_t>(limit)) return false;
  text = first_words(text, static_cast<std::size_t>(limit));
  return true;
}

std::string frame(const json::object& data, std::string_view name) {
  std::string out;
  wire::append_sse(out, to_json(data), name);
  return out;
}

Answer think(const json::value& request, std::string_view model) {
  Answer answer;
  const auto heard = hear(request);
  answer.words_in = heard.words;
  answer.script = read_script(heard.asked);
  auto& text = answer.script.text;
  if (heard.is_result) text = "The tool said: " + answer.script.heard;
  const auto choice = tool_choice(request);
  if (!heard.is_result && (answer.script.call_tool || choice.forced))
    answer.tool = call_tool(request, choice, answer.script);
  if (!answer.tool) {
    text = formatted(request, std::move(text));
    answer.cut = cut_text(request, text);
  }
  answer.id = to_hex(bytes_of(sha256(to_canonical_json(request)))).substr(0, 24);
  const auto named = string_in(request, "model");
  answer.model = named.empty() ? model : named;
  answer.choices = std::clamp<std::int64_t>(integer(request, "n", 1), 1, kMaxChoices);
  answer.stream = is_true(request, "stream");
  const auto* options = find(request, "stream_options");
  answer.usage_in_stream = options != nullptr && is_true(*options, "include_usage");
  return answer;
}

}  // namespace plimsoll::sample
