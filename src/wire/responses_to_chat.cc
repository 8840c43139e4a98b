#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <utility>

#include "base/json.h"
#include "responses_chat.h"
#include "responses_chat_words.h"

namespace plimsoll::wire {
namespace {

using Step = Carrier::Step;

bool carry_image(Carrier& at, const json::value& part, json::object& out) {
  if (!at.only(part.get_object(), {"type", "image_url", "detail"})) return false;
  if (!at.expect_string(part, "image_url")) return false;
  json::object image{{"url", text_in(part, "image_url")}};
  copy_members(part, {"detail"}, image);
  out = {{"type", "image_url"}, {"image_url", std::move(image)}};
  return true;
}

bool carry_part(Carrier& at, const json::value& part, json::object& out) {
  const auto* object = part.if_object();
  if (object == nullptr) return at.refuse();
  const auto type = text_in(part, "type");
  if (type == "input_text" || type == "output_text" || type == "text") {
    out = {{"type", "text"}, {"text", text_in(part, "text")}};
    return at.expect_string(part, "text") && at.only(*object, {"type", "text", "annotations", "logprobs"});
  }
  if (type == "refusal") {
    out = {{"type", "refusal"}, {"refusal", text_in(part, "refusal")}};
    return at.expect_string(part, "refusal") && at.only(*object, {"type", "refusal"});
  }
  if (type == "input_image") return carry_image(at, part, out);
  if (type == "input_file") {
    json::object file;
    copy_members(part, {"file_id", "file_data", "filename"}, file);
    out = {{"type", "file"}, {"file", std::move(file)}};
    return at.only(*object, {"type", "file_id", "file_data", "filename"});
  }
  if (type == "input_audio") {
    out = *object;
    return true;
  }
  return at.refuse("type");
}

// A single text becomes a string, which every server of chat completions knows.
bool carry_content(Carrier& at, const json::value& content, bool only_text, json::value& out) {
  if (content.is_string() || content.is_null()) {
    out = content;
    return true;
  }
  const auto* parts = content.if_array();
  if (parts == nullptr) return at.refuse();
  json::array carried;
  for (std::size_t i = 0; i < parts->size(); ++i) {
    const Step step(at, i);
    json::object part;
    if (!carry_part(at, (*parts)[i], part)) return false;
    if (only_text && part["type"] != "text") return at.refuse("type");
    carried.push_back(std::move(part));
  }
  if (carried.size() == 1 && carried[0].at("type") == "text") {
    out = carried[0].at("text");
  } else {
    out = std::move(carried);
  }
  return true;
}

bool carry_message(Carrier& at, const json::value& item, json::array& messages) {
  if (!at.only(item.get_object(), {"type", "id", "status", "phase", "role", "content"})) return false;
  auto role = text_in(item, "role");
  if (role == "developer") role = "system";
  if (role != "system" && role != "user" && role != "assistant") return at.refuse("role");
  json::object message{{"role", role}, {"content", nullptr}};
  if (const auto* content = find(item, "content"); content != nullptr) {
    const Step step(at, "content");
    if (!carry_content(at, *content, false, message["content"])) return false;
  }
  messages.push_back(std::move(message));
  return true;
}

// A call belongs to the assistant's message before it.
bool carry_call(Carrier& at, const json::value& item, bool custom, json::array& messages) {
  const std::string_view text = custom ? "input" : "arguments";
  if (!at.only(item.get_object(), {"type", "id", "status", "call_id", "name", text}) ||
      !at.expect_string(item, "call_id") || !at.expect_string(item, "name") || !at.expect_string(item, text))
    return false;
  if (messages.empty() || messages.back().at("role") != "assistant")
    messages.push_back(json::object{{"role", "assistant"}, {"content", nullptr}});
  auto& message = messages.back().get_object();
  const std::string_view type = custom ? "custom" : "function";
  auto& calls = message.emplace("tool_calls", json::array()).first->value().get_array();
  calls.push_back(
      json::object{{"id", text_in(item, "call_id")},
                   {"type", type},
                   {type, json::object{{"name", text_in(item, "name")}, {text, text_in(item, text)}}}});
  return true;
}

bool carry_output(Carrier& at, const json::value& item, json::array& messages) {
  if (!at.only(item.get_object(), {"type", "id", "status", "call_id", "name", "output"}) ||
      !at.expect_string(item, "call_id"))
    return false;
  json::object message{{"role", "tool"}, {"tool_call_id", text_in(item, "call_id")}, {"content", ""}};
  if (const auto* output = find(item, "output"); output != nullptr) {
    const Step step(at, "output");
    if (!carry_content(at, *output, true, message["content"])) return false;
  }
  messages.push_back(std::move(message));
  return true;
}

bool carry_item(Carrier& at, const json::value& item, json::array& messages) {
  const auto* object = item.if_object();
  if (object == nullptr) return at.refuse();
  const auto type = object->contains("type") ? text_in(item, "type") : std::string_view("message");
  if (type == "message") return carry_message(at, item, messages);
  if (type == "function_call") return carry_call(at, item, false, messages);
  if (type == "custom_tool_call") return carry_call(at, item, true, messages);
  if (type == "function_call_output" || type == "custom_tool_call_output")
    return carry_output(at, item, messages);
  if (type == "reasoning") return at.only(*object, {"type", "id", "status", "summary", "content"});
  return at.refuse("type");
}

bool carry_input(Carrier& at, const json::value& input, json::array& messages) {
  if (input.is_string()) {
    messages.push_back(json::object{{"role", "user"}, {"content", input}});
    return true;
  }
  const auto* items = input.if_array();
  if (items == nullptr) return at.refuse();
  for (std::size_t i = 0; i < items->size(); ++i) {
    const Step step(at, i);
    if (!carry_item(at, (*items)[i], messages)) return false;
  }
  return true;
}

bool carry_format_of_custom(Carrier& at, const json::value& format, json::object& custom) {
  const Step step(at, "format");
  if (text_in(format, "type") == "text") return true;
  if (text_in(format, "type") != "grammar") return at.refuse("type");
  json::object grammar;
  copy_members(format, {"definition", "syntax"}, grammar);
  custom["format"] = json::object{{"type", "grammar"}, {"grammar", std::move(grammar)}};
  return at.only(format.get_object(), {"type", "definition", "syntax"});
}

bool carry_tool(Carrier& at, const json::value& tool, json::array& tools) {
  const auto* object = tool.if_object();
  if (object == nullptr) return at.refuse();
  const auto type = text_in(tool, "type");
  if (type != "function" && type != "custom") return at.refuse("type");
  json::object described;
  if (type == "function") {
    if (!at.only(*object, {"type", "name", "description", "parameters", "strict"})) return false;
    copy_members(tool, {"name", "description", "parameters", "strict"}, described);
  } else {
    if (!at.only(*object, {"type", "name", "description", "format"})) return false;
    copy_members(tool, {"name", "description"}, described);
    if (const auto* format = find(tool, "format"); format != nullptr && !format->is_null())
      if (!carry_format_of_custom(at, *format, described)) return false;
  }
  tools.push_back(json::object{{"type", type}, {type, std::move(described)}});
  return true;
}

bool carry_tools(Carrier& at, const json::value& tools, json::value& out) {
  const auto* array = tools.if_array();
  if (array == nullptr) return at.refuse();
  json::array carried;
  for (std::size_t i = 0; i < array->size(); ++i) {
    const Step step(at, i);
    if (!carry_tool(at, (*array)[i], carried)) return false;
  }
  out = std::move(carried);
  return true;
}

bool carry_named_tool(Carrier& at, const json::value& tool, json::value& out) {
  const auto type = text_in(tool, "type");
  if (type != "function" && type != "custom") return at.refuse("type");
  if (!at.expect_string(tool, "name") || !at.only(tool.get_object(), {"type", "name"})) return false;
  out = {{"type", type}, {type, {{"name", text_in(tool, "name")}}}};
  return true;
}

bool carry_tool_choice(Carrier& at, const json::value& choice, json::value& out) {
  if (choice.is_string()) {
    out = choice;
    return true;
  }
  if (!choice.is_object()) return at.refuse();
  if (text_in(choice, "type") != "allowed_tools") return carry_named_tool(at, choice, out);
  json::array allowed;
  if (const auto* tools = find_array(choice, "tools"); tools != nullptr) {
    const Step step(at, "tools");
    for (std::size_t i = 0; i < tools->size(); ++i) {
      const Step inner(at, i);
      if (!carry_named_tool(at, (*tools)[i], allowed.emplace_back(nullptr))) return false;
    }
  }
  json::object inside{{"tools", std::move(allowed)}};
  copy_members(choice, {"mode"}, inside);
  out = json::object{{"type", "allowed_tools"}, {"allowed_tools", std::move(inside)}};
  return at.only(choice.get_object(), {"type", "mode", "tools"});
}

bool carry_text(Carrier& at, const json::value& text, json::object& out) {
  if (!text.is_object()) return at.refuse();
  copy_members(text, {"verbosity"}, out);
  if (!at.only(text.get_object(), {"format", "verbosity"})) return false;
  const auto* format = find(text, "format");
  if (format == nullptr || format->is_null()) return true;
  const Step step(at, "format");
  const auto type = text_in(*format, "type");
  if (type == "text") return true;
  if (type == "json_object") {
    out["response_format"] = json::object{{"type", type}};
    return true;
  }
  if (type != "json_schema") return at.refuse("type");
  json::object schema;
  copy_members(*format, {"name", "description", "schema", "strict"}, schema);
  out["response_format"] = json::object{{"type", type}, {"json_schema", std::move(schema)}};
  return at.only(format->get_object(), {"type", "name", "description", "schema", "strict"});
}

bool carry_reasoning(Carrier& at, const json::value& reasoning, json::object& out) {
  if (!reasoning.is_object()) return at.refuse();
  if (const auto* effort = find(reasoning, "effort"); effort != nullptr && !effort->is_null())
    out["reasoning_effort"] = *effort;
  return at.only(reasoning.get_object(), {"effort", "summary", "generate_summary"});
}

// What else is asked to be in the answer concerns tools that are not carried over, or reasoning that chat
// completions do not show.
bool carry_include(Carrier& at, const json::value& include) {
  const auto* array = include.if_array();
  if (array == nullptr) return at.refuse();
  for (std::size_t i = 0; i < array->size(); ++i)
    if (const Step step(at, i); (*array)[i] == "message.output_text.logprobs") return at.refuse();
  return true;
}

bool is_hint(std::string_view member) {
  constexpr std::array<std::string_view, 11> kHints = {"user",
                                                       "safety_identifier",
                                                       "metadata",
                                                       "store",
                                                       "service_tier",
                                                       "prompt_cache_key",
                                                       "max_tool_calls",
                                                       "prompt_cache_retention",
                                                       "stream_options",
                                                       "access_programs",
                                                       "prompt_cache_options"};
  return std::ranges::find(kHints, member) != kHints.end();
}

bool carry_member(Carrier& at, std::string_view key, const json::value& value, json::object& out) {
  constexpr std::array<std::string_view, 5> kSame = {"model", "temperature", "top_p", "parallel_tool_calls",
                                                     "stream"};
  if (is_hint(key) || key == "instructions") return true;  // which are carried first
  if (key == "parallel_tool_calls" && value.is_bool()) out[key] = value;
  if (asks_nothing(value)) return true;
  const Step step(at, key);
  if (std::ranges::find(kSame, key) != kSame.end()) {
    out[key] = value;
    if (key == "stream") out["stream_options"] = json::object{{"include_usage", true}};
    return true;
  }
  if (key == "input") return carry_input(at, value, out["messages"].get_array());
  if (key == "max_output_tokens") {
    out["max_completion_tokens"] = value;
    return true;
  }
  if (key == "tools") return carry_tools(at, value, out[key]);
  if (key == "tool_choice") return carry_tool_choice(at, value, out[key]);
  if (key == "text") return carry_text(at, value, out);
  if (key == "reasoning") return carry_reasoning(at, value, out);
  if (key == "include") return carry_include(at, value);
  if (key == "truncation" && value == "disabled") return true;
  if (key == "top_logprobs" && value == 0) return true;
  return at.refuse();
}

}  // namespace

Decoded<json::value> chat_request_from_responses(const json::value& request) {
  const auto* object = request.if_object();
  if (object == nullptr) return std::unexpected(BadBody{400, {}, "A request must be a JSON object."});
  Carrier at;
  json::object out{{"messages", json::array()}};
  if (const auto* instructions = find(request, "instructions");
      instructions != nullptr && !asks_nothing(*instructions)) {
    if (!instructions->is_string()) {
      at.refuse("instructions");
      return std::unexpected(at.problem());
    }
    out["messages"].get_array().push_back(json::object{{"role", "system"}, {"content", *instructions}});
  }
  for (const auto& member : *object)
    if (!carry_member(at, member.key(), member.value(), out)) return std::unexpected(at.problem());
  return out;
}

}  // namespace plimsoll::wire
