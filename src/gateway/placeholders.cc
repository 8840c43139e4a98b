#include "placeholders.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/id.h"
#include "base/json.h"

namespace plimsoll::gateway {
namespace {

constexpr std::size_t kMostTaken = 4'096;  // values of one request that are kept for its answer

// Six letters that nobody can guess: what tells one request's placeholders from another's.
std::string fresh_mark() {
  constexpr std::string_view kLetters = "abcdefghijkmnpqrstuvwxyz23456789";
  std::string mark = random_bytes(6);
  for (char& c : mark) c = kLetters[static_cast<unsigned char>(c) % kLetters.size()];
  return "_" + mark;
}

}  // namespace

Placeholders::Placeholders(std::string_view pattern, bool restorable)
    : pattern_(pattern), restorable_(restorable && pattern.find(kEntityField) != std::string_view::npos) {}

std::string Placeholders::stand_in(const Finding& finding, std::string_view value) {
  if (!restorable_ || taken_.size() == kMostTaken) return placeholder(pattern_, finding);
  const std::string name(name_of(finding));
  const auto [known, is_new] = numbers_.try_emplace(name + '\n' + std::string(value), taken_.size());
  if (!is_new) return taken_[known->second].placeholder;
  if (mark_.empty()) mark_ = fresh_mark();
  Taken taken{.placeholder = fill(pattern_, name + "_" + std::to_string(taken_.size() + 1) + mark_),
              .value = std::string(value)};
  longest_ = std::max(longest_, taken.placeholder.size());
  first_.set(static_cast<unsigned char>(taken.placeholder.front()));
  taken_.push_back(std::move(taken));
  return taken_.back().placeholder;
}

// The placeholder whose mark begins at `mark`, or null; `end` is where it ends.
const Placeholders::Taken* Placeholders::at(std::string_view text, std::size_t mark, std::size_t& end) const {
  std::size_t begin = mark;
  while (begin > 0 && mark - begin < 5 && text[begin - 1] >= '0' && text[begin - 1] <= '9') --begin;
  std::size_t number = 0;
  std::from_chars(text.data() + begin, text.data() + mark, number);
  if (number == 0 || number > taken_.size()) return nullptr;
  const Taken& taken = taken_[number - 1];
  const std::size_t tail = pattern_.size() - pattern_.find(kEntityField) - kEntityField.size();
  end = mark + mark_.size() + tail;
  const std::size_t size = taken.placeholder.size();
  const bool fits = end <= text.size() && end >= size && text.substr(end - size, size) == taken.placeholder;
  return fits ? &taken : nullptr;
}

std::string Placeholders::restore(std::string_view text, bool json, std::size_t& done) const {
  std::string out;
  done = 0;
  if (mark_.empty()) return std::string(text);
  for (auto mark = text.find(mark_); mark != std::string_view::npos; mark = text.find(mark_, mark + 1)) {
    std::size_t end = 0;
    const Taken* taken = at(text, mark, end);
    if (taken == nullptr || end - taken->placeholder.size() < done) continue;
    out.append(text.substr(done, end - taken->placeholder.size() - done));
    if (json) {
      std::string quoted;
      append_json_string(quoted, taken->value);
      out.append(quoted, 1, quoted.size() - 2);
    } else {
      out.append(taken->value);
    }
    done = end;
  }
  return out.append(text.substr(done));
}

std::size_t Placeholders::open_end(std::string_view text) const {
  const std::size_t most = std::min(text.size(), longest_ == 0 ? 0 : longest_ - 1);
  for (std::size_t size = most; size > 0; --size) {
    const auto end = text.substr(text.size() - size);
    if (first_.test(static_cast<unsigned char>(end.front())) &&
        std::ranges::any_of(taken_, [end](const Taken& t) { return t.placeholder.starts_with(end); }))
      return size;
  }
  return 0;
}

std::string& Restorer::held(wire::Channel channel) {
  for (auto& [known, text] : held_)
    if (known == channel) return text;
  return held_.emplace_back(channel, std::string()).second;
}

void Restorer::release(wire::Channel channel, std::string& held, bool all, std::string& out) const {
  std::size_t done = 0;
  const std::string text = placeholders_.restore(held, channel.kind == SegmentKind::kToolArguments, done);
  // What could still become a placeholder is at the end of what came in, so at the end of this, too.
  const std::size_t open = all ? 0 : placeholders_.open_end(std::string_view(held).substr(done));
  out.append(text, 0, text.size() - open);
  held.erase(0, held.size() - open);
}

bool Restorer::feed(wire::Channel channel, std::string_view text, std::string& out) {
  if (placeholders_.empty()) return inner_.feed(channel, text, out);
  std::string& waiting = held(channel);
  const bool goes_on = inner_.feed(channel, text, waiting);
  release(channel, waiting, false, out);
  return goes_on;
}

bool Restorer::finish(wire::Channel channel, std::string& out) {
  if (placeholders_.empty()) return inner_.finish(channel, out);
  std::string& waiting = held(channel);
  const bool goes_on = inner_.finish(channel, waiting);
  release(channel, waiting, true, out);
  return goes_on;
}

}  // namespace plimsoll::gateway
