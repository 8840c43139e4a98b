#include "ledger/retention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/log.h"
#include "fake_files.h"
#include "format.h"
#include "ledger/checkpoint.h"
#include "ledger/log_reader.h"
#include "ledger/verify.h"

namespace plimsoll::ledger {
namespace {

namespace fs = std::filesystem;
using Fault = FakeFiles::Fault;

constexpr auto kDay = std::chrono::days(1);
const Time kNow = *from_rfc3339("2026-11-28T12:00:00Z");

std::string entry_of(std::string_view type, Time time, std::size_t number) {
  return R"({"number":)" + std::to_string(number) + R"(,"text":"secret-)" + std::to_string(number) +
         R"(","time":")" + to_rfc3339_ms(time) + R"(","type":")" + std::string(type) + R"(","v":1})";
}

// 600 entries, one an hour, every third an incident; the last is of now.
std::vector<std::string> month() {
  std::vector<std::string> entries;
  for (std::size_t i = 0; i < 600; ++i)
    entries.push_back(entry_of(i % 3 == 0 ? "incident" : "decision", kNow - std::chrono::hours(599 - i), i));
  return entries;
}

const Retention kTenDays{.keep = {{"decision", 10 * kDay}, {"prune", std::chrono::seconds(1)}}};

bool goes(std::size_t number) {  // under kTenDays
  return number % 3 != 0 && number < 599 - 240;
}

class RetentionTest : public testing::Test {
 protected:
  RetentionTest() { set_log_level(LogLevel::kError); }
  ~RetentionTest() override { set_log_level(LogLevel::kInfo); }

  Options options(const std::string& directory) {
    return {.directory = directory,
            .segment_bytes = kMinSegmentBytes,
            .origin = "example.org/log",
            .checkpoint_interval = std::chrono::milliseconds(1),
            .retry_delay = std::chrono::milliseconds(1)};
  }
};

class PrunedLog : public RetentionTest {
 protected:
  PrunedLog() {
    std::string name = testing::TempDir() + "plimsoll-retention-XXXXXX";
    root_ = ::mkdtemp(name.data());
    log_ = root_ + "/log";
    auto opened = Ledger::open(options(log_));
    ledger_ = *std::move(opened);
    for (const auto& entry : month()) EXPECT_TRUE(ledger_->append(entry));
    wait_for(600);
  }
  ~PrunedLog() override {
    ledger_.reset();
    fs::remove_all(root_);
  }

  void wait_for(Index size) {
    for (int i = 0; i < 2000 && ledger_->reader().checkpoint().size < size; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    ASSERT_GE(ledger_->reader().checkpoint().size, size);
  }

  std::string bytes_on_disk() const {
    std::stringstream all;
    for (const auto& file : fs::directory_iterator(log_))
      if (file.path().extension() == ".seg") all << std::ifstream(file.path(), std::ios::binary).rdbuf();
    return all.str();
  }

  std::string verified(const std::string& place, std::vector<VerifyOptions::Older> older = {}) const {
    const auto source = open_directory(place);
    EXPECT_TRUE(source);
    const auto report = verify_log(**source, {.policy = {}, .older = std::move(older)});
    if (!report) return report.error().message;
    std::string text = report->passed() ? "passed\n" : "FAILED\n";
    for (const auto& check : report->checks)
      text += (check.passed ? "ok " : "bad ") + check.name + ": " + check.detail + "\n";
    return text;
  }

  std::string root_, log_;
  std::unique_ptr<Ledger> ledger_;
};

TEST_F(PrunedLog, LosesWhatIsOverAndNothingElse) {
  const auto before = ledger_->reader().signed_checkpoint();
  const auto proof = *ledger_->reader().proof_file(1);
  const auto pruned = ledger_->prune(kTenDays, kNow);
  ASSERT_TRUE(pruned) << pruned.error().message;
  EXPECT_EQ(pruned->removed, 239U);
  EXPECT_EQ(pruned->record, 600U);

  const auto disk = bytes_on_disk();
  auto reader = Reader::open(log_);
  for (std::size_t i = 0; i < 600; ++i) {
    const auto entry = *reader->next();
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->index, i);
    EXPECT_EQ(entry->removed(), goes(i)) << i;
    EXPECT_EQ(disk.contains("secret-" + std::to_string(i) + '"'), !goes(i)) << i;
    EXPECT_EQ(ledger_->reader().entry(i).has_value(), !goes(i)) << i;
  }
  EXPECT_THAT(ledger_->reader().entry(1).error().message, testing::HasSubstr("time to be kept is over"));

