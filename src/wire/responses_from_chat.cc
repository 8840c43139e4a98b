#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <set>
#include <utility>

#include "base/json.h"
#include "responses_chat.h"
#include "responses_chat_words.h"

namespace plimsoll::wire {
namespace {

using Step = Carrier::Step;

bool carry_part(Carrier& at, const json::value& part, bool assistant, json::object& out) {
  const auto* object = part.if_object();
  if (object == nullptr) return at.refuse();
  const auto type = text_in(part, "type");
  if (type == "text") {
    out = {{"type", assistant ? "output_text" : "input_text"}, {"text", text_in(part, "text")}};
    return at.expect_string(part, "text") && at.only(*object, {"type", "text"});
  }
  if (type == "refusal") {
    out = {{"type", "refusal"}, {"refusal", text_in(part, "refusal")}};
    return at.expect_string(part, "refusal") && at.only(*object, {"type", "refusal"});
  }
  if (type == "image_url") {
    const auto* image = find(part, "image_url");
    if (image == nullptr || !image->is_object()) return at.refuse("image_url");
    const Step step(at, "image_url");
    if (!at.expect_string(*image, "url")) return false;
    out = {{"type", "input_image"}, {"image_url", text_in(*image, "url")}, {"detail", "auto"}};
    copy_members(*image, {"detail"}, out);
    return at.only(image->get_object(), {"url", "detail"});
  }
  if (type == "file") {
    const auto* file = find(part, "file");
    if (file == nullptr || !file->is_object()) return at.refuse("file");
    const Step step(at, "file");
    out = {{"type", "input_file"}};
    copy_members(*file, {"file_id", "file_data", "filename"}, out);
    return at.only(file->get_object(), {"file_id", "file_data", "filename"});
  }
  if (type == "input_audio") {
    out = *object;
    return true;
  }
  return at.refuse("type");
}

bool carry_content(Carrier& at, const json::value& content, bool assistant, json::value& out) {
  if (content.is_string()) {
    out = content;
    return true;
  }
  const auto* parts = content.if_array();
  if (parts == nullptr) return at.refuse();
  json::array carried;
  for (std::size_t i = 0; i < parts->size(); ++i) {
    const Step step(at, i);
    json::object part;
    if (!carry_part(at, (*parts)[i], assistant, part)) return false;
    carried.push_back(std::move(part));
  }
  out = std::move(carried);
  return true;
}

class Messages {
 public:
  Messages(Carrier& at, json::object& out) : at_(at), out_(out) {}

  bool carry(const json::value& messages) {
    const auto* array = messages.if_array();
    if (array == nullptr) return at_.refuse();
    for (std::size_t i = 0; i < array->size(); ++i) {
      const Step step(at_, i);
      if (!(*array)[i].is_object()) return at_.refuse();
      if (!message((*array)[i], i == 0)) return false;
    }
    out_["input"] = std::move(input_);
    return true;
  }

 private:
  bool message(const json::value& message, bool first) {
    const auto role = text_in(message, "role");
    if (role == "system" || role == "developer") {
      const auto* content = find_string(message, "content");
      if (!first || content == nullptr) return plain(message, role);
      out_["instructions"] = *content;
      return at_.only(message.get_object(), {"role", "content"});
    }
    if (role == "user") return plain(message, role);
    if (role == "assistant") return assistant(message);
    if (role == "tool") return result(message);
    return at_.refuse("role");
  }

  bool plain(const json::value& message, std::string_view role) {
    json::object item{{"type", "message"}, {"role", role}, {"content", ""}};
    if (!content_of(message, "content", false, item["content"])) return false;
    input_.push_back(std::move(item));
    return at_.only(message.get_object(), {"role", "content"});
  }

  bool content_of(const json::value& message, std::string_view member, bool assistant, json::value& out) {
    const auto* content = find(message, member);
    if (content == nullptr || content->is_null()) return true;
    const Step step(at_, member);
    return carry_content(at_, *content, assistant, out);
  }

