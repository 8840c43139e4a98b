#include "wire/text_completions.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/json.h"
#include "chat_choice.h"
#include "collector.h"
#include "openai_body.h"
#include "sampling.h"
#include "wire/openai_chat.h"

namespace plimsoll::wire {
namespace {

using Step = Collector::Step;
constexpr std::int64_t kMaxChoices = 128;

bool check_choices(Collector& into, const json::value& n) {
  if (n.is_null()) return true;
  if (!n.is_int64()) return into.wrong_type(n, "an integer");
  if (n.get_int64() < 1 || n.get_int64() > kMaxChoices)
    return into.refuse("Expected an integer from 1 to " + std::to_string(kMaxChoices) + ".");
  return true;
}

// A stream carries its choices side by side: for each prompt, as many as asked for.
bool check_stream(Collector& into, const json::object& body) {
  const auto* prompt = body.if_contains("prompt");
  const auto* n = body.if_contains("n");
  if (!into.conversation().stream || prompt == nullptr || !prompt->is_array()) return true;
  const auto each = n != nullptr && n->is_int64() ? n->get_int64() : 1;
  const auto& prompts = prompt->get_array();
  const bool lists = !prompts.front().is_number();
  if (!lists || std::ssize(prompts) * each <= kMaxChoices) return true;
  const Step step(into, "prompt");
  return into.refuse("At most " + std::to_string(kMaxChoices) + " choices can be streamed at once.");
}

// Prompts as vectors: nobody can read them.
bool collect_vectors(Collector& into, const json::value& vectors) {
  return vectors.is_null() || into.attachment(Role::kUser);
}

bool collect_request_member(Collector& into, std::string_view key, const json::value& value) {
  const Step step(into, key);
  if (key == "prompt") return value.is_null() || collect_inputs(into, value);
  if (key == "prompt_embeds") return collect_vectors(into, value);
  if (key == "model") return read_model(into, value);
  if (key == "stream") return read_stream(into, value);
  if (key == "n" || key == "best_of") return check_choices(into, value);
  if (key == "suffix" && !value.is_string() && !value.is_null()) return into.wrong_type(value, "a string");
  if (key == "stream_options" && !value.is_object() && !value.is_null())
    return into.wrong_type(value, "an object");
  if (is_request_label(key)) return into.identifier(value, Role::kUser);
  return into.leaves(value, Role::kUser, SegmentKind::kText);
}

// Token probabilities are not inspected: they may stay where they say again what the text says, and nothing
// else.
bool repeats_text(const json::value& logprobs, std::string_view text) {
  const auto* tokens = find_array(logprobs, "tokens");
  if (tokens == nullptr) return false;
  std::string joined;
  for (const auto& token : *tokens) {
    if (!token.is_string()) return false;
    joined += token.get_string();
  }
  if (joined != text) return false;
  return std::ranges::all_of(logprobs.get_object(), [](const auto& member) {
    if (member.key() == "tokens") return true;
    const auto* each = member.value().if_array();
    if (each == nullptr) return is_textless(member.value(), false);
    return std::ranges::all_of(*each, [](const json::value& one) { return is_textless(one, false); });
  });
}

bool collect_choice(Collector& into, json::value& choice) {
  auto* object = choice.if_object();
  if (object == nullptr) return into.wrong_type(choice, "an object");
  const auto* text = object->if_contains("text");
  if (text == nullptr) return into.missing("text");
  if (!text->is_string()) {
    const Step step(into, "text");
    return into.wrong_type(*text, "a string");
  }
  for (auto& member : *object) {
    const std::string_view key = member.key();
    auto& value = member.value();
    const bool unread = key == "token_ids" || key == "prompt_token_ids" || key == "prompt_logprobs";
    if (unread || (key == "logprobs" && !repeats_text(value, text->get_string()))) value = nullptr;
  }
  return std::ranges::all_of(*object, [&](const auto& member) {
    const Step step(into, member.key());
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

bool collect_answer_member(Collector& into, std::string_view key, json::value& value) {
  const Step step(into, key);
  if (key == "choices") return collect_choices(into, value);
  if (is_answer_label(key)) return into.identifier(value, Role::kAssistant);
  return into.leaves(value, Role::kAssistant, SegmentKind::kText);
}

std::string_view type_of(ProblemKind kind) {
  switch (kind) {
    case ProblemKind::kInvalid:
    case ProblemKind::kRefused:
      return "invalid_request_error";
    case ProblemKind::kStranger:
      return "authentication_error";
    case ProblemKind::kLimited:
      return "rate_limit_error";
    case ProblemKind::kUpstream:
    case ProblemKind::kTimeout:
      return "upstream_error";
    case ProblemKind::kUndecided:
    case ProblemKind::kInternal:
      break;
  }
  return "server_error";
}

}  // namespace

Decoded<Document> decode_text_completion_request(std::string_view body) {
  auto parsed = read_request_object(body);
  if (!parsed) return std::unexpected(std::move(parsed).error());
  const auto& object = parsed->get_object();

  Conversation conversation;
  conversation.surface = "completions";
  Collector into(conversation);
  const bool read =
      (object.contains("prompt") || object.contains("prompt_embeds") || into.missing("prompt")) &&
      std::ranges::all_of(
          object,
          [&](const auto& member) { return collect_request_member(into, member.key(), member.value()); }) &&
      check_stream(into, object);
  if (!read) return std::unexpected(into.problem());
  return Document(*std::move(parsed), std::move(conversation));
}

Decoded<Document> decode_text_completion_response(std::string_view body) {
  auto parsed = read_answer_object(body);
  if (!parsed) return std::unexpected(std::move(parsed).error());
  auto& object = parsed->get_object();

  Conversation conversation;
  conversation.direction = Direction::kOutput;
  conversation.surface = "completions";
  if (const auto* model = find_string(*parsed, "model"); model != nullptr) conversation.model = *model;
  Collector into(conversation);
  const bool read = (object.contains("choices") || into.missing("choices")) &&
                    std::ranges::all_of(object, [&](auto& member) {
                      return collect_answer_member(into, member.key(), member.value());
                    });
  if (!read) return bad_answer(into.problem());
  return Document(*std::move(parsed), std::move(conversation));
}

void make_text_completion_safe(Document& request, std::string_view preamble, double max_temperature) {
  auto* body = request.json().if_object();
  if (body == nullptr) return;
  tighten_sampling(*body, max_temperature);
  const auto before = std::string(preamble) + "\n\n";
  request.put_before("prompt", before);
  auto* prompts = body->if_contains("prompt");
  if (prompts == nullptr || !prompts->is_array()) return;
  for (auto& prompt : prompts->get_array())
    if (prompt.is_string()) prompt.get_string().insert(0, before);
}

void withhold_text_completion(Document& response) {
  json::object kept;
  copy_labels(response.json(), kept);
  json::array choices;
  if (const auto* array = find_array(response.json(), "choices"); array != nullptr)
    for (std::size_t i = 0; i < array->size(); ++i)
      choices.push_back(
          {{"text", ""}, {"index", i}, {"logprobs", nullptr}, {"finish_reason", "content_filter"}});
  kept.emplace("choices", std::move(choices));
  if (const auto* usage = find(response.json(), "usage"); usage != nullptr && is_textless(*usage, false))
    kept.emplace("usage", *usage);
  response.json() = std::move(kept);
}

std::string text_completion_error(const Problem& problem) {
  const auto* inner = problem.inner.is_null() ? nullptr : &problem.inner;
  return openai_error(problem.message, type_of(problem.kind), problem.code, problem.param, inner);
}

}  // namespace plimsoll::wire
