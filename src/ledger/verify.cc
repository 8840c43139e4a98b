#include "ledger/verify.h"

#include <algorithm>
#include <map>
#include <set>

#include "ledger/checkpoint.h"
#include "ledger/retention.h"
#include "ledger/tiles.h"
#include "tree.h"

namespace plimsoll::ledger {
namespace {

constexpr std::size_t kMaxDifferences = 64;
constexpr std::size_t kMaxNamed = 5;

std::string text_of(Index number) {
  return std::to_string(number);
}

std::string short_hash(const Digest& hash) {
  return to_hex(hash).substr(0, 16) + "…";
}

// Where the hash of an entry is not the one in the stored tile.
struct Difference {
  Index index;
  Digest computed;
  Digest stored;
};

// What was done to the entries, as far as the tiles tell.
std::string describe(const std::vector<Difference>& found) {
  const auto& first = found.front();
  if (found.size() > 1 && found[1].index == first.index + 1) {
    const auto& second = found[1];
    const auto all = [&](auto same) {
      for (std::size_t i = 0; i + 1 < std::min(found.size(), kMaxNamed); ++i)
        if (!same(found[i], found[i + 1])) return false;
      return true;
    };
    if (found.size() > 2 || second.stored != first.computed || second.computed != first.stored) {
      if (all([](const auto& a, const auto& b) { return a.computed == b.stored; }))
        return "entry " + text_of(first.index) +
               " was deleted: the entries from there on are the ones that the tiles have one place later";
      if (all([](const auto& a, const auto& b) { return b.computed == a.stored; }))
        return "an entry was inserted at " + text_of(first.index) +
               ": the entries after it are the ones that the tiles have one place earlier";
    }
  }
  std::multiset<Digest> computed;
  std::multiset<Digest> stored;
  for (const auto& difference : found) {
    computed.insert(difference.computed);
    stored.insert(difference.stored);
  }
  std::string places;
  for (std::size_t i = 0; i < std::min(found.size(), kMaxNamed); ++i)
    places += (i == 0 ? "" : ", ") + text_of(found[i].index);
  if (found.size() > kMaxNamed) places += " and more";
  if (found.size() > 1 && computed == stored) return "entries were reordered: " + places;
  return (found.size() == 1 ? "entry " : "entries ") + places +
         (found.size() == 1 ? " was edited: its hash is " : " were edited: the first hash is ") +
         short_hash(first.computed) + ", the tile has " + short_hash(first.stored);
}

class Verification {
 public:
  Verification(LogSource& source, const VerifyOptions& options) : source_(source), options_(options) {}

  Result<Report> run() {
    const auto bytes = source_.checkpoint();
    if (!bytes) return std::unexpected(Error(bytes.error()).in("checkpoint"));
    if (const auto keys = find_keys(); !keys) return std::unexpected(keys.error());
    const auto checkpoint = read_checkpoint(*bytes, "signature", "the checkpoint");
    if (!checkpoint) return report_;
    covered_ = checkpoint->size;
    root_ = checkpoint->root;
    read_older(checkpoint->origin);
    read_entries();
    check_size();
    check_removals();
    check_tiles();
    check_root();
    for (const auto& older : older_) check_older(older);
    if (many_ > 0)
      say("consistency", true,
          "the log goes on from each of " + text_of(many_) + " more, the last of " + text_of(greatest_) +
              " entries");
    return report_;
  }

 private:
  struct Older {
    std::string name;
    Checkpoint checkpoint;
    bool one_of_many;
  };

  void say(std::string name, bool passed, std::string detail) {
    report_.checks.push_back({std::move(name), passed, std::move(detail)});
  }

  Result<void> find_keys() {
    if (options_.policy) {
      keys_ = options_.policy->keys();
      return {};
    }
    auto lines = source_.verifier_keys();
    if (!lines) return std::unexpected(std::move(lines).error().in("the log's verifier keys"));
    for (std::string_view rest = *lines; !rest.empty();) {
      const auto line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(line.size() + 1, rest.size()));
      auto key = parse_verifier_key(line);
      if (!key) return std::unexpected(std::move(key).error().in("the log's verifier keys"));
      keys_.push_back(*std::move(key));
    }
    return {};
  }

