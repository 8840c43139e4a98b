#include "responses_answer.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <utility>

#include "base/json.h"
#include "collector.h"
#include "responses_item.h"
#include "wire/sse.h"

namespace plimsoll::wire {
namespace {

constexpr std::uint32_t kFirstWhole = 1U << 16U;

bool is_bytes(std::string_view member, std::string_view text) {
  return text.starts_with("data:") ||
         ((member == "data" || member == "result" || member == "b64_json" || member == "file_data") &&
          may_be_bytes(text));
}

}  // namespace

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= 1'024 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == ':' || c == '/' || c == '-' || c == '+' || c == '=';
  });
}

void StreamedAnswer::write(std::string_view type, json::object members) {
  json::object event{{"type", type}, {"sequence_number", sequence_++}};
  for (auto& member : members) event.emplace(member.key(), std::move(member.value()));
  append_sse(written_, to_json(event), type);
}

std::string StreamedAnswer::take_written() {
  return std::exchange(written_, {});
}

bool StreamedAnswer::keep(std::size_t bytes) {
  kept_ += bytes;
  return kept_ <= kMaxKept;
}

Relayed StreamedAnswer::filter_whole(std::string_view member, json::value& value) {
  if (value.is_string()) return filter_string(member, value);
  if (auto* array = value.if_array(); array != nullptr) {
    for (auto& item : *array)
      if (const auto passed = filter_whole(member, item); passed != Relayed::kPassed) return passed;
  }
  auto* object = value.if_object();
  if (object == nullptr) return Relayed::kPassed;
  const auto* type = find_string(value, "type");
  const bool attached = type != nullptr && is_item_attachment(*type);
  for (auto& inner : *object) {
    auto& held = inner.value();
    if (inner.key() == "logprobs") {
      held = json::array();
    } else if (attached && held.is_string() && is_bytes(inner.key(), held.get_string())) {
      held = nullptr;
    } else if (const auto passed = filter_whole(inner.key(), held); passed != Relayed::kPassed) {
      return passed;
    }
  }
  return Relayed::kPassed;
}

Relayed StreamedAnswer::filter_string(std::string_view member, json::value& value) {
  auto& string = value.get_string();
  if (string.empty()) return Relayed::kPassed;
  if (is_item_label(member) && is_identifier(string)) return Relayed::kPassed;
  if ((member == "id" || member.ends_with("_id")) && is_id(string)) return Relayed::kPassed;
  if (member == "encrypted_content" && may_be_bytes(string) && !std::string_view(string).starts_with("data:"))
    return Relayed::kPassed;

  auto [known, is_new] = whole_.try_emplace(std::string(string));
  if (is_new) {
    FilteredText text({0, SegmentKind::kText, kFirstWhole + static_cast<std::uint32_t>(whole_.size() - 1)},
                      member == "arguments");
    auto passed = text.feed(*this, string, known->second);
    if (passed == Relayed::kPassed) passed = text.finish(*this, known->second);
    if (passed != Relayed::kPassed) return passed;
  }
  string.assign(known->second);
  return Relayed::kPassed;
}

Relayed FilteredText::feed(StreamedAnswer& answer, std::string_view arrived, std::string& piece) {
  if (arrived.empty()) return Relayed::kPassed;
  if (ended_) return Relayed::kMalformed;
  began_ = true;
  const auto text = is_json_ ? arrived_.push(arrived) : std::string(arrived);
  if (text.empty()) return Relayed::kPassed;
  std::string ready;
  if (!answer.filter().feed(channel_, text, ready)) return Relayed::kWithheld;
  return release(answer, released_.push(ready), piece);
}

Relayed FilteredText::finish(StreamedAnswer& answer, std::string& piece) {
  if (std::exchange(ended_, true) || !began_) return Relayed::kPassed;
  std::string ready;
  const auto rest = arrived_.finish();
  if (!rest.empty() && !answer.filter().feed(channel_, rest, ready)) return Relayed::kWithheld;
  if (!answer.filter().finish(channel_, ready)) return Relayed::kWithheld;
  return release(answer, released_.push(ready) + released_.finish(), piece);
}

Relayed FilteredText::release(StreamedAnswer& answer, std::string_view ready, std::string& piece) {
  sent_ += ready;
  piece += ready;
  return answer.keep(ready.size()) ? Relayed::kPassed : Relayed::kMalformed;
}

}  // namespace plimsoll::wire