  wait_for(601);
  const auto report = verified(log_, {{"the checkpoint before", before}});
  EXPECT_TRUE(report.starts_with("passed")) << report;
  EXPECT_THAT(report,
              testing::HasSubstr("239 entries are removed, their hashes kept; 1 prune records speak of 239"));
  // Whoever kept an entry that is gone can still show that it was there.
  const auto kept = parse_proof_file(proof);
  ASSERT_TRUE(kept);
  const auto promised = parse_checkpoint(parse_note(kept->checkpoint)->text);
  EXPECT_TRUE(verify_inclusion(leaf_hash(month()[1]), 1, promised->size, kept->proof, promised->root));
}

TEST_F(PrunedLog, IsTheSameToWhoeverHasACopy) {
  ASSERT_TRUE(ledger_->prune(kTenDays, kNow));
  wait_for(601);
  ASSERT_EQ(*export_log(log_, root_ + "/copy"), 601U);
  const auto report = verified(root_ + "/copy");
  EXPECT_TRUE(report.starts_with("passed")) << report;
}

TEST_F(PrunedLog, GoesOnAfterAStart) {
  ASSERT_TRUE(ledger_->prune(kTenDays, kNow));
  ledger_.reset();
  ledger_ = *Ledger::open(options(log_));
  EXPECT_EQ(ledger_->size(), 601U);
  const auto again = ledger_->prune(kTenDays, kNow);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->removed, 0U);
  EXPECT_FALSE(again->record);
  // A day later a day more is over.
  const auto later = ledger_->prune(kTenDays, kNow + kDay);
  ASSERT_TRUE(later) << later.error().message;
  EXPECT_EQ(later->removed, 16U);
  wait_for(602);
  const auto report = verified(log_);
  EXPECT_TRUE(report.starts_with("passed")) << report;
  EXPECT_THAT(report,
              testing::HasSubstr("255 entries are removed, their hashes kept; 2 prune records speak of 255"));
}

TEST_F(PrunedLog, KeepsTheRecordsOfWhatIsGone) {
  ASSERT_TRUE(ledger_->prune(kTenDays, kNow));
  ASSERT_TRUE(ledger_->prune(kTenDays, kNow + 100 * kDay));
  wait_for(602);
  EXPECT_TRUE(verified(log_).starts_with("passed"));
  EXPECT_TRUE(ledger_->reader().entry(600));
}

// Somebody who knows the format removes an entry that no record speaks of.
TEST_F(PrunedLog, ShowsThatMoreIsGoneThanWasRecorded) {
  ASSERT_TRUE(ledger_->prune(kTenDays, kNow));
  wait_for(601);
  auto entry = *Reader::open(log_);
  std::optional<Entry> victim;
  while (!victim) {
    auto next = *entry.next();
    if (next->index == 0) victim = next;
  }
  ledger_.reset();
  const auto path = fs::path(log_) / "00000000000000000000.seg";
  std::stringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  auto segment = bytes.str();
  remove_entry(segment, victim->offset, decode_header(segment)->salt);
  std::ofstream(path, std::ios::binary | std::ios::trunc) << segment;
  const auto report = verified(log_);
  EXPECT_TRUE(report.starts_with("FAILED")) << report;
  EXPECT_THAT(report, testing::HasSubstr("bad retention: 240 entries are removed"));
}