  // Checks a note's signatures. The checkpoint, whether they are right or not; nullopt when it cannot be read.
  std::optional<Checkpoint> read_checkpoint(const std::string& bytes, const std::string& check,
                                            const std::string& what) {
    const auto note = parse_note(bytes);
    if (!note) {
      say(check, false, what + " cannot be read: " + note.error().message);
      return std::nullopt;
    }
    auto checkpoint = parse_checkpoint(note->text);
    if (!checkpoint) {
      say(check, false, what + " cannot be read: " + checkpoint.error().message);
      return std::nullopt;
    }
    const auto verified = verify_note(*note, keys_);
    if (!verified) {
      say(check, false, what + " was altered: " + verified.error().message);
      return *checkpoint;
    }
    const auto signer = std::ranges::find_if(*verified, [&](const auto& v) {
      return v.key->type == KeyType::kEd25519 && v.key->name == checkpoint->origin;
    });
    if (signer == verified->end()) {
      say(check, false,
          what + " is signed by " + note->signatures.front().name +
              " with a key that is not trusted: it was re-signed, or is another log's");
      return *checkpoint;
    }
    if (check == "signature") {
      say(check, true,
          what + " of " + checkpoint->origin + " is signed by " + to_text(*signer->key) +
              (options_.policy ? ""
                               : ", which is the log's own word: check against a key you hold"
                                 " with --policy"));
      if (options_.policy && !options_.policy->quorum.empty())
        say("witnesses", options_.policy->has_quorum(*verified),
            options_.policy->has_quorum(*verified) ? "the quorum has signed" : "the quorum has not signed");
    }
    return *checkpoint;
  }

  void read_older(const std::string& origin) {
    for (const auto& [name, note, one_of_many] : options_.older) {
      const auto before = report_.checks.size();
      const auto checkpoint = read_checkpoint(note, "consistency", "the older checkpoint " + name);
      if (report_.checks.size() != before) continue;
      if (checkpoint->origin != origin) {
        say("consistency", false, name + " is of another log, " + checkpoint->origin);
        continue;
      }
      older_.push_back({name, *checkpoint, one_of_many});
      roots_[checkpoint->size] = {};
    }
  }

  void read_entries() {
    roots_[covered_] = {};
    source_.expect(covered_);
    auto next_root = roots_.begin();
    std::vector<FullTile> full;
    for (;;) {
      for (; next_root != roots_.end() && next_root->first == tree_.size(); ++next_root)
        next_root->second = tree_.root();
      auto entry = source_.next();
      if (!entry) {
        say("entries", false, entry.error().message);
        break;
      }
      if (!*entry) break;
      note_removal(**entry);
      tree_.append((*entry)->leaf_hash, full);
      for (const auto& tile : full) compare(tile.level, tile.index, tile.hashes);
      full.clear();
      if (tree_.size() == covered_)
        for (unsigned level = 0; level < kTileLevels; ++level)
          if (const auto rest = tree_.unfinished(level); !rest.empty())
            compare(level, covered_ >> (kTileBits * (level + 1)), rest);
    }
    if (report_.checks.empty() || report_.checks.back().name != "entries")
      say("entries", true, text_of(tree_.size()) + " entries read, every record whole");
  }

  void note_removal(const Entry& entry) {
    if (entry.removed()) {
      ++removed_;
      last_removed_ = entry.index;
    } else if (const auto record = parse_prune_record(entry.bytes)) {
      ++records_;
      recorded_ += record->removed;
      below_ = std::max(below_, record->below);
    }
  }

  // Entries of which only the hash is left, against what the log says of them.
  void check_removals() {
    if (removed_ == 0 && records_ == 0) return;
    const bool told = removed_ <= recorded_ && (removed_ == 0 || last_removed_ < below_);
    auto text = text_of(removed_) + " entries are removed, their hashes kept; ";
    text += text_of(records_) + " prune records speak of " + text_of(recorded_);
    if (removed_ > 0 && last_removed_ >= below_)
      text += ", and entry " + text_of(last_removed_) + " is none of them";
    else if (removed_ < recorded_)
      text += ": the removal is not finished";
    say("retention", told, std::move(text));
  }

