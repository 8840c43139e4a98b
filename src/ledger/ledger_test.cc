#include "ledger/ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "fake_files.h"

namespace plimsoll::ledger {
namespace {

using testing::ElementsAre;
using testing::SizeIs;
using Fault = FakeFiles::Fault;

// The answers that came, in order, and a way to wait for them.
class Answers {
 public:
  Sink::Done expect() {
    return [this](Result<Index> answer) {
      const std::lock_guard lock(mutex_);
      answers_.push_back(std::move(answer));
      changed_.notify_all();
    };
  }

  std::vector<Result<Index>> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(20), [&] { return answers_.size() >= count; });
    EXPECT_GE(answers_.size(), count);
    return answers_;
  }

  // The same, where every answer is expected to be an index.
  std::vector<Index> indices(std::size_t count) {
    std::vector<Index> found;
    for (const auto& answer : wait_for(count)) found.push_back(answer.value());
    return found;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Result<Index>> answers_;
};

template <class Condition>
bool eventually(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::microseconds(100));
  }
  return true;
}

class LedgerTest : public testing::Test {
 protected:
  void open() {
    ledger_.reset();
    auto ledger = Ledger::open(options_, files_);
    ASSERT_TRUE(ledger) << ledger.error().message;
    ledger_ = *std::move(ledger);
  }

  // A disk that fails from now on. The first entry after it finds out.
  void break_disk(Fault fault) {
    files_->fail(fault, files_->calls() + 1);
    EXPECT_TRUE(ledger_->append("finds out", answers_.expect()));
    EXPECT_TRUE(eventually([&] { return !ledger_->writable(); }));
  }

  std::vector<std::string> entries() {
    std::vector<std::string> found;
    auto reader = Reader::open(options_.directory, 0, files_);
    if (!reader) return found;
    while (auto entry = *reader->next()) found.push_back(entry->bytes);
    return found;
  }

  std::shared_ptr<FakeFiles> files_ = std::make_shared<FakeFiles>();
  Options options_{
      .directory = "log", .segment_bytes = kMinSegmentBytes, .retry_delay = std::chrono::milliseconds(1)};
  Answers answers_;
  std::unique_ptr<Ledger> ledger_;
};

TEST_F(LedgerTest, AnswersWithTheIndexOnceTheEntryIsOnDisk) {
  open();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(ledger_->append("entry " + std::to_string(i), answers_.expect()));
  EXPECT_THAT(answers_.indices(3), ElementsAre(0, 1, 2));
  files_->power_cut(FakeFiles::Keep::kNothing);
  EXPECT_THAT(entries(), ElementsAre("entry 0", "entry 1", "entry 2"));
  EXPECT_EQ(ledger_->size(), 3U);
}

TEST_F(LedgerTest, GoesOnWhereItStopped) {
  open();
  ASSERT_TRUE(ledger_->append("before"));
  open();
  EXPECT_EQ(ledger_->size(), 1U);
  ASSERT_TRUE(ledger_->append("after", answers_.expect()));
  EXPECT_THAT(answers_.indices(1), ElementsAre(1));
  EXPECT_THAT(entries(), ElementsAre("before", "after"));
}

TEST_F(LedgerTest, WritesWhatIsQueuedBeforeItStops) {
  open();
  for (int i = 0; i < 5000; ++i) ASSERT_TRUE(ledger_->append(std::string(200, 'e')));
  ledger_.reset();
  EXPECT_THAT(entries(), SizeIs(5000));
}

TEST_F(LedgerTest, KeepsTheOrderOfEachProducerAmongMany) {
  constexpr int kProducers = 8;
  constexpr int kEach = 500;
  open();
  {
    std::vector<std::jthread> producers;
    for (int p = 0; p < kProducers; ++p)
      producers.emplace_back([this, p] {
        for (int i = 0; i < kEach; ++i)
          EXPECT_TRUE(ledger_->append(std::string(1, static_cast<char>('a' + p)) + std::to_string(i),
                                      answers_.expect()));
      });
  }
  const auto answers = answers_.indices(kProducers * kEach);
  for (Index i = 0; i < answers.size(); ++i) EXPECT_EQ(answers[i], i);
  int next[kProducers] = {};
  for (const auto& entry : entries()) EXPECT_EQ(entry.substr(1), std::to_string(next[entry[0] - 'a']++));
  const auto stats = ledger_->stats();
  EXPECT_EQ(stats.entries, static_cast<std::uint64_t>(kProducers * kEach));
  EXPECT_LE(stats.batches, stats.entries);
  EXPECT_EQ(stats.queued, 0U);
}

