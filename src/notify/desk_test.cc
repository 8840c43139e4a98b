#include "desk.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <set>

#include "base/files.h"
#include "base/id.h"
#include "test_support.h"

namespace plimsoll::notify {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

struct Crash {};

// Files that work until they do not: the process is killed before, or right after, a call.
class Fragile final : public Files {
 public:
  explicit Fragile(int calls, bool after) : left_(calls), after_(after) {}
  Result<void> replace(const std::string& path, std::string_view bytes) override {
    const bool last = left_-- == 0;
    if (last && !after_) throw Crash();
    auto done = Files::replace(path, bytes);
    if (last) throw Crash();
    return done;
  }
  void remove(const std::string& path) override {
    const bool last = left_-- == 0;
    if (last && !after_) throw Crash();
    Files::remove(path);
    if (last) throw Crash();
  }

 private:
  int left_;
  bool after_;
};

class Broken final : public Files {
 public:
  bool down = false;
  Result<void> replace(const std::string& path, std::string_view bytes) override {
    return down ? fail(Code::kUnavailable, "no space") : Files::replace(path, bytes);
  }
};

class DeskTest : public testing::Test {
 protected:
  DeskTest() : folder(testing::TempDir() + "desk-" + new_id()) {}
  ~DeskTest() override { std::filesystem::remove_all(folder); }

  std::unique_ptr<Desk> open(Files& with, ledger::Index size, Outbox::Limits limits = {}) {
    auto desk = Desk::open(folder, destinations, {.origin = "log", .size = size}, now, with, limits);
    EXPECT_TRUE(desk) << desk.error().message;
    return *std::move(desk);
  }
  std::vector<Item> deliver(Desk& desk, Files& with) {
    std::vector<Item> out;
    for (const auto& destination : destinations)
      while (const auto* next = desk.outbox().next(destination.name, now)) {
        out.push_back(*next);
        told.push_back(next->notice);
        const auto item = desk.outbox().take(destination.name, next->notice.id);
        with.remove(desk.outbox().path_of(item.destination, item.notice.id));
      }
    return out;
  }

