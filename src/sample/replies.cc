#include "replies.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <optional>
#include <utility>

#include "base/hash.h"
#include "base/json.h"
#include "wire/sse.h"

namespace plimsoll::sample {
namespace {

constexpr std::int64_t kCreated = 1'735'689'600;  // 2025-01-01: the same request, the same answer
constexpr std::int64_t kMaxChoices = 16;

// The words in a message's content: a string, or parts (blocks) of which some hold text.
std::string text_of(const json::value& content) {
  if (const auto* text = content.if_string(); text != nullptr) return std::string(*text);
  std::string all;
  if (const auto* parts = content.if_array(); parts != nullptr)
    for (const auto& part : *parts) {
      const auto* text = find_string(part, "text");
      const auto* inner = find(part, "content");  // of a tool_result
      if (!all.empty()) all += '\n';
      all += text != nullptr ? std::string(*text) : inner != nullptr ? text_of(*inner) : "[attachment]";
    }
  return all;
}

bool is_tool_result(const json::value& message) {
  const auto* role = find_string(message, "role");
  if (role != nullptr && (*role == "tool" || *role == "function")) return true;
  const auto* parts = find_array(message, "content");
  if (parts == nullptr || parts->empty()) return false;
  const auto* type = find_string(parts->back(), "type");
  return type != nullptr && *type == "tool_result";
}

struct Tool {
  std::string name;
  std::string arguments;  // JSON
};

// A call of the first tool, with something in every parameter it declares.
std::optional<Tool> call_first(const json::value& request, std::string_view heard) {
  const auto* tools = find_array(request, "tools");
  if (tools == nullptr || tools->empty()) return std::nullopt;
  const auto* function = find(tools->front(), "function");
  const auto& tool = function != nullptr ? *function : tools->front();
  const auto* name = find_string(tool, "name");
  if (name == nullptr) return std::nullopt;

  const auto* schema = find(tool, function != nullptr ? "parameters" : "input_schema");
  const auto* properties = schema != nullptr ? find_object(*schema, "properties") : nullptr;
  json::object arguments;
  if (properties != nullptr)
    for (const auto& property : *properties) {
      const auto* type = find_string(property.value(), "type");
      const auto kind = type != nullptr ? std::string_view(*type) : std::string_view("string");
      json::value value = nullptr;
      if (kind == "string") value = heard;
      if (kind == "integer" || kind == "number") value = 1;
      if (kind == "boolean") value = true;
      arguments.emplace(property.key(), std::move(value));
    }
  return Tool{std::string(*name), to_json(arguments)};
}

std::int64_t integer(const json::value& object, std::string_view member, std::int64_t otherwise) {
  const auto* value = find(object, member);
  return value != nullptr && value->is_int64() ? value->get_int64() : otherwise;
}

bool is_true(const json::value& object, std::string_view member) {
  const auto* value = find(object, member);
  return value != nullptr && value->is_bool() && value->get_bool();
}

// Everything an answer is made of, whatever its shape.
struct Answer {
  Script script;
  std::optional<Tool> tool;
  std::string id;
  std::string model;
  std::int64_t choices = 1;
  std::size_t words_in = 0;
  bool cut = false;  // by max_tokens
  bool stream = false;
  bool usage_in_stream = false;

