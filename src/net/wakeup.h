// Wakes a coroutine that waits for something on its own loop.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

#include "net/http.h"

namespace plimsoll::net {

// Whoever waits looks at the condition itself, before and after: `while (!ready()) co_await wakeup.wait();`
class Wakeup {
 public:
  explicit Wakeup(const Executor& executor)
      : timer_(executor, std::chrono::steady_clock::time_point::max()) {}
  Task<> wait() { co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable_t<Executor>{})); }
  void notify() { timer_.cancel(); }

 private:
  asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>,
                             Executor>
      timer_;
};

}  // namespace plimsoll::net
