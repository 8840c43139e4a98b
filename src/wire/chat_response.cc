#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <chrono>

#include "base/id.h"
#include "base/json.h"
#include "chat_message.h"
#include "collector.h"
#include "wire/openai_chat.h"

namespace plimsoll::wire {
namespace {

using Step = Collector::Step;

// The text that a list of token probabilities repeats; by its bytes where they are given, since a token may
// be half a character.
std::string text_of_tokens(const json::value& logprobs, std::string_view list) {
  std::string text;
  const auto* tokens = find_array(logprobs, list);
  if (tokens == nullptr) return text;
  for (const auto& item : *tokens) {
    if (const auto* bytes = find_array(item, "bytes"); bytes != nullptr) {
      for (const auto& byte : *bytes)
        if (byte.is_int64()) text += static_cast<char>(byte.get_int64());
    } else if (const auto* token = find_string(item, "token"); token != nullptr) {
      text += *token;
    }
  }
  return text;
}

// Token probabilities are not inspected: they may stay where they say again what the message says, and
// nothing else.
bool repeats_message(const json::value& logprobs, const json::value& message) {
  const auto* object = logprobs.if_object();
  if (object == nullptr) return false;
  return std::ranges::all_of(*object, [&](const auto& member) {
    const auto* said = find_string(message, member.key());
    const bool known = member.key() == "content" || member.key() == "refusal";
    return member.value().is_null() || (known && text_of_tokens(logprobs, member.key()) ==
                                                     (said != nullptr ? *said : std::string_view()));
  });
}

bool collect_choice(Collector& into, json::value& choice) {
  auto* object = choice.if_object();
  if (object == nullptr) return into.wrong_type(choice, "an object");
  const auto* message = object->if_contains("message");
  if (message == nullptr) return into.missing("message");
  if (auto* logprobs = object->if_contains("logprobs"); logprobs != nullptr)
    if (!repeats_message(*logprobs, *message)) *logprobs = nullptr;

  return std::ranges::all_of(*object, [&](const auto& member) {
    const Step step(into, member.key());
    if (member.key() == "message") return collect_message(into, member.value(), Direction::kOutput);
    if (member.key() == "logprobs") return true;
    if (member.key().ends_with("_reason")) return into.identifier(member.value(), Role::kAssistant);
    return into.leaves(member.value(), Role::kAssistant, SegmentKind::kText);
  });
}

bool collect_choices(Collector& into, json::value& choices) {
  auto* array = choices.if_array();
  if (array == nullptr) return into.wrong_type(choices, "an array of objects");
  for (std::size_t i = 0; i < array->size(); ++i) {
    const Step step(into, i);
    if (!collect_choice(into, (*array)[i])) return false;
  }
  return true;
}

constexpr std::array<std::string_view, 6> kLabels = {"id",      "object",      "model", "system_fingerprint",
                                                     "created", "service_tier"};

}  // namespace

Decoded<Document> decode_chat_response(std::string_view body) {
  const auto bad = [](std::string message, std::string param = {}) {
    return std::unexpected(
        BadBody{502, std::move(param), "The model server's answer: " + std::move(message)});
  };
  auto room = Document::room_for(body.size());
  auto parsed = parse_json(body, {.max_bytes = 32U << 20U}, room.get());
  if (!parsed) return bad(parsed.error().message);
  auto* object = parsed->if_object();
  if (object == nullptr) return bad("not a JSON object");

  Conversation conversation;
  conversation.direction = Direction::kOutput;
  conversation.surface = "chat.completions";
  if (const auto* model = find_string(*parsed, "model"); model != nullptr) conversation.model = *model;
  Collector into(conversation);
  bool read = object->contains("choices") || into.missing("choices");
  for (auto& member : *object) {
    if (!read) break;
    const Step step(into, member.key());
    if (member.key() == "choices") {
      read = collect_choices(into, member.value());
    } else if (std::ranges::find(kLabels, std::string_view(member.key())) != kLabels.end()) {
      read = into.identifier(member.value(), Role::kAssistant);
    } else {
      read = into.leaves(member.value(), Role::kAssistant, SegmentKind::kText);
    }
  }
  if (!read) return bad(into.problem().message, into.problem().param);
  return Document(*std::move(parsed), std::move(conversation), std::move(room));
}

void withhold_chat_response(Document& response) {
  json::object kept;
  for (const auto label : kLabels)
    if (const auto* value = find(response.json(), label); value != nullptr)
      if (!value->is_string() || is_identifier(value->get_string())) kept.emplace(label, *value);
  json::array choices;
  if (const auto* array = find_array(response.json(), "choices"); array != nullptr)
    for (std::size_t i = 0; i < array->size(); ++i)
      choices.push_back({{"index", i},
                         {"message", {{"role", "assistant"}, {"content", ""}, {"refusal", nullptr}}},
                         {"logprobs", nullptr},
                         {"finish_reason", "content_filter"}});
  kept.emplace("choices", std::move(choices));
  if (const auto* usage = find_object(response.json(), "usage"); usage != nullptr)
    kept.emplace("usage", *usage);
  response.json() = std::move(kept);
}

std::string chat_answer(std::string_view model, std::string_view content, std::string_view finish_reason) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return to_json(
      {{"id", "chatcmpl-" + new_id()},
       {"object", "chat.completion"},
       {"created", std::chrono::duration_cast<std::chrono::seconds>(now).count()},
       {"model", model},
       {"choices",
        json::array{{{"index", 0},
                     {"message", {{"role", "assistant"}, {"content", content}, {"refusal", nullptr}}},
                     {"logprobs", nullptr},
                     {"finish_reason", finish_reason}}}},
       {"usage", {{"prompt_tokens", 0}, {"completion_tokens", 0}, {"total_tokens", 0}}}});
}

std::string openai_error(std::string_view message, std::string_view type, std::string_view code,
                         std::string_view param, const json::value* inner) {
  const auto or_null = [](std::string_view text) { return text.empty() ? json::value() : json::value(text); };
  json::object error{
      {"message", message}, {"type", type}, {"param", or_null(param)}, {"code", or_null(code)}};
  if (inner != nullptr) error.emplace("innererror", *inner);
  return to_json(json::object{{"error", std::move(error)}});
}

}  // namespace plimsoll::wire
