// A collection of protected works: an index (index.h), and beside it what it is made of, in the folder PATH.d.
//
// The folder holds the works' fingerprints in full, never their texts, in files of some 64 MiB of text each ("shards"), so
// that works can be added and removed without the others at hand. The index is made anew from all of them and put
// in place of the old one in one step; whoever has the old one mapped keeps it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "verbatim/characters.h"
#include "verbatim/fingerprint.h"

namespace plimsoll::verbatim {

// What has been done of how much, in bytes or fingerprints; called now and then.
using Progress = std::function<void(std::string_view what, std::uint64_t done, std::uint64_t total)>;

inline constexpr std::uint64_t kMaxWorkBytes = 256U << 20U;

// One process at a time holds a corpus: the folder is locked.
class Corpus {
 public:
  // Creates the folder when there is none. kUnavailable when it cannot be, or another process holds it.
  static Result<std::unique_ptr<Corpus>> open(const std::string& index, Grain grain = {});
  ~Corpus();
  Corpus(const Corpus&) = delete;
  Corpus& operator=(const Corpus&) = delete;

  struct Added {
    std::uint64_t works = 0;
    std::uint64_t known = 0;           // the same bytes were there already
    std::vector<std::string> skipped;  // why: too short, too large, unreadable
    bool published = false;            // there is a new index
  };
  // Each file is a work, in UTF-8, called `title` or, where that is empty, after its name; of a folder, every file below
  // it. What was added before a failure or an interruption is there when the same is added again. Memory: a work,
  // and some 100 MiB.
  Result<Added> add(const std::vector<std::string>& paths, const std::string& title,
                    const Progress& progress);

  // By the beginning of its id, at least 4 digits. kNotFound; kInvalid when several begin so.
  Result<std::string> remove(std::string_view id, const Progress& progress);

 private:
  Corpus(std::string index, std::string folder, int lock, Grain grain,
         std::shared_ptr<const Characters> characters);
  Result<std::vector<std::string>> shards() const;  // their paths, in order
  std::string next_shard(const std::vector<std::string>& shards) const;
  Result<bool> publish(bool changed, const Progress& progress);

  std::string index_;
  std::string folder_;
  int lock_;
  Grain grain_;
  std::shared_ptr<const Characters> characters_;
};

}  // namespace plimsoll::verbatim
