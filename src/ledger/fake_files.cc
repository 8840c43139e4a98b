#include "fake_files.h"

#include <algorithm>

namespace plimsoll::ledger {

constexpr std::size_t kSector = 512;

class FakeFiles::OpenFile final : public File {
 public:
  OpenFile(FakeFiles& files, std::string path, std::shared_ptr<Inode> inode)
      : files_(files), path_(std::move(path)), inode_(std::move(inode)) {}

  Result<std::uint64_t> size() override {
    const std::lock_guard lock(files_.mutex_);
    if (auto called = files_.call(Does::kRead, path_); !called) return std::unexpected(called.error());
    return inode_->seen.size();
  }

  Result<std::size_t> read(std::span<char> into, std::uint64_t offset) override {
    const std::lock_guard lock(files_.mutex_);
    if (auto called = files_.call(Does::kRead, path_); !called) return std::unexpected(called.error());
    if (offset >= inode_->seen.size()) return 0;
    return inode_->seen.copy(into.data(), into.size(), offset);
  }

  Result<std::size_t> write(std::string_view bytes, std::uint64_t offset) override {
    const std::lock_guard lock(files_.mutex_);
    const auto called = files_.call(Does::kTakeRoom, path_);
    const bool first = files_.counts(Does::kTakeRoom, path_) && files_.calls_ == files_.first_;
    const bool cut = files_.fault_ == Fault::kShort && first && bytes.size() > 1;
    // A crash in the middle of a write has handed part of it to the kernel.
    const bool torn = files_.fault_ == Fault::kCrash && first;
    if (cut || torn) bytes = bytes.substr(0, bytes.size() / 2);
    if (called || cut || torn) change({offset, std::string(bytes), false});
    if (!called && !cut) return std::unexpected(called.error());
    return bytes.size();
  }

  Result<void> allocate(std::uint64_t size) override {
    const std::lock_guard lock(files_.mutex_);
    if (auto called = files_.call(Does::kTakeRoom, path_); !called) return called;
    change({std::max<std::uint64_t>(size, inode_->seen.size()), {}, true});
    return {};
  }

  Result<void> truncate(std::uint64_t size) override {
    const std::lock_guard lock(files_.mutex_);
    if (auto called = files_.call(Does::kChange, path_); !called) return called;
    change({size, {}, true});
    return {};
  }

  Result<void> sync() override {
    const std::lock_guard lock(files_.mutex_);
    const auto called = files_.call(Does::kTakeRoom, path_);
    if (called)
      for (const auto& change : inode_->unsynced) apply(inode_->disk, change);
    if (!files_.crashed()) inode_->unsynced.clear();
    return called;
  }

 private:
  void change(Change change) {
    apply(inode_->seen, change);
    inode_->unsynced.push_back(std::move(change));
  }

  FakeFiles& files_;
  std::string path_;
  std::shared_ptr<Inode> inode_;
};

class FakeFiles::HeldLock final : public Lock {
 public:
  HeldLock(FakeFiles& files, std::string path) : files_(files), path_(std::move(path)) {}
  ~HeldLock() override {
    const std::lock_guard lock(files_.mutex_);
    files_.locked_.erase(path_);
  }

