// What the log costs: durable entries a second, how far the checkpoint lags, proofs, verification, memory.
//
//   bench_ledger [--directory DIR] [--entries N] [--seconds S]
//
// One line a figure. The baseline is the same disk, in the same run, with nothing but write and fdatasync.
#include "ledger/ledger.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/log.h"
#include "ledger/log_reader.h"
#include "ledger/verify.h"

using namespace plimsoll;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int kProducers = 16;
constexpr std::size_t kEntryBytes = 600;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

std::string entry(std::uint64_t number) {
  auto text = "{\"n\":" + std::to_string(number) + ",\"text\":\"";
  text.resize(kEntryBytes - 2, 'e');
  return text + "\"}";
}

double percentile(std::vector<double>& values, double part) {
  if (values.empty()) return 0;
  const auto at = static_cast<std::size_t>(part * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at), values.end());
  return values[at];
}

class Gate {
 public:
  explicit Gate(int count) : count_(count) {}
  void pass() {
    const std::lock_guard lock(mutex_);
    if (--count_ == 0) changed_.notify_one();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int count_;
};

// One entry, one write, one fdatasync, over and over: what a log without batches would do.
void bare(const std::string& directory, double seconds) {
  const auto path = directory + "/bare";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
  if (file < 0 || ::posix_fallocate(file, 0, 64 << 20) != 0) std::exit(1);
  const auto bytes = entry(0);
  std::uint64_t count = 0;
  std::vector<double> took;
  const auto begin = Clock::now();
  for (off_t at = 0; seconds_since(begin) < seconds; at += static_cast<off_t>(bytes.size()), ++count) {
    const auto start = Clock::now();
    if (::pwrite(file, bytes.data(), bytes.size(), at % (63 << 20)) < 0 || ::fdatasync(file) != 0)
      std::exit(1);
    took.push_back(seconds_since(start) * 1e3);
  }
  std::printf("baseline, one entry a write and fdatasync: %.0f/s, p99 %.2f ms\n",
              static_cast<double>(count) / seconds_since(begin), percentile(took, 0.99));
  ::close(file);
}

std::unique_ptr<ledger::Ledger> open(const std::string& directory) {
  ledger::Options options;
  options.directory = directory;
  options.origin = "example.org/bench";
  auto log = ledger::Ledger::open(options);
  if (!log) {
    std::fprintf(stderr, "%s\n", log.error().message.c_str());
    std::exit(1);
  }
  return *std::move(log);
}

// Every producer sends `batch` entries, waits until the last is on disk, and sends the next.
void producers(const std::string& directory, int count, int batch, double seconds) {
  const auto log = open(directory);
  std::atomic<bool> stop{false};
  std::vector<std::vector<double>> took(static_cast<std::size_t>(count));
  std::atomic<std::uint64_t> done{0};
  const auto begin = Clock::now();
  std::vector<double> lags;
  {
    std::vector<std::jthread> threads;
    threads.reserve(static_cast<std::size_t>(count));
    for (int p = 0; p < count; ++p)
      threads.emplace_back([&, p] {
        for (std::uint64_t n = 0; !stop; ++n) {
          const auto start = Clock::now();
          Gate gate(batch);
          for (int i = 0; i < batch; ++i)
            while (!log->append(entry(n), [&](const Result<ledger::Index>& index) {
              if (!index) std::exit(1);
              gate.pass();
            }))
              std::this_thread::yield();
          gate.wait();
          took[static_cast<std::size_t>(p)].push_back(seconds_since(start) * 1e3);
          done += static_cast<std::uint64_t>(batch);
        }
      });
    // How long until the checkpoint covers what is on disk now.
    while (seconds_since(begin) < seconds) {
      const auto size = log->size();
      const auto from = Clock::now();
      while (log->reader().checkpoint().size < size && seconds_since(from) < 5)
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
      lags.push_back(seconds_since(from) * 1e3);
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    stop = true;
  }
  const auto elapsed = seconds_since(begin);
  std::vector<double> all;
  for (auto& one : took) all.insert(all.end(), one.begin(), one.end());
  std::printf(
      "durable entries, %d producers, batches of %d: %.0f/s, p50 %.2f ms, p99 %.2f ms; checkpoint behind "
      "p50 %.0f ms, at most %.0f ms\n",
      count, batch, static_cast<double>(done) / elapsed, percentile(all, 0.5), percentile(all, 0.99),
      percentile(lags, 0.5), percentile(lags, 1));
}

void proofs_and_verification(const std::string& directory, std::uint64_t entries) {
  {
    const auto log = open(directory);
    const auto begin = Clock::now();
    for (std::uint64_t n = 0; n < entries; ++n)
      while (!log->append(entry(n))) std::this_thread::sleep_for(std::chrono::microseconds(200));
    while (log->reader().checkpoint().size < entries)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    std::printf("%llu entries written that nobody waited for, all covered: %.0f/s\n",
                static_cast<unsigned long long>(entries),
                static_cast<double>(entries) / seconds_since(begin));

    std::vector<double> proofs, shown;
    for (std::uint64_t i = 0; i < 2000; ++i) {
      const auto index = i * 7919 % entries;
      auto start = Clock::now();
      if (!log->reader().proof_file(index)) std::exit(1);
      proofs.push_back(seconds_since(start) * 1e3);
      start = Clock::now();
      if (!log->reader().entry(index)) std::exit(1);
      shown.push_back(seconds_since(start) * 1e3);
    }
    std::printf("one proof of %llu: p50 %.3f ms, p99 %.3f ms; one entry: p50 %.3f ms, p99 %.3f ms\n",
                static_cast<unsigned long long>(entries), percentile(proofs, 0.5), percentile(proofs, 0.99),
                percentile(shown, 0.5), percentile(shown, 0.99));
    std::printf("tree in memory: %llu bytes\n", static_cast<unsigned long long>(log->stats().tree_bytes));
  }
  auto begin = Clock::now();
  (void)open(directory);
  std::printf("opened again: %.3f s\n", seconds_since(begin));
  begin = Clock::now();
  const auto source = ledger::open_directory(directory);
  const auto report = source ? ledger::verify_log(**source, {}) : std::unexpected(source.error());
  if (!report || !report->passed()) std::exit(1);
  std::printf("%llu entries verified from disk, one thread: %.2f s\n",
              static_cast<unsigned long long>(entries), seconds_since(begin));
}

}  // namespace

int main(int argc, char** argv) {
  std::string parent = ".";
  std::uint64_t entries = 1'000'000;
  double seconds = 5;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    if (name == "--directory") parent = argv[i + 1];
    if (name == "--entries") entries = std::strtoull(argv[i + 1], nullptr, 10);
    if (name == "--seconds") seconds = std::strtod(argv[i + 1], nullptr);
  }
  set_log_level(LogLevel::kError);
  auto name = parent + "/bench-ledger-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) {
    std::fprintf(stderr, "%s: no folder can be made here\n", parent.c_str());
    return 1;
  }
  bare(name, seconds);
  producers(name + "/one", kProducers, 1, seconds);
  producers(name + "/hundred", 4, 100, seconds);
  proofs_and_verification(name + "/many", entries);
  std::filesystem::remove_all(name);
  return 0;
}
