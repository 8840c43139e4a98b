// Entries whose time to be kept is over.
//
// Of such an entry the bytes are removed from the segments; the record keeps its place and its leaf hash, so tree,
// checkpoints and the proofs of all other entries stay what they are, and everybody can still see that there was
// one. First an entry of type `prune` says what is to go:
//
//   {"before":{"decision":"2026-01-31T00:00:00.000Z"},"below":48213,"class":"entries",
//    "removed":{"decision":48000},"time":"…","type":"prune","v":1}
//
// that is, of the entries below index 48,213 those of type `decision` whose `time` is earlier: 48,000 entries.
// verify_log() counts what is gone against these.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "ledger/ledger.h"

namespace plimsoll::ledger {

struct Retention {
  // How long entries are kept from their `time` on, by their `type`. Entries of other types, and those without a
  // `time`, are kept for ever; so are `prune`, `key_rotated` and `erasure`, whatever is said here.
  std::map<std::string, std::chrono::seconds, std::less<>> keep;
};

struct Pruned {
  std::uint64_t removed = 0;    // entries, by this call
  std::optional<Index> record;  // where the log says so; none when there was nothing to remove
};

// What a `prune` entry says.
struct PruneRecord {
  std::map<std::string, std::string, std::less<>> before;  // by type: RFC 3339, UTC, milliseconds
  Index below = 0;
  std::uint64_t removed = 0;

  // Whether it has the entry at `index` removed.
  bool covers(Index index, std::string_view entry) const;
};

// nullopt for every other entry.
std::optional<PruneRecord> parse_prune_record(std::string_view entry);

}  // namespace plimsoll::ledger
