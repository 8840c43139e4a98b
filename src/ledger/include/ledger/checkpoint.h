// What a log promises at a moment (C2SP tlog-checkpoint): which log, how many entries, the root of their tree.
// It travels as a signed note.
#pragma once

#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/result.h"
#include "ledger/ledger.h"

namespace plimsoll::ledger {

struct Checkpoint {
  std::string origin;
  Index size = 0;
  Digest root{};

  bool operator==(const Checkpoint&) const = default;
};

// The text of the note.
std::string to_text(const Checkpoint& checkpoint);
// kInvalid, with what is wrong. Lines after the root are allowed and skipped.
Result<Checkpoint> parse_checkpoint(std::string_view text);

}  // namespace plimsoll::ledger
