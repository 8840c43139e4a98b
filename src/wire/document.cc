#include "wire/document.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <charconv>
#include <utility>

#include "base/json.h"
#include "pointer.h"

namespace plimsoll::wire {
namespace {

// The choice of an answer that the pointer leads into, or nullptr.
json::object* choice_of(json::value& body, std::string_view pointer) {
  constexpr std::string_view kChoices = "/choices/";
  if (!pointer.starts_with(kChoices)) return nullptr;
  pointer.remove_prefix(kChoices.size());
  const auto slash = pointer.find('/');
  if (slash == std::string_view::npos) return nullptr;
  auto* choice = find_at(body, std::string(kChoices).append(pointer.substr(0, slash)));
  return choice != nullptr ? choice->if_object() : nullptr;
}

}  // namespace

Document::Room Document::room_for(std::size_t bytes) {
  return std::make_unique<json::monotonic_resource>(bytes + bytes / 2 + 1'024);
}

Document::Document(json::value body, Conversation conversation, Room room) noexcept
    : room_(std::move(room)), body_(std::move(body)), conversation_(std::move(conversation)) {}

// A value that is assigned to keeps its own memory, which goes with its room: so this is made anew.
Document& Document::operator=(Document&& other) noexcept {
  if (this != &other) {
    std::destroy_at(this);
    std::construct_at(this, std::move(other));
  }
  return *this;
}

void Document::replace(std::size_t index, std::string text) {
  auto& segment = conversation_.segments.at(index);
  if (auto* place = locate(segment.pointer); place != nullptr) {
    if (place->is_string()) {
      auto& string = place->get_string();
      string.assign(text);
      if (segment.pointer == preceded_) string.insert(0, preamble_);
    } else if (place->is_object()) {
      *place = json::object{{"type", "text"}, {"text", text}};
    } else {
      *place = text;  // token ids in place of words
    }
  }
  if (conversation_.direction == Direction::kOutput)
    if (auto* choice = choice_of(body_, segment.pointer); choice != nullptr)
      if (auto* logprobs = choice->if_contains("logprobs"); logprobs != nullptr) *logprobs = nullptr;
  segment.text = std::move(text);
}

std::string Document::body() const {
  return to_json(body_);
}

void Document::put_first(std::string_view array, json::value item) {
  auto* member = body_.is_object() ? body_.get_object().if_contains(array) : nullptr;
  if (member == nullptr || !member->is_array()) return;
  auto& items = member->get_array();
  items.insert(items.begin(), std::move(item));
  shifted_ = "/" + std::string(array) + "/";
  ++shift_;
}

void Document::put_before(std::string_view text, const std::string& preamble) {
  auto* member = body_.is_object() ? body_.get_object().if_contains(text) : nullptr;
  if (member == nullptr || !member->is_string()) return;
  preceded_ = "/" + std::string(text);
  preamble_.insert(0, preamble);
  member->get_string().insert(0, preamble);
}

json::value* Document::locate(std::string_view pointer) {
  if (shift_ == 0 || !pointer.starts_with(shifted_)) return find_at(body_, pointer);
  auto rest = pointer.substr(shifted_.size());
  const auto digits = rest.substr(0, rest.find('/'));
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
  if (error != std::errc() || end != digits.data() + digits.size()) return nullptr;
  rest.remove_prefix(digits.size());
  return find_at(body_, shifted_ + std::to_string(index + shift_) + std::string(rest));
}

}  // namespace plimsoll::wire