  void compare(unsigned level, Index index, std::span<const Digest> computed) {
    const auto width = tile_width(covered_, level, index);
    if (width < computed.size()) return;  // not covered yet
    const auto stored = source_.tile(level, index, width);
    const auto name = to_path({.level = level, .index = index, .width = width});
    if (!stored) {
      wrong_tile(name + ": " + stored.error().message);
      return;
    }
    if (!*stored) {
      if (width == kTileWidth) wrong_tile(name + " is missing");
      return;
    }
    ++tiles_;
    if (std::ranges::equal(**stored, computed)) return;
    if ((*stored)->size() != computed.size()) {
      wrong_tile(name + " has another length");
    } else if (level > 0) {
      wrong_tile(name + " does not follow from the tiles below it");
    } else {
      for (std::size_t i = 0; i < computed.size() && differences_.size() < kMaxDifferences; ++i)
        if (computed[i] != (**stored)[i])
          differences_.push_back({index * kTileWidth + i, computed[i], (**stored)[i]});
    }
  }

  void wrong_tile(std::string what) {
    if (wrong_tile_.empty()) wrong_tile_ = std::move(what);
  }

  void check_size() {
    const auto count = tree_.size();
    if (count >= covered_) {
      say("size", true,
          "the checkpoint covers " + text_of(covered_) + " entries" +
              (count == covered_ ? "" : "; " + text_of(count - covered_) + " more are not covered yet"));
      return;
    }
    say("size", false,
        "the checkpoint covers " + text_of(covered_) + " entries and " + text_of(count) +
            " can be read: the log was truncated, entries were deleted, or entry " + text_of(count) +
            " was edited in its record");
  }

  void check_tiles() {
    if (!differences_.empty()) {
      say("tiles", false, describe(differences_));
    } else if (!wrong_tile_.empty()) {
      say("tiles", false, wrong_tile_);
    } else {
      say("tiles", true, text_of(tiles_) + " tiles have the hashes of the entries");
    }
  }

  void check_root() {
    const auto root = roots_.at(covered_);
    if (root == root_) {
      say("root", true, "the entries lead to the root " + to_base64(bytes_of(root_)));
    } else if (!root) {
      say("root", false, "the root cannot be computed: entries are missing");
    } else {
      say("root", false,
          "the entries lead to the root " + to_base64(bytes_of(*root)) + ", the checkpoint has " +
              to_base64(bytes_of(root_)) +
              (differences_.empty()
                   ? ": entries were altered, and the tiles with them or in the tile that is not full"
                   : ""));
    }
  }

  void check_older(const Older& older) {
    const auto size = older.checkpoint.size;
    if (size > covered_) {
      say("consistency", false,
          older.name + " covers " + text_of(size) + " entries, the log only " + text_of(covered_) +
              ": the log was truncated or an older copy put back");
      return;
    }
    const auto root = roots_.at(size);
    if (root == older.checkpoint.root && older.one_of_many) {
      ++many_;
      greatest_ = std::max(greatest_, size);
      return;
    }
    if (root == older.checkpoint.root) {
      say("consistency", true, "the log goes on from " + older.name + " (" + text_of(size) + " entries)");
      return;
    }
    say("consistency", false,
        "the first " + text_of(size) + " entries are not those of " + older.name +
            ": the log was forked, its history rewritten");
  }

  LogSource& source_;
  const VerifyOptions& options_;
  Report report_;
  std::vector<VerifierKey> keys_;
  Index covered_ = 0;
  Digest root_{};
  std::vector<Older> older_;
  std::uint64_t many_ = 0;  // from which the log goes on
  Index greatest_ = 0;
  std::map<Index, std::optional<Digest>> roots_;  // at the sizes that matter
  Tree tree_;
  Index tiles_ = 0;
  std::uint64_t removed_ = 0, records_ = 0, recorded_ = 0;
  Index last_removed_ = 0, below_ = 0;
  std::vector<Difference> differences_;
  std::string wrong_tile_;
};

}  // namespace

bool Report::passed() const {
  return std::ranges::all_of(checks, &Check::passed);
}

Result<Report> verify_log(LogSource& source, const VerifyOptions& options) {
  return Verification(source, options).run();
}

}  // namespace plimsoll::ledger
