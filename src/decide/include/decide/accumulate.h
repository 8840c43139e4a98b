// Counts risk over time: what the messages of one user, organisation or session add up to (policy/accumulation.h).
//
// Times are the events' own, in whatever order they come: a message is held against the fullest stretch of a window's
// length that it lies in, so it is always the last of those that make up the limit to arrive that reaches it. Exact for
// subjects that are remembered: each is remembered with its newest kMostPoints messages, and none that is older than two
// windows before its newest. Subjects live in bounded memory; those that were active longest ago are forgotten first.
//
// Subjects are known by pseudonyms, as in the log, and here only by hashes of those.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "decide/judge.h"
#include "model/accumulated.h"
#include "policy/accumulation.h"

namespace plimsoll::decide {

// As the log names them: the organisation, and pseudonyms. Empty: not known, and not counted for.
struct Subject {
  std::string org, user, session;
};

// Thread-safe: a message is added and held against its window in one step. No I/O under a lock.
class Accumulators {
 public:
  static constexpr std::size_t kMostPoints = 2 * policy::Accumulation::kMostMessages;

  // `max_bytes`: of all subjects together, about.
  explicit Accumulators(std::size_t max_bytes = 64U << 20U);
  ~Accumulators();
  Accumulators(const Accumulators&) = delete;
  Accumulators& operator=(const Accumulators&) = delete;

  // Adds a message that scores so, and says what its windows hold with it: a fact for each subject that it counts for.
  std::vector<Accumulated> observe(const policy::Policy& policy, std::optional<Tier> tier,
                                   const Scores& judged, const Subject& subject, Time time);
  // Adds what was recorded of a message at an earlier start. `reached`: its limit was.
  void recall(const policy::Accumulation& accumulation, Per per, const Subject& subject, Time time,
              double score, bool reached);

  struct Stats {
    std::uint64_t subjects = 0, bytes = 0;  // now
    std::uint64_t forgotten = 0;            // subjects that left for others, since the start
  };
  Stats stats() const;

 private:
  struct Shard;
  std::array<std::unique_ptr<Shard>, 16> shards_;
};

// Whether a message that scores so is counted at all: most are not, and then nobody needs to know whose it is.
bool counts_over_time(const policy::Policy& policy, std::optional<Tier> tier, const Scores& judged);

// Counts what is new in a judged message, and adds what the policy makes of the counts to its verdict. Once for each
// decision that is recorded, before it is acted on. `subject` is asked where something is counted. `reported`: as for
// judge(). With `late` the message has been answered already (a stream): the verdict may gain a review, but no action.
void accumulate(Judgement& judgement, Accumulators& accumulators, std::optional<Tier> tier,
                const std::function<Subject()>& subject, Time time, const Scores& reported = {},
                bool late = false);

}  // namespace plimsoll::decide
