#include "decide/accumulate.h"

#include <algorithm>

#include "base/hash.h"
#include "base/log.h"

namespace plimsoll::decide {
namespace {

using policy::Accumulation;

struct Key {
  std::uint64_t high = 0, low = 0;
  friend bool operator==(const Key&, const Key&) = default;
};
struct KeyHash {
  std::size_t operator()(const Key& key) const { return key.low; }
};

// A message, as far as it counts.
struct Point {
  std::int64_t ms = 0;
  std::uint16_t places = 0;  // its score in ten-thousandths
  bool reached = false;      // the limit, with it
};

struct Counted {
  std::uint64_t count = 0, places = 0;
};

std::string_view name_of(const Subject& subject, Per per) {
  return per == Per::kUser ? subject.user : per == Per::kOrg ? subject.org : subject.session;
}

Key key_of(const Accumulation& accumulation, Per per, const Subject& subject) {
  const std::string_view pieces[] = {accumulation.name,
                                     "\n",
                                     to_string(per),
                                     "\n",
                                     per == Per::kOrg ? std::string_view() : subject.org,
                                     "\n",
                                     name_of(subject, per)};
  const auto digest = sha256(pieces);
  Key key;
  for (std::size_t i = 0; i < 8; ++i) key.high = key.high << 8U | digest.at(i);
  for (std::size_t i = 8; i < 16; ++i) key.low = key.low << 8U | digest.at(i);
  return key;
}

std::int64_t ms_of(Time time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}

// One subject's messages for one accumulation, in the order of their times.
class Line {
 public:
  // Where it was put.
  std::size_t add(Point point) {
    const auto at = std::ranges::upper_bound(points_, point.ms, {}, &Point::ms);
    return static_cast<std::size_t>(points_.insert(at, point) - points_.begin());
  }

  // The most that any stretch (u - window, u] with the point in it holds.
  Counted fullest(std::size_t at, std::int64_t window) const {
    Counted most;
    std::size_t low = at;
    std::uint64_t total = 0;
    while (low > 0 && points_[low - 1].ms > points_[at].ms - window) total += points_[--low].places;
    for (std::size_t high = at; high < points_.size() && points_[high].ms < points_[at].ms + window; ++high) {
      total += points_[high].places;
      while (points_[low].ms <= points_[high].ms - window) total -= points_[low++].places;
      most.count = std::max<std::uint64_t>(most.count, high - low + 1);
      most.places = std::max(most.places, total);
    }
    return most;
  }

  bool noticed(std::size_t at, std::int64_t window) const {
    return std::ranges::any_of(points_, [&](const Point& p) {
      return p.reached && &p != &points_[at] && std::abs(p.ms - points_[at].ms) < window;
    });
  }

  void mark(std::size_t at) { points_[at].reached = true; }

  // Lets go of what no later message can need.
  void trim(std::int64_t window) {
    const auto oldest = points_.back().ms - 2 * window;
    std::size_t gone =
        points_.size() > Accumulators::kMostPoints ? points_.size() - Accumulators::kMostPoints : 0;
    while (gone < points_.size() && points_[gone].ms <= oldest) ++gone;
    points_.erase(points_.begin(), points_.begin() + static_cast<std::ptrdiff_t>(gone));
  }

  std::size_t bytes() const { return points_.capacity() * sizeof(Point); }

 private:
  std::vector<Point> points_;
};

}  // namespace

struct Accumulators::Shard {
  struct Known {
    Key key;
    Line line;
  };
  // What a subject costs beside its points: a list node, a map node.
  static constexpr std::size_t kOverhead = 128;

  mutable std::mutex mutex;
  std::size_t max_bytes = 0, bytes = 0;
  std::uint64_t forgotten = 0;
  std::list<Known> known;  // the most recently active first
  std::unordered_map<Key, std::list<Known>::iterator, KeyHash> places;

  Line& line(const Key& key) {
    if (const auto at = places.find(key); at != places.end()) {
      known.splice(known.begin(), known, at->second);
      return known.front().line;
    }
    known.push_front({.key = key, .line = {}});
    places.emplace(key, known.begin());
    bytes += kOverhead;
    return known.front().line;
  }

