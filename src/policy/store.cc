#include "policy/store.h"

#include <sys/stat.h>

#include "policy/shipped.h"

namespace plimsoll::policy {

std::expected<std::unique_ptr<Store>, std::vector<Problem>> Store::open(std::string path) {
  std::unique_ptr<Store> store(new Store(std::move(path)));
  const std::lock_guard lock(store->mutex_);
  if (auto problems = store->reload_locked(); !problems.empty()) return std::unexpected(std::move(problems));
  store->counts_ = {};
  return store;
}

Store::Stamp Store::stamp_of(const std::string& path) {
  struct stat s{};
  if (::stat(path.c_str(), &s) != 0) return {};
  return {s.st_dev,         s.st_ino,          static_cast<std::uint64_t>(s.st_size),
          s.st_ctim.tv_sec, s.st_ctim.tv_nsec, true};
}

std::vector<Problem> Store::reload() {
  const std::lock_guard lock(mutex_);
  return reload_locked();
}

std::optional<std::vector<Problem>> Store::reload_if_changed() {
  if (path_.empty()) return std::nullopt;
  const std::lock_guard lock(mutex_);
  if (stamp_of(path_) == stamp_) return std::nullopt;
  return reload_locked();
}

// The stamp is taken before the file is read: a change in between is seen at the next look, not lost.
std::vector<Problem> Store::reload_locked() {
  const Stamp stamp = path_.empty() ? Stamp{} : stamp_of(path_);
  auto policy =
      path_.empty() ? Policy::parse(shipped_yaml(), std::string(kShippedName)) : Policy::load(path_);
  stamp_ = stamp;
  if (!policy) {
    ++counts_.refused;
    problems_ = std::move(policy).error();
    return problems_;
  }
  problems_.clear();
  const auto current = snapshot_.get();
  if (current && current->version() == (*policy)->version()) {
    ++counts_.unchanged;
  } else {
    ++counts_.replaced;
    snapshot_.replace(*std::move(policy));
  }
  return {};
}

std::vector<Problem> Store::last_problems() const {
  const std::lock_guard lock(mutex_);
  return problems_;
}

Store::Counts Store::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

}  // namespace plimsoll::policy
