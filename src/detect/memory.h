// What texts seen lately contain, by their digests: a chat sends all its turns again with every question.
#pragma once

#include <cstring>
#include <list>
#include <string_view>
#include <unordered_map>

#include "base/hash.h"
#include "model/finding.h"

namespace plimsoll::detect {

// Forgets what was asked for least lately. One per thread. Keeps no text; two texts share an entry only if
// SHA-256 does.
class Memory {
 public:
  static constexpr std::size_t kMostBytes = 4U << 20U;

  // Null when not known. Valid until the next put().
  const Inspection* find(const Digest& digest) {
    const auto known = by_digest_.find(digest);
    if (known == by_digest_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, known->second);
    return &known->second->inspection;
  }

  // What is too large to be kept beside others is not kept.
  void put(const Digest& digest, const Inspection& inspection) {
    const auto size = bytes_of(inspection);
    if (size > kMostBytes / 16 || by_digest_.contains(digest)) return;
    bytes_ += size;
    entries_.push_front({digest, inspection});
    by_digest_.emplace(digest, entries_.begin());
    while (bytes_ > kMostBytes) {
      bytes_ -= bytes_of(entries_.back().inspection);
      by_digest_.erase(entries_.back().digest);
      entries_.pop_back();
    }
  }

 private:
  struct Entry {
    Digest digest;
    Inspection inspection;
  };
  struct Hash {
    std::size_t operator()(const Digest& digest) const {
      std::size_t value = 0;
      std::memcpy(&value, digest.data(), sizeof(value));
      return value;
    }
  };
  static std::size_t bytes_of(const Inspection& inspection) {
    return 2 * sizeof(Entry) + inspection.findings.size() * sizeof(Finding);
  }

  std::list<Entry> entries_;  // the latest first
  std::unordered_map<Digest, std::list<Entry>::iterator, Hash> by_digest_;
  std::size_t bytes_ = 0;
};

}  // namespace plimsoll::detect
