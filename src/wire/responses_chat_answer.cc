#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <utility>

#include "base/json.h"
#include "responses_chat.h"
#include "responses_chat_words.h"

namespace plimsoll::wire {
namespace {

std::unexpected<BadBody> no_answer(std::string_view why) {
  return std::unexpected(BadBody{502, {}, "The model server's answer " + std::string(why) + "."});
}

std::size_t code_points(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
  return count;
}

// What the items of an answer say together, as one message.
class Message {
 public:
  void add(const json::value& item) {
    const auto type = text_in(item, "type");
    if (type == "message") {
      if (const auto* parts = find_array(item, "content"); parts != nullptr)
        for (const auto& part : *parts) add_part(part);
    } else if (type == "reasoning") {
      for (const char* list : {"summary", "content"})
        if (const auto* parts = find_array(item, list); parts != nullptr)
          for (const auto& part : *parts) add_reasoning(text_in(part, "text"));
    } else if (type == "function_call") {
      add_call(item, "function", "arguments");
    } else if (type == "custom_tool_call") {
      add_call(item, "custom", "input");
    }
  }

  bool calls_tools() const { return !calls_.empty(); }

  json::object take() {
    json::object message{{"role", "assistant"}, {"content", nullptr}, {"refusal", nullptr}};
    if (speaks_) message["content"] = content_;
    if (!refusal_.empty()) message["refusal"] = refusal_;
    if (!reasoning_.empty()) message["reasoning_content"] = reasoning_;
    if (!annotations_.empty()) message["annotations"] = std::move(annotations_);
    if (!calls_.empty()) message["tool_calls"] = std::move(calls_);
    return message;
  }

 private:
  void add_part(const json::value& part) {
    if (text_in(part, "type") == "refusal") {
      refusal_ += text_in(part, "refusal");
      return;
    }
    speaks_ = true;
    if (const auto* annotations = find_array(part, "annotations"); annotations != nullptr)
      for (const auto& annotation : *annotations) add_citation(annotation);
    content_ += text_in(part, "text");
  }

  // Places count from the beginning of the whole content.
  void add_citation(const json::value& annotation) {
    if (text_in(annotation, "type") != "url_citation") return;
    json::object citation;
    copy_members(annotation, {"url", "title"}, citation);
    const auto before = static_cast<std::int64_t>(code_points(content_));
    for (const char* member : {"start_index", "end_index"})
      if (const auto* at = find(annotation, member); at != nullptr && at->is_int64())
        if (at->get_int64() >= 0 && at->get_int64() < (1LL << 32))
          citation[member] = at->get_int64() + before;
    annotations_.push_back(json::object{{"type", "url_citation"}, {"url_citation", std::move(citation)}});
  }

  void add_reasoning(std::string_view text) {
    if (!reasoning_.empty() && !text.empty()) reasoning_ += '\n';
    reasoning_ += text;
  }

  void add_call(const json::value& item, std::string_view type, std::string_view text) {
    calls_.push_back(
        json::object{{"id", text_in(item, "call_id")},
                     {"type", type},
                     {type, json::object{{"name", text_in(item, "name")}, {text, text_in(item, text)}}}});
  }

