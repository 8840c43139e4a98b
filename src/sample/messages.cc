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

std::string event(std::string_view name, json::object data) {
  json::object typed{{"type", name}};
  for (auto& member : data) typed.emplace(member.key(), std::move(member.value()));
  return frame(typed, name);
}

}  // namespace

void messages(const Answer& a, Reply& reply) {
  std::vector<Block> blocks;
  if (!a.script.thinking.empty()) blocks.push_back(thinking(a));
  blocks.push_back(a.tool ? tool_use(a) : text(a));
  const std::string_view reason = a.tool ? "tool_use" : a.cut ? "max_tokens" : "end_turn";

  json::array content;
  for (const auto& block : blocks) content.push_back(block.whole);
  json::object message{{"id", "msg_" + a.id}, {"type", "message"}, {"role", "assistant"}, {"model", a.model}};
  auto whole = message;
  whole["content"] = std::move(content);
  whole["stop_reason"] = reason;
  whole["stop_sequence"] = nullptr;
  whole["usage"] = json::object{{"input_tokens", a.words_in}, {"output_tokens", a.words_out()}};
  reply.body = to_json(whole);
  if (!a.stream) return;

  message["content"] = json::array();
  message["stop_reason"] = nullptr;
  message["stop_sequence"] = nullptr;
  message["usage"] = json::object{{"input_tokens", a.words_in}, {"output_tokens", 1}};
  auto& frames = reply.frames;
  frames.push_back(event("message_start", {{"message", std::move(message)}}));
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    frames.push_back(event("content_block_start", {{"index", i}, {"content_block", blocks[i].begun}}));
    if (i == 0) frames.push_back(event("ping", {}));
    for (const auto& delta : blocks[i].deltas)
      frames.push_back(event("content_block_delta", {{"index", i}, {"delta", delta}}));
    frames.push_back(event("content_block_stop", {{"index", i}}));
  }
  frames.push_back(
      event("message_delta", {{"delta", json::object{{"stop_reason", reason}, {"stop_sequence", nullptr}}},
                              {"usage", json::object{{"output_tokens", a.words_out()}}}}));
  frames.push_back(event("message_stop", {}));
}

}  // namespace plimsoll::sample
