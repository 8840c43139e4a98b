#include "decide/faults.h"

#include <array>
#include <utility>

namespace plimsoll::decide {

Result<Faults> parse_faults(std::string_view names) {
  constexpr std::array<std::pair<std::string_view, Fault>, 6> kNames = {
      {{"detector-throws", Fault::kDetectorThrows},
       {"detector-late", Fault::kDetectorLate},
       {"policy-throws", Fault::kPolicyThrows},
       {"policy-missing", Fault::kPolicyMissing},
       {"log-refuses", Fault::kLogRefuses},
       {"log-silent", Fault::kLogSilent}}};
  Faults faults;
  while (!names.empty()) {
    const auto comma = names.find(',');
    const auto name = names.substr(0, comma);
    names = comma == std::string_view::npos ? std::string_view() : names.substr(comma + 1);
    bool known = false;
    for (const auto& [text, fault] : kNames)
      if (text == name) {
        faults.add(fault);
        known = true;
      }
    if (known) continue;
    std::string list;
    for (const auto& [text, fault] : kNames) list.append(list.empty() ? "" : ", ").append(text);
    return fail(Code::kInvalid, "unknown fault '" + std::string(name) + "'; expected any of " + list);
  }
  return faults;
}

}  // namespace plimsoll::decide
