// OpenAI's chat and completions, and the gateway's own /completion.
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <utility>

#include "answer.h"
#include "base/json.h"
#include "wire/sse.h"

namespace plimsoll::sample {
namespace {

constexpr std::size_t kMaxPrompts = 64;

std::string_view finish_reason(const Answer& a) {
  return a.tool ? "tool_calls" : a.cut ? "length" : "stop";
}

json::object usage_of(std::size_t in, std::size_t out) {
  return {{"prompt_tokens", in}, {"completion_tokens", out}, {"total_tokens", in + out}};
}

json::object usage_of(const Answer& a) {
  return usage_of(a.words_in, a.words_out() * static_cast<std::size_t>(a.choices));
}

json::object labels(const Answer& a, std::string_view prefix, std::string_view object) {
  return {{"id", std::string(prefix) + a.id}, {"object", object}, {"created", kCreated}, {"model", a.model}};
}

json::object tool_call(const Answer& a, std::string_view arguments) {
  return {{"id", "call_" + a.id},
          {"type", "function"},
          {"function", json::object{{"name", a.tool->name}, {"arguments", arguments}}}};
}

void chat_stream(const Answer& a, Reply& reply) {
  const auto chunk = [&](const json::object& delta, const json::value& reason) {
    for (std::int64_t i = 0; i < a.choices; ++i) {
      auto data = labels(a, "chatcmpl-", "chat.completion.chunk");
      data["choices"] = json::array{json::object{{"index", i}, {"delta", delta}, {"finish_reason", reason}}};
      if (a.usage_in_stream) data["usage"] = nullptr;
      reply.frames.push_back(frame(data));
    }
  };
  if (!a.tool || !a.script.thinking.empty())
    chunk({{"role", "assistant"}, {"content", ""}, {"refusal", nullptr}}, nullptr);
  for (const auto& part : a.thoughts()) chunk({{"reasoning_content", part}}, nullptr);
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
    for (const auto& part : a.parts()) chunk(json::object{{"content", part}}, nullptr);
  }
  chunk({}, json::value(finish_reason(a)));
  if (a.usage_in_stream) {
    auto data = labels(a, "chatcmpl-", "chat.completion.chunk");
    data["choices"] = json::array();
    data["usage"] = usage_of(a);
    reply.frames.push_back(frame(data));
  }
  reply.frames.emplace_back("data: [DONE]\n\n");
}

// One prompt of /v1/completions and what it got.
struct Completion {
  std::string text;
  std::vector<std::string> parts;
  bool cut = false;
};

Completion complete_one(const json::value& request, const json::value& prompt) {
  const auto asked = prompt.is_string() ? std::string(prompt.get_string()) : std::string("[tokens]");
  auto script = read_script(asked);
  Completion done;
  done.cut = cut_text(request, script.text);
  done.text = is_true(request, "echo") ? asked + script.text : std::move(script.text);
  done.parts = pieces(done.text, script.chunk_bytes);
  return done;
}

// An answer for each prompt, `n` times. A list of numbers is one prompt.
std::vector<Completion> complete_all(const Answer& a, const json::value& request) {
  const json::value nothing("");
  const auto* prompt = find(request, "prompt");
  if (prompt == nullptr) prompt = &nothing;
  const auto* list = prompt->if_array();
  const bool several = list != nullptr && !list->empty() && !list->front().is_number();
  std::vector<Completion> all;
  for (std::size_t i = 0; i < (several ? std::min(list->size(), kMaxPrompts) : 1); ++i) {
    const auto one = complete_one(request, several ? (*list)[i] : *prompt);
    all.insert(all.end(), static_cast<std::size_t>(a.choices), one);
  }
  return all;
}

}  // namespace

void complete(const Answer& a, Reply& reply) {
  reply.body = to_json(json::object{{"content", a.script.text}, {"model", a.model}, {"usage", usage_of(a)}});
  if (!a.stream) return;
  for (const auto& part : a.parts()) wire::append_sse(reply.frames.emplace_back(), part);
  reply.frames.emplace_back("data: [DONE]\n\n");
}

void chat(const Answer& a, Reply& reply) {
  json::array choices;
  for (std::int64_t i = 0; i < a.choices; ++i) {
    json::object message{{"role", "assistant"}, {"content", a.script.text}, {"refusal", nullptr}};
    if (!a.script.thinking.empty()) message["reasoning_content"] = a.script.thinking;
    if (a.tool) {
      message["content"] = nullptr;
      message["tool_calls"] = json::array{tool_call(a, a.tool->arguments)};
    }
    choices.push_back(json::object{{"index", i},
                                   {"message", std::move(message)},
                                   {"logprobs", nullptr},
                                   {"finish_reason", finish_reason(a)}});
  }
  auto whole = labels(a, "chatcmpl-", "chat.completion");
  whole["choices"] = std::move(choices);
  whole["usage"] = usage_of(a);
  reply.body = to_json(whole);
  if (a.stream) chat_stream(a, reply);
}

void complete_texts(const Answer& a, const json::value& request, Reply& reply) {
  const auto completions = complete_all(a, request);
  const auto choice = [](std::size_t index, std::string_view words, const json::value& reason) {
    return json::object{{"text", words}, {"index", index}, {"logprobs", nullptr}, {"finish_reason", reason}};
  };
  const auto reason = [](const Completion& c) { return json::value(c.cut ? "length" : "stop"); };

  json::array choices;
  std::size_t out = 0;
  std::size_t longest = 0;
  for (const auto& c : completions) {
    out += count_words(c.text);
    longest = std::max(longest, c.parts.size());
    choices.push_back(choice(choices.size(), c.text, reason(c)));
  }
  auto whole = labels(a, "cmpl-", "text_completion");
  whole["choices"] = std::move(choices);
  whole["usage"] = usage_of(a.words_in, out);
  reply.body = to_json(whole);
  if (!a.stream) return;

  const auto chunk = [&](json::array of) {
    auto data = labels(a, "cmpl-", "text_completion");
    data["choices"] = std::move(of);
    if (a.usage_in_stream) data["usage"] = nullptr;
    reply.frames.push_back(frame(data));
  };
  for (std::size_t part = 0; part <= longest; ++part)
    for (std::size_t i = 0; i < completions.size(); ++i) {
      const auto& c = completions[i];
      if (part < c.parts.size()) chunk({choice(i, c.parts[part], nullptr)});
      if (part == c.parts.size()) chunk({choice(i, "", reason(c))});
    }
  if (a.usage_in_stream) {
    auto data = labels(a, "cmpl-", "text_completion");
    data["choices"] = json::array();
    data["usage"] = usage_of(a.words_in, out);
    reply.frames.push_back(frame(data));
  }
  reply.frames.emplace_back("data: [DONE]\n\n");
}

}  // namespace plimsoll::sample
