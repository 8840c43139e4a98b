#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <map>
#include <optional>
#include <utility>

#include "base/json.h"
#include "chat_choice.h"
#include "collector.h"
#include "event_codec.h"
#include "responses_output.h"
#include "wire/openai_responses.h"

namespace plimsoll::wire {
namespace {

using List = OutputItem::List;
constexpr std::int64_t kMaxItems = 1'024;
constexpr std::int64_t kMaxNumber = 4'096;  // of a part within its item

bool is_label(std::string_view member) {
  constexpr std::array<std::string_view, 9> kLabels = {
      "object",     "status",      "model",     "service_tier",
      "truncation", "tool_choice", "reasoning", "incomplete_details",
      "text"};
  return std::ranges::find(kLabels, member) != kLabels.end();
}

// A response as it may be shown: what carries no text. What it repeats of the request is left out, since the
// client knows it and nothing has inspected it here.
json::object without_texts(const json::object& response) {
  json::object kept;
  for (const auto& member : response) {
    const std::string_view key = member.key();
    const auto& value = member.value();
    if (key == "output" || key == "output_text") continue;
    if (key == "id" || key == "previous_response_id") {
      if (value.is_string() && is_id(value.get_string())) kept.emplace(key, value);
    } else if (key == "instructions") {
      kept.emplace(key, nullptr);
    } else if (key == "tools") {
      kept.emplace(key, json::array());
    } else if (key == "metadata") {
      kept.emplace(key, json::object());
    } else if (is_textless(value, is_label(key))) {
      kept.emplace(key, value);
    }
  }
  return kept;
}

std::optional<std::uint32_t> number_in(const json::object& event, std::string_view member,
                                       std::int64_t limit) {
  const auto* value = event.if_contains(member);
  if (value == nullptr) return 0;
  if (!value->is_int64() || value->get_int64() < 0 || value->get_int64() >= limit) return std::nullopt;
  return static_cast<std::uint32_t>(value->get_int64());
}

std::string_view string_in(const json::object& event, std::string_view member) {
  const auto* value = event.if_contains(member);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

bool cut_end(std::string_view& text, std::string_view end) {
  if (!text.ends_with(end)) return false;
  text.remove_suffix(end.size());
  return true;
}

json::object taken(json::object& event, std::string_view member) {
  auto* value = event.if_contains(member);
  return value != nullptr && value->is_object() ? std::move(value->get_object()) : json::object();
}

class ResponsesStream final : public EventCodec {
 public:
  ResponsesStream(TextFilter& filter, std::string_view model) : answer_(filter), model_(model) {}

 protected:
  Result<void> on_event(const SseEvent& event, std::string& out) override {
    if (event.data == "[DONE]") return plimsoll::fail(Code::kInvalid, "the stream ended without an answer");
    auto parsed = parse_json(event.data);
    if (!parsed) return std::unexpected(std::move(parsed).error().in("an event of the stream"));
    if (!parsed->is_object())
      return plimsoll::fail(Code::kInvalid, "an event of the stream is not an object");
    auto& object = parsed->get_object();
    std::string type(string_in(object, "type"));
    if (type.empty()) type = event.name;
    const auto* error = object.if_contains("error");
    if (type == "error" || (type.empty() && error != nullptr && !error->is_null())) {
      pass_error(error != nullptr && error->is_object() ? *error : *parsed, out);
      return {};
    }
    if (!is_identifier(type)) return plimsoll::fail(Code::kInvalid, "an event of the stream has no type");

    const bool fits = type.ends_with(".delta") || answer_.keep(event.data.size());
    const auto passed = fits ? on_typed(type, object, out) : Relayed::kMalformed;
    out += answer_.take_written();
    if (passed == Relayed::kMalformed)
      return plimsoll::fail(Code::kInvalid, "an event of the stream is malformed");
    if (passed == Relayed::kWithheld) withhold(out);
    return {};
  }

  bool may_end() const override { return false; }  // not before the event that says so

  void end(std::string& out) override {
    out += answer_.take_written();
    ended();
  }

  void write_error(std::string_view message, std::string_view type, std::string_view code,
                   std::string& out) override {
    json::object error{{"type", type}, {"code", code}, {"message", message}, {"param", nullptr}};
    answer_.write(
        "error",
        json::object{{"code", code}, {"message", message}, {"param", nullptr}, {"error", std::move(error)}});
    out += answer_.take_written();
  }

 private:
  Relayed on_typed(std::string_view type, json::object& event, std::string& out) {
    auto rest = type;
    for (const auto state : {"created", "queued", "in_progress"})
      if (type == "response." + std::string(state)) return on_response(type, event);
    for (const auto state : {"completed", "incomplete", "failed", "cancelled"})
      if (type == "response." + std::string(state)) return on_end(state, event, out);
    if (type.starts_with("response.output_item.")) return on_item(type, event);

    const auto index = number_in(event, "output_index", kMaxItems);
    const auto summary = number_in(event, "summary_index", kMaxNumber);
    const auto content = number_in(event, "content_index", kMaxNumber);
    const auto command = number_in(event, "command_index", kMaxNumber);
    if (!index || !summary || !content || !command) return Relayed::kMalformed;
    const auto found = items_.find(*index);
    auto* item = found != items_.end() ? &found->second : nullptr;

    if (type.starts_with("response.content_part."))
      return on_part(item, List::kContent, *content, type.ends_with(".added"), event);
    if (type.starts_with("response.reasoning_summary_part."))
      return on_part(item, List::kSummary, *summary, type.ends_with(".added"), event);
    if (type == "response.output_text.annotation.added") {
      auto* annotation = event.if_contains("annotation");
      if (item == nullptr || annotation == nullptr) return Relayed::kMalformed;
      return item->annotate(*content, std::move(*annotation));
    }
    const bool ends = cut_end(rest, ".done");
    const bool feeds = !ends && (cut_end(rest, ".delta") || cut_end(rest, ".added"));
    if (const auto* kind = ends || feeds ? streamed_kind(rest) : nullptr; kind != nullptr) {
      if (item == nullptr) return Relayed::kMalformed;
      const auto number = kind->number == "summary_index"   ? *summary
                          : kind->number == "content_index" ? *content
                          : kind->number == "command_index" ? *command
                                                            : 0U;
      if (ends) return item->end_text(*kind, number, string_in(event, kind->done));
      return item->feed(*kind, number, string_in(event, type.ends_with(".added") ? kind->done : "delta"));
    }
    return on_other(type, event);
  }

  Relayed on_response(std::string_view type, json::object& event) {
    const auto* response = event.if_contains("response");
    if (response == nullptr || !response->is_object()) return Relayed::kMalformed;
    response_ = without_texts(response->get_object());
    answer_.write(type, json::object{{"response", response_now({})}});
    return Relayed::kPassed;
  }

  Relayed on_item(std::string_view type, json::object& event) {
    const auto index = number_in(event, "output_index", kMaxItems);
    const auto* item = event.if_contains("item");
    if (!index || item == nullptr || !item->is_object()) return Relayed::kMalformed;
    return type.ends_with(".done") ? end_item(*index, taken(event, "item"))
                                   : open_item(*index, taken(event, "item"));
  }

  Relayed open_item(std::uint32_t index, json::object item) {
    const auto [at, is_new] = items_.try_emplace(index, answer_, index);
    if (!is_new) return Relayed::kMalformed;
    return at->second.open(std::move(item));
  }

  Relayed end_item(std::uint32_t index, json::object item) {
    if (!items_.contains(index)) {
      auto announced = item;
      if (announced.contains("status")) announced["status"] = "in_progress";
      if (const auto passed = open_item(index, std::move(announced)); passed != Relayed::kPassed)
        return passed;
    }
    return items_.at(index).end(std::move(item));
  }

  static Relayed on_part(OutputItem* item, List list, std::uint32_t number, bool added, json::object& event) {
    const auto* part = event.if_contains("part");
    if (item == nullptr || part == nullptr || !part->is_object()) return Relayed::kMalformed;
    return added ? item->open_part(list, number, *part) : item->end_part(list, number, *part);
  }

  // Reports how something goes on pass; what carries text that nobody knows does not.
  Relayed on_other(std::string_view type, json::object& event) {
    json::object kept;
    for (auto& member : event) {
      const std::string_view key = member.key();
      if (key == "type" || key == "sequence_number") continue;
      const bool is_label = key == "item_id" && is_id(string_in(event, key));
      if (!is_label && !is_textless(member.value(), false)) return Relayed::kPassed;
      kept.emplace(key, std::move(member.value()));
    }
    answer_.write(type, std::move(kept));
    return Relayed::kPassed;
  }

  Relayed on_end(std::string_view state, json::object& event, std::string& out) {
    json::object response = taken(event, "response");
    if (auto* output = response.if_contains("output"); output != nullptr && output->is_array()) {
      auto& items = output->get_array();
      if (items.size() > kMaxItems) return Relayed::kMalformed;
      for (std::uint32_t index = 0; index < items.size(); ++index) {
        if (!items[index].is_object()) return Relayed::kMalformed;
        const auto passed = end_item(index, std::move(items[index].get_object()));
        if (passed != Relayed::kPassed) return passed;
      }
    }
    for (auto& [index, item] : items_)
      if (const auto passed = item.end({}); passed != Relayed::kPassed) return passed;

    if (auto labels = without_texts(response); labels.contains("id")) response_ = std::move(labels);
    json::object changes{{"status", state}};
    if (state == "failed") {
      const auto* error = response.if_contains("error");
      const auto* code = error != nullptr ? find_string(*error, "code") : nullptr;
      changes["error"] = json::object{
          {"code", code != nullptr && is_identifier(*code) ? std::string_view(*code) : "server_error"},
          {"message", "The model server reported an error."}};
    }
    answer_.write("response." + std::string(state),
                  json::object{{"response", response_now(std::move(changes))}});
    end(out);
    return Relayed::kPassed;
  }

  void withhold(std::string& out) {
    for (auto& [index, item] : items_) item.abandon();
    json::object details{{"reason", "content_filter"}};
    answer_.write("response.incomplete",
                  json::object{{"response", response_now({{"status", "incomplete"},
                                                          {"incomplete_details", std::move(details)},
                                                          {"error", nullptr}})}});
    out += answer_.take_written();
    withheld();
  }

  json::object response_now(json::object changes) const {
    json::object response = response_;
    response.emplace("id", "resp_0");
    response.emplace("object", "response");
    response.emplace("created_at", 0);
    response.emplace("model", model_);
    for (auto& change : changes) response[change.key()] = std::move(change.value());
    json::array output;
    for (const auto& [index, item] : items_)
      if (!item.item().empty()) output.push_back(item.item());
    response["output"] = std::move(output);
    return response;
  }

  StreamedAnswer answer_;
  std::string model_;
  json::object response_;
  std::map<std::uint32_t, OutputItem> items_;
};

}  // namespace

std::unique_ptr<StreamCodec> responses_stream(TextFilter& filter, std::string_view model) {
  return std::make_unique<ResponsesStream>(filter, model);
}

}  // namespace plimsoll::wire
