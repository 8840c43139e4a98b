// Coarse deadlines for many connections: one timer, one list, no allocation per operation.
#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>

#include "net/http.h"

namespace plimsoll::net {

class Deadlines;

// Something with a deadline. Belongs to the loop's thread.
class Deadlined {
 public:
  Deadlined() = default;
  Deadlined(const Deadlined&) = delete;
  Deadlined& operator=(const Deadlined&) = delete;

  void expire_after(std::chrono::steady_clock::duration delay) {
    deadline_ = std::chrono::steady_clock::now() + delay;
  }
  void never_expire() { deadline_ = std::chrono::steady_clock::time_point::max(); }

 protected:
  virtual ~Deadlined();
  virtual void on_deadline() = 0;  // called once per deadline passed, at most one tick late

 private:
  friend class Deadlines;
  std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::time_point::max();
  Deadlines* owner_ = nullptr;
  Deadlined* next_ = nullptr;
  Deadlined* previous_ = nullptr;
};

class Deadlines {
 public:
  Deadlines(asio::io_context& loop, std::chrono::milliseconds tick);
  ~Deadlines();
  void add(Deadlined& item);  // watched until it is removed or destroyed
  void remove(Deadlined& item);

  template <class Visit>
  void for_each(Visit visit) {
    for (Deadlined* item = first_; item != nullptr;) {
      Deadlined* const next = item->next_;
      visit(*item);
      item = next;
    }
  }

 private:
  void arm();
  void scan();

  std::chrono::milliseconds tick_;
  asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>,
                             Executor>
      timer_;
  Deadlined* first_ = nullptr;
  bool armed_ = false;
};

}  // namespace plimsoll::net
