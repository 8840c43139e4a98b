#include "wire/completion.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <utility>

#include "base/json.h"
#include "collector.h"
#include "sampling.h"
#include "wire/openai_chat.h"

namespace plimsoll::wire {
namespace {

using Step = Collector::Step;

bool collect_request_member(Collector& into, std::string_view key, const json::value& value) {
  const Step step(into, key);
  auto& conversation = into.conversation();
  if (key == "prompt") {
    if (!value.is_string()) return into.wrong_type(value, "a string");
    return into.text(value.get_string(), Role::kUser, SegmentKind::kText);
  }
  if (key == "model") {
    if (!value.is_string()) return into.wrong_type(value, "a string");
    conversation.model = value.get_string();
    return into.identifier(value, Role::kUser);
  }
  if (key == "max_tokens" && !value.is_int64() && !value.is_null())
    return into.wrong_type(value, "an integer");
  if (key == "stream") {
    if (!value.is_bool() && !value.is_null()) return into.wrong_type(value, "a boolean");
    conversation.stream = value.is_bool() && value.get_bool();
  }
  return into.leaves(value, Role::kUser, SegmentKind::kText);
}

std::unexpected<BadBody> bad_answer(std::string message, std::string param = {}) {
  return std::unexpected(BadBody{502, std::move(param), "The model server's answer: " + std::move(message)});
}

Decoded<Document> as_answer(json::value body) {
  Conversation conversation;
  conversation.direction = Direction::kOutput;
  conversation.surface = "proxy.completion";
  if (const auto* model = find_string(body, "model"); model != nullptr) conversation.model = *model;
  Collector into(conversation);
  const bool read = std::ranges::all_of(body.get_object(), [&](const auto& member) {
    const Step step(into, member.key());
    if (member.key() == "model" || member.key() == "id")
      return into.identifier(member.value(), Role::kAssistant);
    return into.leaves(member.value(), Role::kAssistant, SegmentKind::kText);
  });
  if (!read) return bad_answer(into.problem().message, into.problem().param);
  return Document(std::move(body), std::move(conversation));
}

json::object error_object(std::string_view message, std::string_view type) {
  return {{"error", json::object{{"message", message}, {"type", type}}}};
}

}  // namespace

Decoded<CompletionRequest> decode_completion_request(std::string_view body) {
  auto parsed = parse_json(body);
  if (!parsed)
    return std::unexpected(
        BadBody{parsed.error().code == Code::kTooLarge ? 413 : 400, {}, parsed.error().message});
  auto* object = parsed->if_object();
  if (object == nullptr) return std::unexpected(BadBody{400, {}, "The body must be a JSON object."});

  json::object context;
  if (auto* const found = object->find("context"); found != object->end()) {
    if (!found->value().is_object() && !found->value().is_null())
      return std::unexpected(BadBody{400, "context", "Invalid type for 'context': expected an object."});
    if (found->value().is_object()) context = std::move(found->value().get_object());
    object->stable_erase(found);
  }
  Conversation conversation;
  conversation.surface = "proxy.completion";
  Collector into(conversation);
  const bool complete = object->contains("prompt") || into.missing("prompt");
  const bool read = complete && std::ranges::all_of(*object, [&](const auto& member) {
                      return collect_request_member(into, member.key(), member.value());
                    });
  if (!read) return std::unexpected(into.problem());
  return CompletionRequest{Document(*std::move(parsed), std::move(conversation)), std::move(context)};
}

Decoded<Document> decode_completion_response(std::string_view body) {
  auto parsed = parse_json(body, {.max_bytes = 32U << 20U});
  if (!parsed) return bad_answer(parsed.error().message);
  if (find_string(*parsed, "content") == nullptr)
    return bad_answer("no \"content\" that is a string", "content");
  return as_answer(*std::move(parsed));
}

void make_safe_completion(Document& request, std::string_view preamble, double max_temperature) {
  if (auto* body = request.json().if_object(); body != nullptr) tighten_sampling(*body, max_temperature);
  request.put_before("prompt", std::string(preamble) + "\n\n");
}

std::string completion_as_chat(const Document& request, bool stream) {
  json::object chat;
  for (const auto& member : request.json().as_object()) {
    if (member.key() == "stream") continue;
    if (member.key() != "prompt") {
      chat.emplace(member.key(), member.value());
      continue;
    }
    auto preamble = request.preamble();
    const auto prompt = std::string_view(member.value().as_string()).substr(preamble.size());
    while (preamble.ends_with('\n')) preamble.remove_suffix(1);
    json::array messages;
    if (!preamble.empty()) messages.push_back({{"role", "system"}, {"content", preamble}});
    messages.push_back({{"role", "user"}, {"content", prompt}});
    chat.emplace("messages", std::move(messages));
  }
  chat.emplace("stream", stream);
  return to_json(chat);
}

Decoded<Document> completion_from_chat(std::string_view chat_response) {
  auto chat = decode_chat_response(chat_response);
  if (!chat) return std::unexpected(std::move(chat).error());
  const auto& choices = chat->json().at("choices").as_array();
  if (choices.empty()) return bad_answer("no choices", "choices");
  const auto& message = choices.front().at("message");
  const auto* content = find_string(message, "content");
  if (content == nullptr) content = find_string(message, "refusal");

  json::object answer{{"content", content != nullptr ? std::string_view(*content) : std::string_view()},
                      {"model", chat->conversation().model}};
  const auto* usage = find_object(chat->json(), "usage");
  answer.emplace("usage", usage != nullptr ? *usage : json::object());
  return as_answer(std::move(answer));
}

std::string completion_error(std::string_view message, std::string_view type) {
  return to_json(error_object(message, type));
}

std::string completion_problem(const Problem& problem) {
  const bool ours = problem.kind == ProblemKind::kInvalid;
  const std::string message =
      problem.param.empty() ? problem.message : problem.param + ": " + problem.message;
  auto answer = error_object(message, ours || problem.code.empty() ? "invalid_request_error" : problem.code);
  if (!ours && problem.code.empty()) answer["error"].as_object()["type"] = "upstream_error";
  const auto* inner = problem.inner.if_object();
  if (inner == nullptr) return to_json(answer);
  json::object verdict{{"allowed", false}};
  for (const char* key : {"action", "reasons"})
    if (const auto* value = inner->if_contains(key)) verdict[key] = *value;
  if (const auto* id = inner->if_contains("decision_id")) answer["error"].as_object()["decision_id"] = *id;
  verdict["error"] = answer["error"];
  return to_json(verdict);
}

}  // namespace plimsoll::wire
