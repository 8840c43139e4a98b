#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <map>
#include <utility>

#include "base/json.h"
#include "responses_chat.h"
#include "responses_chat_words.h"
#include "wire/openai_chat.h"
#include "wire/sse.h"

namespace plimsoll::wire {
namespace {

constexpr std::size_t kMaxItems = 1'024;

// The events of a Responses answer as chunks of one choice. Texts are taken from their deltas; from what
// repeats them only where there were none.
class ChatFromResponses final : public StreamTranslator {
 public:
  explicit ChatFromResponses(bool include_usage) : include_usage_(include_usage) {}

  Result<void> feed(std::string_view bytes, std::string& out) override {
    std::vector<SseEvent> events;
    auto read = decoder_.feed(bytes, events);
    for (const auto& event : events) {
      if (ended_) return {};
      if (auto passed = on_event(event, out); !passed) return passed;
    }
    return read;
  }

  void close(std::string&) override {}

 private:
  struct Item {
    std::string_view carrier;  // "function", "custom"; empty: not a call
    std::size_t call = 0;
    bool said = false;
    bool reasoned = false;  // has text that is not the first of its list
  };

  Result<void> on_event(const SseEvent& event, std::string& out) {
    if (event.data == "[DONE]") return {};
    const auto parsed = parse_json(event.data);
    if (!parsed) return std::unexpected(Error(parsed.error()).in("an event of the stream"));
    if (!parsed->is_object()) return fail(Code::kInvalid, "an event of the stream is not an object");
    auto type = text_in(*parsed, "type");
    if (type.empty()) type = event.name;
    const auto* response = find(*parsed, "response");
    if (type == "error" || (type.empty() && find(*parsed, "error") != nullptr)) {
      const auto* error = find(*parsed, "error");
      write_error(error != nullptr && error->is_object() ? *error : *parsed, out);
    } else if (type == "response.failed") {
      const auto* error = response != nullptr ? find(*response, "error") : nullptr;
      write_error(error != nullptr ? *error : *parsed, out);
    } else if (type == "response.completed" || type == "response.incomplete") {
      if (response == nullptr || !response->is_object())
        return fail(Code::kInvalid, "the end of the stream has no response");
      on_end(*response, out);
    } else if (type == "response.created" && response != nullptr) {
      begin(*response, out);
    } else {
      return on_output(type, *parsed, out);
    }
    return {};
  }

  Result<void> on_output(std::string_view type, const json::value& event, std::string& out) {
    const auto* index = find(event, "output_index");
    if (index == nullptr) return {};
    if (!index->is_int64() || index->get_int64() < 0 || index->get_int64() >= std::int64_t{kMaxItems})
      return fail(Code::kInvalid, "an output of the stream has no place");
    const auto number = index->get_int64();
    const auto* item = find(event, "item");
    if (type == "response.output_item.added" && item != nullptr) {
      open(number, *item, out);
    } else if (type == "response.output_item.done" && item != nullptr) {
      finish(number, *item, out);
    } else if (type.ends_with(".delta")) {
      say(items_[number], type, text_in(event, "delta"), out);
    } else if (type.ends_with("summary_part.added")) {
      if (items_[number].said) items_[number].reasoned = true;
    }
    return {};
  }

  void begin(const json::value& response, std::string& out) {
    if (begun_) return;
    begun_ = true;
    labels_ = {{"id", text_in(response, "id")}, {"object", "chat.completion.chunk"}, {"created", 0}};
    if (const auto* created = find(response, "created_at"); created != nullptr && created->is_number())
      labels_["created"] = *created;
    labels_["model"] = text_in(response, "model");
    write({{"role", "assistant"}, {"content", ""}}, nullptr, out);
  }

  void open(std::int64_t number, const json::value& value, std::string& out) {
    const auto type = text_in(value, "type");
    auto& item = items_[number];
    if (type != "function_call" && type != "custom_tool_call") return;
    item.carrier = type == "function_call" ? "function" : "custom";
    item.call = calls_++;
    const std::string_view text = type == "function_call" ? "arguments" : "input";
    json::object called{{"name", text_in(value, "name")}, {text, ""}};
    write_call({{"index", item.call},
                {"id", text_in(value, "call_id")},
                {"type", item.carrier},
                {item.carrier, std::move(called)}},
               out);
  }

