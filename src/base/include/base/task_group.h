// Work in pieces that may be done at the same time.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>

namespace plimsoll {

// Tasks that belong together. Whoever waits for them does them; threads of the process that would be idle help: at
// most one a processor, those that wait counted, so that nothing is gained or lost when all are busy. The threads start
// with the first group and end with the process.
class TaskGroup {
 public:
  using Task = std::move_only_function<void()>;
  // How many tasks wait at most; one more is done where it is added.
  static constexpr std::size_t kMostPending = 64;
  static constexpr unsigned kMostHelpers = 7;

  TaskGroup();
  ~TaskGroup();  // waits
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // What a task leads to: kMore tasks go before others, so that nobody is idle at the end.
  enum class Order : std::uint8_t { kLast, kMore };
  // By the owner, or within a task of the group. Those added first begin first, but for kMore. A task may not wait for
  // another.
  void add(Task task, Order order = Order::kLast);
  // Until all are done, also those that are added meanwhile. Throws what the first to throw threw; those that had not
  // begun by then are not done.
  void wait();

  // How many threads may help; 0 where there is one processor.
  static unsigned helpers();

 private:
  friend class Crew;

  // Guarded by the crew's mutex.
  std::deque<Task> pending_;
  std::size_t running_ = 0;
  std::exception_ptr failure_;
  std::condition_variable changed_;
};

}  // namespace plimsoll
