// Gathers triggers into notices: for each destination and event one at once, and what follows within the interval
// together.
#pragma once

#include <deque>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "notify/destination.h"

namespace plimsoll::notify {

// A notice and whom it is for.
struct Addressed {
  std::string destination;
  Notice notice;
};

// One thread's. What it holds can be written down and read back, so that nothing is lost between the two.
class Gatherer {
 public:
  // The destinations outlive it.
  Gatherer(std::span<const Destination> destinations, std::string origin);

  // Something wants it.
  bool add(const Trigger& trigger);

  // Marks what has to leave by now and gives it; it stays here until left(). Written down in between, the same notices
  // come back from leaving() after a restart, with the same ids.
  std::vector<Addressed> leave(Time now);
  std::vector<Addressed> leaving() const;
  void left(Time now);

  // {"open", "pending", "quiet"}.
  json::object to_object() const;
  // Keeps what is for destinations that are still there. What makes no sense is left out.
  void restore(const json::value& value);

  static constexpr std::size_t kMostOpen = 1'000;  // things per destination that may be said to be over

 private:
  struct Pending {
    Notice notice;
    bool leaving = false;
  };
  using Key = std::pair<std::string, Event>;
  const Destination* find(const std::string& name) const;

  std::span<const Destination> destinations_;
  std::string origin_;
  std::map<Key, Pending> pending_;
  std::map<Key, Time> quiet_until_;
  std::vector<Addressed> over_;                          // leave at once
  std::map<std::string, std::deque<std::string>> open_;  // by destination: "event/subject"
};

// Under which PagerDuty knows what a notice is about: "plimsoll/event/subject".
std::string dedup_key(const Notice& notice);

}  // namespace plimsoll::notify