  std::vector<std::string> parts() const {
    return pieces(tool ? tool->arguments : script.text, script.chunk_bytes);
  }
  std::string_view finish_reason() const { return tool ? "tool_calls" : cut ? "length" : "stop"; }
  std::string_view stop_reason() const { return tool ? "tool_use" : cut ? "max_tokens" : "end_turn"; }
  std::size_t words_out() const { return count_words(tool ? tool->arguments : script.text); }
  json::object usage() const {
    const auto out = words_out() * static_cast<std::size_t>(choices);
    return {{"prompt_tokens", words_in}, {"completion_tokens", out}, {"total_tokens", words_in + out}};
  }
};

Answer think(const json::value& request, std::string_view model) {
  Answer answer;
  std::string asked;
  bool is_result = false;
  if (const auto* prompt = find(request, "prompt"); prompt != nullptr) {
    asked = text_of(*prompt);
    answer.words_in = count_words(asked);
  }
  if (const auto* system = find(request, "system"); system != nullptr)
    answer.words_in += count_words(text_of(*system));
  if (const auto* messages = find_array(request, "messages"); messages != nullptr)
    for (const auto& message : *messages) {
      const auto* content = find(message, "content");
      const auto* role = find_string(message, "role");
      const auto text = content != nullptr ? text_of(*content) : std::string();
      answer.words_in += count_words(text);
      is_result = is_tool_result(message);
      if (is_result || (role != nullptr && *role == "user")) asked = text;
    }

  answer.script = read_script(asked);
  if (is_result) answer.script.text = "The tool said: " + answer.script.heard;
  if (answer.script.call_tool && !is_result) answer.tool = call_first(request, answer.script.heard);
  auto limit = integer(request, "max_completion_tokens", integer(request, "max_tokens", -1));
  if (limit >= 0 && !answer.tool && count_words(answer.script.text) > static_cast<std::size_t>(limit)) {
    answer.script.text = first_words(answer.script.text, static_cast<std::size_t>(limit));
    answer.cut = true;
  }
  answer.id = to_hex(bytes_of(sha256(to_canonical_json(request)))).substr(0, 24);
  const auto* named = find_string(request, "model");
  answer.model = named != nullptr ? std::string_view(*named) : model;
  answer.choices = std::clamp<std::int64_t>(integer(request, "n", 1), 1, kMaxChoices);
  answer.stream = is_true(request, "stream");
  const auto* options = find(request, "stream_options");
  answer.usage_in_stream = options != nullptr && is_true(*options, "include_usage");
  return answer;
}

std::string frame(const json::object& data, std::string_view name = {}) {
  std::string out;
  wire::append_sse(out, to_json(data), name);
  return out;
}

json::object labels(const Answer& a, std::string_view prefix, std::string_view object) {
  return {{"id", std::string(prefix) + a.id}, {"object", object}, {"created", kCreated}, {"model", a.model}};
}

json::object tool_call(const Answer& a, std::string_view arguments) {
  return {{"id", "call_" + a.id},
          {"type", "function"},
          {"function", json::object{{"name", a.tool->name}, {"arguments", arguments}}}};
}

void complete(const Answer& a, Reply& reply) {
  reply.body = to_json(json::object{{"content", a.script.text}, {"model", a.model}, {"usage", a.usage()}});
  if (!a.stream) return;
  for (const auto& part : a.parts()) wire::append_sse(reply.frames.emplace_back(), part);
  reply.frames.emplace_back("data: [DONE]\n\n");
}

void chat(const Answer& a, Reply& reply) {
  json::array choices;
  for (std::int64_t i = 0; i < a.choices; ++i) {
    json::object message{{"role", "assistant"}, {"content", a.script.text}, {"refusal", nullptr}};
    if (a.tool) {
      message["content"] = nullptr;
      message["tool_calls"] = json::array{tool_call(a, a.tool->arguments)};
    }
    choices.push_back(json::object{{"index", i},
                                   {"message", std::move(message)},
                                   {"logprobs", nullptr},
                                   {"finish_reason", a.finish_reason()}});
  }
  auto whole = labels(a, "chatcmpl-", "chat.completion");
  whole["choices"] = std::move(choices);
  whole["usage"] = a.usage();
  reply.body = to_json(whole);
  if (!a.stream) return;

  const auto chunk = [&](const json::object& delta, const json::value& reason) {
    for (std::int64_t i = 0; i < a.choices; ++i) {
      auto data = labels(a, "chatcmpl-", "chat.completion.chunk");
      data["choices"] = json::array{json::object{{"index", i}, {"delta", delta}, {"finish_reason", reason}}};
      if (a.usage_in_stream) data["usage"] = nullptr;
      reply.frames.push_back(frame(data));
    }
  };
  if (a.tool) {
    auto call = tool_call(a, "");
    call["index"] = 0;
    chunk({{"role", "assistant"}, {"content", nullptr}, {"tool_calls", json::array{std::move(call)}}},
          nullptr);
    for (const auto& part : a.parts())
      chunk({{"tool_calls",
              json::array{json::object{{"index", 0}, {"function", json::object{{"arguments", part}}}}}}},
            nullptr);
  } else {
    chunk({{"role", "assistant"}, {"content", ""}, {"refusal", nullptr}}, nullptr);
    for (const auto& part : a.parts()) chunk(json::object{{"content", part}}, nullptr);
  }
  chunk({}, json::value(a.finish_reason()));
  if (a.usage_in_stream) {
    auto data = labels(a, "chatcmpl-", "chat.completion.chunk");
    data["choices"] = json::array();
    data["usage"] = a.usage();
    reply.frames.push_back(frame(data));
  }
  reply.frames.emplace_back("data: [DONE]\n\n");
}

void text(const Answer& a, Reply& reply) {
  const auto with = [&](std::string_view words, const json::value& reason) {
    auto data = labels(a, "cmpl-", "text_completion");
    data["choices"] = json::array{
        json::object{{"text", words}, {"index", 0}, {"logprobs", nullptr}, {"finish_reason", reason}}};
    return data;
  };
  auto whole = with(a.script.text, json::value(a.finish_reason()));
  whole["usage"] = a.usage();
  reply.body = to_json(whole);
  if (!a.stream) return;
  for (const auto& part : a.parts()) reply.frames.push_back(frame(with(part, nullptr)));
  reply.frames.push_back(frame(with("", json::value(a.finish_reason()))));
  reply.frames.emplace_back("data: [DONE]\n\n");
}

void messages(const Answer& a, Reply& reply) {
  const json::object usage{{"input_tokens", a.words_in}, {"output_tokens", a.words_out()}};
  json::object message{{"id", "msg_" + a.id}, {"type", "message"}, {"role", "assistant"}, {"model", a.model}};
  json::object block{{"type", "text"}, {"text", a.script.text}};
  if (a.tool)
    block = {{"type", "tool_use"},
             {"id", "toolu_" + a.id},
             {"name", a.tool->name},
             {"input", parse_json(a.tool->arguments).value()}};
  auto whole = message;
  whole["content"] = json::array{block};
  whole["stop_reason"] = a.stop_reason();
  whole["stop_sequence"] = nullptr;
  whole["usage"] = usage;
  reply.body = to_json(whole);
  if (!a.stream) return;

  const auto event = [&](std::string_view name, json::object data) {
    json::object typed{{"type", name}};
    for (auto& member : data) typed.emplace(member.key(), std::move(member.value()));
    reply.frames.push_back(frame(typed, name));
  };
  message["content"] = json::array();
  message["stop_reason"] = nullptr;
  message["stop_sequence"] = nullptr;
  message["usage"] = json::object{{"input_tokens", a.words_in}, {"output_tokens", 1}};
  block[a.tool ? "input" : "text"] = a.tool ? json::value(json::object()) : json::value("");
  event("message_start", {{"message", message}});
  event("content_block_start", {{"index", 0}, {"content_block", block}});
  event("ping", {});
  for (const auto& part : a.parts()) {
    const auto delta = a.tool ? json::object{{"type", "input_json_delta"}, {"partial_json", part}}
                              : json::object{{"type", "text_delta"}, {"text", part}};
    event("content_block_delta", {{"index", 0}, {"delta", delta}});
  }
  event("content_block_stop", {{"index", 0}});
  event("message_delta",
        {{"delta", json::object{{"stop_reason", a.stop_reason()}, {"stop_sequence", nullptr}}},
         {"usage", json::object{{"output_tokens", a.words_out()}}}});
  event("message_stop", {});
}

}  // namespace

Reply make_reply(Protocol protocol, const json::value& request, std::string_view model) {
  const auto answer = think(request, model);
  Reply reply;
  reply.script = answer.script;
  if (answer.script.fault == Fault::kStatus) {
    reply.status = answer.script.status;
    reply.body = error_body(protocol, reply.status, "The prompt asked for this failure.");
    return reply;
  }
  switch (protocol) {
    case Protocol::kCompletion:
      complete(answer, reply);
      break;
    case Protocol::kChat:
      chat(answer, reply);
      break;
    case Protocol::kText:
      text(answer, reply);
      break;
    case Protocol::kMessages:
      messages(answer, reply);
      break;
  }
  return reply;
}

std::string error_body(Protocol protocol, int status, std::string_view message) {
  const auto* const of_client = "invalid_request_error";
  if (protocol == Protocol::kMessages) {
    const auto* type = status == 429 ? "rate_limit_error" : status == 529 ? "overloaded_error" : "api_error";
    return to_json(json::object{
        {"type", "error"},
        {"error",
         json::object{{"type", status < 500 && status != 429 ? of_client : type}, {"message", message}}}});
  }
  const auto* type = status == 429 ? "rate_limit_error" : status < 500 ? of_client : "server_error";
  return to_json(json::object{
      {"error", json::object{{"message", message}, {"type", type}, {"param", nullptr}, {"code", nullptr}}}});
}

std::string list_models(std::string_view model) {
  return to_json(json::object{
      {"object", "list"},
      {"data", json::array{json::object{
                   {"id", model}, {"object", "model"}, {"created", kCreated}, {"owned_by", "plimsoll"}}}}});
}

}  // namespace plimsoll::sample
