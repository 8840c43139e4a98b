#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <utility>

#include "base/json.h"
#include "messages_chat.h"
#include "messages_chat_parts.h"

namespace plimsoll::wire {
namespace {

using Step = Collector::Step;
constexpr std::int64_t kDefaultLimit = 4'096;
constexpr JsonLimits kArguments{.max_bytes = 8U << 20U, .max_depth = 56};  // they go deeper into a body

json::value text_block(std::string_view text) {
  return json::object{{"type", "text"}, {"text", text}};
}

bool carry_image(Collector& at, const json::value& image, json::array& blocks) {
  const auto* object = image.if_object();
  const auto* url = find_string(image, "url");
  if (object == nullptr || !only(at, *object, {"url", "detail"}))
    return object != nullptr ? false : no_word(at);
  const Step step(at, "url");
  if (url == nullptr) return no_word(at);
  json::object source;
  if (const auto bytes = from_data_url(*url)) {
    source = {{"type", "base64"}, {"media_type", bytes->media_type}, {"data", bytes->data}};
  } else if (url->starts_with("http")) {
    source = {{"type", "url"}, {"url", *url}};
  } else {
    return no_word(at);
  }
  blocks.push_back(json::object{{"type", "image"}, {"source", std::move(source)}});
  return true;
}

bool carry_file(Collector& at, const json::value& file, json::array& blocks) {
  const auto* object = file.if_object();
  if (object == nullptr) return no_word(at);
  if (!only(at, *object, {"filename", "file_data"})) return false;
  const auto* data = find_string(file, "file_data");
  const auto bytes = data != nullptr ? from_data_url(*data) : std::nullopt;
  const Step step(at, "file_data");
  if (!bytes || bytes->media_type != "application/pdf") return no_word(at);
  json::object block{
      {"type", "document"},
      {"source", {{"type", "base64"}, {"media_type", bytes->media_type}, {"data", bytes->data}}}};
  if (const auto* name = find_string(file, "filename"); name != nullptr) block.emplace("title", *name);
  blocks.push_back(std::move(block));
  return true;
}

bool carry_part(Collector& at, const json::value& part, bool only_text, json::array& blocks) {
  const auto* object = part.if_object();
  const auto* type = find_string(part, "type");
  if (object == nullptr || type == nullptr) return no_word(at);
  if (is_one_of(*type, {"text", "refusal"})) {
    if (!only(at, *object, {"type", std::string_view(*type)})) return false;
    const auto* text = find_string(part, *type);
    if (text == nullptr) return no_word(at);
    if (!text->empty()) blocks.push_back(text_block(*text));
    return true;
  }
  const bool image = *type == "image_url";
  if (only_text || (!image && *type != "file")) {
    const Step step(at, "type");
    return no_word(at);
  }
  if (!only(at, *object, {"type", std::string_view(*type)})) return false;
  const Step step(at, *type);
  const auto* inner = object->if_contains(*type);
  if (inner == nullptr) return no_word(at);
  return image ? carry_image(at, *inner, blocks) : carry_file(at, *inner, blocks);
}

bool carry_content(Collector& at, const json::object& message, bool only_text, json::array& blocks) {
  const auto* content = message.if_contains("content");
  if (says_nothing(content)) return true;
  const Step step(at, "content");
  if (const auto* text = content->if_string(); text != nullptr) {
    blocks.push_back(text_block(*text));
    return true;
  }
  const auto* parts = content->if_array();
  if (parts == nullptr) return no_word(at);
  for (std::size_t i = 0; i < parts->size(); ++i) {
    const Step inner(at, i);
    if (!carry_part(at, (*parts)[i], only_text, blocks)) return false;
  }
  return true;
}

bool carry_call(Collector& at, const json::value& call, json::array& blocks) {
  const auto* object = call.if_object();
  if (object == nullptr) return no_word(at);
  if (!only(at, *object, {"id", "type", "index", "function"})) return false;
  const auto* id = find_string(call, "id");
  const Step step(at, "function");
  const auto* function = find(call, "function");
  const auto* name = function != nullptr ? find_string(*function, "name") : nullptr;
  if (id == nullptr || name == nullptr || !only(at, function->get_object(), {"name", "arguments"}))
    return no_word(at);
  const Step inner(at, "arguments");
  const auto* arguments = find(*function, "arguments");
  json::value input = json::object();
  if (!says_nothing(arguments)) {
    auto parsed = arguments->is_string() ? parse_json(arguments->get_string(), kArguments)
                                         : Result<json::value>(*arguments);
    if (!parsed || !parsed->is_object()) return no_word(at);
    input = *std::move(parsed);
  }
  blocks.push_back(
      json::object{{"type", "tool_use"}, {"id", *id}, {"name", *name}, {"input", std::move(input)}});
  return true;
}

bool carry_assistant(Collector& at, const json::object& message, json::array& blocks) {
  if (!only(at, message,
            {"role", "content", "refusal", "tool_calls", "reasoning_content", "reasoning", "annotations"}) ||
      !carry_content(at, message, true, blocks))
    return false;
  if (const auto* refusal = message.if_contains("refusal"); !says_nothing(refusal)) {
    const Step step(at, "refusal");
    if (!refusal->is_string()) return no_word(at);
    blocks.push_back(text_block(refusal->get_string()));
  }
  const auto* calls = message.if_contains("tool_calls");
  if (says_nothing(calls)) return true;
  const Step step(at, "tool_calls");
  const auto* array = calls->if_array();
  if (array == nullptr) return no_word(at);
  for (std::size_t i = 0; i < array->size(); ++i) {
    const Step inner(at, i);
    if (!carry_call(at, (*array)[i], blocks)) return false;
  }
  return true;
}

// A tool's answer goes into the user's next turn.
bool carry_result(Collector& at, const json::object& message, json::array& blocks) {
  const auto* id = message.if_contains("tool_call_id");
  if (!only(at, message, {"role", "content", "tool_call_id", "name"})) return false;
  if (id == nullptr || !id->is_string()) {
    const Step step(at, "tool_call_id");
    return no_word(at);
  }
  json::array content;
  if (!carry_content(at, message, true, content)) return false;
  json::object block{{"type", "tool_result"}, {"tool_use_id", *id}};
  if (!content.empty()) block.emplace("content", std::move(content));
  blocks.push_back(std::move(block));
  return true;
}

// Puts blocks behind those of the same role, or begins a turn.
void add_turn(json::array& messages, std::string_view role, json::array blocks) {
  if (blocks.empty()) return;
  if (messages.empty() || messages.back().at("role") != json::value(role)) {
    messages.push_back(json::object{{"role", role}, {"content", std::move(blocks)}});
    return;
  }
  auto& content = messages.back().at("content").as_array();
  for (auto& block : blocks) content.push_back(std::move(block));
}

bool carry_message(Collector& at, const json::value& message, json::array& system, json::array& messages) {
  const auto* object = message.if_object();
  const auto* role = find_string(message, "role");
  if (object == nullptr || role == nullptr) return no_word(at);
  json::array blocks;
  if (*role == "tool") {
    if (!carry_result(at, *object, blocks)) return false;
    add_turn(messages, "user", std::move(blocks));
  } else if (*role == "assistant") {
    if (!carry_assistant(at, *object, blocks)) return false;
    add_turn(messages, "assistant", std::move(blocks));
  } else if (*role == "user") {
    if (!only(at, *object, {"role", "content"}) || !carry_content(at, *object, false, blocks)) return false;
    add_turn(messages, "user", std::move(blocks));
  } else if (is_one_of(*role, {"system", "developer"})) {
    return only(at, *object, {"role", "content"}) && carry_content(at, *object, true, system);
  } else {
    const Step step(at, "role");
    return no_word(at);
  }
  return true;
}

bool carry_messages(Collector& at, const json::value& list, json::object& out) {
  const auto* array = list.if_array();
  if (array == nullptr) return no_word(at);
  json::array system;
  json::array messages;
  for (std::size_t i = 0; i < array->size(); ++i) {
    const Step step(at, i);
    if (!carry_message(at, (*array)[i], system, messages)) return false;
  }
  if (messages.empty()) return no_word(at);
  if (!system.empty()) out["system"] = std::move(system);
  out["messages"] = std::move(messages);
  return true;
}

bool carry_tools(Collector& at, const json::value& list, json::object& out) {
  const auto* array = list.if_array();
  if (array == nullptr) return no_word(at);
  json::array tools;
  for (std::size_t i = 0; i < array->size(); ++i) {
    const Step step(at, i);
    const auto& tool = (*array)[i];
    const auto* type = find_string(tool, "type");
    const auto* function = find(tool, "function");
    if (type == nullptr || *type != "function" || function == nullptr) {
      const Step inner(at, "type");
      return no_word(at);
    }
    const Step inner(at, "function");
    const auto* object = function->if_object();
    if (object == nullptr) return no_word(at);
    if (!only(at, *object, {"name", "description", "parameters", "strict"})) return false;
    json::object carried;
    for (const char* member : {"name", "description", "strict"})
      if (const auto* value = object->if_contains(member); value != nullptr && !value->is_null())
        carried.emplace(member, *value);
    const auto* given = object->if_contains("parameters");
    if (given != nullptr && !given->is_object() && !given->is_null()) return no_word(at);
    json::object schema = given != nullptr && given->is_object() ? given->get_object() : json::object();
    schema.emplace("type", "object");
    carried.emplace("input_schema", std::move(schema));
    tools.push_back(std::move(carried));
  }
  out["tools"] = std::move(tools);
  return true;
}

bool carry_choice(Collector& at, const json::value& choice, json::object& out) {
  const auto* word = choice.if_string();
  const auto* type = find_string(choice, "type");
  const auto* function = find(choice, "function");
  const auto* name = function != nullptr ? find_string(*function, "name") : nullptr;
  if (word != nullptr && is_one_of(*word, {"auto", "none"})) {
    out["tool_choice"] = json::object{{"type", *word}};
  } else if (word != nullptr && *word == "required") {
    out["tool_choice"] = json::object{{"type", "any"}};
  } else if (type != nullptr && *type == "function" && name != nullptr) {
    out["tool_choice"] = json::object{{"type", "tool"}, {"name", *name}};
  } else {
    return no_word(at);
  }
  return true;
}

bool carry_format(Collector& at, const json::value& format, json::object& config) {
  const auto* type = find_string(format, "type");
  if (type != nullptr && *type == "text") return true;
  const auto* described = find(format, "json_schema");
  const auto* schema = described != nullptr ? find_object(*described, "schema") : nullptr;
  if (type == nullptr || *type != "json_schema" || schema == nullptr) {
    const Step step(at, "type");
    return no_word(at);
  }
  json::object carried = *schema;
  if (const auto* words = find_string(*described, "description"); words != nullptr)
    carried.emplace("description", *words);
  config["format"] = json::object{{"type", "json_schema"}, {"schema", std::move(carried)}};
  return true;
}

bool carry_effort(Collector& at, const json::value& effort, json::object& out, json::object& config) {
  const auto* word = effort.if_string();
  if (word == nullptr || !is_one_of(*word, {"none", "minimal", "low", "medium", "high", "xhigh"}))
    return no_word(at);
  if (*word == "none") {
    out["thinking"] = json::object{{"type", "disabled"}};
  } else {
    config["effort"] = *word == "minimal" ? std::string_view("low") : std::string_view(*word);
  }
  return true;
}

// Members that may stand in a request as long as they ask for nothing that the other protocol has no word for.
bool asks_for_nothing(std::string_view key, const json::value& value) {
  if (is_one_of(key,
                {"user", "metadata", "store", "service_tier", "prompt_cache_key", "prompt_cache_retention",
                 "safety_identifier", "stream_options", "prediction", "parallel_tool_calls"}))
    return true;
  if (key == "n") return value == 1;
  if (key == "logprobs") return value == false;
  if (is_one_of(key, {"frequency_penalty", "presence_penalty", "top_logprobs"}))
    return value.is_number() && value.to_number<double>() == 0;
  if (key == "modalities") return value == json::value(json::array{"text"});
  return key == "verbosity" && value == "medium";
}

bool carry_member(Collector& at, std::string_view key, const json::value& value, json::object& out,
                  json::object& config) {
  const Step step(at, key);
  if (key == "messages") return carry_messages(at, value, out);
  if (key == "tools") return carry_tools(at, value, out);
  if (key == "tool_choice") return carry_choice(at, value, out);
  if (key == "response_format") return carry_format(at, value, config);
  if (key == "reasoning_effort") return carry_effort(at, value, out, config);
  if (is_one_of(key, {"model", "stream", "top_p", "top_k"})) {
    out[key] = value;
  } else if (is_one_of(key, {"max_tokens", "max_completion_tokens"})) {
    if (!value.is_int64() || value.get_int64() < 0) return no_word(at);
    if (key == "max_completion_tokens" || !out.contains("max_tokens")) out["max_tokens"] = value;
  } else if (key == "temperature") {
    const bool hot = value.is_number() && value.to_number<double>() > 1;
    out["temperature"] = hot ? json::value(1) : value;
  } else if (key == "stop") {
    out["stop_sequences"] = value.is_string() ? json::value(json::array{value}) : value;
  } else if (!asks_for_nothing(key, value)) {
    return no_word(at);
  }
  return true;
}

}  // namespace

Decoded<json::value> messages_request_from_chat(const json::value& body) {
  Conversation none;
  Collector at(none);
  json::object out;
  json::object config;
  const auto* object = body.if_object();
  const bool carried =
      object != nullptr && std::ranges::all_of(*object, [&](const auto& member) {
        return says_nothing(&member.value()) || carry_member(at, member.key(), member.value(), out, config);
      });
  if (!carried) return std::unexpected(by_name(at.problem()));
  if (!out.contains("messages"))
    return std::unexpected(by_name({400, "messages", "must hold at least one message."}));
  out.emplace("max_tokens", kDefaultLimit);
  if (!config.empty()) out["output_config"] = std::move(config);
  const auto* together = object->if_contains("parallel_tool_calls");
  if (together != nullptr && *together == false && out.contains("tools")) {
    auto& choice = out["tool_choice"];
    if (choice.is_null()) choice = json::object{{"type", "auto"}};
    if (choice.at("type") != "none") choice.as_object()["disable_parallel_tool_use"] = true;
  }
  return out;
}

}  // namespace plimsoll::wire