  bool assistant(const json::value& message) {
    json::value content;
    if (!content_of(message, "content", true, content)) return false;
    if (const auto* refusal = find_string(message, "refusal"); refusal != nullptr && !refusal->empty()) {
      if (!content.is_array()) {
        const json::value said = std::exchange(content, json::array());
        if (said.is_string() && !said.get_string().empty())
          content.get_array().push_back(json::object{{"type", "output_text"}, {"text", said}});
      }
      content.get_array().push_back(json::object{{"type", "refusal"}, {"refusal", *refusal}});
    }
    const bool says = !content.is_null() && !(content.is_string() && content.get_string().empty());
    if (says)
      input_.push_back(
          json::object{{"type", "message"}, {"role", "assistant"}, {"content", std::move(content)}});
    if (const auto* calls = find_array(message, "tool_calls"); calls != nullptr) {
      const Step step(at_, "tool_calls");
      for (std::size_t i = 0; i < calls->size(); ++i) {
        const Step inner(at_, i);
        if (!call((*calls)[i])) return false;
      }
    }
    return at_.only(message.get_object(), {"role", "content", "refusal", "tool_calls", "reasoning_content",
                                           "reasoning", "annotations"});
  }

  bool call(const json::value& call) {
    const std::string_view type = text_in(call, "type") == "custom" ? "custom" : "function";
    const auto* called = find(call, type);
    const std::string_view text = type == "custom" ? "input" : "arguments";
    if (called == nullptr || !called->is_object()) return at_.refuse(type);
    if (!at_.expect_string(call, "id")) return false;
    if (type == "custom") custom_.emplace(text_in(call, "id"));
    const Step step(at_, type);
    if (!at_.expect_string(*called, "name") || !at_.expect_string(*called, text)) return false;
    input_.push_back(json::object{{"type", type == "custom" ? "custom_tool_call" : "function_call"},
                                  {"call_id", text_in(call, "id")},
                                  {"name", text_in(*called, "name")},
                                  {text, text_in(*called, text)}});
    return true;
  }

  bool result(const json::value& message) {
    if (!at_.expect_string(message, "tool_call_id")) return false;
    const std::string id(text_in(message, "tool_call_id"));
    json::object item{{"type", custom_.contains(id) ? "custom_tool_call_output" : "function_call_output"},
                      {"call_id", id},
                      {"output", ""}};
    if (!content_of(message, "content", false, item["output"])) return false;
    input_.push_back(std::move(item));
    return at_.only(message.get_object(), {"role", "content", "tool_call_id"});
  }

