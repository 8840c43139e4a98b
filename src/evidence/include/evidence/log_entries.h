// Entries of the log, by their index.
#pragma once

#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "ledger/ledger.h"
#include "ledger/log_reader.h"

namespace plimsoll::evidence {

// Reads a log directory beside its writer. A few entries at a time, each with the work of finding it in its segment;
// what was read or written last is kept, up to `kept_bytes`. Thread-safe; reads one at a time.
class LogEntries {
 public:
  // `published`, where there is one, is asked first: it finds an entry at once; it outlives this.
  explicit LogEntries(std::string directory, std::size_t kept_bytes = 8U << 20U,
                      const ledger::LogReader* published = nullptr);

  // kNotFound where the log does not reach so far, or the entry was removed when its time was over; kInvalid where it
  // is damaged.
  Result<std::string> read(ledger::Index at);
  // Several, in the order asked for: one pass over the log where it can be. One that is not there is empty.
  Result<std::vector<std::string>> read(const std::vector<ledger::Index>& wanted);

  // Remembers an entry that was just written.
  void keep(ledger::Index at, std::string entry);

 private:
  std::optional<std::string> kept(ledger::Index at);
  Result<std::string> read_from_disk(ledger::Index at);

  const std::string directory_;
  const std::size_t kept_bytes_;
  const ledger::LogReader* const published_;
  std::mutex kept_mutex_;  // of what follows
  std::list<std::pair<ledger::Index, std::string>> recent_;
  std::unordered_map<ledger::Index, std::list<std::pair<ledger::Index, std::string>>::iterator> where_;
  std::size_t bytes_ = 0;
  std::mutex reading_;  // of what follows
  std::optional<ledger::Reader> reader_;
  ledger::Index next_ = 0;  // what the reader reads next
};

}  // namespace plimsoll::evidence
