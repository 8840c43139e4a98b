#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <deque>
#include <utility>

#include "base/json.h"
#include "chat_choice.h"
#include "collector.h"
#include "event_codec.h"
#include "openai_body.h"
#include "utf8.h"
#include "wire/openai_chat.h"
#include "wire/text_completions.h"

namespace plimsoll::wire {
namespace {

constexpr std::size_t kMaxChoices = 128;

bool is_known_textless(std::string_view member) {
  constexpr std::array<std::string_view, 6> kMembers = {"usage",         "prompt_filter_results",
                                                        "finish_reason", "content_filter_results",
                                                        "stop_reason",   "native_finish_reason"};
  return is_answer_label(member) || std::ranges::find(kMembers, member) != kMembers.end();
}

bool may_pass(std::string_view member, const json::value& value) {
  return is_textless(value, is_known_textless(member));
}

class TextCompletionStream final : public EventCodec {
 public:
  TextCompletionStream(TextFilter& filter, std::string_view model) : filter_(filter), model_(model) {}

 protected:
  Result<void> on_event(const SseEvent& event, std::string& out) override {
    if (event.data == "[DONE]") {
      if (choices_.empty()) return plimsoll::fail(Code::kInvalid, "the stream ended without an answer");
      end(out);
      return {};
    }
    auto chunk = parse_json(event.data);
    if (!chunk) return std::unexpected(std::move(chunk).error().in("a chunk of the stream"));
    if (!chunk->is_object()) return plimsoll::fail(Code::kInvalid, "a chunk of the stream is not an object");
    const auto* error = find(*chunk, "error");
    if (event.name == "error" || (error != nullptr && !error->is_null())) {
      pass_error(error != nullptr ? *error : *chunk, out);
      return {};
    }
    return on_chunk(chunk->get_object(), out);
  }

  bool may_end() const override {
    return !choices_.empty() && std::ranges::all_of(choices_, &Choice::finished);
  }

  void end(std::string& out) override {
    for (auto& choice : choices_)
      if (!choice.finished && !finish(choice, out)) return withhold(out);
    append_sse(out, "[DONE]");
    ended();
  }

  void write_error(std::string_view message, std::string_view type, std::string_view code,
                   std::string& out) override {
    append_sse(out, openai_error(message, type, code));
    append_sse(out, "[DONE]");
  }

 private:
  struct Choice {
    std::uint32_t index;
    bool began = false;  // the filter was given something
    bool finished = false;
    Utf8Joiner released = {};
  };
  enum class Outcome : std::uint8_t { kPassed, kWithheld, kMalformed };

  Result<void> on_chunk(json::object& chunk, std::string& out) {
    remember_labels(chunk);
    json::object kept;
    bool speaks = false;
    for (auto& member : chunk) {
      auto& value = member.value();
      if (member.key() == "choices" && value.is_array()) {
        auto& choices = value.get_array();
        speaks = speaks || choices.empty();
        json::array passed;
        for (auto& choice : choices) {
          const auto outcome = on_choice(choice, passed, out);
          if (outcome == Outcome::kMalformed)
            return plimsoll::fail(Code::kInvalid, "a choice of the stream is malformed");
          if (outcome == Outcome::kWithheld) {
            if (!passed.empty()) write_choices(std::move(passed), out);
            withhold(out);
            return {};
          }
        }
        speaks = speaks || !passed.empty();
        choices = std::move(passed);
      } else if (!may_pass(member.key(), value)) {
        continue;
      }
      speaks = speaks || (member.key() == "usage" && !value.is_null());
      kept.emplace(member.key(), std::move(value));
    }
    if (speaks) append_sse(out, to_json(kept));
    return {};
  }

