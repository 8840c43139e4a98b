#include <algorithm>
#include <map>

#include "classify/train.h"

namespace plimsoll::classify {
namespace {

// What a family of sources brings to its fold: examples by head and label.
struct Family {
  std::string_view name;
  std::array<double, kHeadCount> positives{};
  std::array<double, kHeadCount> negatives{};
  std::vector<std::size_t> members;
};

}  // namespace

std::vector<unsigned> assign_folds(std::span<const Example> examples, unsigned folds) {
  std::map<std::string_view, Family> by_name;
  std::array<double, kHeadCount> positives{};
  std::array<double, kHeadCount> negatives{};
  for (std::size_t i = 0; i < examples.size(); ++i) {
    const std::string_view source = examples[i].source;
    const auto name = source.substr(0, source.find('-'));
    Family& family = by_name[name];
    family.name = name;
    family.members.push_back(i);
    for (std::size_t h = 0; h < kHeadCount; ++h) {
      if (examples[i].labels[h] == Label::kPositive) ++family.positives[h], ++positives[h];
      if (examples[i].labels[h] == Label::kNegative) ++family.negatives[h], ++negatives[h];
    }
  }

  // The heaviest first, each to the fold that it makes least heavy; a weight is the share of a head's examples.
  const auto weight = [&](const Family& family, std::size_t h, bool positive) {
    const auto& all = positive ? positives : negatives;
    return all[h] > 0 ? (positive ? family.positives : family.negatives)[h] / all[h] : 0;
  };
  std::vector<std::pair<double, const Family*>> order;
  for (const auto& [name, family] : by_name) {
    double sum = 0;
    for (std::size_t h = 0; h < kHeadCount; ++h) sum += weight(family, h, true) + weight(family, h, false);
    order.emplace_back(sum, &family);
  }
  std::ranges::sort(order, [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second->name < b.second->name;
  });

  std::vector<std::array<std::array<double, kHeadCount>, 2>> load(folds);
  std::vector<unsigned> fold(examples.size());
  for (const auto& [sum, family] : order) {
    unsigned best = 0;
    double least = 1e300;
    for (unsigned f = 0; f < folds; ++f) {
      double cost = 0;
      for (std::size_t h = 0; h < kHeadCount; ++h)
        for (const bool positive : {false, true}) {
          const double before = load[f][positive ? 1 : 0][h];
          const double after = before + weight(*family, h, positive);
          cost += after * after - before * before;
        }
      if (cost < least) least = cost, best = f;
    }
    for (std::size_t h = 0; h < kHeadCount; ++h)
      for (const bool positive : {false, true})
        load[best][positive ? 1 : 0][h] += weight(*family, h, positive);
    for (const std::size_t i : family->members) fold[i] = best;
  }
  return fold;
}

}  // namespace plimsoll::classify
