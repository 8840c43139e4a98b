// Waiting, on a loop, for other threads.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "net/http.h"

namespace plimsoll::net {

// A wake-up with a deadline; shared because who wakes may be later than who waits. Touched on the loop's thread only.
template <class T>
struct Waiting {
  explicit Waiting(const Executor& executor) : timer(executor) {}
  asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>,
                             Executor>
      timer;
  std::optional<T> outcome;
};

inline constexpr auto kAwait = asio::as_tuple(asio::use_awaitable_t<Executor>{});

// Runs `work` on the pool and waits for what it returns. An exception is nullopt.
template <class T>
Task<std::optional<T>> run_on(asio::thread_pool& pool, std::function<T()> work) {
  const Executor executor = co_await asio::this_coro::executor;
  auto waiting = std::make_shared<Waiting<std::optional<T>>>(executor);
  waiting->timer.expires_at(std::chrono::steady_clock::time_point::max());
  asio::post(pool, [waiting, executor, work = std::move(work)]() mutable {
    std::optional<T> made;
    try {
      made.emplace(work());
    } catch (const std::exception&) {
      made.reset();
    }
    work = nullptr;
    asio::post(executor, [waiting, made = std::move(made)]() mutable {
      waiting->outcome = std::move(made);
      waiting->timer.cancel();
    });
  });
  while (!waiting->outcome) co_await waiting->timer.async_wait(kAwait);
  co_return *std::move(waiting->outcome);
}

}  // namespace plimsoll::net
