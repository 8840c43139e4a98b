#include "base/task_group.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

namespace plimsoll {
namespace {

TEST(TaskGroup, DoesEveryTaskOnceHoweverManyAreAdded) {
  std::vector<std::atomic<int>> done(5 * TaskGroup::kMostPending);
  TaskGroup group;
  for (auto& one : done) group.add([&one] { ++one; });
  group.wait();
  for (const auto& one : done) EXPECT_EQ(one, 1);
}

TEST(TaskGroup, WaitsForWhatTasksAdd) {
  std::atomic<int> done = 0;
  TaskGroup group;
  for (int i = 0; i < 8; ++i)
    group.add([&] {
      for (int k = 0; k < 16; ++k)
        group.add([&] {
          std::this_thread::yield();
          ++done;
        });
    });
  group.wait();
  EXPECT_EQ(done, 8 * 16);
  group.add([&] { done = 0; });
  group.wait();
  EXPECT_EQ(done, 0);
}

TEST(TaskGroup, BeginsWithWhatLeadsToMore) {
  // One thread does them: the helpers are kept busy.
  std::mutex hold;
  std::unique_lock held(hold);
  TaskGroup group;
  std::atomic<unsigned> busy = 0;
  for (unsigned i = 0; i < TaskGroup::helpers(); ++i)
    group.add([&] {
      ++busy;
      const std::lock_guard wait(hold);
    });
  while (busy < TaskGroup::helpers()) std::this_thread::yield();
  std::vector<int> order;
  const auto note = [&](int n) { return [&order, n] { order.push_back(n); }; };
  group.add(note(2));
  group.add(note(3));
  group.add(note(1), TaskGroup::Order::kMore);
  group.add([&] { held.unlock(); });
  group.wait();
  EXPECT_EQ(order, (std::vector{1, 2, 3}));
}

TEST(TaskGroup, WaitsWhenItIsDestroyed) {
  std::atomic<int> done = 0;
  {
    TaskGroup group;
    for (int i = 0; i < 20; ++i) group.add([&] { ++done; });
  }
  EXPECT_EQ(done, 20);
}

TEST(TaskGroup, IsHelpedWhereThereAreProcessors) {
  if (TaskGroup::helpers() == 0) GTEST_SKIP() << "one processor";
  // Each waits for the other, so one thread alone could do neither.
  std::latch both(2);
  TaskGroup group;
  group.add([&] { both.arrive_and_wait(); });
  group.add([&] { both.arrive_and_wait(); });
  group.wait();
}

TEST(TaskGroup, ServesManyThreadsAtOnce) {
  std::atomic<int> done = 0;
  {
    std::vector<std::jthread> callers;
    callers.reserve(8);
    for (int i = 0; i < 8; ++i)
      callers.emplace_back([&] {
        for (int round = 0; round < 20; ++round) {
          int own = 0;
          std::atomic<int> shared = 0;
          TaskGroup group;
          for (int k = 0; k < 30; ++k) group.add([&] { ++shared; });
          group.wait();
          own = shared;
          done += own;
        }
      });
  }
  EXPECT_EQ(done, 8 * 20 * 30);
}

TEST(TaskGroup, ThrowsWhatATaskThrew) {
  TaskGroup group;
  group.add([] { throw std::runtime_error("no"); });
  EXPECT_THROW(group.wait(), std::runtime_error);
  bool done = false;
  group.add([&] { done = true; });
  EXPECT_NO_THROW(group.wait());
  EXPECT_TRUE(done);
}

}  // namespace
}  // namespace plimsoll
