#include "base/task_group.h"

#include <algorithm>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

namespace plimsoll {

class Crew {
 public:
  static Crew& instance() {
    static Crew crew;
    return crew;
  }

  void join(TaskGroup& group) {
    const std::lock_guard lock(mutex_);
    groups_.push_back(&group);
  }
  void leave(TaskGroup& group) {
    const std::lock_guard lock(mutex_);
    std::erase(groups_, &group);
    if (may_help()) work_.notify_one();  // a processor has become free
  }

  bool offer(TaskGroup& group, TaskGroup::Task& task, TaskGroup::Order order) {
    const std::lock_guard lock(mutex_);
    if (group.failure_ != nullptr) return true;
    if (group.pending_.size() >= TaskGroup::kMostPending) return false;
    if (order == TaskGroup::Order::kMore)
      group.pending_.push_front(std::move(task));
    else
      group.pending_.push_back(std::move(task));
    group.changed_.notify_one();
    if (may_help()) work_.notify_one();
    return true;
  }

  void wait(TaskGroup& group) {
    std::unique_lock lock(mutex_);
    for (;;) {
      if (!group.pending_.empty())
        run_one(group, lock);
      else if (group.running_ > 0)
        group.changed_.wait(lock);
      else
        return;
    }
  }

  std::exception_ptr failure(TaskGroup& group) {
    const std::lock_guard lock(mutex_);
    return std::exchange(group.failure_, nullptr);
  }

 private:
  Crew() {
    for (unsigned i = 0; i < TaskGroup::helpers(); ++i)
      threads_.emplace_back([this](const std::stop_token& stop) { help(stop); });
  }

  // The next group, in turns, that has a task nobody does.
  TaskGroup* next_group() {
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      auto* const group = groups_[(turn_ + i) % groups_.size()];
      if (group->pending_.empty()) continue;
      turn_ = turn_ + i + 1;
      return group;
    }
    return nullptr;
  }
  bool may_help() const { return groups_.size() + busy_ <= TaskGroup::helpers(); }

  void help(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    TaskGroup* group = nullptr;
    while (work_.wait(lock, stop, [&] { return may_help() && (group = next_group()) != nullptr; })) {
      ++busy_;
      run_one(*group, lock);
      --busy_;
    }
  }

  void run_one(TaskGroup& group, std::unique_lock<std::mutex>& lock) {
    auto task = std::move(group.pending_.front());
    group.pending_.pop_front();
    ++group.running_;
    lock.unlock();
    std::exception_ptr failure;
    try {
      task();
      task = nullptr;  // what it holds is freed without the lock
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    if (failure != nullptr) {
      if (group.failure_ == nullptr) group.failure_ = failure;
      group.pending_.clear();
    }
    if (--group.running_ == 0) group.changed_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable_any work_;
  std::vector<TaskGroup*> groups_;
  std::size_t turn_ = 0;
  std::size_t busy_ = 0;  // helpers
  std::vector<std::jthread> threads_;
};

TaskGroup::TaskGroup() {
  Crew::instance().join(*this);
}

TaskGroup::~TaskGroup() {
  Crew::instance().wait(*this);
  Crew::instance().leave(*this);
}

void TaskGroup::add(Task task, Order order) {
  if (!Crew::instance().offer(*this, task, order)) task();
}

void TaskGroup::wait() {
  Crew::instance().wait(*this);
  if (const auto failure = Crew::instance().failure(*this)) std::rethrow_exception(failure);
}

unsigned TaskGroup::helpers() {
  static const unsigned count = std::min(std::max(1U, std::thread::hardware_concurrency()) - 1, kMostHelpers);
  return count;
}

}  // namespace plimsoll