  Carrier& at_;
  json::object& out_;
  json::array input_;
  std::set<std::string> custom_;  // ids of calls of custom tools
};

// A chat function is loose unless it says otherwise, a function of the Responses API strict.
bool carry_tool(Carrier& at, const json::value& tool, json::array& tools) {
  const auto type = text_in(tool, "type");
  if (type != "function" && type != "custom") return at.refuse("type");
  const auto* described = find(tool, type);
  if (described == nullptr || !described->is_object()) return at.refuse(type);
  if (!at.only(tool.get_object(), {"type", type})) return false;
  const Step step(at, type);
  json::object out{{"type", type}};
  if (type == "function") {
    out["strict"] = false;
    copy_members(*described, {"name", "description", "parameters", "strict"}, out);
    tools.push_back(std::move(out));
    return at.only(described->get_object(), {"name", "description", "parameters", "strict"});
  }
  copy_members(*described, {"name", "description"}, out);
  if (const auto* format = find(*described, "format"); format != nullptr && !format->is_null()) {
    const auto* grammar = find(*format, "grammar");
    if (text_in(*format, "type") == "grammar" && grammar != nullptr) {
      json::object carried{{"type", "grammar"}};
      copy_members(*grammar, {"definition", "syntax"}, carried);
      out["format"] = std::move(carried);
    } else if (text_in(*format, "type") != "text") {
      return at.refuse("format");
    }
  }
  tools.push_back(std::move(out));
  return at.only(described->get_object(), {"name", "description", "format"});
}

bool carry_tools(Carrier& at, const json::value& tools, json::value& out) {
  const auto* array = tools.if_array();
  if (array == nullptr) return at.refuse();
  json::array carried;
  for (std::size_t i = 0; i < array->size(); ++i) {
    const Step step(at, i);
    if (!(*array)[i].is_object()) return at.refuse();
    if (!carry_tool(at, (*array)[i], carried)) return false;
  }
  out = std::move(carried);
  return true;
}

bool carry_named_tool(Carrier& at, const json::value& tool, json::value& out) {
  const auto type = text_in(tool, "type");
  if (type != "function" && type != "custom") return at.refuse("type");
  const auto* named = find(tool, type);
  if (named == nullptr || find_string(*named, "name") == nullptr) return at.refuse(type);
  out = {{"type", type}, {"name", text_in(*named, "name")}};
  return true;
}

bool carry_tool_choice(Carrier& at, const json::value& choice, json::value& out) {
  if (choice.is_string()) {
    out = choice;
    return true;
  }
  if (!choice.is_object()) return at.refuse();
  if (text_in(choice, "type") != "allowed_tools") return carry_named_tool(at, choice, out);
  const auto* allowed = find(choice, "allowed_tools");
  const auto* tools = allowed != nullptr ? find_array(*allowed, "tools") : nullptr;
  if (tools == nullptr) return at.refuse("allowed_tools");
  json::array carried;
  for (std::size_t i = 0; i < tools->size(); ++i) {
    const Step step(at, i);
    if (!carry_named_tool(at, (*tools)[i], carried.emplace_back(nullptr))) return false;
  }
  json::object inside{{"type", "allowed_tools"}, {"tools", std::move(carried)}};
  copy_members(*allowed, {"mode"}, inside);
  out = std::move(inside);
  return true;
}

bool carry_format(Carrier& at, const json::value& format, json::object& text) {
  const auto type = text_in(format, "type");
  if (type == "text") return true;
  if (type != "json_object" && type != "json_schema") return at.refuse("type");
  json::object out{{"type", type}};
  if (type == "json_schema") {
    const auto* schema = find(format, type);
    if (schema == nullptr || !schema->is_object()) return at.refuse(type);
    const Step step(at, type);
    if (!at.only(schema->get_object(), {"name", "description", "schema", "strict"})) return false;
    copy_members(*schema, {"name", "description", "schema", "strict"}, out);
  }
  text["format"] = std::move(out);
  return true;
}

bool is_hint(std::string_view member) {
  constexpr std::array<std::string_view, 9> kHints = {
      "user",           "safety_identifier",      "metadata",
      "store",          "service_tier",           "prompt_cache_key",
      "stream_options", "prompt_cache_retention", "prompt_cache_options"};
  return std::ranges::find(kHints, member) != kHints.end();
}

// Settings that, set so, ask for what the Responses API does anyway.
bool is_default(std::string_view key, const json::value& value) {
  if (key == "n") return value == 1;
  if (key == "frequency_penalty" || key == "presence_penalty" || key == "top_logprobs")
    return value.is_number() && value.to_number<double>() == 0;
  if (key == "modalities") return value == json::array{"text"};
  return asks_nothing(value);
}

bool carry_member(Carrier& at, std::string_view key, const json::value& value, json::object& out) {
  constexpr std::array<std::string_view, 4> kSame = {"model", "temperature", "top_p", "stream"};
  if (is_hint(key) || key == "messages") return true;  // which are carried first
  const Step step(at, key);
  if (key == "parallel_tool_calls" && value.is_bool()) {
    out[key] = value;
    return true;
  }
  if (is_default(key, value)) return true;
  if (std::ranges::find(kSame, key) != kSame.end()) {
    out[key] = value;
    return true;
  }
  if (key == "max_completion_tokens" || key == "max_tokens") {
    if (key == "max_completion_tokens" || !out.contains("max_output_tokens"))
      out["max_output_tokens"] = value;
    return true;
  }
  if (key == "tools") return carry_tools(at, value, out[key]);
  if (key == "tool_choice") return carry_tool_choice(at, value, out[key]);
  if (key == "reasoning_effort") {
    out["reasoning"] = json::object{{"effort", value}};
    return true;
  }
  if (key != "response_format" && key != "verbosity") return at.refuse();
  auto& settings = out.emplace("text", json::object()).first->value().get_object();
  if (key == "response_format") return carry_format(at, value, settings);
  settings["verbosity"] = value;
  return true;
}

}  // namespace

Decoded<json::value> responses_request_from_chat(const json::value& request) {
  const auto* object = request.if_object();
  if (object == nullptr) return std::unexpected(BadBody{400, {}, "A request must be a JSON object."});
  Carrier at;
  json::object out{{"store", false}};
  if (const auto* messages = find(request, "messages"); messages != nullptr) {
    const Step step(at, "messages");
    if (!Messages(at, out).carry(*messages)) return std::unexpected(at.problem());
  }
  for (const auto& member : *object)
    if (!carry_member(at, member.key(), member.value(), out)) return std::unexpected(at.problem());
  return out;
}

}  // namespace plimsoll::wire
