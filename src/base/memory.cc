#include "base/memory.h"

#include <malloc.h>

#include <cstddef>

// jemalloc's, in programs that have it (jemalloc(3)).
extern "C" int mallctl(const char* name, void* old, std::size_t* old_size, void* fresh, std::size_t fresh_size)
    __attribute__((weak));

namespace plimsoll {

void give_back_memory() {
  if (mallctl != nullptr)
    mallctl("arena.4096.purge", nullptr, nullptr, nullptr, 0);  // 4096: all arenas
  else
    ::malloc_trim(0);
}

}  // namespace plimsoll
