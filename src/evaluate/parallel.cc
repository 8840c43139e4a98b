#include "parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <string>
#include <thread>
#include <vector>

namespace plimsoll::evaluate {

Result<void> for_each_index(unsigned jobs, std::size_t n,
                            const std::function<void(unsigned worker, std::size_t i)>& work) {
  std::atomic<std::size_t> next{0};
  std::vector<std::string> thrown(std::max(1U, jobs));
  const auto run = [&](unsigned worker) {
    try {
      for (auto i = next.fetch_add(1); i < n; i = next.fetch_add(1)) work(worker, i);
    } catch (const std::exception& error) {
      thrown[worker] = error.what();
      next.store(n);
    }
  };
  {
    std::vector<std::jthread> others;
    for (unsigned worker = 1; worker < thrown.size() && worker < n; ++worker)
      others.emplace_back(run, worker);
    run(0);
  }
  for (const auto& what : thrown)
    if (!what.empty()) return fail(Code::kInternal, "evaluation failed: " + what);
  return {};
}

}  // namespace plimsoll::evaluate
