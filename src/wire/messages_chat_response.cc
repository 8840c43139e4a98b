#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <utility>

#include "base/id.h"
#include "base/json.h"
#include "messages_chat.h"
#include "messages_chat_parts.h"

namespace plimsoll::wire {
namespace {

using Step = Collector::Step;
constexpr JsonLimits kArguments{.max_bytes = 8U << 20U, .max_depth = 56};

bool wrong(Collector& at) {
  return at.refuse("is not what the protocol of this model's server has there.");
}

std::unexpected<BadBody> bad(Collector& at) {
  auto problem = at.problem();
  problem.status = 502;
  return std::unexpected(by_name(std::move(problem)));
}

// The answer's own name, where it has one.
json::value id_of(const json::value& body, std::string_view prefix) {
  const auto* id = find_string(body, "id");
  if (id != nullptr && is_identifier(*id)) return *id;
  return json::value(std::string(prefix) + new_id());
}

json::value model_of(const json::value& body) {
  const auto* model = find_string(body, "model");
  return model != nullptr ? *model : json::string();
}

void append(const json::value* text, json::string& out) {
  if (text != nullptr && text->is_string()) out.append(text->get_string());
}

bool carry_block(Collector& at, const json::value& block, json::string& text, json::string& thinking,
                 json::array& calls) {
  const auto* type = find_string(block, "type");
  if (type == nullptr) return wrong(at);
  if (*type == "text") {
    append(find(block, "text"), text);
  } else if (*type == "thinking") {
    append(find(block, "thinking"), thinking);
  } else if (*type == "tool_use") {
    const auto* id = find(block, "id");
    const auto* name = find(block, "name");
    const auto* input = find(block, "input");
    if (id == nullptr || name == nullptr) return wrong(at);
    calls.push_back(json::object{
        {"id", *id},
        {"type", "function"},
        {"function",
         {{"name", *name}, {"arguments", says_nothing(input) ? std::string("{}") : to_json(*input)}}}});
  } else if (*type != "redacted_thinking") {
    const Step step(at, "type");
    return no_word(at);
  }
  return true;
}

json::value or_null(json::string text) {
  return text.empty() ? json::value() : json::value(std::move(text));
}

bool carry_call(Collector& at, const json::value& call, json::array& content) {
  const auto* id = find(call, "id");
  const auto* function = find(call, "function");
  const auto* name = function != nullptr ? find(*function, "name") : nullptr;
  if (id == nullptr || name == nullptr) return wrong(at);
  const auto* arguments = find(*function, "arguments");
  json::value input = json::object();
  if (!says_nothing(arguments)) {
    auto parsed = arguments->is_string() ? parse_json(arguments->get_string(), kArguments)
                                         : Result<json::value>(*arguments);
    const Step step(at, "function");
    const Step inner(at, "arguments");
    if (!parsed || !parsed->is_object()) return at.refuse("are no JSON object.");
    input = *std::move(parsed);
  }
  content.push_back(
      json::object{{"type", "tool_use"}, {"id", *id}, {"name", *name}, {"input", std::move(input)}});
  return true;
}

// Content that some servers give in parts.
bool carry_text(Collector& at, const json::value* content, json::string& text) {
  if (says_nothing(content)) return true;
  if (content->is_string()) return text.append(content->get_string()), true;
  const auto* parts = content->if_array();
  if (parts == nullptr) return wrong(at);
  return std::ranges::all_of(*parts, [&](const auto& part) {
    const auto* words = find(part, "text");
    if (words == nullptr) return wrong(at);
    append(words, text);
    return true;
  });
}

bool carry_message(Collector& at, const json::value& message, json::array& content, bool& refused) {
  if (!message.is_object()) return wrong(at);
  for (const char* member : {"audio", "function_call"}) {
    if (says_nothing(find(message, member))) continue;
    const Step step(at, member);
    return no_word(at);
  }
  json::string thinking;
  append(find(message, "reasoning_content"), thinking);
  if (thinking.empty()) append(find(message, "reasoning"), thinking);
  if (!thinking.empty())
    content.push_back(
        json::object{{"type", "thinking"}, {"thinking", std::move(thinking)}, {"signature", ""}});
  json::string text;
  {
    const Step step(at, "content");
    if (!carry_text(at, find(message, "content"), text)) return false;
  }
  if (const auto* refusal = find(message, "refusal"); !says_nothing(refusal)) {
    refused = true;
    append(refusal, text);
  }
  if (!text.empty()) content.push_back(json::object{{"type", "text"}, {"text", std::move(text)}});
  const auto* calls = find(message, "tool_calls");
  if (says_nothing(calls)) return true;
  const Step step(at, "tool_calls");
  const auto* array = calls->if_array();
  if (array == nullptr) return wrong(at);
  for (std::size_t i = 0; i < array->size(); ++i) {
    const Step inner(at, i);
    if (!carry_call(at, (*array)[i], content)) return false;
  }
  return true;
}

}  // namespace

Decoded<json::value> chat_response_from_messages(const json::value& body) {
  Conversation none;
  Collector at(none);
  json::string text;
  json::string thinking;
  json::array calls;
  {
    const Step step(at, "content");
    const auto* content = find_array(body, "content");
    if (content == nullptr) return wrong(at), bad(at);
    for (std::size_t i = 0; i < content->size(); ++i) {
      const Step inner(at, i);
      if (!carry_block(at, (*content)[i], text, thinking, calls)) return bad(at);
    }
  }
  json::object message{{"role", "assistant"}, {"content", or_null(std::move(text))}, {"refusal", nullptr}};
  if (!thinking.empty()) message.emplace("reasoning_content", std::move(thinking));
  if (!calls.empty()) message.emplace("tool_calls", std::move(calls));
  const auto* reason = find_string(body, "stop_reason");
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  json::object out{{"id", id_of(body, "chatcmpl-")},
                   {"object", "chat.completion"},
                   {"created", std::chrono::duration_cast<std::chrono::seconds>(now).count()},
                   {"model", model_of(body)}};
  json::array choices;
  choices.push_back(
      json::object{{"index", 0},
                   {"message", std::move(message)},
                   {"logprobs", nullptr},
                   {"finish_reason",
                    finish_reason_of(reason != nullptr ? std::string_view(*reason) : std::string_view())}});
  out.emplace("choices", std::move(choices));
  const auto* usage = find(body, "usage");
  out.emplace("usage", chat_usage(usage != nullptr ? *usage : json::value()));
  return out;
}

Decoded<json::value> messages_response_from_chat(const json::value& body) {
  Conversation none;
  Collector at(none);
  json::array content;
  bool refused = false;
  std::string_view reason;
  {
    const Step step(at, "choices");
    const auto* choices = find_array(body, "choices");
    if (choices == nullptr || choices->size() != 1) return wrong(at), bad(at);
    const Step first(at, std::size_t{0});
    const auto* message = find(choices->front(), "message");
    const Step inner(at, "message");
    if (message == nullptr) return wrong(at), bad(at);
    if (!carry_message(at, *message, content, refused)) return bad(at);
    if (const auto* finish = find_string(choices->front(), "finish_reason"); finish != nullptr)
      reason = *finish;
  }
  const bool called = std::ranges::any_of(content, [](const auto& b) { return b.at("type") == "tool_use"; });
  const auto* usage = find(body, "usage");
  return json::object{{"id", id_of(body, "msg_")},
                      {"type", "message"},
                      {"role", "assistant"},
                      {"model", model_of(body)},
                      {"content", std::move(content)},
                      {"stop_reason", refused ? std::string_view("refusal") : stop_reason_of(reason, called)},
                      {"stop_sequence", nullptr},
                      {"usage", messages_usage(usage != nullptr ? *usage : json::value())}};
}

}  // namespace plimsoll::wire
