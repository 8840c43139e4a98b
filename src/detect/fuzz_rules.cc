// Any text as `detection.rules`: it is read or refused, within bounds, and what is read is read again as itself.
#include <cstdint>
#include <cstdlib>

#include "base/json.h"
#include "detect/rules.h"

namespace {

std::optional<plimsoll::detect::RuleOptions> read(std::string_view text) {
  plimsoll::yaml::Problems problems("fuzz");
  std::vector<plimsoll::yaml::Problem> elsewhere;
  const auto root = plimsoll::yaml::parse_yaml(text, problems);
  if (!root) return std::nullopt;
  auto options = plimsoll::detect::read_rule_options(*root, std::nullopt, problems, elsewhere);
  if (!problems.none()) return std::nullopt;
  return options;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto options = read({reinterpret_cast<const char*>(data), size});
  if (!options) return 0;
  const auto again = read(plimsoll::to_json(plimsoll::detect::to_json(*options)));
  if (!again || !(*again == *options)) std::abort();
  return 0;
}
