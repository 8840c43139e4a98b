// What the read side costs: entries a second into the store, and queries while it takes them.
//
//   bench_store [--entries N] [--database FILE|URL] [--rate R] [--seconds S] [--batch B] [--log DIR]
//   bench_store --directory DIR [--entries N] [--batch B]
//
// One line a figure. Entries as ingest writes them, spread over 30 days, are read and applied in batches of B, as the
// projector does it; then each query is asked for S seconds while R entries a second go on being applied. With --log a
// log is written there first and projected. With --directory, what a control plane with N decisions of the last 30 days
// has on its disk is made there, unless it is there already: DIR/log and DIR/store.duckdb, which stay (1 GB for a million).
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "base/id.h"
#include "base/json.h"
#include "base/log.h"
#include "base/time.h"
#include "ledger/ledger.h"
#include "model/event.h"
#include "store/projector.h"
#include "store/queries.h"

using namespace plimsoll;
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

namespace {

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

template <class T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().message.c_str());
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

double percentile(std::vector<double>& values, double part) {
  if (values.empty()) return 0;
  const auto at = static_cast<std::size_t>(part * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at), values.end());
  return values[at];
}

long memory_mb(const char* which) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(which)) return std::strtol(line.c_str() + line.find(':') + 1, nullptr, 10) / 1024;
  return 0;
}

double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

// Of the n-th of `total`.
std::chrono::milliseconds spread(std::uint64_t n, std::uint64_t total) {
  constexpr double kMonthMs = 30.0 * 24 * 3'600'000;
  return std::chrono::milliseconds(
      static_cast<long long>(kMonthMs * static_cast<double>(n) / static_cast<double>(total)));
}

