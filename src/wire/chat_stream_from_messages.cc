#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <utility>
#include <vector>

#include "base/json.h"
#include "collector.h"
#include "messages_chat.h"
#include "messages_chat_parts.h"
#include "wire/openai_chat.h"
#include "wire/sse.h"

namespace plimsoll::wire {
namespace {

constexpr std::size_t kMaxBlocks = 1'024;

class ChatFromMessages final : public StreamTranslator {
 public:
  explicit ChatFromMessages(bool include_usage) : include_usage_(include_usage) {}

  Result<void> feed(std::string_view bytes, std::string& out) override {
    if (done_) return {};
    std::vector<SseEvent> events;
    auto read = decoder_.feed(bytes, events);
    for (const auto& event : events) {
      if (done_) return {};
      if (auto carried = on_event(event, out); !carried) {
        done_ = true;
        return carried;
      }
    }
    return read;
  }

  void close(std::string&) override { done_ = true; }

 private:
  // A content block: nothing to carry, a text or a tool's call.
  struct Block {
    std::int64_t call = -1;
    bool has_input = false;
  };

  static std::unexpected<Error> malformed(std::string_view why) {
    return plimsoll::fail(Code::kInvalid, "an event of the model server's stream " + std::string(why));
  }

  Result<void> on_event(const SseEvent& event, std::string& out) {
    const auto parsed = parse_json(event.data);
    if (!parsed || !parsed->is_object()) return malformed("is no JSON object");
    const auto* named = find_string(*parsed, "type");
    const std::string_view type = named != nullptr ? std::string_view(*named) : std::string_view(event.name);
    if (type == "error" || event.name == "error") {
      on_error(*parsed, out);
    } else if (type == "message_start") {
      on_start(*parsed, out);
    } else if (type == "content_block_start") {
      return on_block(*parsed, out);
    } else if (type == "content_block_delta") {
      return on_delta(*parsed, out);
    } else if (type == "content_block_stop") {
      if (auto* block = block_of(*parsed); block != nullptr) end(*block, out);
    } else if (type == "message_delta") {
      on_message_delta(*parsed, out);
    } else if (type == "message_stop") {
      on_stop(out);
    }
    return {};
  }

  void on_start(const json::value& event, std::string& out) {
    const auto* message = find(event, "message");
    const json::value none;
    for (const char* label : {"id", "model"})
      if (const auto* value = find(message != nullptr ? *message : none, label); value != nullptr)
        labels_.emplace(label, *value);
    labels_.emplace("object", "chat.completion.chunk");
    labels_.emplace("created", 0);
    if (message != nullptr) remember(find(*message, "usage"));
    write({{"role", "assistant"}, {"content", ""}}, out);
  }

  Result<void> on_block(const json::value& event, std::string& out) {
    const auto* content = find(event, "content_block");
    const auto* type = content != nullptr ? find_string(*content, "type") : nullptr;
    const auto* index = find(event, "index");
    if (type == nullptr || index == nullptr || *index != blocks_.size() || blocks_.size() == kMaxBlocks)
      return malformed("starts a content block wrongly");
    auto& block = blocks_.emplace_back();
    if (*type == "text") {
      write_text("content", find(*content, "text"), out);
    } else if (*type == "thinking") {
      write_text("reasoning_content", find(*content, "thinking"), out);
    } else if (*type == "tool_use") {
      const auto* id = find(*content, "id");
      const auto* name = find(*content, "name");
      if (id == nullptr || name == nullptr) return malformed("calls a tool without a name");
      block.call = calls_++;
      write_call({{"index", block.call},
                  {"id", *id},
                  {"type", "function"},
                  {"function", {{"name", *name}, {"arguments", ""}}}},
                 out);
      if (const auto* input = find(*content, "input"); !says_nothing(input))
        write_arguments(block, to_json(*input), out);
    } else if (*type != "redacted_thinking") {
      return malformed("holds what the client's protocol has no word for");
    }
    return {};
  }

