// Which controls of which framework our evidence can speak to, and what that evidence is.
//
// Titles are the public ones; which evidence is given for a control is this project's reading (docs/control.md), and
// shows that something is recorded, never that somebody complies.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "store/queries.h"

namespace plimsoll::control {

struct Control {
  std::string id, clause, name;
  std::vector<std::string> evidence;  // kinds; none: organisational, there is nothing to count
};
struct Framework {
  std::string title;
  std::vector<Control> controls;
};

// By name: "iso42001", "nist-ai-rmf", "eu-ai-act". Read once; null: no such.
const Framework* framework(std::string_view name);
// What a kind of evidence is, in words; all kinds that controls name are here.
const std::map<std::string, std::string, std::less<>>& evidence_kinds();

struct Sample {
  Time time;
  std::string id;    // of the event, or "<type>@<index>"
  std::string what;  // its action, or the entry's type
  ledger::Index index = 0;
};
// What the store has of a kind in a window.
struct Evidence {
  std::uint64_t count = 0;
  std::optional<Time> last;
  std::vector<Sample> samples;  // at most store::kSamples, the newest
};
Result<Evidence> count_evidence(store::Reader& reader, std::string_view kind, const store::Window& window);

// Of a control, by what was counted for its kinds: "supported by live evidence" where each has something, "partly"
// where some have, "organisational only" where none has.
std::string_view status_of(const Control& control, const std::map<std::string, Evidence, std::less<>>& found);

}  // namespace plimsoll::control
