// A file system in memory that keeps apart what a program sees and what is on the disk, for tests.
//
// A write is seen at once and on the disk after a sync. A power cut leaves, of what was not synced, nothing,
// all or some 512-byte sectors, and of the names not synced the first few. A sync that fails loses what it
// should have written, for good, while readers still see it: what Linux does.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <set>

#include "file.h"

namespace plimsoll::ledger {

class FakeFiles final : public FileSystem {
 public:
  enum class Fault {
    kFull,   // calls that take room fail
    kError,  // every call fails
    kShort,  // a write is cut in half, then as kFull
    kCrash,  // this call and all after it do nothing, until power_cut() or restart()
    kErrorThenCrash,
  };
  enum class Keep { kNothing, kAll, kSome };

  // The calls from number `first` on, counted from 1, `count` of them.
  void fail(Fault fault, std::uint64_t first,
            std::uint64_t count = std::numeric_limits<std::uint64_t>::max());
  void repair();
  std::uint64_t calls() const;
  // From now on only calls that change files whose names end so count and fail. For faults that must meet
  // one thread's calls while another works too.
  void count_changes_only(std::string ending);

  // What the next process finds: after a power cut, or when only the process had died.
  void power_cut(Keep keep, unsigned seed = 0);
  void restart();

  std::vector<std::string> names() const;
  // The file as a program sees it, to look at or to damage.
  std::string& content(const std::string& path);

  Result<std::unique_ptr<File>> create(const std::string& path) override;
  Result<std::unique_ptr<File>> open(const std::string& path, Access access) override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> remove(const std::string& path) override;
  Result<void> make_directory(const std::string& path) override;
  Result<void> sync_directory(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& directory) override;
  Result<std::unique_ptr<Lock>> lock(const std::string& path) override;

 private:
  class OpenFile;
  class HeldLock;
  struct Change {
    std::uint64_t offset = 0;
    std::string bytes;
    bool resize = false;  // to `offset`
  };
  struct Inode {
    std::string seen;
    std::string disk;
    std::vector<Change> unsynced;
  };
  using Names = std::map<std::string, std::shared_ptr<Inode>>;

  enum class Does { kRead, kChange, kTakeRoom };
  // Counts a call; the error it must give, if any.
  Result<void> call(Does does, std::string_view path);
  bool counts(Does does, std::string_view path) const {
    return !counted_ || (does != Does::kRead && path.ends_with(*counted_));
  }
  bool in_fault() const { return calls_ >= first_ && calls_ - first_ < count_; }
  bool crashed() const {
    return in_fault() && (fault_ == Fault::kCrash || (fault_ == Fault::kErrorThenCrash && calls_ > first_));
  }
  static void apply(std::string& to, const Change& change);
  void change_names(std::function<void(Names&)> change);

  mutable std::mutex mutex_;
  Names names_;
  Names names_on_disk_;
  std::vector<std::function<void(Names&)>> names_unsynced_;
  std::set<std::string> locked_;
  std::optional<std::string> counted_;  // the ending
  std::uint64_t calls_ = 0;
  Fault fault_ = Fault::kFull;
  std::uint64_t first_ = 0;
  std::uint64_t count_ = 0;
};

}  // namespace plimsoll::ledger
