#include "usage.h"

#include <algorithm>
#include <boost/json/object.hpp>

#include "base/json.h"

namespace plimsoll::gateway {
namespace {

constexpr std::string_view kName = "\"usage\"";
constexpr std::uint64_t kMost = 1'000'000'000;  // tokens of one answer; more is a mistake

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::optional<std::uint64_t> number_in(const json::value& usage, std::string_view name) {
  const auto* member = find(usage, name);
  if (member == nullptr || !member->is_int64() || member->get_int64() < 0) return std::nullopt;
  return std::min(static_cast<std::uint64_t>(member->get_int64()), kMost);
}

void raise(std::optional<std::uint64_t>& to, std::optional<std::uint64_t> from) {
  if (from) to = std::max(to.value_or(0), *from);
}

}  // namespace

void UsageReader::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    if (state_ == State::kObject) {
      if (!capture(bytes)) continue;
      take(kept_);
      kept_.clear();
      state_ = State::kSearching;
      continue;
    }
    if (state_ == State::kSearching && matched_ == 0) {  // in one go to where a name may begin
      const auto quote = bytes.find('"');
      const auto skipped = std::min(quote, bytes.size());
      if (skipped > 0) last_ = bytes[skipped - 1];
      bytes.remove_prefix(skipped);
      if (bytes.empty()) return;
    }
    const char c = bytes.front();
    if (state_ == State::kSearching) {
      if (matched_ > 0 && c == kName[matched_])
        ++matched_;
      else
        matched_ = c == '"' && last_ != '\\' ? 1 : 0;
      if (matched_ == kName.size()) {
        matched_ = 0;
        state_ = State::kNamed;
      }
    } else if (state_ == State::kNamed && c == ':') {
      state_ = State::kValue;
    } else if (state_ == State::kValue && c == '{') {
      state_ = State::kObject;
      depth_ = 0;
      in_string_ = escaped_ = false;
      continue;
    } else if (!is_space(c)) {
      state_ = State::kSearching;
      continue;
    }
    last_ = c;
    bytes.remove_prefix(1);
  }
}

bool UsageReader::capture(std::string_view& bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    if (in_string_) {
      in_string_ = escaped_ || c != '"';
      escaped_ = !escaped_ && c == '\\';
    } else if (c == '"') {
      in_string_ = true;
    } else if (c == '{') {
      ++depth_;
    } else if (c == '}' && --depth_ == 0) {
      kept_.append(bytes.substr(0, i + 1));
      bytes.remove_prefix(i + 1);
      last_ = c;
      return true;
    }
    if (kept_.size() + i > kMaxUsageBytes) {
      kept_.clear();
      last_ = c;
      bytes.remove_prefix(i + 1);
      state_ = State::kSearching;
      return false;
    }
  }
  kept_.append(bytes);
  bytes = {};
  return false;
}

void UsageReader::take(std::string_view object) {
  const auto usage = parse_json(object, {.max_bytes = kMaxUsageBytes, .max_depth = 8});
  if (!usage) return;
  for (const auto* const name : {"prompt_tokens", "inputTokens"}) raise(input_, number_in(*usage, name));
  // Anthropic counts what it read from or wrote into its cache apart.
  if (auto input = number_in(*usage, "input_tokens")) {
    for (const auto* const name : {"cache_creation_input_tokens", "cache_read_input_tokens"})
      *input += number_in(*usage, name).value_or(0);
    raise(input_, input);
  }
  for (const auto* const name : {"completion_tokens", "output_tokens", "outputTokens"})
    raise(output_, number_in(*usage, name));
  for (const auto* const name : {"total_tokens", "totalTokens"}) raise(total_, number_in(*usage, name));
}

std::optional<std::uint64_t> UsageReader::total() const {
  if (!input_ && !output_ && !total_) return std::nullopt;
  return std::max(total_.value_or(0), input_.value_or(0) + output_.value_or(0));
}

}  // namespace plimsoll::gateway
