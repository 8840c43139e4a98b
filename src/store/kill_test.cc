// A process that projects a log, killed at random moments; and two that project the same one at once.
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <random>
#include <thread>

#include "test_world.h"

namespace plimsoll::store {
namespace {

using testing::Folder;
using testing::fresh;
using testing::Kind;
using testing::Log;
using testing::must;

constexpr std::uint64_t kEntries = 1'500;

// The program itself, as a process that projects `log` in small batches and writes a byte to `report` for each.
class Child {
 public:
  Child(const Options& options, const std::string& log) {
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error("pipe");
    report_ = ends[0];
    std::vector<std::string> environment = {
        "PLIMSOLL_CHILD_DATABASE=" + options.database, "PLIMSOLL_CHILD_LIBRARY=" + options.duckdb_library,
        "PLIMSOLL_CHILD_LOG=" + log, "PLIMSOLL_CHILD_REPORT=" + std::to_string(ends[1])};
    std::vector<std::string> arguments = {"store_test", "--gtest_also_run_disabled_tests", "--gtest_brief=1",
                                          "--gtest_filter=Killed.DISABLED_Child"};
    std::vector<char*> argv;
    std::vector<char*> env;
    for (auto& text : arguments) argv.push_back(text.data());
    for (auto& text : environment) env.push_back(text.data());
    argv.push_back(nullptr);
    env.push_back(nullptr);
    if (::posix_spawn(&process_, "/proc/self/exe", nullptr, nullptr, argv.data(), env.data()) != 0)
      throw std::runtime_error("posix_spawn");
    ::close(ends[1]);
  }
  ~Child() {
    if (process_ > 0) (void)kill();
    ::close(report_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Waits until it has applied so many batches, or has ended.
  void wait_for(std::uint64_t batches) const {
    for (char byte = 0; batches > 0 && ::read(report_, &byte, 1) == 1; --batches) {
    }
  }
  // Whether it was still there to be killed, or else had ended well.
  bool kill() {
    ::kill(process_, SIGKILL);
    return end();
  }
  bool end() {
    int status = 0;
    ::waitpid(process_, &status, 0);
    process_ = 0;
    return WIFSIGNALED(status) || WEXITSTATUS(status) == 0;
  }

 private:
  pid_t process_ = 0;
  int report_ = -1;
};

TEST(Killed, DISABLED_Child) {
  const char* database = std::getenv("PLIMSOLL_CHILD_DATABASE");
  if (database == nullptr) GTEST_SKIP() << "for the other tests here";
  const auto log = must(ledger::LogReader::open(std::getenv("PLIMSOLL_CHILD_LOG")));
  const auto store =
      must(open_store({.database = database, .duckdb_library = std::getenv("PLIMSOLL_CHILD_LIBRARY")}));
  const int report = std::atoi(std::getenv("PLIMSOLL_CHILD_REPORT"));
  for (;;) {  // until there is nothing new; what others did at the same time is found out and gone on from
    const auto done = catch_up(*store, *log, {.max_entries = 17}, [&](const Position&) {
      (void)!::write(report, ".", 1);
      return true;
    });
    if (done || done.error().code != Code::kUnavailable) {
      ASSERT_TRUE(done) << done.error().message;
      return;
    }
  }
}

class KilledTest : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (const auto why = testing::missing(GetParam()); !why.empty()) GTEST_SKIP() << "SKIPPED: " << why;
    const Log log(folder_.path() + "/log");
    const_cast<Log&>(log).add_some(0, kEntries);
    origin_ = log.reader().checkpoint().origin;
    const auto options = fresh(GetParam(), folder_);
    const auto store = must(open_store(options));
    testing::catch_up(*store, log);
    wanted_ = must(digests(*must(store->reader()), origin_));
    ASSERT_EQ(must(totals(*must(store->reader()))).events, kEntries - kEntries / 50);
  }
  std::string log() const { return folder_.path() + "/log"; }
  auto found(const Options& options) const {
    const auto store = must(open_store(options));
    return must(digests(*must(store->reader()), origin_));
  }

  Folder folder_;
  std::string origin_;
  std::map<std::string, std::string> wanted_;
};

INSTANTIATE_TEST_SUITE_P(Databases, KilledTest, ::testing::Values(Kind::kDuckDb, Kind::kPostgres),
                         [](const auto& info) {
                           return info.param == Kind::kDuckDb ? "DuckDb" : "PostgreSql";
                         });

TEST_P(KilledTest, EveryEntryIsInTheStoreExactlyOnce) {
  const char* rounds = std::getenv("PLIMSOLL_KILL_ROUNDS");
  const int count = rounds != nullptr ? std::atoi(rounds) : 4;
  std::minstd_rand random(std::random_device{}());
  Options options;
  ledger::Index before = 0;
  for (int round = 0; round < count; ++round) {
    if (round % 4 == 0) {
      options = fresh(GetParam(), folder_);
      before = 0;
    }
    Child child(options, log());
    child.wait_for(1 + random() % 25);
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 20'000));
    ASSERT_TRUE(child.kill());
    const auto store = must(open_store(options));
    auto position = must(store->position(origin_));
    EXPECT_GT(position.next, before);
    const auto reader = must(store->reader());
    // What is there is all of the entries before the position, and none behind it. The server of a process that is gone
    // may still be at its last commit: what is compared is of a moment at which it was not.
    std::uint64_t events = 0, acts = 0;
    for (ledger::Index seen = position.next + 1; seen != position.next;) {
      seen = position.next;
      events = must(totals(*reader)).events;
      acts = must(count_acts(*reader, {})).count;
      position = must(store->position(origin_));
    }
    before = position.next;
    EXPECT_EQ(events + acts, position.next);
    EXPECT_EQ(must(count_events(*reader, {})).count, events);
  }
  ASSERT_TRUE(Child(options, log()).end());
  EXPECT_EQ(found(options), wanted_);
}

TEST_P(KilledTest, TwoThatProjectTheSameLogAtOnceApplyItOnce) {
  if (GetParam() == Kind::kDuckDb) GTEST_SKIP() << "a file belongs to one process";
  const auto options = fresh(GetParam(), folder_);
  Child first(options, log());
  Child second(options, log());
  EXPECT_TRUE(first.end());
  EXPECT_TRUE(second.end());
  EXPECT_EQ(found(options), wanted_);
}

}  // namespace
}  // namespace plimsoll::store
