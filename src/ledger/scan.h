// Walks the records of one segment's bytes. Pure: no files, no clock.
#pragma once

#include <optional>
#include <string_view>

#include "format.h"

namespace plimsoll::ledger {

class Scan {
 public:
  // Of a whole file, which is borrowed. kInvalid when its header is.
  static Result<Scan> open(std::string_view file);

  // The next whole record; nullopt where the records end, from then on.
  std::optional<Record> next();

  Index first() const { return header_.first; }
  std::uint64_t salt() const { return header_.salt; }
  Index index() const { return index_; }            // of the record next() would give
  std::uint64_t offset() const { return offset_; }  // where that one begins

  // What lies beyond offset(), where next() gave nullopt.
  enum class Rest {
    kNothing,  // zeros, or the end of the file
    kTorn,     // a write that was cut short
    kDamage,   // records which prove that index() had been on disk
  };
  Rest rest() const;

 private:
  Scan(std::string_view file, Header header) : file_(file), header_(header), index_(header.first) {}

  bool acknowledged_beyond() const;

  std::string_view file_;
  Header header_;
  Index index_;
  Index synced_ = 0;  // of the record before
  std::uint64_t offset_ = kHeaderBytes;
};

}  // namespace plimsoll::ledger
