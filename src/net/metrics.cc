#include "net/metrics.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace plimsoll::net {
namespace {

std::size_t shard_of_this_thread() {
  static std::atomic<std::size_t> next{0};
  thread_local const std::size_t mine = next.fetch_add(1, std::memory_order_relaxed);
  return mine;
}

void append_double(std::string& out, double value) {
  if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
  } else if (std::isnan(value)) {
    out += "NaN";
  } else {
    std::array<char, 40> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    out.append(text.data(), end);
  }
}

void append_escaped(std::string& out, std::string_view text, bool label) {
  for (const char c : text) {
    if (c == '\\')
      out += "\\\\";
    else if (c == '\n')
      out += "\\n";
    else if (c == '"' && label)
      out += "\\\"";
    else
      out += c;
  }
}

void append_series(std::string& out, std::string_view name, const Labels& labels, double value,
                   std::string_view bound = {}) {
  out += name;
  if (!labels.empty() || !bound.empty()) {
    out += '{';
    bool first = true;
    for (const auto& [key, text] : labels) {
      if (!std::exchange(first, false)) out += ',';
      out.append(key).append("=\"");
      append_escaped(out, text, true);
      out += '"';
    }
    if (!bound.empty()) out.append(first ? "" : ",").append("le=\"").append(bound).append("\"");
    out += '}';
  }
  out += ' ';
  append_double(out, value);
  out += '\n';
}

}  // namespace

struct Metrics::Family {
  std::string name, help, type;
  std::deque<std::pair<Labels, std::unique_ptr<Counter>>> counters;
  std::deque<std::pair<Labels, std::unique_ptr<Histogram>>> histograms;
  std::function<Samples()> gauge;
};

Metrics::Metrics() = default;
Metrics::~Metrics() = default;

void Counter::add(std::uint64_t n) {
  shards_.at(shard_of_this_thread() % kShards).n.fetch_add(n, std::memory_order_relaxed);
}

std::uint64_t Counter::value() const {
  std::uint64_t sum = 0;
  for (const auto& shard : shards_) sum += shard.n.load(std::memory_order_relaxed);
  return sum;
}

Histogram::Histogram(std::vector<double> bounds) : bounds_(std::move(bounds)) {
  for (std::size_t i = 0; i <= bounds_.size(); ++i) buckets_.push_back(std::make_unique<Counter>());
}

void Histogram::observe(double value) {
  const auto at = std::ranges::lower_bound(bounds_, value) - bounds_.begin();
  buckets_[static_cast<std::size_t>(at)]->add();
  sum_nanos_.add(static_cast<std::uint64_t>(std::max(0.0, value) * 1e9));
}

std::vector<std::uint64_t> Histogram::counts() const {
  std::vector<std::uint64_t> out;
  out.reserve(buckets_.size());
  for (const auto& bucket : buckets_) out.push_back(bucket->value());
  return out;
}

std::vector<double> latency_bounds() {
  return {5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
}

Metrics::Family& Metrics::family(std::string_view name, std::string_view help, std::string_view type) {
  for (auto& family : families_)
    if (family->name == name) return *family;
  families_.push_back(std::make_unique<Family>());
  Family& made = *families_.back();
  made.name = name;
  made.help = help;
  made.type = type;
  return made;
}

Counter& Metrics::counter(std::string_view name, std::string_view help, Labels labels) {
  const std::lock_guard lock(mutex_);
  auto& series = family(name, help, "counter").counters;
  return *series.emplace_back(std::move(labels), std::make_unique<Counter>()).second;
}

Histogram& Metrics::histogram(std::string_view name, std::string_view help, std::vector<double> bounds,
                              Labels labels) {
  const std::lock_guard lock(mutex_);
  auto& series = family(name, help, "histogram").histograms;
  return *series.emplace_back(std::move(labels), std::make_unique<Histogram>(std::move(bounds))).second;
}

void Metrics::gauge(std::string_view name, std::string_view help, std::function<Samples()> read) {
  const std::lock_guard lock(mutex_);
  family(name, help, "gauge").gauge = std::move(read);
}

std::string Metrics::to_prometheus() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& owned : families_) {
    const Family& family = *owned;
    out.append("# HELP ").append(family.name).append(" ");
    append_escaped(out, family.help, false);
    out.append("\n# TYPE ").append(family.name).append(" ").append(family.type).append("\n");
    for (const auto& [labels, counter] : family.counters)
      append_series(out, family.name, labels, static_cast<double>(counter->value()));
    for (const auto& [labels, histogram] : family.histograms) {
      double total = 0;
      for (std::size_t i = 0; i < histogram->buckets_.size(); ++i) {
        total += static_cast<double>(histogram->buckets_[i]->value());
        std::string bound;
        append_double(bound, i < histogram->bounds_.size() ? histogram->bounds_[i] : INFINITY);
        append_series(out, family.name + "_bucket", labels, total, bound);
      }
      append_series(out, family.name + "_sum", labels,
                    static_cast<double>(histogram->sum_nanos_.value()) / 1e9);
      append_series(out, family.name + "_count", labels, total);
    }
    if (family.gauge)
      for (const auto& [labels, value] : family.gauge()) append_series(out, family.name, labels, value);
  }
  return out;
}

}  // namespace plimsoll::net
