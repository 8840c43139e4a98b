#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <utility>
#include <vector>

#include "base/json.h"
#include "collector.h"
#include "messages_chat.h"
#include "messages_chat_parts.h"
#include "wire/sse.h"

namespace plimsoll::wire {
namespace {

constexpr std::int64_t kMaxCalls = 1'024;

class MessagesFromChat final : public StreamTranslator {
 public:
  explicit MessagesFromChat(std::string model) : model_(std::move(model)) {}

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

  // Servers that close after the reason without a last word have said all.
  void close(std::string& out) override {
    if (!done_ && !reason_.empty()) end(out);
    done_ = true;
  }

 private:
  enum class Open : std::uint8_t { kNothing, kText, kThinking, kCall };

  static std::unexpected<Error> malformed(std::string_view why) {
    return plimsoll::fail(Code::kInvalid, "a chunk of the model server's stream " + std::string(why));
  }

  Result<void> on_event(const SseEvent& event, std::string& out) {
    if (event.data == "[DONE]") {
      if (!started_) return malformed("ends what never began");
      end(out);
      return {};
    }
    const auto chunk = parse_json(event.data);
    if (!chunk || !chunk->is_object()) return malformed("is no JSON object");
    const auto* error = find(*chunk, "error");
    if (event.name == "error" || (error != nullptr && !error->is_null())) {
      on_error(error != nullptr ? *error : *chunk, out);
      return {};
    }
    if (!started_) start(*chunk, out);
    if (const auto* usage = find(*chunk, "usage"); usage != nullptr && usage->is_object())
      usage_ = messages_usage(*usage);
    const auto* choices = find_array(*chunk, "choices");
    if (choices == nullptr) return {};
    for (const auto& choice : *choices)
      if (auto carried = on_choice(choice, out); !carried) return carried;
    return {};
  }

  Result<void> on_choice(const json::value& choice, std::string& out) {
    if (const auto* index = find(choice, "index"); index != nullptr && *index != 0)
      return malformed("is of a choice that nobody asked for");
    if (const auto* delta = find(choice, "delta"); delta != nullptr && delta->is_object()) {
      if (!says_nothing(find(*delta, "function_call")) || !says_nothing(find(*delta, "audio")))
        return malformed("holds what the client's protocol has no word for");
      const auto* thought = find(*delta, "reasoning_content");
      write_text(Open::kThinking, says_nothing(thought) ? find(*delta, "reasoning") : thought, out);
      write_text(Open::kText, find(*delta, "content"), out);
      const auto* refusal = find(*delta, "refusal");
      refused_ = refused_ || !says_nothing(refusal);
      write_text(Open::kText, refusal, out);
      if (const auto* calls = find_array(*delta, "tool_calls"); calls != nullptr)
        for (const auto& call : *calls)
          if (auto carried = on_call(call, out); !carried) return carried;
    }
    if (const auto* reason = find_string(choice, "finish_reason"); reason != nullptr && reason_.empty()) {
      close_block(out);
      reason_ = refused_ ? std::string_view("refusal") : stop_reason_of(*reason, calls_ > 0);
    }
    return {};
  }

  // A call's pieces follow each other; one that brings an id or a higher index is the next.
  Result<void> on_call(const json::value& call, std::string& out) {
    const auto* index = find(call, "index");
    const auto* id = find(call, "id");
    const auto* function = find(call, "function");
    const auto* arguments = function != nullptr ? find(*function, "arguments") : nullptr;
    const auto number = index != nullptr && index->is_int64() ? index->get_int64()
                        : says_nothing(id)                    ? calls_ - 1
                                                              : calls_;
    if (number == calls_ && calls_ < kMaxCalls) {
      const auto* name = function != nullptr ? find(*function, "name") : nullptr;
      if (says_nothing(name)) return malformed("calls a tool without a name");
      ++calls_;
      open(Open::kCall,
           {{"type", "tool_use"},
            {"id", says_nothing(id) ? json::value("call_" + std::to_string(number)) : *id},
            {"name", *name},
            {"input", json::object()}},
           out);
    } else if (number != calls_ - 1 || open_ != Open::kCall) {
      return malformed("continues a tool's call that has ended");
    }
    if (!says_nothing(arguments))
      write_delta({{"type", "input_json_delta"}, {"partial_json", *arguments}}, out);
    return {};
  }

  void start(const json::value& chunk, std::string& out) {
    started_ = true;
    const auto label = [&](std::string_view member, std::string_view otherwise) {
      const auto* value = find_string(chunk, member);
      return value != nullptr && is_identifier(*value) ? json::value(*value) : json::value(otherwise);
    };
    write({{"type", "message_start"},
           {"message",
            {{"id", label("id", "msg_translated")},
             {"type", "message"},
             {"role", "assistant"},
             {"model", label("model", model_)},
             {"content", json::array()},
             {"stop_reason", nullptr},
             {"stop_sequence", nullptr},
             {"usage", {{"input_tokens", 0}, {"output_tokens", 0}}}}}},
          out);
  }

  void end(std::string& out) {
    close_block(out);
    const std::string_view reason = reason_.empty() ? stop_reason_of({}, calls_ > 0) : reason_;
    if (usage_.empty()) usage_ = {{"output_tokens", 0}};
    write({{"type", "message_delta"},
           {"delta", {{"stop_reason", reason}, {"stop_sequence", nullptr}}},
           {"usage", std::move(usage_)}},
          out);
    write({{"type", "message_stop"}}, out);
    done_ = true;
  }

  void on_error(const json::value& error, std::string& out) {
    const auto* type = find_string(error, "type");
    const bool known = type != nullptr && is_identifier(*type);
    write({{"type", "error"},
           {"error",
            {{"type", known ? std::string_view(*type) : std::string_view("api_error")},
             {"message", "The model server reported an error."}}}},
          out);
    done_ = true;
  }

  void write_text(Open kind, const json::value* text, std::string& out) {
    if (text == nullptr || !text->is_string() || text->get_string().empty()) return;
    const bool thinks = kind == Open::kThinking;
    if (open_ != kind)
      open(kind,
           thinks ? json::object{{"type", "thinking"}, {"thinking", ""}, {"signature", ""}}
                  : json::object{{"type", "text"}, {"text", ""}},
           out);
    write_delta(thinks ? json::object{{"type", "thinking_delta"}, {"thinking", *text}}
                       : json::object{{"type", "text_delta"}, {"text", *text}},
                out);
  }

  void open(Open kind, json::object block, std::string& out) {
    close_block(out);
    open_ = kind;
    write({{"type", "content_block_start"}, {"index", index_}, {"content_block", std::move(block)}}, out);
  }

  void close_block(std::string& out) {
    if (open_ == Open::kNothing) return;
    open_ = Open::kNothing;
    write({{"type", "content_block_stop"}, {"index", index_++}}, out);
  }

  void write_delta(json::object delta, std::string& out) {
    write({{"type", "content_block_delta"}, {"index", index_}, {"delta", std::move(delta)}}, out);
  }

  static void write(const json::object& event, std::string& out) {
    append_sse(out, to_json(event), std::string_view(event.at("type").as_string()));
  }

  std::string model_;
  SseDecoder decoder_;
  Open open_ = Open::kNothing;
  std::int64_t index_ = 0;
  std::int64_t calls_ = 0;
  std::string reason_;
  json::object usage_;
  bool started_ = false;
  bool refused_ = false;
  bool done_ = false;
};

}  // namespace

std::unique_ptr<StreamTranslator> messages_stream_from_chat(std::string model) {
  return std::make_unique<MessagesFromChat>(std::move(model));
}

}  // namespace plimsoll::wire
