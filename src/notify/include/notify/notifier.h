// Tells people what the log says: follows it, gathers what they want to know into notices, and delivers them.
//
// A notice is delivered at least once, also when the process is killed, with the same id each time; it is tried for a
// day. What became of it is an entry `notice` of the log (docs/log_format.md). Works on a thread of its own; a
// destination that is slow holds up no other.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "ledger/ledger.h"
#include "ledger/log_reader.h"
#include "notify/destination.h"

namespace plimsoll::notify {

inline constexpr std::size_t kMaxDestinations = 32;

struct Options {
  std::string folder;  // that it owns
  std::vector<Destination> destinations;
  std::chrono::milliseconds interval{250};  // between two looks at the log

  // Every reason these cannot be used, worded for the operator.
  std::vector<std::string> problems() const;
};

class Notifier {
 public:
  // kInvalid: unusable options; kUnavailable: the folder cannot be used. The logs outlive it.
  static Result<std::unique_ptr<Notifier>> open(Options options, const ledger::LogReader& log,
                                                ledger::Sink& sink);
  // Stops at once: what is under way is tried again at the next start.
  ~Notifier();
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  struct Status {
    struct To {
      std::string name;
      std::uint64_t delivered = 0, refused = 0, dropped = 0;  // notices; refused: or too late
      std::uint64_t failed_attempts = 0;
      std::size_t waiting = 0;  // notices in the outbox
    };
    std::vector<To> destinations;
    std::uint64_t triggers = 0;
    ledger::Index position = 0;  // entries below it were read
  };
  Status status() const;  // thread-safe

 private:
  class Impl;
  explicit Notifier(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Sends one notice of the event `test`, and waits. What the other side said; kUnavailable, saying why, where it did not
// take it.
Result<std::string> send_test(const Destination& destination, Time now);

}  // namespace plimsoll::notify
