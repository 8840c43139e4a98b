#include "record.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <optional>
#include <string_view>

namespace plimsoll::gateway {
namespace {

namespace asio = boost::asio;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, net::Executor>;
constexpr std::string_view kSilent = "the decision log did not answer in time";
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable_t<net::Executor>{});

// Shared because the log may answer after the waiter has given up. Touched on the loop's thread only.
template <class T>
struct Waiting {
  explicit Waiting(const net::Executor& executor) : timer(executor) {}
  Timer timer;  // doubles as the deadline and the wake-up
  std::optional<Result<T>> outcome;
};

// `start` is given what to call, from any thread, with the outcome.
template <class T, class Start>
net::Task<Result<T>> wait_for(Start start, std::chrono::milliseconds patience) {
  const net::Executor executor = co_await asio::this_coro::executor;
  auto waiting = std::make_shared<Waiting<T>>(executor);
  waiting->timer.expires_after(patience);
  Result<void> begun = start([waiting, executor](Result<T> outcome) {
    asio::post(executor, [waiting, outcome = std::move(outcome)]() mutable {
      waiting->outcome = std::move(outcome);
      waiting->timer.cancel();
    });
  });
  if (!begun) co_return std::unexpected(std::move(begun).error());
  co_await waiting->timer.async_wait(kAwait);
  if (!waiting->outcome) co_return fail(Code::kTimeout, std::string(kSilent));
  co_return *std::move(waiting->outcome);
}

}  // namespace

net::Task<Result<ledger::Index>> append_and_wait(ledger::Sink& log, std::string entry,
                                                 std::chrono::milliseconds patience) {
  auto outcome = co_await wait_for<ledger::Index>(
      [&](auto done) { return log.append(std::move(entry), std::move(done)); }, patience);
  co_return outcome;
}

net::Task<Result<void>> sync_and_wait(vault::Vault& vault, std::chrono::milliseconds patience) {
  auto outcome = co_await wait_for<void>(
      [&](auto done) {
        vault.sync(std::move(done));
        return Result<void>();
      },
      patience);
  co_return outcome;
}

net::Task<Result<void>> wait_in_vain(std::chrono::milliseconds patience) {
  Timer timer(co_await asio::this_coro::executor, patience);
  co_await timer.async_wait(kAwait);
  co_return fail(Code::kTimeout, std::string(kSilent));
}

}  // namespace plimsoll::gateway
