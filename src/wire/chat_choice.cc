#include "chat_choice.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/json.h"
#include "collector.h"

namespace plimsoll::wire {
namespace {

using Outcome = ChatChoice::Outcome;
constexpr std::size_t kMaxTexts = 256;  // of a choice
constexpr std::int64_t kMaxCalls = 128;
constexpr std::uint32_t kTranscript = 4;
constexpr std::uint32_t kFirstUnknownText = 5;
constexpr std::uint32_t kLegacyCall = kMaxCalls;

constexpr std::array<std::string_view, 4> kKnownTexts = {"content", "refusal", "reasoning_content",
                                                         "reasoning"};

bool says_nothing(const json::value& value) {
  return value.is_null() || (value.is_string() && value.get_string().empty()) ||
         (value.is_object() && value.get_object().empty()) || (value.is_array() && value.get_array().empty());
}

bool is_label(const json::value& value) {
  return value.is_string() && is_identifier(value.get_string());
}

}  // namespace

bool is_textless(const json::value& value, bool labels) {
  if (value.is_string()) return labels && is_identifier(value.get_string());
  if (const auto* array = value.if_array(); array != nullptr)
    return std::ranges::all_of(
        *array, [&](const auto& item) { return !item.is_number() && is_textless(item, labels); });
  if (const auto* object = value.if_object(); object != nullptr)
    return std::ranges::all_of(*object, [&](const auto& m) { return is_textless(m.value(), labels); });
  return true;
}

Outcome ChatChoice::pass(json::object& delta) {
  json::object kept;
  for (auto& member : delta) {
    const std::string_view key = member.key();
    auto& value = member.value();
    if (finished_ && !says_nothing(value) && key != "role" && !is_textless(value, false))
      return Outcome::kMalformed;
    auto outcome = Outcome::kPassed;
    if (key == "role") {
      if (has_role_ || !is_label(value)) continue;
      has_role_ = true;
    } else if (key == "tool_calls") {
      outcome = pass_calls(value);
    } else if (key == "function_call") {
      outcome = pass_called(value, Carrier::kLegacyFunction, legacy_call_);
    } else if (key == "audio") {
      outcome = pass_audio(value);
    } else if (value.is_string() && !value.get_string().empty()) {
      outcome = pass_text(value, Carrier::kMember, key, 0);
      if (value.is_null()) continue;
    } else if (!is_textless(value, false) && !says_nothing(value)) {
      continue;
    }
    if (outcome != Outcome::kPassed) return outcome;
    kept.emplace(key, std::move(value));
  }
  const bool carries = std::ranges::any_of(kept, [](const auto& m) { return !says_nothing(m.value()); });
  if (!carries) kept.clear();
  delta = std::move(kept);
  return Outcome::kPassed;
}

Outcome ChatChoice::finish(std::vector<json::object>& deltas) {
  for (auto& text : texts_) {
    std::string released;
    if (!feed(text, text.arrived.finish(), released) || !filter_.finish(text.channel, released))
      return Outcome::kWithheld;
    const auto piece = text.released.push(released) + text.released.finish();
    if (!piece.empty()) deltas.push_back(carry(text, piece));
  }
  texts_.clear();
  finished_ = true;
  return Outcome::kPassed;
}

Outcome ChatChoice::pass_text(json::value& value, Carrier carrier, std::string_view member,
                              std::uint32_t index) {
  auto* text = text_of(carrier, member, index);
  if (text == nullptr) return Outcome::kMalformed;
  const bool is_json = carrier == Carrier::kFunction || carrier == Carrier::kLegacyFunction;
  const auto arrived = is_json ? text->arrived.push(value.get_string()) : std::string(value.get_string());
  std::string released;
  if (!feed(*text, arrived, released)) return Outcome::kWithheld;
  const auto piece = text->released.push(released);
  if (piece.empty()) {
    value = nullptr;
  } else {
    value.get_string().assign(piece);
  }
  return Outcome::kPassed;
}

bool ChatChoice::feed(Text& text, std::string_view arrived, std::string& released) {
  return arrived.empty() || filter_.feed(text.channel, arrived, released);
}

Outcome ChatChoice::pass_calls(json::value& calls) {
  if (calls.is_null()) return Outcome::kPassed;
  auto* array = calls.if_array();
  if (array == nullptr) return Outcome::kMalformed;
  json::array kept;
  for (auto& call : *array) {
    if (!call.is_object()) return Outcome::kMalformed;
    if (const auto outcome = pass_call(call.get_object(), kept); outcome != Outcome::kPassed) return outcome;
  }
  *array = std::move(kept);
  return Outcome::kPassed;
}

Outcome ChatChoice::pass_call(json::object& call, json::array& kept) {
  auto* state = call_of(call);
  if (state == nullptr) return Outcome::kMalformed;
  json::object passed{{"index", state->index}};
  for (auto& member : call) {
    const std::string_view key = member.key();
    auto& value = member.value();
    if (key == "id" || key == "type") {
      if (says_nothing(value) || std::exchange(key == "id" ? state->has_id : state->has_type, true)) continue;
      if (!is_label(value)) return Outcome::kMalformed;
    } else if (key == "function" || key == "custom") {
      const auto carrier = key == "custom" ? Carrier::kCustom : Carrier::kFunction;
      if (const auto outcome = pass_called(value, carrier, *state); outcome != Outcome::kPassed)
        return outcome;
      if (says_nothing(value)) continue;
    } else if (key == "index" || !is_textless(value, false)) {
      continue;
    }
    passed.emplace(key, std::move(value));
  }
  if (passed.size() > 1) kept.push_back(std::move(passed));
  return Outcome::kPassed;
}

Outcome ChatChoice::pass_called(json::value& called, Carrier carrier, Call& state) {
  if (called.is_null()) return Outcome::kPassed;
  auto* object = called.if_object();
  if (object == nullptr) return Outcome::kMalformed;
  json::object passed;
  for (auto& member : *object) {
    const std::string_view key = member.key();
    auto& value = member.value();
    if (key == "name") {
      if (says_nothing(value) || std::exchange(state.has_name, true)) continue;
      if (!is_label(value)) return Outcome::kMalformed;
    } else if (key == (carrier == Carrier::kCustom ? "input" : "arguments")) {
      if (value.is_null()) continue;
      if (!value.is_string()) return Outcome::kMalformed;
      if (!value.get_string().empty()) {
        const auto index = carrier == Carrier::kLegacyFunction ? kLegacyCall : state.index;
        if (const auto outcome = pass_text(value, carrier, {}, index); outcome != Outcome::kPassed)
          return outcome;
        if (value.is_null()) continue;
      }
    } else if (!is_textless(value, false)) {
      continue;
    }
    passed.emplace(key, std::move(value));
  }
  *object = std::move(passed);
  return Outcome::kPassed;
}

Outcome ChatChoice::pass_audio(json::value& audio) {
  auto* object = audio.if_object();
  if (object == nullptr) return audio.is_null() ? Outcome::kPassed : Outcome::kMalformed;
  json::object passed;
  for (auto& member : *object) {
    auto& value = member.value();
    if (member.key() == "transcript" && value.is_string() && !value.get_string().empty()) {
      const auto outcome = pass_text(value, Carrier::kTranscript, {}, kTranscript);
      if (outcome != Outcome::kPassed) return outcome;
      if (value.is_null()) continue;
    } else if (member.key() == "data" || !is_textless(value, member.key() == "id")) {
      continue;  // sound cannot be taken back when its transcript turns out to be withheld
    }
    passed.emplace(member.key(), std::move(value));
  }
  *object = std::move(passed);
  return Outcome::kPassed;
}

ChatChoice::Text* ChatChoice::text_of(Carrier carrier, std::string_view member, std::uint32_t index) {
  std::uint32_t unknown = 0;
  for (auto& text : texts_) {
    if (text.carrier == carrier && text.member == member &&
        (carrier == Carrier::kMember || text.channel.index == index))
      return &text;
    if (text.carrier == Carrier::kMember && text.channel.index >= kFirstUnknownText) ++unknown;
  }
  if (texts_.size() == kMaxTexts) return nullptr;
  const bool is_call = carrier != Carrier::kMember && carrier != Carrier::kTranscript;
  if (carrier == Carrier::kMember) {
    const auto* const known = std::ranges::find(kKnownTexts, member);
    index = known != kKnownTexts.end() ? static_cast<std::uint32_t>(known - kKnownTexts.begin())
                                       : kFirstUnknownText + unknown;
  }
  const auto kind = is_call ? SegmentKind::kToolArguments : SegmentKind::kText;
  texts_.push_back({carrier, std::string(member), {index_, kind, index}, {}, {}});
  return &texts_.back();
}

// Calls without an index come whole: one that brings an id or a name is the next, anything else goes on.
ChatChoice::Call* ChatChoice::call_of(const json::object& call) {
  std::int64_t index = -1;
  if (const auto* given = call.if_contains("index"); given != nullptr && !given->is_null()) {
    if (!given->is_int64()) return nullptr;
    index = given->get_int64();
    if (index < 0 || index >= kMaxCalls) return nullptr;
  } else {
    const auto* id = call.if_contains("id");
    const bool is_next = calls_.empty() || (id != nullptr && !says_nothing(*id));
    if (!is_next) return &calls_.back();
    index = std::ssize(calls_);
    if (index >= kMaxCalls) return nullptr;
  }
  const auto found = std::ranges::find(calls_, static_cast<std::uint32_t>(index), &Call::index);
  if (found != calls_.end()) return &*found;
  calls_.push_back({static_cast<std::uint32_t>(index)});
  return &calls_.back();
}

json::object ChatChoice::carry(const Text& text, std::string_view piece) {
  switch (text.carrier) {
    case Carrier::kMember:
      return json::object{{text.member, piece}};
    case Carrier::kTranscript:
      return json::object{{"audio", json::object{{"transcript", piece}}}};
    case Carrier::kLegacyFunction:
      return json::object{{"function_call", json::object{{"arguments", piece}}}};
    case Carrier::kFunction:
    case Carrier::kCustom:
      break;
  }
  json::object call{{"index", text.channel.index}};
  if (text.carrier == Carrier::kFunction) {
    call.emplace("function", json::object{{"arguments", piece}});
  } else {
    call.emplace("custom", json::object{{"input", piece}});
  }
  json::array calls;
  calls.push_back(std::move(call));
  return json::object{{"tool_calls", std::move(calls)}};
}

}  // namespace plimsoll::wire
