// A loop on several threads.
#pragma once

#include <cstddef>
#include <functional>

#include "base/result.h"

namespace plimsoll::evaluate {

// Calls `work(worker, i)` for every i below `n`, each once, on `jobs` threads (the caller's is worker 0). What
// calls of one worker share needs no lock. kInternal when a call throws; the others still end.
Result<void> for_each_index(unsigned jobs, std::size_t n,
                            const std::function<void(unsigned worker, std::size_t i)>& work);

}  // namespace plimsoll::evaluate