  bool speaks_ = false;
  std::string content_;
  std::string refusal_;
  std::string reasoning_;
  json::array annotations_;
  json::array calls_;
};

json::object text_part(std::string_view type, std::string_view member, std::string_view text) {
  json::object part{{"type", type}, {member, text}};
  if (type == "output_text") {
    part["annotations"] = json::array();
    part["logprobs"] = json::array();
  }
  return part;
}

json::array citations_of(const json::value& message) {
  json::array citations;
  const auto* annotations = find_array(message, "annotations");
  if (annotations == nullptr) return citations;
  for (const auto& annotation : *annotations) {
    const auto* cited = find(annotation, "url_citation");
    if (cited == nullptr) continue;
    json::object citation{{"type", "url_citation"}};
    copy_members(*cited, {"url", "title", "start_index", "end_index"}, citation);
    citations.push_back(std::move(citation));
  }
  return citations;
}

// Content is a string, or for some servers a list of parts.
json::array content_of(const json::value& message) {
  json::array content;
  if (const auto* text = find_string(message, "content"); text != nullptr) {
    content.push_back(text_part("output_text", "text", *text));
    content[0].get_object()["annotations"] = citations_of(message);
  }
  if (const auto* parts = find_array(message, "content"); parts != nullptr)
    for (const auto& part : *parts)
      if (find_string(part, "text") != nullptr)
        content.push_back(text_part("output_text", "text", text_in(part, "text")));
  if (const auto refusal = text_in(message, "refusal"); !refusal.empty())
    content.push_back(text_part("refusal", "refusal", refusal));
  return content;
}

json::array output_of(const json::value& completion, const json::value& message, std::string_view status) {
  json::array output;
  auto reasoning = text_in(message, "reasoning_content");
  if (reasoning.empty()) reasoning = text_in(message, "reasoning");
  if (!reasoning.empty())
    output.push_back(json::object{{"type", "reasoning"},
                                  {"id", derived_id("rs", completion, 0)},
                                  {"summary", json::array()},
                                  {"content", json::array{text_part("reasoning_text", "text", reasoning)}}});
  const auto* calls = find_array(message, "tool_calls");
  const bool calls_tools = calls != nullptr && !calls->empty();
  auto content = content_of(message);
  const bool says = content.size() > 1 || (content.size() == 1 && !text_in(content[0], "text").empty()) ||
                    (content.size() == 1 && content[0].at("type") == "refusal");
  if (says || !calls_tools)
    output.push_back(json::object{{"type", "message"},
                                  {"id", derived_id("msg", completion, 0)},
                                  {"status", status},
                                  {"role", "assistant"},
                                  {"content", std::move(content)}});
  if (!calls_tools) return output;
  for (const auto& call : *calls) {
    const bool custom = text_in(call, "type") == "custom";
    const auto* called = find(call, custom ? "custom" : "function");
    const json::value none = json::object();
    if (called == nullptr) called = &none;
    const std::string_view text = custom ? "input" : "arguments";
    output.push_back(json::object{{"type", custom ? "custom_tool_call" : "function_call"},
                                  {"id", derived_id(custom ? "ctc" : "fc", completion, output.size())},
                                  {"call_id", text_in(call, "id")},
                                  {"name", text_in(*called, "name")},
                                  {text, text_in(*called, text)},
                                  {"status", status}});
  }
  return output;
}

}  // namespace

Decoded<json::value> chat_response_from_responses(const json::value& body) {
  const auto* output = find_array(body, "output");
  if (output == nullptr) return no_answer("has no output");
  const auto status = text_in(body, "status");
  if (status == "failed") return no_answer("is an error");
  if (status != "completed" && status != "incomplete") return no_answer("is not complete");

  Message message;
  for (const auto& item : *output) message.add(item);
  const bool calls_tools = message.calls_tools();
  json::object choice{{"index", 0},
                      {"message", message.take()},
                      {"logprobs", nullptr},
                      {"finish_reason", finish_reason_of(body, calls_tools)}};
  json::object completion{{"id", text_in(body, "id")}, {"object", "chat.completion"}, {"created", 0}};
  if (const auto* created = find(body, "created_at"); created != nullptr && created->is_number())
    completion["created"] = *created;
  completion["model"] = text_in(body, "model");
  completion["choices"] = json::array{std::move(choice)};
  if (auto usage = usage_for_chat(body); !usage.is_null()) completion["usage"] = std::move(usage);
  return completion;
}

Decoded<json::value> responses_response_from_chat(const json::value& body, const json::value& request) {
  const auto* choices = find_array(body, "choices");
  if (choices == nullptr || choices->empty()) return no_answer("has no choices");
  const auto* message = find(choices->front(), "message");
  if (message == nullptr || !message->is_object()) return no_answer("has no message");

  const auto ending = ending_of(text_in(choices->front(), "finish_reason"));
  auto response = response_shell(body, request);
  response["status"] = ending.status;
  if (!ending.reason.empty()) response["incomplete_details"] = json::object{{"reason", ending.reason}};
  response["output"] = output_of(body, *message, ending.status);
  response["usage"] = usage_for_responses(body);
  return response;
}

}  // namespace plimsoll::wire
