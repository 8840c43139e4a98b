#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <unordered_set>
#include <utility>

#include "base/json.h"
#include "chat_message.h"
#include "collector.h"
#include "json_escapes.h"
#include "openai_body.h"
#include "wire/guardrails.h"

namespace plimsoll::wire {
namespace {

using Step = Collector::Step;

// Members that tell us about the call, and the model nothing.
bool is_about_the_call(std::string_view member) {
  constexpr std::array<std::string_view, 7> kMembers = {"input_type",
                                                        "litellm_call_id",
                                                        "litellm_trace_id",
                                                        "request_data",
                                                        "request_headers",
                                                        "litellm_version",
                                                        "additional_provider_specific_params"};
  return std::ranges::find(kMembers, member) != kMembers.end();
}

Role speaker(Collector& into) {
  return into.conversation().direction == Direction::kOutput ? Role::kAssistant : Role::kUser;
}

// Applies `collect` to every item of a list that may also be absent.
template <class Collect>
bool each(Collector& into, const json::value& list, Collect collect) {
  if (list.is_null()) return true;
  const auto* array = list.if_array();
  if (array == nullptr) return into.wrong_type(list, "an array");
  for (std::size_t i = 0; i < array->size(); ++i) {
    const Step step(into, i);
    if (!collect((*array)[i])) return false;
  }
  return true;
}

bool collect_text(Collector& into, const json::value& text) {
  if (!text.is_string()) return into.wrong_type(text, "a string");
  return into.text(text.get_string(), speaker(into), SegmentKind::kText);
}

bool collect_tool(Collector& into, const json::value& tool) {
  const auto* function = find(tool, "function");
  const auto* name = function != nullptr ? find_string(*function, "name") : nullptr;
  if (name == nullptr) name = find_string(tool, "name");
  if (name == nullptr) name = find_string(tool, "type");
  if (name != nullptr) into.conversation().tools.emplace_back(*name);
  return into.leaves(tool, Role::kSystem, SegmentKind::kToolDefinition);
}

bool collect_call(Collector& into, const json::value& call) {
  constexpr auto kKind = SegmentKind::kToolArguments;
  if (const auto* text = call.if_string(); text != nullptr)
    return into.text(without_needless_escapes(*text), Role::kAssistant, kKind);
  const auto* object = call.if_object();
  if (object == nullptr) return into.leaves(call, Role::kAssistant, kKind);
  return std::ranges::all_of(*object, [&](const auto& member) {
    const Step step(into, member.key());
    const auto& value = member.value();
    const std::string_view key = member.key();
    if (key == "id" || key == "type" || key == "name") return into.identifier(value, Role::kAssistant, kKind);
    if (key == "arguments" && value.is_string())
      return into.text(without_needless_escapes(value.get_string()), Role::kAssistant, kKind);
    const auto* called = key == "function" ? value.if_object() : nullptr;
    if (called == nullptr) return into.leaves(value, Role::kAssistant, kKind);
    return std::ranges::all_of(*called, [&](const auto& inner) {
      const Step below(into, inner.key());
      if (inner.key() == "name") return into.identifier(inner.value(), Role::kAssistant, kKind);
      if (inner.key() == "arguments" && inner.value().is_string())
        return into.text(without_needless_escapes(inner.value().get_string()), Role::kAssistant, kKind);
      return into.leaves(inner.value(), Role::kAssistant, kKind);
    });
  });
}

// A chat message; whatever shape it has, it is read.
bool collect_row(Collector& into, const json::value& row) {
  auto& segments = into.conversation().segments;
  const auto before = segments.size();
  if (collect_message(into, row, Direction::kPrompt)) return true;
  segments.resize(before);
  return row.is_object() ? collect_message(into, row, Direction::kOutput)
                         : into.leaves(row, Role::kUser, SegmentKind::kText);
}

bool collect_member(Collector& into, std::string_view key, const json::value& value) {
  const Step step(into, key);
  if (is_about_the_call(key)) return true;
  if (key == "model") {
    if (value.is_string()) into.conversation().model = value.get_string();
    return into.identifier(value, Role::kUser);
  }
  if (key == "texts") return each(into, value, [&](const auto& text) { return collect_text(into, text); });
  if (key == "images") return each(into, value, [&](const auto&) { return into.attachment(speaker(into)); });
  if (key == "tools") return each(into, value, [&](const auto& tool) { return collect_tool(into, tool); });
  if (key == "tool_calls")
    return each(into, value, [&](const auto& call) { return collect_call(into, call); });
  if (key == "structured_messages")
    return each(into, value, [&](const auto& row) { return collect_row(into, row); });
  return into.leaves(value, speaker(into), SegmentKind::kText);
}

// LiteLLM draws `texts` from the messages, in their order: each is whoever's its message is, for as long as the
// two line up.
void give_roles(std::vector<Segment>& segments) {
  const auto is_in = [](const Segment& segment, std::string_view list) {
    return std::string_view(segment.pointer).starts_with(list);
  };
  auto from = segments.cbegin();
  for (auto& text : segments) {
    if (!is_in(text, "/texts/")) continue;
    from = std::find_if(from, segments.cend(), [&](const Segment& said) {
      return is_in(said, "/structured_messages/") && said.kind != SegmentKind::kAttachment &&
             said.text == text.text;
    });
    if (from == segments.cend()) return;
    text.role = from->role;
    text.kind = from->kind;
    ++from;
  }
}

std::string identifier_in(const json::value& object, std::initializer_list<std::string_view> members) {
  for (const auto member : members)
    if (const auto* text = find_string(object, member);
        text != nullptr && !text->empty() && text->size() <= 256)
      return std::string(*text);
  return {};
}

// What was replaced, and whether LiteLLM can be told.
struct Changes {
  bool any = false;
  bool tools = false;     // in a tool definition
  bool messages = false;  // in a message, where no text of `texts` says the same
  bool elsewhere = false;
};

Changes changes_of(const LiteLlmRequest& request) {
  Changes changes;
  const auto& segments = request.document.conversation().segments;
  std::unordered_set<std::string_view> told;  // texts that come back as such
  std::unordered_set<std::string_view> in_messages;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (segments[i].text == request.asked[i]) continue;
    changes.any = true;
    const std::string_view place = segments[i].pointer;
    if (place.starts_with("/texts/")) told.insert(request.asked[i]);
    if (place.starts_with("/structured_messages/")) in_messages.insert(request.asked[i]);
  }
  for (std::size_t i = 0; changes.any && i < segments.size(); ++i) {
    if (segments[i].text == request.asked[i]) continue;
    const std::string_view place = segments[i].pointer;
    if (place.starts_with("/texts/")) continue;
    if (place.starts_with("/structured_messages/")) {
      changes.messages = changes.messages || !told.contains(request.asked[i]);
    } else if (place.starts_with("/tools/")) {
      changes.tools = true;
    } else if (!place.starts_with("/tool_calls/") || !in_messages.contains(request.asked[i])) {
      changes.elsewhere = true;
    }
  }
  return changes;
}

// LiteLLM passes over messages that are not all objects with a role.
bool can_return_messages(const json::value& body) {
  const auto* rows = find_array(body, "structured_messages");
  return rows != nullptr &&
         std::ranges::all_of(*rows, [](const auto& row) { return find_string(row, "role") != nullptr; });
}

std::string blocked(std::string_view reason) {
  return to_json(json::object{{"action", "BLOCKED"}, {"blocked_reason", reason}});
}

}  // namespace

