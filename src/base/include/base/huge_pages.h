// Memory for tables that are read at random: in pages of two megabytes, where the system gives them, so that the
// processor need not look up where each of the small ones lies.
//
// An allocator for containers. What is smaller than a page, and what is left of a larger block, lies in ordinary pages.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <vector>

namespace plimsoll {

template <class T>
struct HugePages {
  using value_type = T;
  static constexpr std::size_t kPage = 2U << 20U;

  HugePages() = default;
  template <class U>
  HugePages(const HugePages<U>&) {}  // NOLINT(*-explicit-*): containers convert allocators

  T* allocate(std::size_t count) {
    if (count > (SIZE_MAX - kPage) / sizeof(T)) throw std::bad_array_new_length();
    const auto size = count * sizeof(T);
    if (size < kPage) return static_cast<T*>(::operator new(size, std::align_val_t(alignof(T))));
    void* const at = std::aligned_alloc(kPage, (size + kPage - 1) / kPage * kPage);
    if (at == nullptr) throw std::bad_alloc();
    // The system may decline: then the pages are small. Half a page of waste is too much.
    const auto rest = size % kPage;
    madvise(at, size - rest + (rest > kPage / 2 ? kPage : 0), MADV_HUGEPAGE);
    return static_cast<T*>(at);
  }
  void deallocate(T* at, std::size_t count) {
    if (count * sizeof(T) < kPage)
      ::operator delete(at, std::align_val_t(alignof(T)));
    else
      std::free(at);
  }
  friend bool operator==(HugePages, HugePages) { return true; }
};

template <class T>
using HugeVector = std::vector<T, HugePages<T>>;

}  // namespace plimsoll