// The n-th of `total` decisions; the id is borrowed. 2 in 100 escalate and wait for review, 3 block, 10 redact.
Event decision(const std::string& id, std::uint64_t n, std::uint64_t total, Time first) {
  static constexpr const char* kSurfaces[] = {"claude_web", "api", "aws_bedrock", "app"};
  const std::uint64_t lot = n * 2'654'435'761U % 100;
  static constexpr const char* kModels[] = {"model-0", "model-1", "model-2", "model-3", "model-4"};
  Event event;
  event.decision_id = id;
  event.request_id = id;
  event.time = first + spread(n, total);
  event.policy_version = "sha256:7d9f2c1b5e8a4f60937c1d2e3f405162738495a6b7c8d9e0f1a2b3c4d5e6f708";
  event.detector_revision = "2026-11-01";
  event.caller = {.user = "user-" + std::to_string(n * 7919 % 20'000),
                  .org = "org-" + std::to_string(n % 8),
                  .tier = static_cast<Tier>(n / 4 % 3),
                  .authenticated = true};
  event.surface = kSurfaces[n % 4];
  event.model = kModels[n % 5];
  event.micros = 50 + lot;
  event.instance = "bench";
  event.seq = n + 1;
  for (const auto category : {Category::kJailbreak, Category::kCbrn, Category::kToxicity})
    event.scores.set(category, static_cast<double>(n * 31 % 1'000) / 20'000);
  event.segments = {{.pointer = "/prompt", .bytes = 300}};
  event.segments_total = 1;
  if (lot < 2) {
    event.verdict.action = Action::kEscalate;
    event.verdict.asl_level = 3;
    event.verdict.review = true;
    event.verdict.rules = {{"asl_triggers.biological", Action::kEscalate}};
    event.verdict.reasons = {"ASL-3 trigger: biological"};
    event.scores.set(Category::kCbrn, 0.2 + static_cast<double>(n % 700) / 1'000);
  } else if (lot < 5) {
    event.verdict.action = Action::kBlock;
    event.verdict.rules = {{"tiers.cbrn", Action::kBlock}};
    event.scores.set(Category::kCbrn, 0.16);
  } else if (lot < 15) {
    event.verdict.action = Action::kRedact;
    event.verdict.rules = {{"secrets", Action::kRedact}};
    event.verdict.reasons = {"secret in text"};
    event.findings.resize(1);
    event.findings[0].entity = "EMAIL_ADDRESS";
    event.findings[0].detector = "pii.email";
  }
  return event;
}

std::string entry(std::uint64_t n, std::uint64_t total, Time first) {
  return to_log_entry(decision(new_id(), n, total, first), "key");
}

// Entries of their own, as the projector would read them.
class Feed {
 public:
  Feed(store::Store& store, std::uint64_t total) : store_(store), total_(total) {}
  std::uint64_t next() const { return next_; }
  double reading = 0, applying = 0;  // seconds
  std::vector<double> took;          // ms, of each batch

  void batch(std::uint64_t count) {
    std::vector<std::string> entries;
    entries.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) entries.push_back(entry(next_ + i, total_, first_));
    const auto begin = Clock::now();
    store::Batch batch{
        .origin = "example.org/bench", .first = next_, .next = next_ + count, .root = {}, .rows = {}};
    for (std::uint64_t i = 0; i < count; ++i) must(store::read_entry(next_ + i, entries[i], batch.rows));
    const auto read = Clock::now();
    must(store_.apply(batch));
    next_ += count;
    reading += std::chrono::duration<double>(read - begin).count();
    applying += seconds_since(read);
    took.push_back(seconds_since(begin) * 1e3);
  }
  Time last() const { return first_ + spread(next_, total_); }

 private:
  store::Store& store_;
  const std::uint64_t total_;
  const Time first_ = *from_rfc3339("2026-01-01T00:00:00Z");
  std::uint64_t next_ = 0;
};

void ask(const char* name, double seconds, const std::function<void()>& query) {
  std::vector<double> took;
  const auto begin = Clock::now();
  const double cpu = cpu_seconds();
  while (seconds_since(begin) < seconds) {
    const auto start = Clock::now();
    query();
    took.push_back(seconds_since(start) * 1e3);
  }
  std::printf("%s: p50 %.1f ms, p95 %.1f ms, at most %.1f ms of %zu; the process took %.1f ms for each\n",
              name, percentile(took, 0.5), percentile(took, 0.95), percentile(took, 1), took.size(),
              (cpu_seconds() - cpu) * 1e3 / static_cast<double>(took.size()));
}

void queries(store::Store& store, const Feed& feed, double seconds) {
  const auto reader = must(store.reader());
  store::Reader& r = *reader;
  const Time now = feed.last();
  const store::Window month{.from = now - 30 * 24h, .until = now};
  ask("totals", seconds, [&] { must(store::totals(r)); });
  ask("totals of 30 days to the millisecond", seconds, [&] { must(store::totals(r, month)); });
  ask("hourly, 24 hours", seconds, [&] { must(store::hourly(r, now, 24)); });
  ask("hourly, 30 days", seconds, [&] { must(store::hourly(r, now, 720)); });
  ask("newest 50 events", seconds, [&] { must(store::events(r, {}, 50)); });
  ask("newest 50 blocked of an organisation", seconds,
      [&] { must(store::events(r, {.org = "org-3", .action = Action::kBlock}, 50)); });
  ask("newest 50 of a user", seconds, [&] { must(store::events(r, {.user = "nobody"}, 50)); });
  const auto some = must(store::events(r, {}, 50)).events.at(7).event_id;
  ask("event by id", seconds, [&] { must(store::event(r, some)); });
  std::vector<std::string> ids(99, some);
  for (std::size_t i = 0; i < ids.size(); ++i) ids[i] += std::to_string(i);
  ids.push_back(some);
  ask("100 ids known", seconds, [&] { must(store::known_events(r, ids)); });
  ask("review queue", seconds, [&] { must(store::review_queue(r, {}, now)); });
  ask("control: cbrn detected and blocked in 30 days, with samples", seconds, [&] {
    must(store::count_events(
        r, {.window = month, .action = Action::kBlock, .category = Category::kCbrn, .min_score = 0.15}));
  });
  ask("control: a rule in 30 days", seconds,
      [&] { must(store::count_events(r, {.window = month, .rule = "secrets"})); });
  ask("score histogram, 30 days", seconds, [&] { must(store::score_histogram(r, Category::kCbrn, month)); });
}

// Of a person who looked at the n-th entry ten minutes after it came.
std::string decided_entry(const Event& event) {
  return to_canonical_json(json::object{{"actor", "reviewer-1"},
                                        {"decision", "block"},
                                        {"event_id", event.decision_id},
                                        {"notes", ""},
                                        {"time", to_rfc3339_ms(event.time + 10min)},
                                        {"type", "review_decided"},
                                        {"v", 1}});
}

void append(ledger::Ledger& log, const std::string& text) {
  for (auto copy = text; !log.append(std::move(copy)); copy = text) std::this_thread::sleep_for(1ms);
}

// Decisions of the last 30 days. What waits for a person was looked at,
// but for that of the last day.
void write_log(ledger::Ledger& log, std::uint64_t entries) {
  const auto begin = Clock::now();
  const Time now = std::chrono::system_clock::now();
  const Time first = now - 30 * 24h;
  for (std::uint64_t n = 0; n < entries; ++n) {
    const std::string id = new_id();
    const Event event = decision(id, n, entries, first);
    append(log, to_log_entry(event, "key"));
    if (event.verdict.review && event.time < now - 24h) append(log, decided_entry(event));
  }
  while (log.reader().checkpoint().size < log.size() || log.stats().queued > 0)
    std::this_thread::sleep_for(10ms);
  std::printf("%llu decisions, %llu entries written to the log: %.0f/s\n",
              static_cast<unsigned long long>(entries), static_cast<unsigned long long>(log.size()),
              static_cast<double>(log.size()) / seconds_since(begin));
  std::fflush(stdout);
}

// A directory as a control plane leaves it.
void make_directory(const store::Options& options, const std::string& directory, std::uint64_t entries,
                    std::size_t batch) {
  ledger::Options where;
  where.directory = directory + "/log";
  const auto log = must(ledger::Ledger::open(where));
  if (log->size() == 0) write_log(*log, entries);
  const auto store = must(store::open_store(options));
  const auto size = log->reader().checkpoint().size;
  const auto from = must(store->position(log->reader().checkpoint().origin)).next;
  const auto begin = Clock::now();
  const double cpu = cpu_seconds();
  auto last = begin;
  std::vector<double> took;
  must(store::catch_up(*store, log->reader(), {.max_entries = batch}, [&](const store::Position&) {
    took.push_back(std::chrono::duration<double>(Clock::now() - last).count() * 1e3);
    last = Clock::now();
    return true;
  }));
  if (from < size)
    std::printf(
        "%llu entries projected from the log in batches of %zu: %.0f/s, %.1f us of processor time each; a "
        "batch "
        "p50 %.1f ms, p99 %.1f ms, at most %.1f ms\n",
        static_cast<unsigned long long>(size - from), batch,
        static_cast<double>(size - from) / seconds_since(begin),
        (cpu_seconds() - cpu) * 1e6 / static_cast<double>(size - from), percentile(took, 0.5),
        percentile(took, 0.99), percentile(took, 1));
  std::printf("memory now %ld MB, at most %ld MB; DuckDB may have %zu MB\n", memory_mb("VmRSS"),
              memory_mb("VmHWM"), options.memory_bytes >> 20U);
}

void project_log(store::Store& store, const std::string& directory, std::uint64_t entries) {
  ledger::Options options;
  options.directory = directory;
  options.origin = "example.org/bench-log";
  const auto log = must(ledger::Ledger::open(options));
  const Time first = *from_rfc3339("2026-02-01T00:00:00Z");
  for (std::uint64_t n = 0; n < entries; ++n) {
    auto text = entry(n, entries, first);
    while (!log->append(text)) std::this_thread::sleep_for(200us);
  }
  while (log->reader().checkpoint().size < entries) std::this_thread::sleep_for(1ms);
  const auto begin = Clock::now();
  must(store.clear("example.org/bench"));
  must(store::catch_up(store, log->reader()));
  std::printf("%llu entries projected from a log: %.0f/s\n", static_cast<unsigned long long>(entries),
              static_cast<double>(entries) / seconds_since(begin));
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t entries = 1'000'000;
  std::uint64_t batch = 5'000;
  double rate = 5'000;
  double seconds = 2;
  std::string database;
  std::string log;
  std::string directory;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    if (name == "--entries") entries = std::strtoull(argv[i + 1], nullptr, 10);
    if (name == "--batch") batch = std::strtoull(argv[i + 1], nullptr, 10);
    if (name == "--rate") rate = std::strtod(argv[i + 1], nullptr);
    if (name == "--seconds") seconds = std::strtod(argv[i + 1], nullptr);
    if (name == "--database") database = argv[i + 1];
    if (name == "--log") log = argv[i + 1];
    if (name == "--directory") directory = argv[i + 1];
  }
  set_log_level(LogLevel::kError);
  store::Options options;
  // Where scripts/setup puts it, when started from the project's folder.
  if (std::filesystem::exists("build/duckdb/libduckdb.so"))
    options.duckdb_library = "build/duckdb/libduckdb.so";
  if (!directory.empty()) {
    options.database = directory + "/store.duckdb";
    make_directory(options, directory, entries, batch);
    return 0;
  }
  std::string folder = "./bench-store-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) return 1;
  options.database = database.empty() ? folder + "/store.duckdb" : database;
  auto store = must(store::open_store(options));
  std::printf("%s\n", store->description().c_str());

  Feed feed(*store, entries);
  const double cpu = cpu_seconds();
  while (feed.next() < entries) feed.batch(std::min(batch, entries - feed.next()));
  std::printf(
      "%llu entries read: %.0f/s; applied in batches of %llu: %.0f/s; a batch p50 %.1f ms, p99 %.1f ms, at "
      "most "
      "%.1f ms; processor time with making them %.1f s\n",
      static_cast<unsigned long long>(entries), static_cast<double>(entries) / feed.reading,
      static_cast<unsigned long long>(batch), static_cast<double>(entries) / feed.applying,
      percentile(feed.took, 0.5), percentile(feed.took, 0.99), percentile(feed.took, 1), cpu_seconds() - cpu);
  std::printf("memory now %ld MB, at most %ld MB\n", memory_mb("VmRSS"), memory_mb("VmHWM"));
  std::fflush(stdout);

  std::printf("queries with nothing else going on\n");
  queries(*store, feed, seconds);
  std::printf("queries while %.0f entries a second are applied\n", rate);
  {
    feed.took.clear();
    std::jthread writer([&](const std::stop_token& stop) {
      const auto begin = Clock::now();
      for (double due = 0; !stop.stop_requested(); due += 0.25) {
        while (seconds_since(begin) < due && !stop.stop_requested()) std::this_thread::sleep_for(1ms);
        feed.batch(static_cast<std::uint64_t>(rate / 4) + 1);
      }
    });
    queries(*store, feed, seconds);
  }
  std::printf("a batch then p50 %.1f ms, p99 %.1f ms, at most %.1f ms\n", percentile(feed.took, 0.5),
              percentile(feed.took, 0.99), percentile(feed.took, 1));
  std::printf("memory now %ld MB, at most %ld MB\n", memory_mb("VmRSS"), memory_mb("VmHWM"));
  if (database.empty()) std::printf("file %ju MB\n", std::filesystem::file_size(options.database) >> 20U);
  if (!log.empty()) project_log(*store, log, std::min<std::uint64_t>(entries, 200'000));
  auto begin = Clock::now();
  store.reset();
  std::printf("closed: %.2f s\n", seconds_since(begin));
  begin = Clock::now();
  store = must(store::open_store(options));
  std::printf("opened again: %.2f s\n", seconds_since(begin));
  store.reset();
  std::filesystem::remove_all(folder);
  return 0;
}
