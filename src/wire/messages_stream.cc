#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <list>
#include <utility>

#include "base/json.h"
#include "chat_choice.h"
#include "collector.h"
#include "event_codec.h"
#include "messages_stream_block.h"
#include "wire/anthropic_messages.h"

namespace plimsoll::wire {
namespace {

constexpr std::uint32_t kMaxBlocks = 1'024;

bool is_error_type(std::string_view type) {
  constexpr std::array<std::string_view, 10> kTypes = {
      "invalid_request_error", "authentication_error", "permission_error", "not_found_error",
      "timeout_error",         "request_too_large",    "rate_limit_error", "api_error",
      "overloaded_error",      "billing_error"};
  return std::ranges::find(kTypes, type) != kTypes.end();
}

// Members that never hold words.
bool is_settings(std::string_view key) {
  constexpr std::array<std::string_view, 9> kMembers = {"id",          "type",        "role",
                                                        "model",       "usage",       "container",
                                                        "stop_reason", "diagnostics", "context_management"};
  return std::ranges::find(kMembers, key) != kMembers.end();
}

class MessagesStream final : public EventCodec {
 public:
  MessagesStream(TextFilter& filter, std::string_view model)
      : filter_(filter), whole_(filter), model_(model) {}

 protected:
  Result<void> on_event(const SseEvent& event, std::string& out) override {
    auto parsed = parse_json(event.data);
    if (!parsed) return std::unexpected(std::move(parsed).error().in("an event of the stream"));
    auto* object = parsed->if_object();
    if (object == nullptr) return malformed("is not an object");
    const auto* named = find_string(*parsed, "type");
    const std::string type(named != nullptr ? std::string_view(*named) : std::string_view(event.name));
    if (event.name == "error" || type == "error") {
      const auto* error = find(*parsed, "error");
      pass_error(error != nullptr ? *error : *parsed, out);
      return {};
    }
    if (type == "ping") {
      write(json::object{{"type", "ping"}}, out);
      return {};
    }
    if (type == "message_start") return on_start(*object, out);
    if (!type.starts_with("message_") && !type.starts_with("content_block_")) return {};  // of no known kind
    if (!started_) return malformed("comes before the message's start");
    if (type == "content_block_start") return on_block_start(*object, out);
    if (type == "content_block_delta") return on_block_delta(*object, out);
    if (type == "content_block_stop") return on_block_stop(*object, out);
    if (type == "message_delta") return on_message_delta(*object, out);
    if (type == "message_stop") end(out);
    return {};
  }

  bool may_end() const override { return false; }

  void end(std::string& out) override {
    if (!finish_blocks(out)) return withhold(out);
    write(json::object{{"type", "message_stop"}}, out);
    ended();
  }

  void write_error(std::string_view message, std::string_view type, std::string_view,
                   std::string& out) override {
    write(json::object{{"type", "error"},
                       {"error",
                        {{"type", is_error_type(type) ? type : std::string_view("api_error")},
                         {"message", message}}}},
          out);
  }

 private:
  static std::unexpected<Error> malformed(std::string_view why) {
    return plimsoll::fail(Code::kInvalid, "an event of the stream " + std::string(why));
  }

  static void write(const json::object& event, std::string& out) {
    append_sse(out, to_json(event), std::string_view(event.at("type").as_string()));
  }

  void write_delta(std::uint32_t index, json::object delta, std::string& out) {
    write(json::object{{"type", "content_block_delta"}, {"index", index}, {"delta", std::move(delta)}}, out);
  }

  void write_deltas(std::uint32_t index, std::vector<json::object>& deltas, std::string& out) {
    for (auto& delta : deltas) write_delta(index, std::move(delta), out);
    deltas.clear();
  }

  // Ends what may not go on.
  Result<void> stop(Passed passed, std::string& out) {
    if (passed == Passed::kMalformed) return malformed("is malformed");
    if (passed == Passed::kWithheld) withhold(out);
    return {};
  }

  // Keeps what holds no text, puts the rest through the filter.
  Passed pass_members(json::object& object) {
    for (auto& member : object) {
      if (is_textless(member.value(), is_settings(member.key()))) continue;
      if (const auto passed = whole_.pass(member.value()); passed != Passed::kYes) return passed;
    }
    return Passed::kYes;
  }

  Result<void> on_start(json::object& event, std::string& out) {
    auto* given = event.if_contains("message");
    auto* message = given != nullptr ? given->if_object() : nullptr;
    if (started_ || message == nullptr) return malformed("starts a message wrongly");
    const auto* content = message->if_contains("content");
    if (content != nullptr && !(content->is_array() && content->get_array().empty()) && !content->is_null())
      return malformed("starts a message with content");
    started_ = true;
    json::object kept;
    for (auto& member : *message)
      if (is_textless(member.value(), is_settings(member.key())))
        kept.emplace(member.key(), std::move(member.value()));
    kept["content"] = json::array();
    for (const auto& [key, value] : {std::pair("type", "message"), std::pair("role", "assistant")})
      kept.emplace(key, value);
    kept.emplace("model", model_);
    if (const auto* usage = kept.if_contains("usage"); usage != nullptr) remember(*usage);
    write(json::object{{"type", "message_start"}, {"message", std::move(kept)}}, out);
    return {};
  }

