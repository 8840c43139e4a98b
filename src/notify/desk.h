// Everything about notices but sending them: from the log's entries to the outbox, with nothing lost in between.
//
// FOLDER/state.json says how far the log was read and what is gathered; FOLDER/outbox holds what is to be sent. A notice
// is in one of them at least, at every moment, and has the same id in both.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "outbox.h"

namespace plimsoll::notify {

class Desk {
 public:
  struct Log {
    std::string origin;
    ledger::Index size = 0;
  };
  // Begins at the log's end where there is no state, or one of another log. `destinations` and `files` outlive it.
  static Result<std::unique_ptr<Desk>> open(const std::string& folder,
                                            std::span<const Destination> destinations, const Log& log,
                                            Time now, Files& files, Outbox::Limits limits = {});

  ledger::Index position() const { return position_; }  // the entry to read next
  // Reads one; entries that were removed may be left out. Whether it gives rise to anything.
  bool read(ledger::Index index, std::string_view entry);
  void read_up_to(ledger::Index index) { position_ = index; }

  // Puts what is due into the outbox and writes the state down. When it fails, call it again later: nothing is lost.
  Result<void> settle(Time now);

  Outbox& outbox() { return outbox_; }
  std::uint64_t triggers() const { return triggers_; }

 private:
  Desk(std::string path, Outbox outbox, Gatherer gatherer, Files& files)
      : path_(std::move(path)), outbox_(std::move(outbox)), gatherer_(std::move(gatherer)), files_(files) {}
  Result<void> save(Time now);

  std::string path_;
  Outbox outbox_;
  Gatherer gatherer_;
  Files& files_;
  std::string origin_;
  ledger::Index position_ = 0, saved_ = 0;
  Time saved_at_{};
  bool changed_ = false;
  std::uint64_t triggers_ = 0;
};

}  // namespace plimsoll::notify