  Result<void> on_delta(const json::value& event, std::string& out) {
    auto* block = block_of(event);
    const auto* delta = find(event, "delta");
    const auto* type = delta != nullptr ? find_string(*delta, "type") : nullptr;
    if (block == nullptr || type == nullptr) return malformed("continues no content block");
    if (*type == "text_delta") {
      write_text("content", find(*delta, "text"), out);
    } else if (*type == "thinking_delta") {
      write_text("reasoning_content", find(*delta, "thinking"), out);
    } else if (*type == "input_json_delta") {
      const auto* piece = find_string(*delta, "partial_json");
      if (block->call < 0 || piece == nullptr) return malformed("continues no tool's call");
      if (!piece->empty()) write_arguments(*block, *piece, out);
    }
    return {};
  }

  void on_message_delta(const json::value& event, std::string& out) {
    remember(find(event, "usage"));
    const auto* delta = find(event, "delta");
    const auto* reason = delta != nullptr ? find_string(*delta, "stop_reason") : nullptr;
    if (reason == nullptr) return;
    for (auto& block : blocks_) end(block, out);
    write_choice({}, json::value(finish_reason_of(*reason)), out);
  }

  void on_stop(std::string& out) {
    if (include_usage_) {
      json::object chunk = labels_;
      chunk.emplace("choices", json::array());
      chunk.emplace("usage", chat_usage(usage_));
      append_sse(out, to_json(chunk));
    }
    append_sse(out, "[DONE]");
    done_ = true;
  }

  void on_error(const json::value& event, std::string& out) {
    const auto* error = find(event, "error");
    const auto* type = error != nullptr ? find_string(*error, "type") : nullptr;
    const bool known = type != nullptr && is_identifier(*type);
    append_sse(out, openai_error("The model server reported an error.",
                                 known ? std::string_view(*type) : std::string_view("server_error"),
                                 "upstream_error"));
    append_sse(out, "[DONE]");
    done_ = true;
  }

  // A tool that takes nothing is called with an object all the same.
  void end(Block& block, std::string& out) {
    if (block.call >= 0 && !block.has_input) write_arguments(block, "{}", out);
  }

  Block* block_of(const json::value& event) {
    const auto* index = find(event, "index");
    if (index == nullptr || !index->is_int64()) return nullptr;
    const auto at = static_cast<std::uint64_t>(index->get_int64());
    return at < blocks_.size() ? &blocks_[at] : nullptr;
  }

  // Counts come in two events; the later one stands.
  void remember(const json::value* usage) {
    if (usage == nullptr || !usage->is_object()) return;
    if (!usage_.is_object()) usage_ = json::object();
    for (const char* member : {"input_tokens", "output_tokens", "cache_read_input_tokens",
                               "cache_creation_input_tokens", "output_tokens_details"})
      if (const auto* value = find(*usage, member); value != nullptr && !value->is_null())
        usage_.get_object()[member] = *value;
  }

  void write_text(std::string_view member, const json::value* text, std::string& out) {
    if (text != nullptr && text->is_string() && !text->get_string().empty()) write({{member, *text}}, out);
  }

  void write_arguments(Block& block, std::string_view piece, std::string& out) {
    block.has_input = true;
    write_call({{"index", block.call}, {"function", {{"arguments", piece}}}}, out);
  }

  void write_call(json::object call, std::string& out) {
    json::array calls;
    calls.push_back(std::move(call));
    write(json::object{{"tool_calls", std::move(calls)}}, out);
  }

  void write(json::object delta, std::string& out) { write_choice(std::move(delta), nullptr, out); }

  void write_choice(json::object delta, json::value finish_reason, std::string& out) {
    json::object chunk = labels_;
    json::array choices;
    choices.push_back(
        json::object{{"index", 0}, {"delta", std::move(delta)}, {"finish_reason", std::move(finish_reason)}});
    chunk.emplace("choices", std::move(choices));
    append_sse(out, to_json(chunk));
  }

  bool include_usage_;
  SseDecoder decoder_;
  json::object labels_;
  json::value usage_;
  std::vector<Block> blocks_;
  std::int64_t calls_ = 0;
  bool done_ = false;
};

}  // namespace

std::unique_ptr<StreamTranslator> chat_stream_from_messages(bool include_usage) {
  return std::make_unique<ChatFromMessages>(include_usage);
}

}  // namespace plimsoll::wire
