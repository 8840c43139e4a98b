#include "model/accumulated.h"

#include <array>

namespace plimsoll {
namespace {
constexpr std::array<std::string_view, kPerCount> kNames = {"user", "org", "session"};
}

std::string_view to_string(Per per) {
  return kNames.at(static_cast<std::size_t>(per));
}

std::optional<Per> parse_per(std::string_view name) {
  for (std::size_t i = 0; i < kPerCount; ++i)
    if (kNames.at(i) == name) return static_cast<Per>(i);
  return std::nullopt;
}

}  // namespace plimsoll
