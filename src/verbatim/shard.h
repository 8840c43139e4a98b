// Some works' fingerprints in full, as they are kept beside an index so that it can be made again without the works:
// docs/corpus_format.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "files.h"
#include "verbatim/fingerprint.h"
#include "verbatim/tokenizer.h"

namespace plimsoll::verbatim {

struct ShardWork {
  Digest digest{};  // SHA-256 of its bytes
  std::string title;
  std::uint64_t words = 0;
  std::uint64_t bytes = 0;
  std::uint64_t nibbles = 0;  // offset of its (words + 1) / 2 bytes among the shard's

  std::string id() const;
};

struct ShardEntry {
  std::uint64_t key = 0;
  std::uint32_t work = 0;  // in the shard
  std::uint32_t word = 0;  // where in the work
  friend auto operator<=>(const ShardEntry&, const ShardEntry&) = default;
};

// A shard in memory: 16 bytes for each fingerprint, half a byte for each word.
class Shard {
 public:
  explicit Shard(Grain grain) : grain_(grain) {}

  // Fewer words than a fingerprint has: false, and nothing is added.
  bool add(const Digest& digest, std::string title, std::string_view text,
           const std::shared_ptr<const Characters>& characters);
  // The same of a work that was fingerprinted before. `entries` say work 0.
  void add(ShardWork work, const std::vector<ShardEntry>& entries, std::string_view nibbles);

  bool empty() const { return works_.empty(); }
  std::size_t memory() const { return entries_.size() * sizeof(ShardEntry) + nibbles_.size(); }
  Result<void> write(const std::string& path);

 private:
  Grain grain_;
  std::vector<ShardWork> works_;
  std::vector<ShardEntry> entries_;
  std::string nibbles_;
};

// A shard on disk. open() checks all of it.
class ShardReader {
 public:
  // kInvalid when it is damaged or of another grain.
  static Result<ShardReader> open(const std::string& path, Grain grain);

  const std::string& path() const { return file_.path(); }
  const std::vector<ShardWork>& works() const { return works_; }
  std::uint64_t entries() const { return entries_; }
  // In rising order; nullopt at the end.
  Result<std::optional<ShardEntry>> next();
  Result<std::string> nibbles(const ShardWork& work) const;

 private:
  explicit ShardReader(OpenFile file) : file_(std::move(file)) {}
  OpenFile file_;
  std::vector<ShardWork> works_;
  std::uint64_t entries_ = 0;
  std::uint64_t entries_at_ = 0;
  std::uint64_t nibbles_at_ = 0;
  std::uint64_t read_ = 0;  // entries
  std::vector<ShardEntry> buffer_;
  std::size_t used_ = 0;
};

}  // namespace plimsoll::verbatim
