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
#include "wire/openai_chat.h"

namespace plimsoll::wire {
namespace {

constexpr std::size_t kMaxChoices = 128;
constexpr std::array<std::string_view, 7> kLabels = {
    "id", "object", "created", "model", "system_fingerprint", "service_tier", "provider"};

bool is_label(std::string_view member) {
  return std::ranges::find(kLabels, member) != kLabels.end();
}

bool is_known_textless(std::string_view member) {
  constexpr std::array<std::string_view, 6> kMembers = {
      "usage",         "prompt_filter_results", "content_filter_results",
      "finish_reason", "native_finish_reason",  "stop_reason"};
  return is_label(member) || std::ranges::find(kMembers, member) != kMembers.end();
}

class ChatStream final : public EventCodec {
 public:
  ChatStream(TextFilter& filter, std::string_view model) : filter_(filter), model_(model) {}

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
    return !choices_.empty() && std::ranges::all_of(choices_, &ChatChoice::finished);
  }

  void end(std::string& out) override {
    for (auto& choice : choices_)
      if (!choice.finished() && !finish(choice, out)) return withhold(out);
    append_sse(out, "[DONE]");
    ended();
  }

  void write_error(std::string_view message, std::string_view type, std::string_view code,
                   std::string& out) override {
    append_sse(out, openai_error(message, type, code));
    append_sse(out, "[DONE]");
  }

 private:
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
          if (outcome == ChatChoice::Outcome::kMalformed)
            return plimsoll::fail(Code::kInvalid, "a choice of the stream is malformed");
          if (outcome == ChatChoice::Outcome::kWithheld) {
            if (!passed.empty()) write_choices(std::move(passed), out);
            withhold(out);
            return {};
          }
        }
        speaks = speaks || !passed.empty();
        choices = std::move(passed);
      } else if (!is_textless(value, is_known_textless(member.key()))) {
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
  ChatChoice::Outcome on_choice(json::value& value, json::array& passed, std::string& out) {
    using enum ChatChoice::Outcome;
    auto* object = value.if_object();
    auto* choice = object != nullptr ? choice_of(*object) : nullptr;
    if (choice == nullptr) return kMalformed;

    json::object delta;
    if (auto* given = object->if_contains("delta"); given != nullptr && !given->is_null()) {
      if (!given->is_object()) return kMalformed;
      delta = std::move(given->get_object());
    }
    if (const auto outcome = choice->pass(delta); outcome != kPassed) return outcome;

    if (choice->finished()) return kPassed;  // said twice
    const auto* reason = object->if_contains("finish_reason");
    const bool ends = reason != nullptr && !reason->is_null();
    if (ends) {
      if (!reason->is_string() || !is_identifier(reason->get_string())) return kMalformed;
      if (!delta.empty()) write_delta(choice->index(), std::exchange(delta, {}), nullptr, out);
      if (!finish(*choice, out)) return kWithheld;
    }
    if (ends || !delta.empty()) passed.push_back(without_texts(*object, std::move(delta)));
    return kPassed;
  }

  // The choice's members that carry no text, and its new delta. Token probabilities would tell what the
  // filter still holds.
  static json::object without_texts(json::object& choice, json::object delta) {
    json::object kept;
    for (auto& member : choice) {
      if (member.key() == "delta" || !is_textless(member.value(), is_known_textless(member.key()))) continue;
      kept.emplace(member.key(), std::move(member.value()));
    }
    if (choice.contains("logprobs")) kept["logprobs"] = nullptr;
    kept["delta"] = std::move(delta);
    return kept;
  }

  ChatChoice* choice_of(const json::object& choice) {
    std::int64_t index = 0;
    if (const auto* given = choice.if_contains("index"); given != nullptr) {
      if (!given->is_int64()) return nullptr;
      index = given->get_int64();
    }
    if (index < 0 || index >= static_cast<std::int64_t>(kMaxChoices)) return nullptr;
    const auto found = std::ranges::find(choices_, static_cast<std::uint32_t>(index), &ChatChoice::index);
    if (found != choices_.end()) return &*found;
    return &choices_.emplace_back(filter_, static_cast<std::uint32_t>(index));
  }

  bool finish(ChatChoice& choice, std::string& out) {
    std::vector<json::object> deltas;
    const auto outcome = choice.finish(deltas);
    for (auto& delta : deltas) write_delta(choice.index(), std::move(delta), nullptr, out);
    return outcome == ChatChoice::Outcome::kPassed;
  }

  void withhold(std::string& out) {
    for (const auto& choice : choices_)
      if (!choice.finished()) write_delta(choice.index(), {}, "content_filter", out);
    append_sse(out, "[DONE]");
    withheld();
  }

  void write_delta(std::uint32_t index, json::object delta, json::value finish_reason, std::string& out) {
    json::array choices;
    choices.push_back(json::object{
        {"index", index}, {"delta", std::move(delta)}, {"finish_reason", std::move(finish_reason)}});
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
    for (const auto label : kLabels)
      if (const auto* value = chunk.if_contains(label); value != nullptr && is_textless(*value, true))
        labels_.emplace(label, *value);
    labels_.emplace("object", "chat.completion.chunk");
    labels_.emplace("model", model_);
  }

  TextFilter& filter_;
  std::string model_;
  json::object labels_;
  std::deque<ChatChoice> choices_;
};

}  // namespace

std::unique_ptr<StreamCodec> chat_stream(TextFilter& filter, std::string_view model) {
  return std::make_unique<ChatStream>(filter, model);
}

}  // namespace plimsoll::wire
