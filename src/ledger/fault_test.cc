// Every call to the file system fails once, in every way, and the log must still be what it promised.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/log.h"
#include "fake_files.h"
#include "journal.h"
#include "ledger/proof.h"
#include "publication.h"

namespace plimsoll::ledger {
namespace {

using Fault = FakeFiles::Fault;
using Keep = FakeFiles::Keep;

constexpr std::size_t kEntries = 270;              // a tile and a little
constexpr std::size_t kSegmentBytes = 12U << 10U;  // of which they fill five

std::string entry(std::size_t number) {
  return "entry " + std::to_string(number) + std::string(number * 37 % 300, '.');
}

// The roots of the trees that the entries make.
const Digest& root_of_entries(std::size_t count) {
  static const auto roots = [] {
    std::vector<Digest> made;
    Tree tree;
    std::vector<FullTile> full;
    for (std::size_t i = 0; i < 2 * kEntries; ++i) {
      made.push_back(tree.root());
      tree.append(leaf_hash(entry(i)), full);
    }
    return made;
  }();
  return roots.at(count);
}

// A log on a fake disk, and what was promised of it: entry(i) at every index below `acknowledged`.
struct World {
  std::shared_ptr<FakeFiles> files = std::make_shared<FakeFiles>();
  std::size_t acknowledged = 0;
  std::size_t published = 0;  // entries that a checkpoint has covered which others may have seen

  Result<Journal> open() const { return Journal::open(files, "log", kSegmentBytes); }

  // A process that writes the next entries in batches of 1 to 7, trying each again when it fails.
  void write(std::size_t count) {
    auto journal = open();
    if (!journal) return;
    ASSERT_EQ(journal->size(), acknowledged);
    auto publication = Publication::open(files, "log", journal->size(), "example.org/log");
    if (!publication) return;
    see(*publication);
    int failures = 0;
    for (const auto end = acknowledged + count; acknowledged < end && failures < 40;) {
      const auto batch_end = std::min(end, acknowledged + 1 + acknowledged % 7);
      auto next = acknowledged;
      while (next < batch_end && journal->add(entry(next))) ++next;
      bool ok = false;
      if (next == acknowledged) {
        ok = journal->rotate().has_value();
      } else if (const auto placed = journal->commit()) {
        ok = true;
        acknowledged = next;
        // Now and then a hand-over is lost: the entries are read from the segments.
        if (next % 5 != 0) publication->add(*placed);
        if (next % 11 == 0 && publication->publish(acknowledged)) see(*publication);
      }
      if (!ok) ++failures;
    }
    for (int i = 0; i < 30 && published < acknowledged; ++i)
      if (publication->publish(acknowledged)) see(*publication);
  }

  // A checkpoint that others can see covers what was acknowledged, and no other entries.
  void see(const Publication& publication) {
    const auto checkpoint = publication.published()->get()->checkpoint;
    ASSERT_LE(checkpoint.size, acknowledged);
    ASSERT_GE(checkpoint.size, published);
    ASSERT_EQ(checkpoint.root, root_of_entries(checkpoint.size));
    published = checkpoint.size;
  }

  std::vector<std::string> read() const {
    std::vector<std::string> found;
    auto reader = Reader::open("log", 0, files);
    while (reader) {
      const auto next = reader->next();
      EXPECT_TRUE(next) << next.error().message;
      if (!next || !*next) break;
      EXPECT_EQ((*next)->index, found.size());
      found.push_back((*next)->bytes);
    }
    return found;
  }

  // All that was promised, after it nothing but entries that were given, in order.
  void check() const {
    const auto found = read();
    ASSERT_GE(found.size(), acknowledged);
    for (std::size_t i = 0; i < found.size(); ++i) ASSERT_EQ(found[i], entry(i)) << i;
  }

  // A process that starts and stops. What it found is a promise.
  void restart() {
    const auto journal = open();
    ASSERT_TRUE(journal) << journal.error().message;
    ASSERT_GE(journal->size(), acknowledged);
    acknowledged = journal->size();
    const auto publication = Publication::open(files, "log", journal->size(), "");
    ASSERT_TRUE(publication) << publication.error().message;
    see(*publication);
    ASSERT_EQ(published, acknowledged);
  }

  std::size_t files_named(std::string_view part) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(files->names(), [&](const auto& name) { return name.contains(part); }));
  }
};

std::uint64_t calls_of_a_run() {
  World world;
  world.write(kEntries);
  return world.files->calls();
}

class EveryCall : public testing::TestWithParam<std::tuple<Fault, int, Keep>> {
 protected:
  void SetUp() override { set_log_level(LogLevel::kError); }
  void TearDown() override { set_log_level(LogLevel::kInfo); }
};