 private:
  FakeFiles& files_;
  std::string path_;
};

void FakeFiles::fail(Fault fault, std::uint64_t first, std::uint64_t count) {
  const std::lock_guard lock(mutex_);
  fault_ = fault;
  first_ = first;
  count_ = count;
}

void FakeFiles::repair() {
  const std::lock_guard lock(mutex_);
  count_ = 0;
  fault_ = Fault::kFull;
}

std::uint64_t FakeFiles::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

void FakeFiles::count_changes_only(std::string ending) {
  const std::lock_guard lock(mutex_);
  counted_ = std::move(ending);
}

Result<void> FakeFiles::call(Does does, std::string_view path) {
  if (!counts(does, path)) return {};
  ++calls_;
  if (!in_fault()) return {};
  if (crashed()) return plimsoll::fail(Code::kInternal, "crashed");
  if (fault_ == Fault::kError || fault_ == Fault::kErrorThenCrash)
    return plimsoll::fail(Code::kUnavailable, "the disk does not work");
  if (does == Does::kTakeRoom) return plimsoll::fail(Code::kUnavailable, "the disk is full");
  return {};
}

void FakeFiles::apply(std::string& to, const Change& change) {
  if (change.resize) {
    to.resize(change.offset);
    return;
  }
  to.resize(std::max(to.size(), change.offset + change.bytes.size()));
  to.replace(change.offset, change.bytes.size(), change.bytes);
}

void FakeFiles::change_names(std::function<void(Names&)> change) {
  change(names_);
  names_unsynced_.push_back(std::move(change));
}

void FakeFiles::power_cut(Keep keep, unsigned seed) {
  repair();
  const std::lock_guard lock(mutex_);
  std::minstd_rand random(seed);
  const auto kept = [&] { return keep == Keep::kAll || (keep == Keep::kSome && random() % 2 == 0); };

  for (const auto& change : names_unsynced_) {
    if (!kept()) break;
    change(names_on_disk_);
  }
  names_unsynced_.clear();
  names_ = names_on_disk_;

  for (auto& [name, inode] : names_) {
    for (const auto& change : inode->unsynced) {
      if (change.resize && kept()) apply(inode->disk, change);
      for (std::size_t at = 0; at < change.bytes.size();) {
        const auto size = kSector - (change.offset + at) % kSector;
        if (kept()) apply(inode->disk, {change.offset + at, change.bytes.substr(at, size), false});
        at += size;
      }
    }
    inode->unsynced.clear();
    inode->seen = inode->disk;
  }
}

void FakeFiles::restart() {
  repair();
}

std::vector<std::string> FakeFiles::names() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, inode] : names_) names.push_back(name);
  return names;
}

std::string& FakeFiles::content(const std::string& path) {
  const std::lock_guard lock(mutex_);
  return names_.at(path)->seen;
}

Result<std::unique_ptr<File>> FakeFiles::create(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (auto called = call(Does::kTakeRoom, path); !called) return std::unexpected(called.error());
  auto inode = std::make_shared<Inode>();
  change_names([=](Names& names) { names[path] = inode; });
  return std::make_unique<OpenFile>(*this, path, std::move(inode));
}

Result<std::unique_ptr<File>> FakeFiles::open(const std::string& path, Access /*access*/) {
  const std::lock_guard lock(mutex_);
  if (auto called = call(Does::kRead, path); !called) return std::unexpected(called.error());
  const auto found = names_.find(path);
  if (found == names_.end()) return plimsoll::fail(Code::kNotFound, path + ": not there");
  return std::make_unique<OpenFile>(*this, path, found->second);
}

Result<void> FakeFiles::rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  if (auto called = call(Does::kTakeRoom, to); !called) return called;
  change_names([=](Names& names) {
    names[to] = names[from];
    names.erase(from);
  });
  return {};
}

Result<void> FakeFiles::remove(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (auto called = call(Does::kChange, path); !called) return called;
  change_names([=](Names& names) { names.erase(path); });
  return {};
}

Result<void> FakeFiles::make_directory(const std::string& path) {
  const std::lock_guard lock(mutex_);
  return call(Does::kTakeRoom, path);
}

Result<void> FakeFiles::sync_directory(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (auto called = call(Does::kTakeRoom, path); !called) return called;
  names_on_disk_ = names_;
  names_unsynced_.clear();
  return {};
}

Result<std::vector<std::string>> FakeFiles::list(const std::string& directory) {
  const std::lock_guard lock(mutex_);
  if (auto called = call(Does::kRead, directory); !called) return std::unexpected(called.error());
  std::vector<std::string> found;
  for (const auto& [name, inode] : names_)
    if (name.starts_with(directory + "/")) found.push_back(name.substr(directory.size() + 1));
  return found;
}

Result<std::unique_ptr<Lock>> FakeFiles::lock(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (auto called = call(Does::kRead, path); !called) return std::unexpected(called.error());
  if (!locked_.insert(path).second) return plimsoll::fail(Code::kUnavailable, "another process holds it");
  return std::make_unique<HeldLock>(*this, path);
}

}  // namespace plimsoll::ledger
