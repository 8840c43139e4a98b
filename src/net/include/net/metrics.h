// Counters, gauges and histograms, and their text form for Prometheus (exposition format 0.0.4).
//
//   auto& blocked = metrics.counter("plimsoll_decisions_total", "Decisions made.", {{"action", "block"}});
//   blocked.add();
//
// Everything is registered at start-up (registration takes a lock); updates are one relaxed atomic add on a
// cache line of the thread's own. Label values are fixed at registration: nothing a client sends becomes one.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plimsoll::net {

using Labels = std::vector<std::pair<std::string, std::string>>;

class Counter {
 public:
  void add(std::uint64_t n = 1);
  std::uint64_t value() const;

 private:
  static constexpr std::size_t kShards = 8;
  struct alignas(64) Shard {
    std::atomic<std::uint64_t> n{0};
  };
  std::array<Shard, kShards> shards_;
};

class Histogram {
 public:
  explicit Histogram(std::vector<double> bounds);  // upper bounds, ascending; +Inf is implied
  void observe(double value);
  // How many values there were up to each bound, the last for those above all bounds; not one moment's picture.
  std::vector<std::uint64_t> counts() const;
  const std::vector<double>& bounds() const { return bounds_; }

 private:
  friend class Metrics;
  std::vector<double> bounds_;
  std::vector<std::unique_ptr<Counter>> buckets_;
  Counter sum_nanos_;  // of value * 1e9, so that the sum, too, is an integer add
};

// From 50 microseconds to 10 seconds.
std::vector<double> latency_bounds();

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  Counter& counter(std::string_view name, std::string_view help, Labels labels = {});
  Histogram& histogram(std::string_view name, std::string_view help, std::vector<double> bounds,
                       Labels labels = {});
  // Read at every scrape; may return several series of one name.
  using Samples = std::vector<std::pair<Labels, double>>;
  void gauge(std::string_view name, std::string_view help, std::function<Samples()> read);

  std::string to_prometheus() const;

 private:
  struct Family;
  Family& family(std::string_view name, std::string_view help, std::string_view type);
  mutable std::mutex mutex_;
  std::deque<std::unique_ptr<Family>> families_;
};

}  // namespace plimsoll::net
