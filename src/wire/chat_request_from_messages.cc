#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <utility>

#include "base/json.h"
#include "messages_block.h"
#include "messages_chat.h"
#include "messages_chat_parts.h"

namespace plimsoll::wire {
namespace {

using Step = Collector::Step;

json::value text_part(std::string_view text) {
  return json::object{{"type", "text"}, {"text", text}};
}

// The string member, or "" where there is none; refuses anything else.
bool read_string(Collector& at, const json::object& object, std::string_view member, std::string_view& out) {
  const auto* value = object.if_contains(member);
  if (says_nothing(value)) return true;
  const Step step(at, member);
  if (!value->is_string()) return no_word(at);
  out = value->get_string();
  return true;
}

bool carry_texts(Collector& at, const json::object& object, std::initializer_list<std::string_view> members,
                 json::array& parts) {
  return std::ranges::all_of(members, [&](std::string_view member) {
    std::string_view text;
    if (!read_string(at, object, member, text)) return false;
    if (!text.empty()) parts.push_back(text_part(text));
    return true;
  });
}

bool carry_image(Collector& at, const json::object& block, json::array& parts) {
  const Step step(at, "source");
  const auto* source = block.if_contains("source");
  const auto* type = source != nullptr ? find_string(*source, "type") : nullptr;
  const auto* url = source != nullptr ? find_string(*source, "url") : nullptr;
  const auto* data = source != nullptr ? find_string(*source, "data") : nullptr;
  const auto* media = source != nullptr ? find_string(*source, "media_type") : nullptr;
  std::string address;
  if (type != nullptr && *type == "url" && url != nullptr) {
    address = *url;
  } else if (type != nullptr && *type == "base64" && data != nullptr && media != nullptr) {
    address = to_data_url(*media, *data);
  } else {
    return no_word(at);
  }
  parts.push_back(json::object{{"type", "image_url"}, {"image_url", {{"url", address}}}});
  return true;
}

bool carry_part(Collector& at, const json::value& block, bool only_text, json::array& parts);

bool carry_parts(Collector& at, const json::value& content, bool only_text, json::array& parts) {
  if (const auto* text = content.if_string(); text != nullptr) {
    if (!text->empty()) parts.push_back(text_part(*text));
    return true;
  }
  const auto* blocks = content.if_array();
  if (blocks == nullptr) return content.is_null() || no_word(at);
  for (std::size_t i = 0; i < blocks->size(); ++i) {
    const Step step(at, i);
    if (!carry_part(at, (*blocks)[i], only_text, parts)) return false;
  }
  return true;
}

bool asks_for_citations(const json::object& block) {
  const auto* citations = block.if_contains("citations");
  const auto* enabled = citations != nullptr ? find(*citations, "enabled") : nullptr;
  return enabled != nullptr && *enabled == true;
}

bool carry_document(Collector& at, const json::object& block, bool only_text, json::array& parts) {
  const auto* source = block.if_contains("source");
  const auto* type = source != nullptr ? find_string(*source, "type") : nullptr;
  if (type != nullptr && *type == "base64") {
    const auto* data = find_string(*source, "data");
    const auto* media = find_string(*source, "media_type");
    if (only_text || data == nullptr || media == nullptr) return no_word(at);
    std::string_view title = "document";
    if (!read_string(at, block, "title", title) || !carry_texts(at, block, {"context"}, parts)) return false;
    parts.push_back(json::object{{"type", "file"},
                                 {"file", {{"filename", title}, {"file_data", to_data_url(*media, *data)}}}});
    return true;
  }
  if (!carry_texts(at, block, {"title", "context"}, parts)) return false;
  const Step step(at, "source");
  if (type != nullptr && *type == "text") return carry_texts(at, source->get_object(), {"data"}, parts);
  const auto* content = source != nullptr ? find(*source, "content") : nullptr;
  if (type == nullptr || *type != "content" || content == nullptr) return no_word(at);
  const Step inner(at, "content");
  return carry_parts(at, *content, only_text, parts);
}

bool carry_part(Collector& at, const json::value& block, bool only_text, json::array& parts) {
  const auto* object = block.if_object();
  const auto* type = find_string(block, "type");
  if (object == nullptr || type == nullptr) return no_word(at);
  if (*type == "text")
    return only(at, *object, {"type", "text", "cache_control", "citations"}) &&
           carry_texts(at, *object, {"text"}, parts);
  if (*type == "image" && !only_text)
    return only(at, *object, {"type", "source", "cache_control"}) && carry_image(at, *object, parts);
  const bool document = *type == "document";
  if (document || *type == "search_result") {
    if (!only(at, *object, {"type", "source", "title", "context", "content", "cache_control", "citations"}))
      return false;
    if (asks_for_citations(*object)) {
      const Step step(at, "citations");
      return no_word(at);
    }
    if (document) return carry_document(at, *object, only_text, parts);
    if (!carry_texts(at, *object, {"title", "source"}, parts)) return false;
    const auto* content = object->if_contains("content");
    const Step step(at, "content");
    return content == nullptr || carry_parts(at, *content, true, parts);
  }
  const Step step(at, "type");
  return no_word(at);
}

bool carry_result(Collector& at, const json::object& block, json::array& messages) {
  std::string_view id;
  if (!only(at, block, {"type", "tool_use_id", "content", "is_error", "cache_control"}) ||
      !read_string(at, block, "tool_use_id", id))
    return false;
  json::array parts;
  if (const auto* content = block.if_contains("content"); content != nullptr) {
    const Step step(at, "content");
    if (!carry_parts(at, *content, true, parts)) return false;
  }
  auto content = as_content(std::move(parts));
  if (content.is_null()) content = "";
  messages.push_back(json::object{{"role", "tool"}, {"tool_call_id", id}, {"content", std::move(content)}});
  return true;
}

bool carry_call(Collector& at, const json::object& block, json::array& calls) {
  std::string_view id;
  std::string_view name;
  if (!only(at, block, {"type", "id", "name", "input", "cache_control", "caller"}) ||
      !read_string(at, block, "id", id) || !read_string(at, block, "name", name))
    return false;
  const auto* input = block.if_contains("input");
  calls.push_back(json::object{
      {"id", id},
      {"type", "function"},
      {"function",
       {{"name", name}, {"arguments", says_nothing(input) ? std::string("{}") : to_json(*input)}}}});
  return true;
}

// One message, which may become several: what tools answered comes before what the user adds.
bool carry_message(Collector& at, const json::value& message, json::array& messages) {
  const auto* object = message.if_object();
  const auto* role = find_string(message, "role");
  if (object == nullptr || role == nullptr || !only(at, *object, {"role", "content"})) return no_word(at);
  const bool assistant = *role == "assistant";
  const auto before = messages.size();
  json::array parts;
  json::array calls;
  const Step step(at, "content");
  const auto* content = object->if_contains("content");
  const auto* blocks = content != nullptr ? content->if_array() : nullptr;
  if (blocks == nullptr && content != nullptr && !carry_parts(at, *content, false, parts)) return false;
  for (std::size_t i = 0; blocks != nullptr && i < blocks->size(); ++i) {
    const Step inner(at, i);
    const auto& block = (*blocks)[i];
    const auto* type = find_string(block, "type");
    bool carried = true;
    if (type != nullptr && *type == "tool_result" && *role == "user") {
      carried = carry_result(at, block.get_object(), messages);
    } else if (type != nullptr && *type == "tool_use" && assistant) {
      carried = carry_call(at, block.get_object(), calls);
    } else if (type == nullptr || !is_one_of(*type, {"thinking", "redacted_thinking"})) {
      carried = carry_part(at, block, assistant, parts);
    }
    if (!carried) return false;
  }
  if (messages.size() > before && parts.empty()) return true;  // nothing but what tools answered
  auto words = as_content(std::move(parts));
  if (words.is_null() && calls.empty()) words = "";
  json::object out{{"role", *role}, {"content", std::move(words)}};
  if (!calls.empty()) out.emplace("tool_calls", std::move(calls));
  messages.push_back(std::move(out));
  return true;
}

bool carry_tool(Collector& at, const json::value& tool, json::array& tools) {
  const auto* object = tool.if_object();
  if (object == nullptr) return no_word(at);
  if (const auto* type = object->if_contains("type"); !says_nothing(type) && *type != "custom") {
    const Step step(at, "type");
    return no_word(at);
  }
  if (const auto* callers = object->if_contains("allowed_callers");
      !says_nothing(callers) && *callers != json::value(json::array{"direct"})) {
    const Step step(at, "allowed_callers");
    return no_word(at);
  }
  if (!only(at, *object,
            {"type", "name", "description", "input_schema", "cache_control", "strict", "defer_loading",
             "eager_input_streaming", "allowed_callers"}))
    return false;
  json::object function;
  for (const auto& [from, to] : {std::pair("name", "name"), std::pair("description", "description"),
                                 std::pair("input_schema", "parameters"), std::pair("strict", "strict")})
    if (const auto* value = object->if_contains(from); value != nullptr && !value->is_null())
      function.emplace(to, *value);
  tools.push_back(json::object{{"type", "function"}, {"function", std::move(function)}});
  return true;
}

bool carry_choice(Collector& at, const json::value& choice, json::object& out) {
  const auto* type = find_string(choice, "type");
  if (type == nullptr || !only(at, choice.get_object(), {"type", "name", "disable_parallel_tool_use"}))
    return no_word(at);
  if (*type == "auto" || *type == "none") {
    out["tool_choice"] = *type;
  } else if (*type == "any") {
    out["tool_choice"] = "required";
  } else if (const auto* name = find_string(choice, "name"); *type == "tool" && name != nullptr) {
    out["tool_choice"] = json::object{{"type", "function"}, {"function", {{"name", *name}}}};
  } else {
    return no_word(at);
  }
  const auto* alone = find(choice, "disable_parallel_tool_use");
  if (alone != nullptr && *alone == true) out["parallel_tool_calls"] = false;
  return true;
}

bool carry_format(Collector& at, const json::value& format, json::object& out) {
  const auto* type = find_string(format, "type");
  const auto* schema = find(format, "schema");
  if (type == nullptr || *type != "json_schema" || schema == nullptr) return no_word(at);
  out["response_format"] =
      json::object{{"type", "json_schema"},
                   {"json_schema", {{"name", "response"}, {"strict", true}, {"schema", *schema}}}};
  return true;
}

bool carry_output_config(Collector& at, const json::value& config, json::object& out) {
  const auto* object = config.if_object();
  if (object == nullptr || !only(at, *object, {"effort", "format"})) return no_word(at);
  if (const auto* effort = object->if_contains("effort"); !says_nothing(effort))
    out["reasoning_effort"] = *effort == "max" ? json::value("xhigh") : *effort;
  const auto* format = object->if_contains("format");
  const Step step(at, "format");
  return says_nothing(format) || carry_format(at, *format, out);
}

// A budget of thinking as the nearest effort; where the model decides, nothing need be said.
bool carry_thinking(Collector& at, const json::value& thinking, json::object& out) {
  const auto* type = find_string(thinking, "type");
  if (type == nullptr) return no_word(at);
  const auto* budget = find(thinking, "budget_tokens");
  if (*type != "enabled" || budget == nullptr || !budget->is_int64() || out.contains("reasoning_effort"))
    return true;
  const auto tokens = budget->get_int64();
  out["reasoning_effort"] = tokens < 4'096 ? "low" : tokens < 16'384 ? "medium" : "high";
  return true;
}

// OpenAI's reasoning models know only the newer name of the limit; other servers know the older one.
std::string_view limit_of(std::string_view model) {
  const bool newer = model.starts_with("gpt-5") ||
                     (model.size() > 1 && model[0] == 'o' && model[1] >= '1' && model[1] <= '9');
  return newer ? "max_completion_tokens" : "max_tokens";
}

template <class Carry>
bool carry_list(Collector& at, const json::value& list, json::array& out, Carry carry) {
  const auto* array = list.if_array();
  if (array == nullptr) return no_word(at);
  for (std::size_t i = 0; i < array->size(); ++i) {
    const Step step(at, i);
    if (!carry(at, (*array)[i], out)) return false;
  }
  return true;
}

bool carry_member(Collector& at, std::string_view key, const json::value& value, json::object& out) {
  const Step step(at, key);
  if (is_one_of(key, {"model", "temperature", "top_p"})) {
    out[key] = value;
  } else if (key == "stream") {
    out["stream"] = value;
    if (value == true) out["stream_options"] = json::object{{"include_usage", true}};
  } else if (key == "stop_sequences") {
    out["stop"] = value;
  } else if (key == "tools") {
    json::array tools;
    if (!carry_list(at, value, tools, carry_tool)) return false;
    out["tools"] = std::move(tools);
  } else if (key == "tool_choice") {
    return carry_choice(at, value, out);
  } else if (key == "output_config") {
    return carry_output_config(at, value, out);
  } else if (key == "output_format") {
    return carry_format(at, value, out);
  } else if (key == "thinking") {
    return carry_thinking(at, value, out);
  } else if (!is_one_of(key, {"messages", "system", "max_tokens", "metadata", "service_tier", "speed",
                              "cache_control", "diagnostics", "user_profile_id", "workspace_id", "betas"})) {
    return no_word(at);
  }
  return true;
}

bool carry_conversation(Collector& at, const json::object& body, json::array& messages) {
  if (const auto* system = body.if_contains("system"); !says_nothing(system)) {
    const Step step(at, "system");
    json::array parts;
    if (!carry_parts(at, *system, true, parts)) return false;
    if (!parts.empty())
      messages.push_back(json::object{{"role", "system"}, {"content", as_content(std::move(parts))}});
  }
  const Step step(at, "messages");
  const auto* list = body.if_contains("messages");
  return list != nullptr ? carry_list(at, *list, messages, carry_message) : no_word(at);
}

}  // namespace

Decoded<json::value> chat_request_from_messages(const json::value& body) {
  Conversation none;
  Collector at(none);
  json::array messages;
  json::object out;
  const auto* object = body.if_object();
  const bool carried =
      object != nullptr && carry_conversation(at, *object, messages) &&
      std::ranges::all_of(*object, [&](const auto& member) {
        return says_nothing(&member.value()) || carry_member(at, member.key(), member.value(), out);
      });
  if (!carried) {
    auto problem = at.problem();
    problem.param = in_anthropic_words(problem).param;
    return std::unexpected(by_name(std::move(problem)));
  }
  if (const auto* limit = object->if_contains("max_tokens"); limit != nullptr && !limit->is_null()) {
    const auto* model = find_string(body, "model");
    out[limit_of(model != nullptr ? std::string_view(*model) : std::string_view())] = *limit;
  }
  out["messages"] = std::move(messages);
  return out;
}

}  // namespace plimsoll::wire
