// The files of a log, in enough detail to write a second reader.
//
// A log is a directory of segments. A segment is named after the index of its first entry, in 20 decimal
// digits:
//
//   00000000000000000000.seg   00000000000000048213.seg   …          other names are not part of the log:
//   LOCK                      held (flock) by the process that writes
//   *.seg.tmp                 a segment that is being made; left by a crash, removed at the next start
//   *.torn  *.torn.<n>        what was cut from the end of a segment at a start, kept for whoever
//   investigates
//
// Integers are unsigned and little-endian. A segment is a header, then records without gaps, then zeros:
//
//   header, 32 bytes                            record, 48 bytes and the entry
//    0  8  "PLIMSEG\n"                           0  4  length of the entry, 1 to 65,535
//    8  4  version, 1                            4  4  CRC-32C of salt, bytes 0-3 and 8-47, and the entry
//   12  4  CRC-32C of bytes 0-11 and 16-31       8  8  synced: every entry whose index is below this was on
//   disk 16  8  index of the first entry                    before this record was written 24  8  salt,
//   random                         16 32  SHA-256(0x00 || entry), the leaf hash of RFC 6962
//                                               48  …  the entry
//
// An entry whose time to be kept is over has been removed (retention.h): the highest bit of its length is set, its
// bytes are zeros, its checksum leaves them out, and its leaf hash is what it was. Everything else, the place of
// every record included, stays as it was.
//
// A record is whole when its length is in range, checksum and leaf hash are right, and `synced` is neither
// below the segment's first index, nor below the `synced` of the record before, nor above the record's own
// index.
//
// To read: take the segments in order of name; the first one's is 0. A segment holds the entries from its
// first index up to the first index of the next segment, and what follows them in the file is no part of the
// log: it may be the remains of a write that failed and was done again in the next segment. Fewer entries
// than that is damage.
//
// The last segment ends at the first record that is not whole. If all that follows is zeros, nothing is
// missing. Otherwise the end is torn: a write that was cut short by a crash, so that none of it was
// acknowledged. It is told from damage by `synced`: where further on, at any offset, there is a record with a
// right checksum and a `synced` above the index that could not be read, that entry had been on disk, and the
// file was damaged afterwards. The salt keeps an entry that looks like a record from being taken for one in
// that search.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/result.h"
#include "ledger/ledger.h"

namespace plimsoll::ledger {

inline constexpr std::size_t kHeaderBytes = 32;
inline constexpr std::size_t kRecordHeaderBytes = 48;

constexpr std::size_t record_bytes(std::size_t entry_bytes) {
  return kRecordHeaderBytes + entry_bytes;
}

struct Header {
  Index first = 0;
  std::uint64_t salt = 0;
};

struct Record {
  Index synced = 0;
  Digest leaf_hash{};
  std::string_view entry;  // empty where it was removed
  std::size_t bytes = 0;   // of the whole record
  bool removed() const { return entry.empty(); }
};

std::string encode(const Header& header);
// kInvalid when `bytes` does not begin with a header this version can read.
Result<Header> decode_header(std::string_view bytes);

// Returns the leaf hash.
Digest append_record(std::string& out, std::uint64_t salt, Index synced, std::string_view entry);
// The record at the beginning of `bytes`, which it borrows; nullopt when there is no whole one. The leaf hash
// is not compared with the entry: that costs as much as everything else, and the search for records skips it.
std::optional<Record> decode_record(std::string_view bytes, std::uint64_t salt);

// What is left of the whole record at `offset` of a segment's bytes when its entry is removed.
void remove_entry(std::string& segment, std::size_t offset, std::uint64_t salt);

// The length of the record that begins with these bytes, by its first four; nullopt when it cannot be one.
std::optional<std::size_t> record_length(std::string_view bytes);

std::string segment_name(Index first);
std::optional<Index> parse_segment_name(std::string_view name);

}  // namespace plimsoll::ledger
