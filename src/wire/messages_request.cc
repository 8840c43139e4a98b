#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <initializer_list>
#include <utility>

#include "base/json.h"
#include "collector.h"
#include "messages_block.h"
#include "wire/anthropic_messages.h"

namespace plimsoll::wire {
namespace {

using Step = Collector::Step;
constexpr std::size_t kMaxMessages = 4'096;
constexpr std::size_t kMaxStandIns = 128;

bool is_one_of(std::string_view key, std::initializer_list<std::string_view> keys) {
  return std::ranges::find(keys, key) != keys.end();
}

bool collect_message(Collector& into, const json::value& message) {
  const auto* object = message.if_object();
  if (object == nullptr) return field_should_be(into, "a valid dictionary");
  const auto* role = object->if_contains("role");
  if (role == nullptr) return field_required(into, "role");
  auto speaker = Role::kUser;
  {
    const Step step(into, "role");
    if (!role->is_string() || !is_one_of(role->get_string(), {"user", "assistant", "system"}))
      return field_should_be(into, "'user', 'assistant' or 'system'");
    if (role->get_string() == "assistant") speaker = Role::kAssistant;
    if (role->get_string() == "system") speaker = Role::kSystem;
  }
  if (!object->contains("content")) return field_required(into, "content");
  return std::ranges::all_of(*object, [&](const auto& member) {
    const Step step(into, member.key());
    if (member.key() == "role") return true;
    if (member.key() == "content")
      return collect_messages_content(into, member.value(), speaker, Direction::kPrompt);
    return into.leaves(member.value(), speaker, SegmentKind::kText);
  });
}

bool collect_messages(Collector& into, const json::value& messages) {
  const auto* array = messages.if_array();
  if (array == nullptr) return field_should_be(into, "a valid list");
  if (array->empty()) return into.refuse("at least one message is required");
  if (array->size() > kMaxMessages)
    return into.refuse("List should have at most " + std::to_string(kMaxMessages) + " items");
  for (std::size_t i = 0; i < array->size(); ++i) {
    const Step step(into, i);
    if (!collect_message(into, (*array)[i])) return false;
  }
  return true;
}

bool collect_tools(Collector& into, const json::value& tools) {
  if (tools.is_null()) return true;
  const auto* array = tools.if_array();
  if (array == nullptr) return field_should_be(into, "a valid list");
  for (std::size_t i = 0; i < array->size(); ++i) {
    const Step step(into, i);
    const auto* tool = (*array)[i].if_object();
    if (tool == nullptr) return field_should_be(into, "a valid dictionary");
    std::string_view name;
    for (const char* member : {"name", "mcp_server_name", "type"})
      if (const auto* given = find_string((*array)[i], member); given != nullptr && name.empty())
        name = *given;
    into.conversation().tools.emplace_back(name);
    const bool read = std::ranges::all_of(*tool, [&](const auto& member) {
      const Step inner(into, member.key());
      if (is_one_of(member.key(), {"type", "cache_control", "allowed_callers"}))
        return collect_labels(into, member.value(), Role::kSystem);
      return into.leaves(member.value(), Role::kSystem, SegmentKind::kToolDefinition);
    });
    if (!read) return false;
  }
  return true;
}

// Servers whose tools are offered to the model. The token is for the server, not for the model.
bool collect_servers(Collector& into, const json::value& servers) {
  const auto* array = servers.if_array();
  if (array == nullptr) return servers.is_null() || field_should_be(into, "a valid list");
  for (std::size_t i = 0; i < array->size(); ++i) {
    const Step step(into, i);
    const auto* server = (*array)[i].if_object();
    if (server == nullptr) return field_should_be(into, "a valid dictionary");
    // What its tools are and say is between the provider and this server.
    if (!into.attachment(Role::kSystem)) return false;
    if (const auto* name = find_string((*array)[i], "name"); name != nullptr)
      into.conversation().tools.emplace_back(*name);
    const bool read = std::ranges::all_of(*server, [&](const auto& member) {
      const Step inner(into, member.key());
      const auto* text = member.value().if_string();
      if (member.key() == "authorization_token" && text != nullptr && is_opaque(*text)) return true;
      if (member.key() == "type") return collect_labels(into, member.value(), Role::kSystem);
      return into.leaves(member.value(), Role::kSystem, SegmentKind::kToolDefinition);
    });
    if (!read) return false;
  }
  return true;
}

bool collect_output_config(Collector& into, const json::value& config) {
  const auto* object = config.if_object();
  if (object == nullptr) return into.leaves(config, Role::kSystem, SegmentKind::kToolDefinition);
  return std::ranges::all_of(*object, [&](const auto& member) {
    const Step step(into, member.key());
    if (member.key() == "effort") return collect_labels(into, member.value(), Role::kSystem);
    return into.leaves(member.value(), Role::kSystem, SegmentKind::kToolDefinition);
  });
}

bool read_max_tokens(Collector& into, const json::value& value) {
  if (!value.is_int64()) return field_should_be(into, "a valid integer");
  return value.get_int64() >= 0 || field_should_be(into, "greater than or equal to 1");
}

bool read_model(Collector& into, const json::value& model) {
  if (!model.is_string()) return field_should_be(into, "a valid string");
  into.conversation().model = model.get_string();
  return into.identifier(model, Role::kUser);
}

bool read_stream(Collector& into, const json::value& stream) {
  if (!stream.is_bool() && !stream.is_null()) return field_should_be(into, "a valid boolean");
  into.conversation().stream = stream.is_bool() && stream.get_bool();
  return true;
}

bool collect_member(Collector& into, std::string_view key, const json::value& value) {
  const Step step(into, key);
  if (key == "messages") return collect_messages(into, value);
  if (key == "system")
    return value.is_null() || collect_messages_content(into, value, Role::kSystem, Direction::kPrompt);
  if (key == "max_tokens") return read_max_tokens(into, value);
  if (key == "model") return read_model(into, value);
  if (key == "stream") return read_stream(into, value);
  if (key == "tools") return collect_tools(into, value);
  if (key == "mcp_servers") return collect_servers(into, value);
  if (key == "output_config") return collect_output_config(into, value);
  if (key == "output_format" || key == "tool_choice")
    return into.leaves(value, Role::kSystem, SegmentKind::kToolDefinition);
  // What was said or stored before, and is read again without being sent again.
  if ((key == "container" || key == "thread") && !value.is_null())
    return into.attachment(Role::kUser) && collect_labels(into, value, Role::kUser);
  if (is_one_of(key, {"metadata", "service_tier", "inference_geo", "speed", "thinking", "cache_control",
                      "diagnostics", "user_profile_id", "workspace_id", "betas"}))
    return collect_labels(into, value, Role::kUser);
  return into.leaves(value, Role::kUser, SegmentKind::kText);
}

Decoded<Document> decode(std::string_view body, std::string_view surface, bool generates) {
  auto parsed = parse_json(body);
  if (!parsed)
    return std::unexpected(BadBody{parsed.error().code == Code::kTooLarge ? 413 : 400,
                                   {},
                                   "The request body is not valid JSON: " + parsed.error().message + "."});
  const auto* object = parsed->if_object();
  if (object == nullptr)
    return std::unexpected(BadBody{400, {}, "The body of a request must be a JSON object."});

  Conversation conversation;
  conversation.surface = surface;
  Collector into(conversation);
  const bool complete =
      (!generates || object->contains("max_tokens") || field_required(into, "max_tokens")) &&
      (object->contains("messages") || field_required(into, "messages"));
  const bool read = complete && std::ranges::all_of(*object, [&](const auto& member) {
                      return collect_member(into, member.key(), member.value());
                    });
  if (!read) return std::unexpected(in_anthropic_words(into.problem()));
  return Document(*std::move(parsed), std::move(conversation));
}

void erase(json::object& body, std::string_view member) {
  if (auto* const found = body.find(member); found != body.end()) body.stable_erase(found);
}

// The API refuses a conversation in which tools were called and that offers none: it is offered the bare names,
// and told to call none.
json::array stand_ins(const json::value& body) {
  json::array tools;
  const auto add = [&](const json::value& block) {
    const auto* type = find_string(block, "type");
    const auto* name = find_string(block, "name");
    if (type == nullptr || *type != "tool_use" || name == nullptr || !is_identifier(*name)) return;
    const bool known =
        std::ranges::any_of(tools, [&](const auto& tool) { return tool.at("name") == json::value(*name); });
    if (known || tools.size() == kMaxStandIns) return;
    tools.push_back(json::object{{"name", *name}, {"input_schema", {{"type", "object"}}}});
  };
  if (const auto* messages = find_array(body, "messages"); messages != nullptr)
    for (const auto& message : *messages)
      if (const auto* blocks = find_array(message, "content"); blocks != nullptr)
        std::ranges::for_each(*blocks, add);
  return tools;
}

// Lowers what was asked for; 1 is the API's most.
void limit(json::object& body, std::string_view member, double most) {
  auto* set = body.if_contains(member);
  if (set == nullptr || set->is_null()) return;
  if (!set->is_number() || set->to_number<double>() > most) *set = most;
}

}  // namespace

Decoded<Document> decode_messages_request(std::string_view body) {
  return decode(body, "messages", true);
}

Decoded<Document> decode_count_tokens_request(std::string_view body) {
  auto document = decode(body, "messages.count_tokens", false);
  if (document && document->conversation().stream)
    return std::unexpected(BadBody{400, "stream", "stream: a count of tokens is not streamed."});
  return document;
}

void make_messages_safe(Document& request, std::string_view preamble, double max_temperature) {
  auto* body = request.json().if_object();
  if (body == nullptr) return;
  for (const char* member : {"tools", "tool_choice", "mcp_servers"}) erase(*body, member);
  request.conversation().tools.clear();
  if (auto tools = stand_ins(request.json()); !tools.empty()) {
    (*body)["tools"] = std::move(tools);
    (*body)["tool_choice"] = json::object{{"type", "none"}};
  }
  limit(*body, "temperature", max_temperature);
  limit(*body, "top_p", 1);
  const auto* temperature = body->if_contains("temperature");
  if (temperature != nullptr && temperature->is_number() && temperature->to_number<double>() != 1)
    erase(*body, "thinking");

  auto& system = (*body)["system"];
  if (system.is_string()) {
    request.put_before("system", std::string(preamble) + "\n\n");
  } else if (system.is_array()) {
    request.put_first("system", json::object{{"type", "text"}, {"text", preamble}});
  } else {
    system = preamble;
  }
}

}  // namespace plimsoll::wire
