#include "wait.h"

namespace plimsoll::res {
namespace {

struct Batch : Waiting<Result<ledger::Index>> {
  using Waiting::Waiting;
  std::size_t left = 0;
  ledger::Index first = 0;
  std::function<void(std::size_t, ledger::Index)> written;

  void settle(Result<ledger::Index> result) {
    if (outcome) return;
    outcome = std::move(result);
    timer.cancel();
  }
};

}  // namespace

net::Task<Result<ledger::Index>> append_and_wait(ledger::Sink& log, std::vector<std::string> entries,
                                                 std::function<void(std::size_t, ledger::Index)> written,
                                                 std::chrono::milliseconds patience) {
  const net::Executor executor = co_await asio::this_coro::executor;
  auto batch = std::make_shared<Batch>(executor);
  batch->left = entries.size();
  batch->written = std::move(written);
  batch->timer.expires_after(patience);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    auto queued = log.append(std::move(entries[i]), [batch, executor, i](Result<ledger::Index> index) {
      if (index) batch->written(i, *index);
      asio::post(executor, [batch, i, index = std::move(index)]() mutable {
        if (!index) return batch->settle(std::move(index));
        if (i == 0) batch->first = *index;
        if (--batch->left == 0) batch->settle(batch->first);
      });
    });
    if (!queued) co_return std::unexpected(std::move(queued).error());
  }
  co_await batch->timer.async_wait(kAwait);
  if (!batch->outcome) co_return fail(Code::kTimeout, "the log did not answer in time");
  co_return *std::move(batch->outcome);
}

}  // namespace plimsoll::res
