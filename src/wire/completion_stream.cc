#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <utility>

#include "base/json.h"
#include "event_codec.h"
#include "utf8.h"
#include "wire/completion.h"

namespace plimsoll::wire {
namespace {

// Line ends as event streams can carry them: CR and CRLF become LF, wherever the text is cut.
class LineEnds {
 public:
  std::string normalise(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
      if (!(c == '\n' && after_cr_)) out += c == '\r' ? '\n' : c;
      after_cr_ = c == '\r';
    }
    return out;
  }

 private:
  bool after_cr_ = false;
};

// The text that the chunk adds to the first choice, or empty.
std::string_view content_of(const json::object& choice) {
  const auto* delta = choice.if_contains("delta");
  const auto* content = delta != nullptr ? find_string(*delta, "content") : nullptr;
  return content != nullptr ? std::string_view(*content) : std::string_view();
}

bool is_first(const json::object& choice) {
  const auto* index = choice.if_contains("index");
  return index == nullptr || (index->is_int64() && index->get_int64() == 0);
}

class CompletionStream final : public EventCodec {
 public:
  CompletionStream(TextFilter& filter, CompletionUpstream from) : filter_(filter), from_(from) {}

 protected:
  Result<void> on_event(const SseEvent& event, std::string& out) override {
    if (event.name == "ping") return {};
    began_ = true;
    if (event.data == "[DONE]") {
      end(out);
      return {};
    }
    return from_ == CompletionUpstream::kChat ? on_chunk(event, out) : on_text(event, out);
  }

  bool may_end() const override {
    return from_ == CompletionUpstream::kChat ? finished_ : began_ && !holds_unfinished_event();
  }

  void end(std::string& out) override {
    if (!pass(arrived_.finish(), out)) return;
    if (began_text_) {
      std::string released;
      if (!filter_.finish(Channel{}, released)) return withhold(out);
      write(released_.push(released) + released_.finish(), out);
    }
    ended();
  }

  void write_error(std::string_view message, std::string_view type, std::string_view,
                   std::string& out) override {
    append_sse(out, completion_error(message, type), "error");
  }

 private:
  // Plain text, unless it is an object that says otherwise.
  Result<void> on_text(const SseEvent& event, std::string& out) {
    std::string_view text = event.data;
    auto parsed = text.starts_with('{') || event.name == "error"
                      ? parse_json(text)
                      : Result<json::value>(plimsoll::fail(Code::kInvalid, ""));
    const auto* error = parsed ? find(*parsed, "error") : nullptr;
    if (event.name == "error" || (error != nullptr && !error->is_null())) {
      pass_error(error != nullptr ? *error : json::value(), out);
      return {};
    }
    if (const auto* content = parsed ? find_string(*parsed, "content") : nullptr; content != nullptr)
      text = *content;
    pass(arrived_.push(text), out);
    return {};
  }

  Result<void> on_chunk(const SseEvent& event, std::string& out) {
    auto parsed = parse_json(event.data);
    if (!parsed) return std::unexpected(std::move(parsed).error().in("a chunk of the stream"));
    if (!parsed->is_object()) return plimsoll::fail(Code::kInvalid, "a chunk of the stream is not an object");
    const auto* error = find(*parsed, "error");
    if (event.name == "error" || (error != nullptr && !error->is_null())) {
      pass_error(error != nullptr ? *error : *parsed, out);
      return {};
    }
    const auto* choices = find_array(*parsed, "choices");
    if (choices == nullptr) return {};
    for (const auto& item : *choices) {
      const auto* choice = item.if_object();
      if (choice == nullptr) return plimsoll::fail(Code::kInvalid, "a choice of the stream is malformed");
      if (!is_first(*choice)) continue;
      if (finished_ && !content_of(*choice).empty())
        return plimsoll::fail(Code::kInvalid, "a choice of the stream goes on after its end");
      if (!pass(std::string(content_of(*choice)), out)) return {};
      const auto* reason = choice->if_contains("finish_reason");
      finished_ = finished_ || (reason != nullptr && !reason->is_null());
    }
    return {};
  }

  // False when the filter withholds; the end has then been written.
  bool pass(const std::string& text, std::string& out) {
    if (text.empty()) return true;
    began_text_ = true;
    std::string released;
    if (!filter_.feed(Channel{}, text, released)) {
      withhold(out);
      return false;
    }
    write(released_.push(released), out);
    return true;
  }

  void write(const std::string& text, std::string& out) {
    const auto lines = line_ends_.normalise(text);
    if (!lines.empty()) append_sse(out, lines);
  }

  void withhold(std::string& out) {
    append_sse(out, completion_error("The rest of this answer was withheld by policy.", "content_filter"),
               "error");
    withheld();
  }

  TextFilter& filter_;
  CompletionUpstream from_;
  Utf8Joiner arrived_;
  Utf8Joiner released_;
  LineEnds line_ends_;
  bool began_ = false;       // an event was seen
  bool began_text_ = false;  // the filter was given something
  bool finished_ = false;    // a finish_reason was seen
};

}  // namespace

std::unique_ptr<StreamCodec> completion_stream(TextFilter& filter, CompletionUpstream from) {
  return std::make_unique<CompletionStream>(filter, from);
}

}  // namespace plimsoll::wire
