// Sorts what consists of stretches that are sorted already, as results of several searches do one behind the other: a
// sort that does not know takes much longer, and the more so the fewer they are.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace plimsoll::detect {

template <class T>
void sort_runs(std::vector<T>& all) {
  const auto size = all.size();
  std::vector<std::size_t> ends;
  for (std::size_t i = 1; i < size; ++i)
    if (all[i] < all[i - 1]) ends.push_back(i);
  if (ends.empty()) return;
  if (ends.size() > size / 8) {
    std::sort(all.begin(), all.end());
    return;
  }
  ends.push_back(size);
  // Two and two become one.
  std::vector<T> merged(size);
  while (ends.size() > 1) {
    std::size_t from = 0, kept = 0;
    for (std::size_t i = 0; i < ends.size(); i += 2) {
      const auto at = [&](std::size_t place) { return all.begin() + static_cast<std::ptrdiff_t>(place); };
      const auto middle = ends[i], end = i + 1 < ends.size() ? ends[i + 1] : middle;
      std::merge(at(from), at(middle), at(middle), at(end),
                 merged.begin() + static_cast<std::ptrdiff_t>(from));
      ends[kept++] = from = end;
    }
    ends.resize(kept);
    all.swap(merged);
  }
}

}  // namespace plimsoll::detect
