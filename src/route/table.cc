#include "table.h"

namespace plimsoll::route {

// Two pointers and the last star: nothing is tried twice from further back than that.
bool fits(std::string_view pattern, std::string_view name) {
  std::size_t p = 0;
  std::size_t n = 0;
  std::size_t star = std::string_view::npos;
  std::size_t mark = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

Table::Impl::Impl(Settings given) : settings(std::move(given)) {
  for (const auto& route : settings.routes) {
    if (route.model.find('*') == std::string::npos)
      exact.emplace(route.model, ways(route));
    else
      patterns.emplace_back(route.model, ways(route));
  }
  if (!settings.otherwise.empty())
    otherwise.emplace(Ways{.to = {{.upstream = index_of(settings.otherwise), .model = {}}}, .fallback = {}});
  for (std::size_t i = 0; i < settings.upstreams.size(); ++i) counts.push_back(std::make_unique<Counts>());
}

std::size_t Table::Impl::index_of(std::string_view name) const {
  std::size_t i = 0;
  while (i + 1 < settings.upstreams.size() && settings.upstreams[i].name != name) ++i;
  return i;
}

Ways Table::Impl::ways(const Route& route) const {
  Ways out;
  for (const auto& target : route.to)
    out.to.push_back({index_of(target.upstream), target.weight, target.model});
  for (const auto& target : route.fallback)
    out.fallback.push_back({index_of(target.upstream), target.weight, target.model});
  return out;
}

const Ways* Table::Impl::find(std::string_view model) const {
  // Longer names than any configured one can only be meant by a pattern; do not search long for them.
  constexpr std::size_t kLongest = 2'048;
  if (model.size() <= kLongest) {
    if (const auto found = exact.find(model); found != exact.end()) return &found->second;
    for (const auto& [pattern, there] : patterns)
      if (fits(pattern, model)) return &there;
  }
  return otherwise ? &*otherwise : nullptr;
}

Table::Table(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Table::~Table() = default;

Result<std::unique_ptr<Table>> Table::create(Settings settings) {
  std::string all;
  for (const auto& problem : problems(settings)) all.append(all.empty() ? "" : "\n").append(problem);
  if (!all.empty()) return fail(Code::kInvalid, std::move(all));
  return std::unique_ptr<Table>(new Table(std::make_unique<Impl>(std::move(settings))));
}

const std::vector<Upstream>& Table::upstreams() const {
  return impl_->settings.upstreams;
}

std::vector<std::string> Table::model_names() const {
  std::vector<std::string> out;
  for (const auto& [name, ways] : impl_->exact) out.push_back(name);
  return out;
}

std::vector<UpstreamStats> Table::stats() const {
  std::vector<UpstreamStats> out;
  for (std::size_t i = 0; i < impl_->counts.size(); ++i) {
    const Counts& c = *impl_->counts[i];
    out.push_back({.name = impl_->settings.upstreams[i].name,
                   .answered = c.answered.value(),
                   .limited = c.limited.value(),
                   .failed = c.failed.value(),
                   .unreachable = c.unreachable.value(),
                   .timed_out = c.timed_out.value(),
                   .retried = c.retried.value(),
                   .opened = c.opened.value(),
                   .rejected = c.rejected.value(),
                   .open_now = c.open_now.load(std::memory_order_relaxed)});
  }
  return out;
}

}  // namespace plimsoll::route
