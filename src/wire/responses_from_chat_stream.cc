#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "base/json.h"
#include "responses_chat.h"
#include "responses_chat_words.h"
#include "responses_output.h"
#include "wire/sse.h"

namespace plimsoll::wire {
namespace {

constexpr std::int64_t kMaxCalls = 128;

class LetEverythingPass final : public TextFilter {
 public:
  bool feed(Channel, std::string_view text, std::string& out) override {
    out += text;
    return true;
  }
  bool finish(Channel, std::string&) override { return true; }
};

// The chunks of one choice as the events of a Responses answer, whose items are written as a codec does.
class ResponsesFromChat final : public StreamTranslator {
 public:
  explicit ResponsesFromChat(const json::value& request)
      : answer_(everything_), request_(settings_of(request)) {}

  Result<void> feed(std::string_view bytes, std::string& out) override {
    std::vector<SseEvent> events;
    auto read = decoder_.feed(bytes, events);
    for (const auto& event : events) {
      if (ended_) return {};
      auto passed = on_event(event);
      out += answer_.take_written();
      if (!passed) return passed;
    }
    return read;
  }

  void close(std::string& out) override {
    if (ended_ || !finish_reason_ || !end()) return;
    out += answer_.take_written();
  }

 private:
  // What response_shell() reads of a request; the rest may be long.
  static json::value settings_of(const json::value& request) {
    json::object kept;
    copy_members(request,
                 {"model", "parallel_tool_calls", "temperature", "top_p", "max_output_tokens", "tool_choice"},
                 kept);
    return kept;
  }

  Result<void> on_event(const SseEvent& event) {
    if (event.data == "[DONE]") {
      if (!finish_reason_) return fail(Code::kInvalid, "the stream ended without an answer");
      return end();
    }
    const auto chunk = parse_json(event.data);
    if (!chunk) return std::unexpected(Error(chunk.error()).in("a chunk of the stream"));
    if (!chunk->is_object()) return fail(Code::kInvalid, "a chunk of the stream is not an object");
    if (const auto* error = find(*chunk, "error"); error != nullptr && !error->is_null()) {
      answer_.write("error", json::object{{"code", text_in(*error, "code")},
                                          {"message", text_in(*error, "message")},
                                          {"param", nullptr}});
      ended_ = true;
      return {};
    }
    begin(*chunk);
    if (auto usage = usage_for_responses(*chunk); !usage.is_null()) usage_ = std::move(usage);
    const auto* choices = find_array(*chunk, "choices");
    if (choices == nullptr) return {};
    for (const auto& choice : *choices)
      if (on_choice(choice) != Relayed::kPassed)
        return fail(Code::kInvalid, "a choice of the stream is malformed");
    return {};
  }

  void begin(const json::value& chunk) {
    if (!response_.empty()) return;
    labels_ = json::object{{"id", text_in(chunk, "id")}};
    response_ = response_shell(chunk, request_);
    answer_.write("response.created", json::object{{"response", response_}});
    answer_.write("response.in_progress", json::object{{"response", response_}});
  }

  Relayed on_choice(const json::value& choice) {
    if (!choice.is_object()) return Relayed::kMalformed;
    if (const auto* index = find(choice, "index"); index != nullptr && *index != 0)
      return Relayed::kMalformed;
    if (const auto* delta = find(choice, "delta"); delta != nullptr && !delta->is_null())
      if (const auto passed = on_delta(*delta); passed != Relayed::kPassed) return passed;
    if (const auto reason = text_in(choice, "finish_reason"); !reason.empty() && !finish_reason_)
      finish_reason_ = reason;
    return Relayed::kPassed;
  }

  Relayed on_delta(const json::value& delta) {
    if (!delta.is_object()) return Relayed::kMalformed;
    auto reasoning = text_in(delta, "reasoning_content");
    if (reasoning.empty()) reasoning = text_in(delta, "reasoning");
    auto passed = say(reasoning_, "response.reasoning_text", reasoning);
    if (passed == Relayed::kPassed) passed = say(message_, "response.output_text", text_in(delta, "content"));
    if (passed == Relayed::kPassed) passed = say(message_, "response.refusal", text_in(delta, "refusal"));
    if (const auto* calls = find_array(delta, "tool_calls"); calls != nullptr)
      for (const auto& call : *calls)
        if (passed == Relayed::kPassed) passed = on_call(call);
    return passed;
  }

