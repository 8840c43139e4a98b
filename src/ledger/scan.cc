#include "scan.h"

#include <algorithm>

#include "ledger/proof.h"

namespace plimsoll::ledger {

Result<Scan> Scan::open(std::string_view file) {
  const auto header = decode_header(file);
  if (!header) return std::unexpected(header.error());
  return Scan(file, *header);
}

std::optional<Record> Scan::next() {
  const auto record = decode_record(file_.substr(offset_), header_.salt);
  if (!record) return std::nullopt;
  const bool in_order = record->synced >= std::max(synced_, header_.first) && record->synced <= index_;
  if (!in_order || (!record->removed() && record->leaf_hash != leaf_hash(record->entry))) return std::nullopt;
  offset_ += record->bytes;
  synced_ = record->synced;
  ++index_;
  return record;
}

Scan::Rest Scan::rest() const {
  if (file_.find_first_not_of('\0', offset_) == std::string_view::npos) return Rest::kNothing;
  return acknowledged_beyond() ? Rest::kDamage : Rest::kTorn;
}

bool Scan::acknowledged_beyond() const {
  const auto end = file_.find_last_not_of('\0');
  for (auto at = offset_ + 1; at < end && at + kRecordHeaderBytes < file_.size(); ++at) {
    // Far most offsets are refused by the length alone: two of its four bytes must be zero but for the mark of an
    // entry that was removed.
    if (file_[at + 2] != 0 || (file_[at + 3] & 0x7F) != 0) continue;
    const auto record = decode_record(file_.substr(at), header_.salt);
    // That many records fit in between, so a greater `synced` is no record of this segment.
    const auto furthest = index_ + (at - offset_) / record_bytes(1);
    if (record && record->synced > index_ && record->synced <= furthest) return true;
  }
  return false;
}

}  // namespace plimsoll::ledger
