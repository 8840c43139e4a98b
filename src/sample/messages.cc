// Anthropic's messages.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <utility>

#include "answer.h"
#include "base/hash.h"
#include "base/json.h"

namespace plimsoll::sample {
namespace {

// A content block, whole, as it is when a stream begins with it, and what comes between.
struct Block {
  json::object whole;
  json::object begun;
  std::vector<json::object> deltas;
};

Block thinking(const Answer& a) {
  const auto signature = to_base64(bytes_of(sha256(a.script.thinking)));
  Block block;
  block.whole = {{"type", "thinking"}, {"thinking", a.script.thinking}, {"signature", signature}};
  block.begun = {{"type", "thinking"}, {"thinking", ""}, {"signature", ""}};
  for (const auto& part : a.thoughts())
    block.deltas.push_back({{"type", "thinking_delta"}, {"thinking", part}});
  block.deltas.push_back({{"type", "signature_delta"}, {"signature", signature}});
  return block;
}

Block tool_use(const Answer& a) {
  Block block;
  block.whole = {{"type", "tool_use"},
                 {"id", "toolu_" + a.id},
                 {"name", a.tool->name},
                 {"input", parse_json(a.tool->arguments).value_or(json::object())}};
  block.begun = block.whole;
  block.begun["input"] = json::object();
  for (const auto& part : a.parts())
    block.deltas.push_back({{"type", "input_json_delta"}, {"partial_json", part}});
  return block;
}

Block text(const Answer& a) {
  Block block;
  block.whole = {{"type", "text"}, {"text", a.script.text}};
  block.begun = {{"type", "text"}, {"text", ""}};
  for (const auto& part : a.parts()) block.deltas.push_back({{"type", "text_delta"}, {"text", part}});
  return block;
}

json::object event(std::string_view type, json::object data) {
  json::object typed{{"type", type}};
  for (auto& member : data) typed.emplace(member.key(), std::move(member.value()));
  return typed;
}

}  // namespace

Message as_message(const Answer& a) {
  std::vector<Block> blocks;
  if (!a.script.thinking.empty()) blocks.push_back(thinking(a));
  blocks.push_back(a.tool ? tool_use(a) : text(a));
  const std::string_view reason = a.tool ? "tool_use" : a.cut ? "max_tokens" : "end_turn";

  json::array content;
  for (const auto& block : blocks) content.push_back(block.whole);
  json::object begun{{"id", "msg_" + a.id}, {"type", "message"}, {"role", "assistant"}, {"model", a.model}};
  Message message;
  message.whole = begun;
  message.whole["content"] = std::move(content);
  message.whole["stop_reason"] = reason;
  message.whole["stop_sequence"] = nullptr;
  message.whole["usage"] = json::object{{"input_tokens", a.words_in}, {"output_tokens", a.words_out()}};

  begun["content"] = json::array();
  begun["stop_reason"] = nullptr;
  begun["stop_sequence"] = nullptr;
  begun["usage"] = json::object{{"input_tokens", a.words_in}, {"output_tokens", 1}};
  auto& events = message.events;
  events.push_back(event("message_start", {{"message", std::move(begun)}}));
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    events.push_back(event("content_block_start", {{"index", i}, {"content_block", blocks[i].begun}}));
    if (i == 0) events.push_back(event("ping", {}));
    for (const auto& delta : blocks[i].deltas)
      events.push_back(event("content_block_delta", {{"index", i}, {"delta", delta}}));
    events.push_back(event("content_block_stop", {{"index", i}}));
  }
  events.push_back(
      event("message_delta", {{"delta", json::object{{"stop_reason", reason}, {"stop_sequence", nullptr}}},
                              {"usage", json::object{{"output_tokens", a.words_out()}}}}));
  events.push_back(event("message_stop", {}));
  return message;
}

void messages(const Answer& a, Reply& reply) {
  const auto message = as_message(a);
  reply.body = to_json(message.whole);
  if (!a.stream) return;
  for (const auto& data : message.events) reply.frames.push_back(frame(data, data.at("type").as_string()));
}

}  // namespace plimsoll::sample