  // Puts what remains of the choice into `passed`, if anything does. When this is its end, everything else it
  // has to say goes out before.
  Outcome on_choice(json::value& value, json::array& passed, std::string& out) {
    auto* object = value.if_object();
    auto* choice = object != nullptr ? choice_of(*object) : nullptr;
    if (choice == nullptr) return Outcome::kMalformed;

    std::string_view text;
    if (const auto* given = object->if_contains("text"); given != nullptr && !given->is_null()) {
      if (!given->is_string()) return Outcome::kMalformed;
      text = given->get_string();
    }
    if (choice->finished) return text.empty() ? Outcome::kPassed : Outcome::kMalformed;
    std::string released;
    if (!text.empty()) {
      choice->began = true;
      if (!filter_.feed(channel_of(*choice), text, released)) return Outcome::kWithheld;
    }
    auto piece = choice->released.push(released);

    const auto* reason = object->if_contains("finish_reason");
    const bool ends = reason != nullptr && !reason->is_null();
    if (ends) {
      if (!reason->is_string() || !is_identifier(reason->get_string())) return Outcome::kMalformed;
      if (!piece.empty()) write_text(*choice, std::exchange(piece, {}), nullptr, out);
      if (!finish(*choice, out)) return Outcome::kWithheld;
    }
    if (ends || !piece.empty()) passed.push_back(with_text(*object, piece));
    return Outcome::kPassed;
  }

  // The choice's members that carry no text, and its new text. Token probabilities would tell what the filter
  // still holds.
  static json::object with_text(json::object& choice, std::string_view text) {
    json::object kept{{"text", text}};
    for (auto& member : choice)
      if (member.key() != "text" && member.key() != "logprobs" && may_pass(member.key(), member.value()))
        kept.emplace(member.key(), std::move(member.value()));
    kept.emplace("logprobs", nullptr);
    return kept;
  }

  Choice* choice_of(const json::object& object) {
    std::int64_t index = 0;
    if (const auto* given = object.if_contains("index"); given != nullptr) {
      if (!given->is_int64()) return nullptr;
      index = given->get_int64();
    }
    if (index < 0 || index >= static_cast<std::int64_t>(kMaxChoices)) return nullptr;
    const auto found = std::ranges::find(choices_, static_cast<std::uint32_t>(index), &Choice::index);
    if (found != choices_.end()) return &*found;
    return &choices_.emplace_back(Choice{static_cast<std::uint32_t>(index)});
  }

  static Channel channel_of(const Choice& choice) { return {choice.index, SegmentKind::kText, 0}; }

  bool finish(Choice& choice, std::string& out) {
    std::string released;
    if (choice.began && !filter_.finish(channel_of(choice), released)) return false;
    choice.finished = true;
    auto piece = choice.released.push(released) + choice.released.finish();
    if (!piece.empty()) write_text(choice, std::move(piece), nullptr, out);
    return true;
  }

  void withhold(std::string& out) {
    for (const auto& choice : choices_)
      if (!choice.finished) write_text(choice, {}, "content_filter", out);
    append_sse(out, "[DONE]");
    withheld();
  }

  void write_text(const Choice& choice, std::string text, json::value finish_reason, std::string& out) {
    json::array choices;
    choices.push_back(json::object{{"text", std::move(text)},
                                   {"index", choice.index},
                                   {"logprobs", nullptr},
                                   {"finish_reason", std::move(finish_reason)}});
    write_choices(std::move(choices), out);
  }

  void write_choices(json::array choices, std::string& out) {
    json::object chunk = labels_;
    chunk.emplace("choices", std::move(choices));
    append_sse(out, to_json(chunk));
  }

  // Chunks of our own are labelled like the first of the stream.
  void remember_labels(const json::object& chunk) {
    if (!labels_.empty()) return;
    for (const auto& member : chunk)
      if (is_answer_label(member.key()) && is_textless(member.value(), true))
        labels_.emplace(member.key(), member.value());
    labels_.emplace("object", "text_completion");
    labels_.emplace("model", model_);
  }

  TextFilter& filter_;
  std::string model_;
  json::object labels_;
  std::deque<Choice> choices_;
};

}  // namespace

std::unique_ptr<StreamCodec> text_completion_stream(TextFilter& filter, std::string_view model) {
  return std::make_unique<TextCompletionStream>(filter, model);
}

}  // namespace plimsoll::wire
