#include "wait.h"

namespace plimsoll::res {

net::Task<Result<ledger::Index>> append_and_wait(ledger::Sink& log, std::string entry,
                                                 std::function<void(ledger::Index)> written,
                                                 std::chrono::milliseconds patience) {
  const net::Executor executor = co_await asio::this_coro::executor;
  auto waiting = std::make_shared<Waiting<Result<ledger::Index>>>(executor);
  waiting->timer.expires_after(patience);
  auto queued = log.append(std::move(entry),
                           [waiting, executor, written = std::move(written)](Result<ledger::Index> outcome) {
                             if (outcome) written(*outcome);
                             asio::post(executor, [waiting, outcome = std::move(outcome)]() mutable {
                               waiting->outcome = std::move(outcome);
                               waiting->timer.cancel();
                             });
                           });
  if (!queued) co_return std::unexpected(std::move(queued).error());
  co_await waiting->timer.async_wait(kAwait);
  if (!waiting->outcome) co_return fail(Code::kTimeout, "the log did not answer in time");
  co_return *std::move(waiting->outcome);
}

}  // namespace plimsoll::res
