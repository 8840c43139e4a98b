// OpenAI's responses.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <utility>

#include "answer.h"
#include "base/json.h"

namespace plimsoll::sample {
namespace {

// The response as it is told with most events: what was asked for is repeated in it.
json::object envelope(const Answer& a, const json::value& request, std::string_view status) {
  json::object all{{"id", "resp_" + a.id},
                   {"object", "response"},
                   {"created_at", kCreated},
                   {"status", status},
                   {"background", false},
                   {"error", nullptr},
                   {"incomplete_details", nullptr},
                   {"instructions", nullptr},
                   {"max_output_tokens", nullptr},
                   {"model", a.model},
                   {"output", json::array()},
                   {"parallel_tool_calls", true},
                   {"previous_response_id", nullptr},
                   {"reasoning", json::object{{"effort", nullptr}, {"summary", nullptr}}},
                   {"store", true},
                   {"temperature", 1.0},
                   {"text", json::object{{"format", json::object{{"type", "text"}}}}},
                   {"tool_choice", "auto"},
                   {"tools", json::array()},
                   {"top_p", 1.0},
                   {"truncation", "disabled"},
                   {"usage", nullptr},
                   {"user", nullptr},
                   {"metadata", json::object()}};
  for (const auto* member :
       {"instructions", "max_output_tokens", "parallel_tool_calls", "previous_response_id", "reasoning",
        "store", "temperature", "text", "tool_choice", "tools", "top_p", "truncation", "user", "metadata"})
    if (const auto* asked = find(request, member); asked != nullptr) all[member] = *asked;
  return all;
}

json::object usage_of(const Answer& a) {
  return {{"input_tokens", a.words_in},
          {"input_tokens_details", json::object{{"cached_tokens", 0}}},
          {"output_tokens", a.words_out()},
          {"output_tokens_details", json::object{{"reasoning_tokens", a.words_thought()}}},
          {"total_tokens", a.words_in + a.words_out()}};
}

json::object text_part(std::string_view text) {
  return {
      {"type", "output_text"}, {"annotations", json::array()}, {"logprobs", json::array()}, {"text", text}};
}

json::object summary_part(std::string_view text) {
  return {{"type", "summary_text"}, {"text", text}};
}

json::object reasoning(const Answer& a, json::array summary) {
  return {{"id", "rs_" + a.id}, {"type", "reasoning"}, {"summary", std::move(summary)}};
}

json::object message(const Answer& a, std::string_view status, json::array content) {
  return {{"id", "msg_" + a.id},
          {"type", "message"},
          {"status", status},
          {"content", std::move(content)},
          {"role", "assistant"}};
}

json::object function_call(const Answer& a, std::string_view status, std::string_view arguments) {
  return {{"id", "fc_" + a.id},     {"type", "function_call"},   {"status", status},
          {"arguments", arguments}, {"call_id", "call_" + a.id}, {"name", a.tool->name}};
}

// Writes events, each with its number.
class Events {
 public:
  explicit Events(std::vector<std::string>& frames) : frames_(frames) {}

  void add(std::string_view type, json::object data) {
    json::object typed{{"type", type}, {"sequence_number", next_++}};
    for (auto& member : data) typed.emplace(member.key(), std::move(member.value()));
    frames_.push_back(frame(typed, type));
  }
  void add_item(std::string_view what, std::size_t index, const json::object& item) {
    add("response.output_item." + std::string(what), {{"output_index", index}, {"item", item}});
  }

 private:
  std::vector<std::string>& frames_;
  std::int64_t next_ = 0;
};

void stream_reasoning(const Answer& a, Events& events) {
  const auto at = [&](json::object rest) {
    json::object all{{"item_id", "rs_" + a.id}, {"output_index", 0}, {"summary_index", 0}};
    for (auto& member : rest) all.emplace(member.key(), std::move(member.value()));
    return all;
  };
  events.add_item("added", 0, reasoning(a, {}));
  events.add("response.reasoning_summary_part.added", at({{"part", summary_part("")}}));
  for (const auto& part : a.thoughts())
    events.add("response.reasoning_summary_text.delta", at({{"delta", part}}));
  events.add("response.reasoning_summary_text.done", at({{"text", a.script.thinking}}));
  events.add("response.reasoning_summary_part.done", at({{"part", summary_part(a.script.thinking)}}));
  events.add_item("done", 0, reasoning(a, {summary_part(a.script.thinking)}));
}

void stream_call(const Answer& a, std::size_t index, Events& events) {
  const auto id = "fc_" + a.id;
  events.add_item("added", index, function_call(a, "in_progress", ""));
  for (const auto& part : a.parts())
    events.add("response.function_call_arguments.delta",
               {{"item_id", id}, {"output_index", index}, {"delta", part}});
  events.add(
      "response.function_call_arguments.done",
      {{"item_id", id}, {"output_index", index}, {"name", a.tool->name}, {"arguments", a.tool->arguments}});
  events.add_item("done", index, function_call(a, "completed", a.tool->arguments));
}

void stream_message(const Answer& a, std::size_t index, std::string_view status, Events& events) {
  const auto at = [&](json::object rest) {
    json::object all{{"item_id", "msg_" + a.id}, {"output_index", index}, {"content_index", 0}};
    for (auto& member : rest) all.emplace(member.key(), std::move(member.value()));
    return all;
  };
  events.add_item("added", index, message(a, "in_progress", {}));
  events.add("response.content_part.added", at({{"part", text_part("")}}));
  for (const auto& part : a.parts())
    events.add("response.output_text.delta", at({{"delta", part}, {"logprobs", json::array()}}));
  events.add("response.output_text.done", at({{"text", a.script.text}, {"logprobs", json::array()}}));
  events.add("response.content_part.done", at({{"part", text_part(a.script.text)}}));
  events.add_item("done", index, message(a, status, {text_part(a.script.text)}));
}

}  // namespace

void respond(const Answer& a, const json::value& request, Reply& reply) {
  const bool thinks = !a.script.thinking.empty();
  const std::string_view status = a.cut ? "incomplete" : "completed";
  auto whole = envelope(a, request, status);
  auto& output = whole["output"].get_array();
  if (thinks) output.push_back(reasoning(a, {summary_part(a.script.thinking)}));
  output.push_back(a.tool ? function_call(a, "completed", a.tool->arguments)
                          : message(a, status, {text_part(a.script.text)}));
  if (a.cut) whole["incomplete_details"] = json::object{{"reason", "max_output_tokens"}};
  whole["usage"] = usage_of(a);
  reply.body = to_json(whole);
  if (!a.stream) return;

  Events events(reply.frames);
  const auto begun = envelope(a, request, "in_progress");
  events.add("response.created", {{"response", begun}});
  events.add("response.in_progress", {{"response", begun}});
  if (thinks) stream_reasoning(a, events);
  if (a.tool)
    stream_call(a, thinks ? 1 : 0, events);
  else
    stream_message(a, thinks ? 1 : 0, status, events);
  events.add(a.cut ? "response.incomplete" : "response.completed", {{"response", std::move(whole)}});
}

}  // namespace plimsoll::sample