  // With the mutex held. What stands for `bytes` before and after.
  template <class Work>
  void change(const Key& key, Work work) {
    Line& subject = line(key);
    const auto before = subject.bytes();
    work(subject);
    bytes += subject.bytes();
    bytes -= before;
    while (bytes > max_bytes && known.size() > 1) {
      bytes -= known.back().line.bytes() + kOverhead;
      places.erase(known.back().key);
      known.pop_back();
      ++forgotten;
    }
  }
};

Accumulators::Accumulators(std::size_t max_bytes) {
  for (auto& shard : shards_) {
    shard = std::make_unique<Shard>();
    shard->max_bytes = max_bytes / shards_.size();
  }
}
Accumulators::~Accumulators() = default;

std::vector<Accumulated> Accumulators::observe(const policy::Policy& policy, std::optional<Tier> tier,
                                               const Scores& judged, const Subject& subject, Time time) {
  std::vector<Accumulated> out;
  for (const Accumulation& accumulation : policy.accumulations()) {
    const double score = accumulation.judges(tier) ? accumulation.score_of(judged) : 0;
    if (score <= 0) continue;
    const auto window = std::chrono::milliseconds(accumulation.window).count();
    for (std::size_t i = 0; i < kPerCount; ++i) {
      const auto per = static_cast<Per>(i);
      if (!accumulation.per.at(i) || name_of(subject, per).empty()) continue;
      const auto key = key_of(accumulation, per, subject);
      const Point point{.ms = ms_of(time), .places = static_cast<std::uint16_t>(Accumulation::places(score))};
      Accumulated fact{.id = accumulation.name, .per = per, .score = point.places / 10'000.0};
      Shard& shard = *shards_.at(key.high % shards_.size());
      const std::scoped_lock lock(shard.mutex);
      shard.change(key, [&](Line& line) {
        const auto at = line.add(point);
        const auto [count, places] = line.fullest(at, window);
        fact.count = count;
        fact.sum = static_cast<double>(places) / 10'000.0;
        fact.noticed = line.noticed(at, window);
        if (accumulation.reached(fact.count, fact.sum)) line.mark(at);
        line.trim(window);
      });
      out.push_back(fact);
    }
  }
  return out;
}

void Accumulators::recall(const Accumulation& accumulation, Per per, const Subject& subject, Time time,
                          double score, bool reached) {
  if (name_of(subject, per).empty()) return;
  const auto key = key_of(accumulation, per, subject);
  Shard& shard = *shards_.at(key.high % shards_.size());
  const std::scoped_lock lock(shard.mutex);
  shard.change(key, [&](Line& line) {
    line.add({.ms = ms_of(time),
              .places = static_cast<std::uint16_t>(Accumulation::places(score)),
              .reached = reached});
    line.trim(std::chrono::milliseconds(accumulation.window).count());
  });
}

Accumulators::Stats Accumulators::stats() const {
  Stats out;
  for (const auto& shard : shards_) {
    const std::scoped_lock lock(shard->mutex);
    out.subjects += shard->known.size();
    out.bytes += shard->bytes;
    out.forgotten += shard->forgotten;
  }
  return out;
}

bool counts_over_time(const policy::Policy& policy, std::optional<Tier> tier, const Scores& judged) {
  return std::ranges::any_of(policy.accumulations(), [&](const Accumulation& accumulation) {
    return accumulation.judges(tier) && accumulation.score_of(judged) > 0;
  });
}

void accumulate(Judgement& j, Accumulators& accumulators, std::optional<Tier> tier,
                const std::function<Subject()>& subject, Time time, const Scores& reported, bool late) {
  if (!j.policy || j.policy->accumulations().empty()) return;
  Scores judged = j.latest;
  judged.raise(reported);
  if (!counts_over_time(*j.policy, tier, judged)) return;
  j.accumulated = accumulators.observe(*j.policy, tier, judged, subject(), time);
  const auto action = j.verdict.action;
  const auto fired = j.verdict.fired;
  const auto redact = j.verdict.redact;
  const bool care = j.verdict.care;
  j.policy->add_accumulated(j.verdict, j.accumulated);
  if (!late) return;
  j.verdict.action = action;
  j.verdict.fired = fired;
  j.verdict.redact = redact;
  j.verdict.care = care;
}

}  // namespace plimsoll::decide