TEST_F(LedgerTest, RefusesAnEntryThatIsEmptyOrTooLarge) {
  open();
  EXPECT_EQ(ledger_->append("", answers_.expect()).error().code, Code::kInvalid);
  EXPECT_EQ(ledger_->append(std::string(kMaxEntryBytes + 1, 'e'), answers_.expect()).error().code,
            Code::kTooLarge);
  ASSERT_TRUE(ledger_->append(std::string(kMaxEntryBytes, 'e'), answers_.expect()));
  EXPECT_THAT(answers_.indices(1), ElementsAre(0));
}

TEST_F(LedgerTest, RefusesAtOnceWhenTheQueueIsFull) {
  options_.max_queued_entries = 3;
  open();
  std::mutex hold;
  std::unique_lock held(hold);
  ASSERT_TRUE(
      ledger_->append("holds the writer", [&](const Result<Index>&) { const std::lock_guard wait(hold); }));
  ASSERT_TRUE(eventually([&] { return ledger_->stats().queued == 0; }));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(ledger_->append("fits"));
  EXPECT_EQ(ledger_->append("does not").error().code, Code::kUnavailable);
  EXPECT_TRUE(ledger_->writable());
  held.unlock();
  EXPECT_TRUE(eventually([&] { return ledger_->size() == 4; }));
  EXPECT_TRUE(ledger_->append("fits again"));
}

TEST_F(LedgerTest, LetsACallbackAppend) {
  open();
  ASSERT_TRUE(ledger_->append(
      "one", [this](const Result<Index>&) { EXPECT_TRUE(ledger_->append("two", answers_.expect())); }));
  EXPECT_THAT(answers_.indices(1), ElementsAre(1));
}

TEST_F(LedgerTest, RefusesWhileTheDiskFailsAndRecoversByItself) {
  for (const auto fault : {Fault::kFull, Fault::kError, Fault::kShort}) {
    files_ = std::make_shared<FakeFiles>();
    Answers answers;
    open();
    ASSERT_TRUE(ledger_->append("before", answers.expect()));
    answers.wait_for(1);
    break_disk(fault);
    EXPECT_EQ(ledger_->append("meanwhile", answers.expect()).error().code, Code::kUnavailable);
    EXPECT_GE(ledger_->stats().failures, 1U);
    files_->repair();
    EXPECT_TRUE(eventually([&] { return ledger_->writable(); }))
        << "with nothing queued, it must find out by itself";
    ASSERT_TRUE(ledger_->append("after", answers.expect()));
    EXPECT_THAT(answers.indices(2), ElementsAre(0, 1));
    EXPECT_THAT(entries(), ElementsAre("before", "after"));
    ledger_.reset();
  }
}

TEST_F(LedgerTest, TellsThoseWhoWaitAndKeepsTheEntriesOfThoseWhoDoNot) {
  open();
  std::mutex hold;
  std::unique_lock held(hold);
  ASSERT_TRUE(
      ledger_->append("holds the writer", [&](const Result<Index>&) { const std::lock_guard wait(hold); }));
  ASSERT_TRUE(eventually([&] { return ledger_->stats().queued == 0; }));
  ASSERT_TRUE(ledger_->append("patient 1"));
  ASSERT_TRUE(ledger_->append("waited for", answers_.expect()));
  ASSERT_TRUE(ledger_->append("patient 2"));
  files_->fail(Fault::kError, files_->calls() + 1);
  held.unlock();
  EXPECT_EQ(answers_.wait_for(1)[0].error().code, Code::kUnavailable);
  EXPECT_FALSE(ledger_->writable());
  files_->repair();
  EXPECT_TRUE(eventually([&] { return ledger_->writable(); }));
  EXPECT_THAT(entries(), ElementsAre("holds the writer", "patient 1", "patient 2"));
  EXPECT_EQ(ledger_->stats().queued, 0U);
}

