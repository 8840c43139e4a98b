// Makes an index of shards.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shard.h"
#include "verbatim/corpus.h"

namespace plimsoll::verbatim {

// How many places are kept of a fingerprint that occurs often: the first, in the order of the works. What stands in more
// works is still found, in one of these.
inline constexpr std::uint32_t kOccurrences = 8;

// Writes the index of all works of all shards, in their order, in place of what is at `path`. Memory: 64 KiB a shard.
// kTooLarge when they have more than 2^32 words.
Result<void> merge(std::vector<ShardReader> shards, Grain grain, const std::string& path,
                   const Progress& progress);

}  // namespace plimsoll::verbatim