  std::string folder;
  std::vector<Destination> destinations{webhook()};
  Time now = at("2026-01-02T04:00:00Z");
  Files files;
  std::vector<Notice> told;  // everything that anybody was told, over all lives
};

TEST_F(DeskTest, BeginsAtTheLogsEndAndGoesOnWhereItWas) {
  auto desk = open(files, 5);
  EXPECT_EQ(desk->position(), 5U);
  EXPECT_TRUE(desk->read(5, decision("a", "block", 0)));
  EXPECT_FALSE(desk->read(6, decision("b", "allow", 0)));
  ASSERT_TRUE(desk->settle(now));
  desk = open(files, 9);
  EXPECT_EQ(desk->position(), 7U);
  EXPECT_THAT(deliver(*desk, files), SizeIs(1));
}

TEST_F(DeskTest, BeginsAtTheEndOfALogThatWasReplaced) {
  {
    auto desk = open(files, 5);
    desk->read(5, decision("a", "block", 0));
  }
  const auto other = Desk::open(folder, destinations, {.origin = "another", .size = 2}, now, files);
  ASSERT_TRUE(other);
  EXPECT_EQ((*other)->position(), 2U);
}

// Every write and every removal of a life is its last one, once before it and once after it.
TEST_F(DeskTest, AfterACrashAtAnyWriteNothingIsLostAndIdsStay) {
  for (const bool after : {false, true})
    for (int calls = 0;; ++calls) {
      told.clear();
      std::filesystem::remove_all(folder);
      now = at("2026-01-02T04:00:00Z");
      bool crashed = false;
      const auto live = [&](Files& with) {
        auto desk = open(with, std::filesystem::exists(folder + "/state.json") ? 4 : 0);
        for (ledger::Index index = desk->position(); index < 4; ++index) {
          desk->read(index, decision("e" + std::to_string(index), "block", index % 2 == 0 ? 3 : 0));
          now += std::chrono::seconds(40);
          ASSERT_TRUE(desk->settle(now));
          deliver(*desk, with);
        }
        now += std::chrono::seconds(120);
        ASSERT_TRUE(desk->settle(now));
        deliver(*desk, with);
      };
      try {
        Fragile fragile(calls, after);
        live(fragile);
      } catch (const Crash&) {
        crashed = true;
      }
      if (!crashed) break;
      live(files);
      std::multiset<std::string> risks;
      std::map<std::string, Notice> by_id;
      for (const auto& notice : told) {
        const auto [at, fresh] = by_id.emplace(notice.id, notice);
        EXPECT_EQ(at->second, notice) << "the same id, another notice; crash at " << calls;
        if (fresh && notice.first.event == Event::kRiskThresholdExceeded)
          risks.insert(notice.subjects.begin(), notice.subjects.end());
      }
      for (int i = 0; i < 4; ++i)
        EXPECT_EQ(risks.count("e" + std::to_string(i)), 1U) << "e" << i << ", crash at " << calls;
      ASSERT_LT(calls, 500);
    }
}

TEST_F(DeskTest, WaitsForADiskThatIsFull) {
  Broken broken;
  auto desk = open(broken, 0);
  broken.down = true;
  desk->read(0, decision("a", "block", 0));
  EXPECT_FALSE(desk->settle(now));
  EXPECT_EQ(desk->outbox().size("ops"), 0U);
  broken.down = false;
  EXPECT_TRUE(desk->settle(now));
  EXPECT_EQ(desk->outbox().size("ops"), 1U);
}

TEST_F(DeskTest, DropsTheOldestWhereThereAreTooMany) {
  auto desk = open(files, 0, {.notices = 3, .bytes = 1U << 20U});
  std::vector<std::string> dropped;
  for (ledger::Index index = 0; index < 5; ++index) {
    desk->read(index, decision("e" + std::to_string(index), "block", 0));
    now += std::chrono::seconds(61);
    ASSERT_TRUE(desk->settle(now));
    for (const auto& item : desk->outbox().dropped(destinations))
      dropped.push_back(item.notice.first.subject);
  }
  EXPECT_THAT(dropped, testing::ElementsAre("e0", "e1"));
  EXPECT_EQ(desk->outbox().size("ops"), 3U);
}

TEST_F(DeskTest, TriesTheOneTriedLeastOftenAndRemembersAttempts) {
  auto desk = open(files, 0);
  desk->read(0, decision("a", "block", 3));
  ASSERT_TRUE(desk->settle(now));
  const auto first = desk->outbox().next("ops", now)->notice.id;
  desk->outbox().failed("ops", first, 503, now + std::chrono::seconds(30));
  const auto second = desk->outbox().next("ops", now)->notice.id;
  EXPECT_NE(first, second);
  desk->outbox().failed("ops", second, 503, now + std::chrono::seconds(60));
  EXPECT_EQ(desk->outbox().next("ops", now), nullptr);
  desk = open(files, 1);
  const auto* again = desk->outbox().next("ops", now + std::chrono::seconds(31));
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(again->notice.id, first);
  EXPECT_EQ(again->attempts, 1U);
  EXPECT_EQ(again->status, 503);
}

TEST_F(DeskTest, SetsAsideWhatItCannotReadAndGivesBackWhatIsForNobody) {
  {
    auto desk = open(files, 0);
    desk->read(0, decision("a", "block", 0));
    ASSERT_TRUE(desk->settle(now));
  }
  ASSERT_TRUE(replace_file(folder + "/outbox/ops/x.json", "{\"notice\":"));
  destinations = {webhook("another")};
  auto desk = open(files, 1);
  EXPECT_THAT(desk->outbox().dropped(destinations), SizeIs(1));
  EXPECT_TRUE(std::filesystem::exists(folder + "/outbox/ops/x.json.bad"));
  EXPECT_THAT(desk->outbox().dropped(destinations), IsEmpty());
}

}  // namespace
}  // namespace plimsoll::notify
