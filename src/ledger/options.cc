#include "ledger/ledger.h"

namespace plimsoll::ledger {

std::vector<std::string> Options::problems() const {
  std::vector<std::string> found;
  if (directory.empty()) found.emplace_back("ledger.directory: must be set");
  if (segment_bytes < kMinSegmentBytes || segment_bytes > kMaxSegmentBytes)
    found.emplace_back("ledger.segment_bytes: must be between " + std::to_string(kMinSegmentBytes) + " and " +
                       std::to_string(kMaxSegmentBytes));
  if (batch_delay < std::chrono::microseconds(0) || batch_delay > std::chrono::seconds(1))
    found.emplace_back("ledger.batch_delay: must be between 0 and 1 second");
  if (max_queued_entries == 0) found.emplace_back("ledger.max_queued_entries: must be at least 1");
  if (max_queued_bytes < kMaxEntryBytes)
    found.emplace_back("ledger.max_queued_bytes: must be at least " + std::to_string(kMaxEntryBytes));
  if (checkpoint_interval < std::chrono::milliseconds(1) || checkpoint_interval > std::chrono::seconds(1))
    found.emplace_back("ledger.checkpoint_interval: must be between 1 ms and 1 second");
  if (retry_delay < std::chrono::milliseconds(1))
    found.emplace_back("ledger.retry_delay: must be at least 1 ms");
  return found;
}

}  // namespace plimsoll::ledger