  // Adds to the item that is open, after closing what is not of its kind: reasoning ends where text begins,
  // text where calls begin.
  Relayed say(OutputItem*& open, std::string_view event, std::string_view text) {
    if (text.empty()) return Relayed::kPassed;
    const bool reasons = &open == &reasoning_;
    if (const auto passed = close(reasons ? message_ : reasoning_); passed != Relayed::kPassed) return passed;
    if (open == nullptr) {
      parts_.clear();
      const auto passed =
          reasons ? add({{"type", "reasoning"}, {"id", id("rs")}, {"summary", json::array()}}, open)
                  : add({{"type", "message"},
                         {"id", id("msg")},
                         {"status", "in_progress"},
                         {"role", "assistant"},
                         {"content", json::array()}},
                        open);
      if (passed != Relayed::kPassed) return passed;
    }
    const auto part = parts_.try_emplace(std::string(event), static_cast<std::uint32_t>(parts_.size()));
    return open->feed(*streamed_kind(event), part.first->second, text);
  }

  Relayed on_call(const json::value& call) {
    if (!call.is_object()) return Relayed::kMalformed;
    std::int64_t index = calls_.empty() ? 0 : calls_.rbegin()->first;
    if (const auto* given = find(call, "index"); given != nullptr && !given->is_null()) {
      if (!given->is_int64()) return Relayed::kMalformed;
      index = given->get_int64();
    } else if (!calls_.empty() && !text_in(call, "id").empty()) {
      ++index;  // one that comes whole
    }
    if (index < 0 || index >= kMaxCalls) return Relayed::kMalformed;
    const bool custom = find(call, "custom") != nullptr;
    const auto* called = find(call, custom ? "custom" : "function");
    const json::value none = json::object();
    if (called == nullptr) called = &none;

    auto& item = calls_[index];
    if (item == nullptr) {
      auto passed = close(reasoning_);
      if (passed == Relayed::kPassed) passed = close(message_);
      if (passed == Relayed::kPassed)
        passed = add({{"type", custom ? "custom_tool_call" : "function_call"},
                      {"id", id(custom ? "ctc" : "fc")},
                      {"call_id", text_in(call, "id")},
                      {"name", text_in(*called, "name")},
                      {custom ? "input" : "arguments", ""},
                      {"status", "in_progress"}},
                     item);
      if (passed != Relayed::kPassed) return passed;
    }
    return item->feed(
        *streamed_kind(custom ? "response.custom_tool_call_input" : "response.function_call_arguments"), 0,
        text_in(*called, custom ? "input" : "arguments"));
  }

  Relayed add(json::object item, OutputItem*& open) {
    const auto index = static_cast<std::uint32_t>(items_.size());
    if (index == 1'024) return Relayed::kMalformed;
    open = &items_.emplace_back(answer_, index);
    return open->open(std::move(item));
  }

  static Relayed close(OutputItem*& open) {
    auto* const item = std::exchange(open, nullptr);
    return item != nullptr ? item->end({}) : Relayed::kPassed;
  }

  Result<void> end() {
    ended_ = true;
    json::array output;
    for (auto& item : items_) {
      if (item.end({}) != Relayed::kPassed) return fail(Code::kInvalid, "the stream's answer is too large");
      output.push_back(item.item());
    }
    const auto ending = ending_of(*finish_reason_);
    response_["status"] = ending.status;
    if (!ending.reason.empty()) response_["incomplete_details"] = json::object{{"reason", ending.reason}};
    response_["output"] = std::move(output);
    response_["usage"] = usage_;
    answer_.write("response." + std::string(ending.status), json::object{{"response", response_}});
    return {};
  }

  std::string id(std::string_view prefix) const { return derived_id(prefix, labels_, items_.size()); }

  LetEverythingPass everything_;
  StreamedAnswer answer_;
  SseDecoder decoder_;
  json::value request_;
  json::value labels_;
  json::object response_;
  json::value usage_;
  std::deque<OutputItem> items_;
  OutputItem* reasoning_ = nullptr;  // open ones
  OutputItem* message_ = nullptr;
  std::map<std::int64_t, OutputItem*> calls_;
  std::map<std::string, std::uint32_t> parts_;  // of the open message or reasoning, by their event
  std::optional<std::string> finish_reason_;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<StreamTranslator> responses_stream_from_chat(const json::value& request) {
  return std::make_unique<ResponsesFromChat>(request);
}

}  // namespace plimsoll::wire
