// How many tokens an upstream says it used.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace plimsoll::gateway {

// Finds the members "usage" of a JSON body, or of a stream's events, as they pass in pieces of any size. Looks at nothing
// else: what stands inside a JSON string has its quotes escaped, so no text of a model's can be taken for one. Keeps at
// most kMaxUsageBytes.
class UsageReader {
 public:
  void feed(std::string_view bytes);
  // Of all objects found the highest of each number; nullopt where none says anything.
  std::optional<std::uint64_t> total() const;

 private:
  void take(std::string_view object);
  bool capture(std::string_view& bytes);  // whether the object is whole; one that is too long is given up

  enum class State : std::uint8_t { kSearching, kNamed, kValue, kObject };
  State state_ = State::kSearching;
  std::size_t matched_ = 0;  // of the name
  char last_ = ' ';
  std::string kept_;  // the object so far
  unsigned depth_ = 0;
  bool in_string_ = false, escaped_ = false;
  std::optional<std::uint64_t> input_, output_, total_;
};

inline constexpr std::size_t kMaxUsageBytes = 4'096;

}  // namespace plimsoll::gateway