  void say(Item& item, std::string_view type, std::string_view text, std::string& out) {
    if (text.empty()) return;
    if (type.starts_with("response.output_text.")) {
      write({{"content", text}}, nullptr, out);
    } else if (type.starts_with("response.refusal.")) {
      write({{"refusal", text}}, nullptr, out);
    } else if (type.starts_with("response.reasoning_")) {
      const std::string separator = std::exchange(item.reasoned, false) ? "\n" : "";
      write({{"reasoning_content", separator + std::string(text)}}, nullptr, out);
    } else if (type.starts_with("response.function_call_arguments.") ||
               type.starts_with("response.custom_tool_call_input.")) {
      const std::string_view member = item.carrier == "custom" ? "input" : "arguments";
      if (item.carrier.empty()) return;
      write_call({{"index", item.call}, {item.carrier, json::object{{member, text}}}}, out);
    } else {
      return;
    }
    item.said = true;
  }

  // An item at its end: what it says is said here if it was not before.
  void finish(std::int64_t number, const json::value& value, std::string& out) {
    const bool is_new = !items_.contains(number);
    if (is_new) open(number, value, out);
    auto& item = items_[number];
    if (item.said) return;
    for (const char* list : {"summary", "content"}) {
      const auto* parts = find_array(value, list);
      if (parts == nullptr) continue;
      for (const auto& part : *parts) {
        const auto type = text_in(part, "type");
        const bool reasons = type == "summary_text" || type == "reasoning_text";
        if (reasons && item.said) item.reasoned = true;
        if (reasons) say(item, "response.reasoning_text.", text_in(part, "text"), out);
        if (type == "output_text") say(item, "response.output_text.", text_in(part, "text"), out);
        if (type == "refusal") say(item, "response.refusal.", text_in(part, "refusal"), out);
      }
    }
    if (item.carrier == "function")
      say(item, "response.function_call_arguments.", text_in(value, "arguments"), out);
    if (item.carrier == "custom") say(item, "response.custom_tool_call_input.", text_in(value, "input"), out);
    item.said = true;
  }

  void on_end(const json::value& response, std::string& out) {
    begin(response, out);
    if (const auto* output = find_array(response, "output"); output != nullptr)
      for (std::size_t i = 0; i < output->size() && i < kMaxItems; ++i)
        finish(static_cast<std::int64_t>(i), (*output)[i], out);
    write({}, json::value(finish_reason_of(response, calls_ > 0)), out);
    if (auto usage = usage_for_chat(response); include_usage_ && !usage.is_null()) {
      json::object chunk = labels_;
      chunk["choices"] = json::array();
      chunk["usage"] = std::move(usage);
      append_sse(out, to_json(chunk));
    }
    append_sse(out, "[DONE]");
    ended_ = true;
  }

  void write_error(const json::value& error, std::string& out) {
    append_sse(out, openai_error(text_in(error, "message"), "server_error", text_in(error, "code")));
    append_sse(out, "[DONE]");
    ended_ = true;
  }

  void write_call(json::object call, std::string& out) {
    write({{"tool_calls", json::array{std::move(call)}}}, nullptr, out);
  }

  void write(json::object delta, json::value finish_reason, std::string& out) {
    json::object chunk = labels_;
    chunk["choices"] = json::array{
        json::object{{"index", 0}, {"delta", std::move(delta)}, {"finish_reason", std::move(finish_reason)}}};
    append_sse(out, to_json(chunk));
  }

  SseDecoder decoder_;
  bool include_usage_;
  bool begun_ = false;
  bool ended_ = false;
  json::object labels_;
  std::map<std::int64_t, Item> items_;
  std::size_t calls_ = 0;
};

}  // namespace

std::unique_ptr<StreamTranslator> chat_stream_from_responses(bool include_usage) {
  return std::make_unique<ChatFromResponses>(include_usage);
}

}  // namespace plimsoll::wire