TEST_P(EveryCall, MayFailAndNothingAcknowledgedIsLostOrInvented) {
  const auto [fault, duration, keep] = GetParam();
  const bool dies = fault == Fault::kCrash || fault == Fault::kErrorThenCrash;
  const auto count = dies ? 100'000 : duration;
  const auto calls = calls_of_a_run();
  ASSERT_GT(calls, 150U);
  for (std::uint64_t n = 1; n <= calls && !HasFailure(); ++n) {
    SCOPED_TRACE("call " + std::to_string(n));
    World world;
    world.files->fail(fault, n, static_cast<std::uint64_t>(count));
    world.write(kEntries);
    if (world.acknowledged > 0 && !dies) {
      EXPECT_EQ(world.acknowledged, kEntries) << "did not recover by itself";
      EXPECT_EQ(world.published, kEntries) << "did not publish";
    }
    world.files->power_cut(keep, static_cast<unsigned>(n));
    world.check();
    world.restart();
    world.write(20);
    world.check();
    EXPECT_EQ(world.read().size(), world.acknowledged);
  }
}

INSTANTIATE_TEST_SUITE_P(Ledger, EveryCall,
                         testing::Combine(testing::Values(Fault::kFull, Fault::kError, Fault::kShort),
                                          testing::Values(1, 25),
                                          testing::Values(Keep::kNothing, Keep::kAll, Keep::kSome)));
INSTANTIATE_TEST_SUITE_P(Process, EveryCall,
                         testing::Combine(testing::Values(Fault::kCrash, Fault::kErrorThenCrash),
                                          testing::Values(1),
                                          testing::Values(Keep::kNothing, Keep::kAll, Keep::kSome)));

// The process dies after an fdatasync that failed; the next one finds the pages in the cache; the power
// fails.
TEST(Recovery, DoesNotTrustPagesThatMayNeverHaveReachedTheDisk) {
  for (std::uint64_t n = 1; n <= calls_of_a_run() && !testing::Test::HasFailure(); ++n) {
    SCOPED_TRACE("call " + std::to_string(n));
    World world;
    world.files->fail(Fault::kErrorThenCrash, n);
    world.write(kEntries);
    world.files->restart();
    world.restart();
    world.files->power_cut(Keep::kNothing);
    world.check();
  }
}

TEST(Recovery, MayItselfFailAtEveryCall) {
  World world;
  world.write(150);
  world.files->fail(Fault::kCrash, world.files->calls() + 80);
  world.write(50);
  ASSERT_LT(world.acknowledged, 200U);
  for (unsigned n = 1; n < 40 && !testing::Test::HasFailure(); ++n) {
    world.files->power_cut(Keep::kSome, n);
    world.files->fail(n % 2 ? Fault::kCrash : Fault::kErrorThenCrash, world.files->calls() + n);
    if (const auto journal = world.open()) world.acknowledged = journal->size();
    world.files->power_cut(Keep::kSome, n);
    world.check();
  }
  world.restart();
  world.check();
}

TEST(Recovery, SetsATornTailAsideOnceHoweverOftenTheStartFails) {
  World world;
  world.write(20);
  const auto last = "log/" + segment_name(0);
  world.files->content(last).append("half a record").append(100, '\0');
  for (std::uint64_t n = 1; n < 30; ++n) {
    world.files->fail(Fault::kFull, world.files->calls() + n);
    (void)world.open();
    world.files->repair();
    world.check();
    ASSERT_LE(world.files_named(".torn"), 1U) << n;
  }
  world.restart();
  EXPECT_EQ(world.files->content(last + ".torn"), "half a record");
}

TEST(Recovery, CutsATornTail) {
  World world;
  world.write(20);
  auto& last = world.files->content("log/" + segment_name(0));
  const auto whole = last;
  last.append("half a record").append(100, '\0');
  world.restart();
  EXPECT_EQ(last, whole);
}

TEST(Recovery, LeavesADamagedLogAsItIs) {
  World world;
  world.write(20);
  auto& bytes = world.files->content("log/" + segment_name(0));
  bytes[kHeaderBytes + kRecordHeaderBytes] ^= 1;
  const auto before = bytes;
  const auto journal = world.open();
  ASSERT_FALSE(journal);
  EXPECT_EQ(journal.error().code, Code::kInvalid);
  EXPECT_EQ(bytes, before);
}

TEST(Recovery, LeavesNoMoreFilesThanTheEntriesNeed) {
  World world;
  world.write(20);
  for (int n = 0; n < 10; ++n) world.restart();
  EXPECT_LE(world.files_named(".seg"), 2U);
  EXPECT_EQ(world.read().size(), 20U);
}

TEST(Recovery, RemovesASegmentThatWasNeverFinished) {
  World world;
  world.write(20);
  (void)world.files->create("log/" + segment_name(20) + ".tmp");
  world.restart();
  EXPECT_EQ(world.files_named(".tmp"), 0U);
}

}  // namespace
}  // namespace plimsoll::ledger
