#include "messages_stream_block.h"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <utility>

#include "base/json.h"
#include "chat_choice.h"
#include "collector.h"
#include "messages_block.h"
#include "wire/anthropic_messages.h"

namespace plimsoll::wire {
namespace {

constexpr std::size_t kMaxWholeTexts = 4'096;
constexpr std::size_t kMaxWholeBytes = 4U << 20U;
constexpr std::size_t kMaxTexts = 16;  // of a block
constexpr std::uint32_t kOtherTexts = 1'024;
constexpr std::size_t kMaxSignature = 1U << 20U;

bool is_label(std::string_view key) {
  constexpr std::array<std::string_view, 14> kLabels = {
      "type",         "id",          "tool_use_id",     "name",
      "server_name",  "tool_name",   "mcp_server_name", "media_type",
      "file_type",    "file_id",     "error_code",      "caller",
      "retrieved_at", "toolset_name"};
  return std::ranges::find(kLabels, key) != kLabels.end();
}

// What only its issuer can read, and the bytes of what is no text. `type` is that of the object it stands in.
bool is_sealed(std::string_view type, std::string_view key, const json::value& value) {
  const bool known = key.starts_with("encrypted_") || key == "signature" ||
                     (key == "data" && (type == "base64" || type == "redacted_thinking"));
  return known && value.is_string() && is_opaque(value.get_string());
}

bool is_label(std::string_view key, const json::value& value) {
  return is_label(key) && is_textless(value, true);
}

bool is_empty(const json::value& value) {
  return value.is_null() || (value.is_string() && value.get_string().empty()) ||
         (value.is_object() && value.get_object().empty());
}

}  // namespace

Passed WholeTexts::pass(json::value& value) {
  if (value.is_string()) return pass_text(value);
  if (auto* array = value.if_array(); array != nullptr) {
    for (auto& item : *array)
      if (const auto passed = pass(item); passed != Passed::kYes) return passed;
  }
  if (auto* object = value.if_object(); object != nullptr) {
    const auto* type = find_string(value, "type");
    const std::string kind(type != nullptr ? std::string_view(*type) : std::string_view());
    for (auto& member : *object) {
      if (is_label(member.key(), member.value()) || is_sealed(kind, member.key(), member.value())) continue;
      if (const auto passed = pass(member.value()); passed != Passed::kYes) return passed;
    }
  }
  return Passed::kYes;
}

Passed WholeTexts::pass_text(json::value& value) {
  auto& text = value.get_string();
  if (text.empty()) return Passed::kYes;
  auto known = known_.find(std::string_view(text));
  if (known == known_.end()) {
    bytes_ += text.size();
    if (known_.size() == kMaxWholeTexts || bytes_ > kMaxWholeBytes) return Passed::kMalformed;
    const Channel channel{0, SegmentKind::kText, kFirstWholeText + static_cast<std::uint32_t>(known_.size())};
    std::string released;
    if (!filter_.feed(channel, text, released) || !filter_.finish(channel, released))
      return Passed::kWithheld;
    Utf8Joiner joiner;
    released = joiner.push(released) + joiner.finish();
    known = known_.emplace(std::string(text), std::move(released)).first;
  }
  text.assign(known->second);
  return Passed::kYes;
}

Passed MessagesBlock::start(json::object& block, std::vector<json::object>& deltas) {
  const auto* type = block.if_contains("type");
  if (type == nullptr || !type->is_string() || !is_identifier(type->get_string())) return Passed::kMalformed;
  const std::string kind(type->get_string());
  for (auto& member : block) {
    const std::string_view key = member.key();
    auto& value = member.value();
    auto passed = Passed::kYes;
    if ((key == "text" || key == "thinking") && key == kind && value.is_string()) {
      passed = pass_text(kind + "_delta", key, value.get_string(), deltas);
      value = "";
    } else if (key == "signature" && kind == "thinking") {
      if (!add_signature(value)) return Passed::kMalformed;
      value = "";
    } else if (key == "input" && kind.ends_with("tool_use")) {
      if (!is_empty(value)) passed = pass_text("input_json_delta", "partial_json", to_json(value), deltas);
      value = json::object();
    } else if (key == "content" && kind == "compaction" && value.is_string()) {
      passed = pass_text("compaction_delta", key, value.get_string(), deltas);
      value = "";
    } else if (!is_label(key, value) && !is_sealed(kind, key, value)) {
      passed = whole_.pass(value);
    }
    if (passed != Passed::kYes) return passed;
  }
  return Passed::kYes;
}

Passed MessagesBlock::pass(json::object& delta, std::vector<json::object>& deltas) {
  const auto* type = delta.if_contains("type");
  if (type == nullptr || !type->is_string() || !is_identifier(type->get_string())) return Passed::kMalformed;
  const std::string kind(type->get_string());
  if (kind == "signature_delta") {
    const auto* value = delta.if_contains("signature");
    return value == nullptr || add_signature(*value) ? Passed::kYes : Passed::kMalformed;
  }
  if (kind == "citations_delta") {
    auto* citation = delta.if_contains("citation");
    if (citation == nullptr || !citation->is_object()) return Passed::kMalformed;
    if (const auto passed = whole_.pass(*citation); passed != Passed::kYes) return passed;
    deltas.push_back({{"type", kind}, {"citation", std::move(*citation)}});
    return Passed::kYes;
  }
  json::object rest{{"type", kind}};
  for (auto& member : delta) {
    const std::string_view key = member.key();
    auto& value = member.value();
    if (key == "type") continue;
    if (value.is_string()) {
      const auto passed = pass_text(kind, key, value.get_string(), deltas);
      if (passed != Passed::kYes) return passed;
    } else if (is_textless(value, false) && !value.is_null()) {
      rest.emplace(key, std::move(value));
    }
  }
  if (rest.size() > 1) deltas.push_back(std::move(rest));
  return Passed::kYes;
}

Passed MessagesBlock::finish(std::vector<json::object>& deltas) {
  for (auto& text : texts_) {
    std::string released;
    const auto arrived = text.arrived.finish();
    if (!arrived.empty() && !filter_.feed(text.channel, arrived, released)) return Passed::kWithheld;
    if (!filter_.finish(text.channel, released)) return Passed::kWithheld;
    const auto piece = text.released.push(released) + text.released.finish();
    if (!piece.empty()) deltas.push_back(carry(text, piece));
  }
  texts_.clear();
  if (!signature_.empty())
    deltas.push_back({{"type", "signature_delta"}, {"signature", std::exchange(signature_, {})}});
  return Passed::kYes;
}

MessagesBlock::Text* MessagesBlock::text_of(std::string_view type, std::string_view member) {
  for (auto& text : texts_)
    if (text.type == type && text.member == member) return &text;
  if (texts_.size() == kMaxTexts) return nullptr;
  const auto kind = type == "input_json_delta" ? SegmentKind::kToolArguments : SegmentKind::kText;
  // A block has one text; whatever else comes is numbered apart.
  const auto index = texts_.empty() ? index_
                                    : kOtherTexts + index_ * static_cast<std::uint32_t>(kMaxTexts) +
                                          static_cast<std::uint32_t>(texts_.size());
  texts_.push_back({std::string(type), std::string(member), {0, kind, index}, {}, {}});
  return &texts_.back();
}

Passed MessagesBlock::pass_text(std::string_view type, std::string_view member, std::string_view piece,
                                std::vector<json::object>& deltas) {
  if (piece.empty()) return Passed::kYes;
  auto* text = text_of(type, member);
  if (text == nullptr) return Passed::kMalformed;
  const auto arrived =
      text->channel.kind == SegmentKind::kToolArguments ? text->arrived.push(piece) : std::string(piece);
  std::string released;
  if (!arrived.empty() && !filter_.feed(text->channel, arrived, released)) return Passed::kWithheld;
  const auto leaves = text->released.push(released);
  if (!leaves.empty()) deltas.push_back(carry(*text, leaves));
  return Passed::kYes;
}

// What does not look like a signature is left out: it could be a text.
bool MessagesBlock::add_signature(const json::value& value) {
  const auto* text = value.if_string();
  if (text == nullptr || !is_opaque(*text)) return true;
  signature_ += *text;
  return signature_.size() <= kMaxSignature;
}

json::object MessagesBlock::carry(const Text& text, std::string_view piece) {
  return json::object{{"type", text.type}, {text.member, piece}};
}

}  // namespace plimsoll::wire