Decoded<LiteLlmRequest> decode_litellm_guardrail(std::string_view body) {
  auto parsed = read_request_object(body);
  if (!parsed) return std::unexpected(std::move(parsed).error());
  const auto* type = find_string(*parsed, "input_type");
  if (type == nullptr || (*type != "request" && *type != "response"))
    return std::unexpected(BadBody{400, "input_type", "Expected one of 'request' and 'response'."});

  Conversation conversation;
  conversation.direction = *type == "response" ? Direction::kOutput : Direction::kPrompt;
  conversation.surface = "guardrail.litellm";
  Collector into(conversation);
  const bool read = std::ranges::all_of(parsed->get_object(), [&](const auto& member) {
    return collect_member(into, member.key(), member.value());
  });
  if (!read) return std::unexpected(into.problem());
  give_roles(conversation.segments);

  json::object params;
  if (const auto* given = find_object(*parsed, "additional_provider_specific_params"); given != nullptr)
    params = *given;
  const auto* caller = find(*parsed, "request_data");
  const json::value nobody;
  const auto& who = caller != nullptr ? *caller : nobody;
  auto call_id = identifier_in(*parsed, {"litellm_call_id"});
  auto trace_id = identifier_in(*parsed, {"litellm_trace_id"});
  auto user = identifier_in(who, {"user_api_key_end_user_id", "user_api_key_user_id"});
  auto org = identifier_in(who, {"user_api_key_org_id", "user_api_key_team_id"});
  std::vector<std::string> asked;
  asked.reserve(conversation.segments.size());
  for (const auto& segment : conversation.segments) asked.push_back(segment.text);
  return LiteLlmRequest{{Document(*std::move(parsed), std::move(conversation)), std::move(asked)},
                        std::move(call_id),
                        std::move(trace_id),
                        std::move(user),
                        std::move(org),
                        std::move(params)};
}

std::string encode_litellm_guardrail(const LiteLlmRequest& request, const GuardrailDecision& decision) {
  if (!decision.verdict.allowed()) return blocked(decision.refusal);
  const auto changes = changes_of(request);
  const auto& body = request.document.json();
  const json::array held(decision.open_ends.begin(), decision.open_ends.end());
  if (!changes.any) {
    json::object unchanged{{"action", "NONE"}};
    const auto* texts = find_array(body, "texts");
    if (!held.empty() && texts != nullptr) {
      unchanged.emplace("texts", *texts);
      unchanged.emplace("stream_holdback_chars", held);
    }
    return to_json(unchanged);
  }
  if (changes.elsewhere || (changes.messages && !can_return_messages(body)))
    return blocked("What had to be removed is where this interface takes no replacement.");

  json::object answer{{"action", "GUARDRAIL_INTERVENED"}};
  const auto give_back = [&](const char* member) {
    if (const auto* list = find_array(body, member); list != nullptr) answer.emplace(member, *list);
  };
  give_back("texts");
  if (!held.empty()) answer.emplace("stream_holdback_chars", held);
  if (changes.tools) give_back("tools");
  if (changes.messages) give_back("structured_messages");
  return to_json(answer);
}

}  // namespace plimsoll::wire