// The disk fails, or the machine stops, at every call of a prune: what is left is whole, and the next one ends it.
TEST_F(RetentionTest, SurvivesEveryFailure) {
  for (const auto fault : {Fault::kError, Fault::kCrash}) {
    for (std::uint64_t n = 1;; ++n) {
      const auto files = std::make_shared<FakeFiles>();
      auto ledger = *Ledger::open(options("log"), files);
      for (const auto& entry : month()) ASSERT_TRUE(ledger->append(entry));
      while (ledger->reader().checkpoint().size < 600)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      files->fail(fault, files->calls() + n, fault == Fault::kError ? 1 : ~std::uint64_t{0});
      const auto first = fault == Fault::kError ? ledger->prune(kTenDays, kNow) : Result<Pruned>(Pruned{});
      if (fault == Fault::kCrash) {
        // Nothing answers any more: do not wait for a checkpoint that cannot come.
        std::jthread pruning([&] { (void)ledger->prune(kTenDays, kNow); });
        pruning.join();
      }
      const bool reached = files->calls() >= n;
      ledger.reset();
      if (fault == Fault::kCrash)
        files->power_cut(FakeFiles::Keep::kSome, static_cast<unsigned>(n));
      else
        files->repair();
      auto reopened = Ledger::open(options("log"), files);
      ASSERT_TRUE(reopened) << n << ": " << reopened.error().message;
      const auto again = (*reopened)->prune(kTenDays, kNow);
      ASSERT_TRUE(again) << n << ": " << again.error().message;
      auto reader = Reader::open("log", 0, files);
      std::uint64_t removed = 0, recorded = 0;
      for (std::size_t i = 0;; ++i) {
        const auto entry = reader->next();
        ASSERT_TRUE(entry) << n << ": " << entry.error().message;
        if (!*entry) break;
        if (i < 600) {
          EXPECT_EQ((*entry)->removed(), goes(i)) << n << ": " << i;
        }
        removed += (*entry)->removed() ? 1 : 0;
        if (const auto record = parse_prune_record((*entry)->bytes)) recorded += record->removed;
      }
      EXPECT_EQ(removed, 239U) << n;
      EXPECT_EQ(recorded, 239U) << n;
      if (first && reached && n > 60) break;
      if (n > 80) break;
    }
  }
}

TEST(PruneRecord, IsReadFromNothingElse) {
  EXPECT_FALSE(parse_prune_record(""));
  EXPECT_FALSE(parse_prune_record(R"({"type":"prune")"));
  EXPECT_FALSE(parse_prune_record(R"({"class":"content","type":"prune","files":3})"));
  EXPECT_FALSE(
      parse_prune_record(R"({"before":{},"below":-1,"class":"entries","removed":{},"type":"prune"})"));
  EXPECT_FALSE(parse_prune_record(
      R"({"before":{},"below":1,"class":"entries","removed":{"decision":"many"},"type":"prune"})"));
  const auto record =
      parse_prune_record(R"({"before":{"decision":"2026-01-31T00:00:00.000Z"},"below":7,"class":"entries",)"
                         R"("removed":{"decision":3},"type":"prune"})");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->removed, 3U);
  EXPECT_TRUE(record->covers(6, R"({"time":"2026-01-30T23:59:59.999Z","type":"decision"})"));
  EXPECT_FALSE(record->covers(7, R"({"time":"2026-01-30T23:59:59.999Z","type":"decision"})"));
  EXPECT_FALSE(record->covers(6, R"({"time":"2026-01-31T00:00:00.000Z","type":"decision"})"));
  EXPECT_FALSE(record->covers(6, R"({"time":"2026-01-30T23:59:59Z","type":"decision"})"));
  EXPECT_FALSE(record->covers(6, R"({"time":"2026-01-30T23:59:59.999Z","type":"incident"})"));
  EXPECT_FALSE(record->covers(6, "not JSON"));
}

}  // namespace
}  // namespace plimsoll::ledger