TEST_F(LedgerTest, ForgetsARefusedEntryThoughItsBytesReachedTheFile) {
  open();
  ASSERT_TRUE(ledger_->append("before", answers_.expect()));
  answers_.wait_for(1);
  // Of the writer's segment, by the name it was made under; the publisher works meanwhile. Not the write, but its sync and
  // the cut that follows.
  files_->count_changes_only(".seg.tmp");
  files_->fail(Fault::kError, files_->calls() + 2, 2);
  ASSERT_TRUE(ledger_->append("refused", answers_.expect()));
  EXPECT_FALSE(answers_.wait_for(2)[1]);
  EXPECT_TRUE(eventually([&] { return ledger_->writable(); }));
  ASSERT_TRUE(ledger_->append("after"));
  open();
  EXPECT_THAT(entries(), ElementsAre("before", "after"));
}

TEST_F(LedgerTest, AnswersForWhatWasQueuedBehindTheBatchThatFailed) {
  open();
  std::mutex first;
  std::mutex second;
  std::unique_lock hold_first(first);
  std::unique_lock hold_second(second);
  ASSERT_TRUE(ledger_->append("gathers", [&](const Result<Index>&) { const std::lock_guard wait(first); }));
  ASSERT_TRUE(eventually([&] { return ledger_->stats().queued == 0; }));
  // One batch, of which only two entries fit the segment.
  const std::string large(60'000, 'e');
  ASSERT_TRUE(ledger_->append(large, [&](const Result<Index>&) { const std::lock_guard wait(second); }));
  ASSERT_TRUE(ledger_->append(large));
  ASSERT_TRUE(ledger_->append(large, answers_.expect()));
  hold_first.unlock();
  ASSERT_TRUE(eventually([&] { return ledger_->stats().queued == 1; }));
  ASSERT_TRUE(ledger_->append("waited for", answers_.expect()));
  ASSERT_TRUE(ledger_->append("patient"));
  files_->fail(Fault::kFull, files_->calls() + 1);
  hold_second.unlock();
  for (const auto& answer : answers_.wait_for(2)) EXPECT_FALSE(answer);
  files_->repair();
  EXPECT_TRUE(eventually([&] { return ledger_->size() == 4; }));
  EXPECT_EQ(entries().back(), "patient");
}

TEST_F(LedgerTest, StopsWhileTheDiskFails) {
  open();
  break_disk(Fault::kError);
  ledger_.reset();
  EXPECT_EQ(answers_.wait_for(1)[0].error().code, Code::kUnavailable);
}

TEST_F(LedgerTest, StaysRightWhicheverCallFails) {
  for (std::uint64_t n = 10; n < 100 && !HasFailure(); ++n) {
    files_ = std::make_shared<FakeFiles>();
    open();
    files_->fail(Fault::kError, n, 3);
    std::vector<std::string> acknowledged(300);
    for (int i = 0; i < 200; ++i) {
      const auto entry = "entry " + std::to_string(i);
      (void)ledger_->append(entry, [&, entry](Result<Index> index) {
        if (index) acknowledged.at(*index) = entry;
      });
      if (i % 8 == 0)
        ASSERT_TRUE(eventually([&] { return ledger_->stats().queued == 0 && ledger_->writable(); }));
    }
    ledger_.reset();
    files_->power_cut(FakeFiles::Keep::kSome, static_cast<unsigned>(n));
    const auto found = entries();
    for (std::size_t i = 0; i < acknowledged.size(); ++i)
      if (!acknowledged[i].empty()) ASSERT_EQ(found.at(i), acknowledged[i]) << "call " << n;
  }
}

TEST_F(LedgerTest, BelongsToOneProcess) {
  open();
  const auto other = Ledger::open(options_, files_);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Code::kUnavailable);
}

TEST(LedgerOptions, NameEveryProblemAtOnce) {
  EXPECT_THAT(Options{}.problems(), ElementsAre("ledger.directory: must be set"));
  EXPECT_THAT((Options{.directory = "log", .segment_bytes = 1, .max_queued_entries = 0}).problems(),
              SizeIs(2));
  EXPECT_THAT(Options{.directory = "log"}.problems(), SizeIs(0));
  EXPECT_EQ(Ledger::open({}).error().code, Code::kInvalid);
}

}  // namespace
}  // namespace plimsoll::ledger