  Result<void> on_block_start(json::object& event, std::string& out) {
    auto* given = event.if_contains("content_block");
    auto* content = given != nullptr ? given->if_object() : nullptr;
    if (content == nullptr || index_of(event) != next_ || next_ == kMaxBlocks || stopping_)
      return malformed("starts a content block wrongly");
    blocks_.emplace_back(filter_, whole_, next_++);
    std::vector<json::object> deltas;
    const auto passed = blocks_.back().start(*content, deltas);
    if (passed != Passed::kYes) {
      blocks_.pop_back();  // the client has not seen it start
      return stop(passed, out);
    }
    const auto index = blocks_.back().index();
    write(
        json::object{
            {"type", "content_block_start"}, {"index", index}, {"content_block", std::move(*content)}},
        out);
    write_deltas(index, deltas, out);
    return {};
  }

  Result<void> on_block_delta(json::object& event, std::string& out) {
    auto* given = event.if_contains("delta");
    auto* delta = given != nullptr ? given->if_object() : nullptr;
    const auto block = open_block(event);
    if (delta == nullptr || block == blocks_.end()) return malformed("continues no content block");
    std::vector<json::object> deltas;
    const auto passed = block->pass(*delta, deltas);
    write_deltas(block->index(), deltas, out);
    return stop(passed, out);
  }

  Result<void> on_block_stop(json::object& event, std::string& out) {
    const auto block = open_block(event);
    if (block == blocks_.end()) return malformed("ends no content block");
    if (!finish(*block, out)) {
      withhold(out);
    } else {
      blocks_.erase(block);
    }
    return {};
  }

  Result<void> on_message_delta(json::object& event, std::string& out) {
    auto* given = event.if_contains("delta");
    auto* delta = given != nullptr ? given->if_object() : nullptr;
    if (delta == nullptr) return malformed("is malformed");
    if (!finish_blocks(out)) {
      withhold(out);
      return {};
    }
    if (const auto* usage = event.if_contains("usage"); usage != nullptr) remember(*usage);
    if (const auto passed = pass_members(*delta); passed != Passed::kYes) return stop(passed, out);
    stopping_ = true;
    json::object kept{{"type", "message_delta"}, {"delta", std::move(*delta)}};
    for (auto& member : event)
      if (!kept.contains(member.key()) && is_textless(member.value(), is_settings(member.key())))
        kept.emplace(member.key(), std::move(member.value()));
    write(kept, out);
    return {};
  }

  bool finish(MessagesBlock& block, std::string& out) {
    std::vector<json::object> deltas;
    const auto passed = block.finish(deltas);
    write_deltas(block.index(), deltas, out);
    if (passed == Passed::kYes) write_stop(block, out);
    return passed == Passed::kYes;
  }

  bool finish_blocks(std::string& out) {
    while (!blocks_.empty()) {
      if (!finish(blocks_.front(), out)) return false;
      blocks_.pop_front();
    }
    return true;
  }

  static void write_stop(const MessagesBlock& block, std::string& out) {
    write(json::object{{"type", "content_block_stop"}, {"index", block.index()}}, out);
  }

  void withhold(std::string& out) {
    for (const auto& block : blocks_) write_stop(block, out);
    if (!stopping_)
      write(json::object{{"type", "message_delta"},
                         {"delta", {{"stop_reason", "refusal"}, {"stop_sequence", nullptr}}},
                         {"usage", {{"output_tokens", output_tokens_}}}},
            out);
    write(json::object{{"type", "message_stop"}}, out);
    withheld();
  }

  void remember(const json::value& usage) {
    const auto* tokens = find(usage, "output_tokens");
    if (tokens != nullptr && tokens->is_int64()) output_tokens_ = tokens->get_int64();
  }

  static std::int64_t index_of(const json::object& event) {
    const auto* index = event.if_contains("index");
    return index != nullptr && index->is_int64() ? index->get_int64() : -1;
  }

  std::list<MessagesBlock>::iterator open_block(const json::object& event) {
    const auto index = index_of(event);
    return std::ranges::find_if(blocks_, [&](const auto& block) { return block.index() == index; });
  }

  TextFilter& filter_;
  WholeTexts whole_;
  std::string model_;
  std::list<MessagesBlock> blocks_;  // open ones
  std::uint32_t next_ = 0;
  std::int64_t output_tokens_ = 0;
  bool started_ = false;
  bool stopping_ = false;  // the reason why it stops has been told
};

}  // namespace

std::unique_ptr<StreamCodec> messages_stream(TextFilter& filter, std::string_view model) {
  return std::make_unique<MessagesStream>(filter, model);
}

}  // namespace plimsoll::wire
