// The real thing: a process on a real disk, killed at random moments.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <random>
#include <thread>

#include "base/log.h"
#include "file.h"
#include "ledger/ledger.h"
#include "ledger/log_reader.h"

namespace plimsoll::ledger {
namespace {

class Directory {
 public:
  Directory() {
    std::string name = testing::TempDir() + "plimsoll-ledger-XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  Options options() const {
    return {.directory = path_ + "/made/log",
            .segment_bytes = kMinSegmentBytes,
            .checkpoint_interval = std::chrono::milliseconds(1)};
  }

 private:
  std::string path_;
};

struct Report {
  Index index;
  std::uint64_t round;
  std::uint64_t number;
};

std::string entry(std::uint64_t round, std::uint64_t number) {
  return std::to_string(round) + " " + std::to_string(number) + std::string(number * 61 % 900, '.');
}

// Appends for as long as it lives, and reports every entry that was acknowledged.
[[noreturn]] void child(const Options& options, std::uint64_t round, int pipe) {
  auto ledger = Ledger::open(options);
  if (!ledger) ::_exit(1);
  for (std::uint64_t number = 0;; ++number) {
    const auto queued = (*ledger)->append(entry(round, number), [=](Result<Index> index) {
      if (!index) ::_exit(2);
      const Report report{*index, round, number};
      if (::write(pipe, &report, sizeof report) != sizeof report) ::_exit(3);
    });
    if (!queued) std::this_thread::yield();
    if (number % 64 == 63) std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
}

TEST(KilledAtAnyMoment, TheLogHoldsEveryAcknowledgedEntry) {
  set_log_level(LogLevel::kError);
  const Directory directory;
  std::map<Index, std::string> acknowledged;
  std::vector<Checkpoint> promised_before;
  std::minstd_rand random(std::random_device{}());

  for (std::uint64_t round = 0; round < 20; ++round) {
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const auto process = ::fork();
    ASSERT_GE(process, 0);
    if (process == 0) child(directory.options(), round, pipe[1]);
    ::close(pipe[1]);

    // From the first entry on, except that every fourth is killed while it starts.
    std::jthread killer;
    const auto kill_after = [&](std::chrono::microseconds delay) {
      killer = std::jthread([=] {
        std::this_thread::sleep_for(delay);
        ::kill(process, SIGKILL);
      });
    };
    if (round % 4 == 3) kill_after(std::chrono::microseconds(random() % 3000));
    Report report{};
    while (::read(pipe[0], &report, sizeof report) == sizeof report) {
      if (!killer.joinable()) kill_after(std::chrono::microseconds(random() % 15000));
      EXPECT_TRUE(acknowledged.emplace(report.index, entry(report.round, report.number)).second);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(process, &status, 0), process);
    ASSERT_TRUE(WIFSIGNALED(status)) << "exit status " << WEXITSTATUS(status);
    killer = {};
    ::close(pipe[0]);

    if (round % 2 == 0) {
      const auto ledger = Ledger::open(directory.options());
      ASSERT_TRUE(ledger) << ledger.error().message;
      // Whatever was promised before is kept.
      const auto now = (*ledger)->reader().checkpoint();
      for (const auto& old : promised_before) {
        const auto proof = (*ledger)->reader().consistency(old.size, now.size);
        ASSERT_TRUE(proof) << proof.error().message;
        EXPECT_TRUE(verify_consistency(old.size, old.root, now.size, now.root, *proof));
      }
      promised_before.push_back(now);
    } else if (const auto stored = LogReader::open(directory.options().directory)) {
      promised_before.push_back((*stored)->checkpoint());
    }
    auto reader = Reader::open(directory.options().directory);
    if (!reader && acknowledged.empty()) continue;
    ASSERT_TRUE(reader) << reader.error().message;
    Index size = 0;
    for (auto next = reader->next();; next = reader->next(), ++size) {
      ASSERT_TRUE(next) << next.error().message;
      if (!*next) break;
      const auto promised = acknowledged.find(size);
      if (promised != acknowledged.end()) ASSERT_EQ((*next)->bytes, promised->second) << "round " << round;
    }
    if (!acknowledged.empty()) ASSERT_GT(size, acknowledged.rbegin()->first) << "round " << round;
  }
  EXPECT_GT(acknowledged.size(), 100U);
  EXPECT_GT(promised_before.size(), 10U);
  set_log_level(LogLevel::kInfo);
}

TEST(OnARealDisk, ADirectoryBelongsToOneLedgerAndItsFilesToTheirOwner) {
  const Directory directory;
  const auto options = directory.options();
  const auto ledger = Ledger::open(options);
  ASSERT_TRUE(ledger) << ledger.error().message;
  EXPECT_EQ(Ledger::open(options).error().code, Code::kUnavailable);

  using std::filesystem::perms;
  const auto rights = [](const std::filesystem::path& path) {
    return std::filesystem::status(path).permissions();
  };
  EXPECT_EQ(rights(options.directory), perms::owner_all);
  for (const auto& file : std::filesystem::recursive_directory_iterator(options.directory))
    EXPECT_EQ(rights(file.path()),
              file.is_directory() ? perms::owner_all : perms::owner_read | perms::owner_write)
        << file.path();
}

TEST(OnARealDisk, FailuresSayWhatFailedAndWhere) {
  const auto files = posix_files();
  EXPECT_EQ(files->open("/nonexistent/file", FileSystem::Access::kRead).error().code, Code::kNotFound);
  EXPECT_TRUE(files->create("/nonexistent/file").error().message.contains("create /nonexistent/file"));
  const auto full = files->open("/dev/full", FileSystem::Access::kWrite);
  ASSERT_TRUE(full);
  EXPECT_EQ((*full)->write("bytes", 0).error().code, Code::kUnavailable);
  EXPECT_EQ(Ledger::open({.directory = "/proc/nowhere"}).has_value(), false);
}

}  // namespace
}  // namespace plimsoll::ledger
