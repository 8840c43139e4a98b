#include "wire/embeddings.h"

#include <algorithm>
#include <bit>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "base/hash.h"
#include "base/json.h"
#include "collector.h"
#include "openai_body.h"

namespace plimsoll::wire {
namespace {

using Step = Collector::Step;

bool collect_request_member(Collector& into, std::string_view key, const json::value& value) {
  const Step step(into, key);
  if (key == "input") return collect_inputs(into, value);
  if (key == "model") return read_model(into, value);
  if (is_request_label(key)) return into.identifier(value, Role::kUser);
  return into.leaves(value, Role::kUser, SegmentKind::kText);
}

// The base64 of little-endian 32-bit floats such as a model would give: what reads as numbers far from any
// vector's is words.
bool is_vector(std::string_view text) {
  constexpr float kMost = 1e6F;
  const auto bytes = from_base64(text);
  if (!bytes || bytes->empty() || bytes->size() % sizeof(float) != 0) return false;
  for (std::size_t at = 0; at < bytes->size(); at += sizeof(float)) {
    float number = 0;
    static_assert(std::endian::native == std::endian::little);
    std::memcpy(&number, bytes->data() + at, sizeof number);
    if (!std::isfinite(number) || std::abs(number) > kMost) return false;
  }
  return true;
}

bool collect_embedding(Collector& into, const json::value& item) {
  const auto* object = item.if_object();
  if (object == nullptr) return into.wrong_type(item, "an object");
  if (!object->contains("embedding")) return into.missing("embedding");
  return std::ranges::all_of(*object, [&](const auto& member) {
    const Step step(into, member.key());
    const auto& value = member.value();
    if (member.key() == "object") return into.identifier(value, Role::kAssistant);
    if (member.key() == "embedding" && value.is_string() && is_vector(value.get_string())) return true;
    return into.leaves(value, Role::kAssistant, SegmentKind::kText);
  });
}

bool collect_data(Collector& into, const json::value& data) {
  const auto* array = data.if_array();
  if (array == nullptr) return into.wrong_type(data, "an array of objects");
  for (std::size_t i = 0; i < array->size(); ++i) {
    const Step step(into, i);
    if (!collect_embedding(into, (*array)[i])) return false;
  }
  return true;
}

bool collect_answer_member(Collector& into, std::string_view key, const json::value& value) {
  const Step step(into, key);
  if (key == "data") return collect_data(into, value);
  if (is_answer_label(key)) return into.identifier(value, Role::kAssistant);
  return into.leaves(value, Role::kAssistant, SegmentKind::kText);
}

}  // namespace

Decoded<Document> decode_embedding_request(std::string_view body) {
  auto parsed = read_request_object(body);
  if (!parsed) return std::unexpected(std::move(parsed).error());
  const auto& object = parsed->get_object();

  Conversation conversation;
  conversation.surface = "embeddings";
  Collector into(conversation);
  const bool read = (object.contains("input") || into.missing("input")) &&
                    std::ranges::all_of(object, [&](const auto& member) {
                      return collect_request_member(into, member.key(), member.value());
                    });
  if (!read) return std::unexpected(into.problem());
  return Document(*std::move(parsed), std::move(conversation));
}

Decoded<Document> decode_embedding_response(std::string_view body) {
  auto parsed = read_answer_object(body);
  if (!parsed) return std::unexpected(std::move(parsed).error());
  const auto& object = parsed->get_object();

  Conversation conversation;
  conversation.direction = Direction::kOutput;
  conversation.surface = "embeddings";
  if (const auto* model = find_string(*parsed, "model"); model != nullptr) conversation.model = *model;
  Collector into(conversation);
  const bool read = (object.contains("data") || into.missing("data")) &&
                    std::ranges::all_of(object, [&](const auto& member) {
                      return collect_answer_member(into, member.key(), member.value());
                    });
  if (!read) return bad_answer(into.problem());
  return Document(*std::move(parsed), std::move(conversation));
}

}  // namespace plimsoll::wire
