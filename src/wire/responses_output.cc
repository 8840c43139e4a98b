#include "responses_output.h"

#include <utility>

#include "base/json.h"
#include "chat_choice.h"
#include "collector.h"
#include "responses_item.h"

namespace plimsoll::wire {
namespace {

using enum Relayed;
using List = OutputItem::List;

std::string_view string_in(const json::value& object, std::string_view member) {
  const auto* string = find_string(object, member);
  return string != nullptr ? std::string_view(*string) : std::string_view();
}

json::array annotations_of(const json::value& part) {
  const auto* given = find_array(part, "annotations");
  return given != nullptr ? *given : json::array();
}

}  // namespace

Relayed OutputItem::open(json::object item) {
  const auto* type = item.if_contains("type");
  if (type == nullptr || !type->is_string() || !is_identifier(type->get_string())) return kMalformed;
  type_ = type->get_string();
  const auto* id = item.if_contains("id");
  id_ = id != nullptr && id->is_string() && is_id(id->get_string()) ? std::string(id->get_string())
                                                                    : "item_" + std::to_string(index_);
  json::object announced;
  for (auto& member : item) {
    const std::string_view key = member.key();
    auto& value = member.value();
    if (holds_texts(key) || key == "id") continue;
    if (value.is_string() && is_item_label(key)) {
      if (const auto passed = answer_.filter_whole(key, value); passed != kPassed) return passed;
    } else if (!is_textless(value, false)) {
      continue;  // comes with the end, whole
    }
    announced[key] = value;
  }
  item_ = std::move(announced);
  item_["id"] = id_;
  put_texts(item_);
  write_item("response.output_item.added");
  return take_texts(item);
}

Relayed OutputItem::open_part(List list, std::uint32_t number, const json::value& part) {
  if (ended_ || number > parts(list).size()) return kMalformed;
  return take_part(list, number, part);
}

Relayed OutputItem::feed(const StreamedKind& kind, std::uint32_t number, std::string_view arrived) {
  auto passed = kPassed;
  auto* text = text_of(kind, number, passed);
  if (text == nullptr) return passed;
  std::string piece;
  passed = text->feed(answer_, arrived, piece);
  if (!piece.empty()) write_delta(kind, number, piece);
  return passed;
}

Relayed OutputItem::annotate(std::uint32_t number, json::value annotation) {
  const auto& kind = *streamed_kind("response.output_text");
  auto passed = kPassed;
  if (text_of(kind, number, passed) == nullptr) return passed;
  if (passed = answer_.filter_whole("annotation", annotation); passed != kPassed) return passed;
  auto& part = content_[number];
  if (part.ended) return kMalformed;
  auto event = at(kind.number, number);
  event.emplace("annotation_index", part.annotations.size());
  event.emplace("annotation", annotation);
  part.annotations.push_back(std::move(annotation));
  answer_.write("response.output_text.annotation.added", std::move(event));
  return kPassed;
}

Relayed OutputItem::end_text(const StreamedKind& kind, std::uint32_t number, std::string_view whole) {
  auto passed = kPassed;
  auto* text = text_of(kind, number, passed);
  if (text == nullptr) return passed;
  if (!text->began() && !text->ended())
    if (passed = feed(kind, number, whole); passed != kPassed) return passed;
  return finish(kind, number, *text);
}

Relayed OutputItem::end_part(List list, std::uint32_t number, const json::value& part) {
  if (ended_ || number > parts(list).size()) return kMalformed;
  if (const auto passed = take_part(list, number, part); passed != kPassed) return passed;
  return close_part(list, number);
}

Relayed OutputItem::end(json::object item) {
  if (ended_) return kPassed;
  if (item.empty()) item = item_;
  auto passed = take_texts(item);
  if (passed == kPassed) passed = close_texts();
  if (passed == kPassed) passed = filter_rest(item);
  if (passed != kPassed) return passed;
  ended_ = true;
  item_ = std::move(item);
  put_texts(item_);
  if (item_.contains("status") && item_["status"] == "in_progress") item_["status"] = "completed";
  write_item("response.output_item.done");
  return kPassed;
}

void OutputItem::abandon() {
  if (std::exchange(ended_, true) || item_.empty()) return;
  for (const auto list : {List::kContent, List::kSummary}) {
    for (std::uint32_t number = 0; number < parts(list).size(); ++number) {
      auto& part = parts(list)[number];
      if (const auto* kind = part_kind(part.type); kind != nullptr && !part.text.ended()) {
        part.text.abandon();
        write_text(*kind, number, part.text);
      }
      if (!std::exchange(part.ended, true)) write_part(list, number, false);
    }
  }
  if (const auto* kind = call_kind(); kind != nullptr)
    for (std::uint32_t number = 0; number < call_.size(); ++number) {
      if (call_[number].ended()) continue;
      call_[number].abandon();
      write_text(*kind, number, call_[number]);
    }
  put_texts(item_);
  item_["status"] = "incomplete";
  write_item("response.output_item.done");
}

// A part that is new is announced. A text that is new is fed; what is known of it is not said again.
Relayed OutputItem::take_part(List list, std::uint32_t number, const json::value& given) {
  const auto type = string_in(given, "type");
  if (number == parts(list).size()) {
    if (!is_identifier(type)) return kMalformed;
    if (const auto passed = add_part(list, type); passed != kPassed) return passed;
  }
  auto& part = parts(list)[number];
  if (part.ended) return kPassed;
  const auto* kind = part_kind(part.type);
  if (kind == nullptr) {
    json::value other = given;
    const auto passed = answer_.filter_whole("part", other);
    if (other.is_object()) part.other = std::move(other.get_object());
    return passed;
  }
  if (part.annotations.empty() && type == "output_text") {
    json::value annotations = annotations_of(given);
    if (const auto passed = answer_.filter_whole("annotations", annotations); passed != kPassed)
      return passed;
    part.annotations = std::move(annotations.get_array());
  }
  if (part.text.began() || part.text.ended()) return kPassed;
  return feed(*kind, number, string_in(given, kind->done));
}

Relayed OutputItem::add_part(List list, std::string_view type) {
  if (!answer_.keep_part()) return kMalformed;
  const auto number = static_cast<std::uint32_t>(parts(list).size());
  parts(list).push_back({std::string(type), {part_channel(index_, type, number), false}, {}, {}, false});
  write_part(list, number, true);
  return kPassed;
}

Relayed OutputItem::take_parts(List list, const json::value& given) {
  const auto* array = given.if_array();
  if (array == nullptr) return given.is_null() ? kPassed : kMalformed;
  for (std::uint32_t number = 0; number < array->size(); ++number)
    if (const auto passed = take_part(list, number, (*array)[number]); passed != kPassed) return passed;
  return kPassed;
}

// Texts that come with the item and were not streamed before.
Relayed OutputItem::take_texts(const json::object& item) {
  const auto* call = call_type(type_);
  for (const auto& member : item) {
    auto passed = kPassed;
    if (!holds_texts(member.key())) continue;
    if (member.key() == "content") {
      passed = take_parts(List::kContent, member.value());
    } else if (member.key() == "summary") {
      passed = take_parts(List::kSummary, member.value());
    } else if (call->member != "action" && member.value().is_string()) {
      const bool said = !call_.empty() && (call_.front().began() || call_.front().ended());
      if (!said) passed = feed(*call->kind, 0, member.value().get_string());
    }
    if (passed != kPassed) return passed;
  }
  return kPassed;
}

// The text that an event speaks of; its part is announced if need be. Null: `passed` tells why.
FilteredText* OutputItem::text_of(const StreamedKind& kind, std::uint32_t number, Relayed& passed) {
  passed = kMalformed;
  if (ended_) return nullptr;
  if (kind.part.empty()) {
    if (call_kind() != &kind || number > call_.size() || (number > 0 && kind.number.empty())) return nullptr;
    if (number == call_.size()) {
      if (!answer_.keep_part()) return nullptr;
      call_.emplace_back(
          Channel{index_, SegmentKind::kToolArguments, kind.number.empty() ? number : number + 1},
          kind.is_json);
      if (!kind.number.empty()) {
        auto event = at(kind.number, number);
        event.emplace(kind.done, "");
        answer_.write(std::string(kind.event) + ".added", std::move(event));
      }
    }
    return &call_[number];
  }
  const auto list = kind.number == "summary_index" ? List::kSummary : List::kContent;
  auto& all = parts(list);
  if (number > all.size()) return nullptr;
  if (number == all.size()) {
    if (passed = add_part(list, kind.part); passed != kPassed) return nullptr;
    passed = kMalformed;
  }
  auto& part = all[number];
  if (part.type != kind.part) {  // announced as something else, but nothing said yet
    if (part.text.began() || part.ended || !part.other.empty()) return nullptr;
    part.type = kind.part;
    part.text = FilteredText(part_channel(index_, part.type, number), false);
  }
  return &part.text;
}

Relayed OutputItem::finish(const StreamedKind& kind, std::uint32_t number, FilteredText& text) {
  if (text.ended()) return kPassed;
  std::string piece;
  const auto passed = text.finish(answer_, piece);
  if (!piece.empty()) write_delta(kind, number, piece);
  if (passed == kPassed) write_text(kind, number, text);
  return passed;
}

Relayed OutputItem::close_part(List list, std::uint32_t number) {
  auto& part = parts(list)[number];
  if (const auto* kind = part_kind(part.type); kind != nullptr)
    if (const auto passed = finish(*kind, number, part.text); passed != kPassed) return passed;
  if (!std::exchange(part.ended, true)) write_part(list, number, false);
  return kPassed;
}

Relayed OutputItem::close_texts() {
  for (const auto list : {List::kSummary, List::kContent})
    for (std::uint32_t number = 0; number < parts(list).size(); ++number)
      if (const auto passed = close_part(list, number); passed != kPassed) return passed;
  if (const auto* kind = call_kind(); kind != nullptr)
    for (std::uint32_t number = 0; number < call_.size(); ++number)
      if (const auto passed = finish(*kind, number, call_[number]); passed != kPassed) return passed;
  return kPassed;
}

// Everything but the streamed texts. Commands that were not streamed arrive whole.
Relayed OutputItem::filter_rest(json::object& item) {
  for (auto& member : item) {
    const std::string_view key = member.key();
    if (holds_texts(key) && (key != "action" || !call_.empty())) {
      auto* action = key == "action" ? member.value().if_object() : nullptr;
      if (action == nullptr) continue;
      (*action)["commands"] = json::array();
    }
    json::value whole = json::object{{key, std::move(member.value())}};
    if (type_ == "image_generation_call") whole.get_object()["type"] = type_;
    const auto passed = answer_.filter_whole({}, whole);
    member.value() = std::move(whole.get_object()[key]);
    if (passed != kPassed) return passed;
  }
  item["id"] = id_;
  item["type"] = type_;
  return kPassed;
}

const StreamedKind* OutputItem::call_kind() const {
  const auto* call = call_type(type_);
  return call != nullptr ? call->kind : nullptr;
}

bool OutputItem::holds_texts(std::string_view member) const {
  if (member == "content") return type_ == "message" || type_ == "reasoning";
  if (member == "summary") return type_ == "reasoning";
  const auto* call = call_type(type_);
  return call != nullptr && call->member == member;
}

void OutputItem::put_texts(json::object& item) {
  const auto put = [&](List list) {
    json::array all;
    for (const auto& part : parts(list)) {
      json::object object = part.other;
      object["type"] = part.type;
      if (const auto* kind = part_kind(part.type); kind != nullptr) object[kind->done] = part.text.sent();
      if (part.type == "output_text") {
        object["annotations"] = part.annotations;
        object["logprobs"] = json::array();
      }
      all.push_back(std::move(object));
    }
    return all;
  };
  if (type_ == "reasoning") item["summary"] = put(List::kSummary);
  if (type_ == "message" || (type_ == "reasoning" && !content_.empty()))
    item["content"] = put(List::kContent);
  if (type_ == "reasoning" && content_.empty()) item.erase("content");
  const auto* call = call_type(type_);
  if (call == nullptr) return;
  if (call->member != "action") {
    item[call->member] = call_.empty() ? std::string_view() : std::string_view(call_.front().sent());
  } else if (!call_.empty()) {
    json::array commands;
    for (const auto& command : call_) commands.emplace_back(json::string_view(command.sent()));
    if (!item.contains("action") || !item["action"].is_object()) item["action"] = json::object();
    item["action"].get_object()["commands"] = std::move(commands);
  }
}

json::object OutputItem::at(std::string_view number_name, std::uint32_t number) const {
  json::object event{{"item_id", id_}, {"output_index", index_}};
  if (!number_name.empty()) event.emplace(number_name, number);
  return event;
}

void OutputItem::write_delta(const StreamedKind& kind, std::uint32_t number, std::string_view piece) {
  auto event = at(kind.number, number);
  event.emplace("delta", piece);
  if (kind.part == "output_text") event.emplace("logprobs", json::array());
  answer_.write(std::string(kind.event) + ".delta", std::move(event));
}

void OutputItem::write_text(const StreamedKind& kind, std::uint32_t number, const FilteredText& text) {
  auto event = at(kind.number, number);
  event.emplace(kind.done, text.sent());
  if (kind.part == "output_text") event.emplace("logprobs", json::array());
  answer_.write(std::string(kind.event) + ".done", std::move(event));
}

void OutputItem::write_part(List list, std::uint32_t number, bool added) {
  const auto& part = parts(list)[number];
  json::object object = added ? json::object() : part.other;
  object["type"] = part.type;
  if (const auto* kind = part_kind(part.type); kind != nullptr)
    object[kind->done] = added ? std::string_view() : std::string_view(part.text.sent());
  if (part.type == "output_text") {
    object["annotations"] = added ? json::array() : part.annotations;
    object["logprobs"] = json::array();
  }
  auto event = at(list == List::kContent ? "content_index" : "summary_index", number);
  event.emplace("part", std::move(object));
  const std::string name =
      list == List::kContent ? "response.content_part." : "response.reasoning_summary_part.";
  answer_.write(name + (added ? "added" : "done"), std::move(event));
}

void OutputItem::write_item(std::string_view event) {
  answer_.write(event, json::object{{"output_index", index_}, {"item", item_}});
}

}  // namespace plimsoll::wire
