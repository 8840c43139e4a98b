#include "base/memory.h"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

// jemalloc's, in programs that have it (jemalloc(3)).
extern "C" int mallctl(const char* name, void* old, std::size_t* old_size, void* fresh,
                       std::size_t fresh_size) __attribute__((weak));

namespace plimsoll {
namespace {

// Of the program's file, what is never written to.
int forget_pages(dl_phdr_info* program, std::size_t /*size*/, void* /*unused*/) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  for (unsigned i = 0; i < program->dlpi_phnum; ++i) {
    const auto& part = program->dlpi_phdr[i];
    if (part.p_type != PT_LOAD || (part.p_flags & PF_W) != 0) continue;
    const auto begin = (program->dlpi_addr + part.p_vaddr + page - 1) / page * page;
    const auto end = (program->dlpi_addr + part.p_vaddr + part.p_filesz) / page * page;
    if (begin < end) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);  // NOLINT
  }
  return 1;  // the first is the program itself; libraries are others', too
}

}  // namespace

void give_back_memory() {
  if (mallctl != nullptr) {
    mallctl("thread.tcache.flush", nullptr, nullptr, nullptr, 0);
    mallctl("arena.4096.purge", nullptr, nullptr, nullptr, 0);  // 4096: all arenas
  } else {
    ::malloc_trim(0);
  }
  ::dl_iterate_phdr(forget_pages, nullptr);
}

}  // namespace plimsoll
