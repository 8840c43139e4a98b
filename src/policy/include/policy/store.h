// The policy in force, and how it changes while the program runs.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/snapshot.h"
#include "policy/policy.h"

namespace plimsoll::policy {

// Holds the last good policy. A document with a mistake never replaces it. All members are thread-safe; only
// reloading takes a lock that is held while reading the file.
class Store {
 public:
  // The policy at `path`, or the shipped one when `path` is empty. All problems, when it cannot be used.
  // `amendments`: file of the changes that amend() makes, so that a start finds them; empty: they cannot be made.
  static std::expected<std::unique_ptr<Store>, std::vector<Problem>> open(std::string path,
                                                                          std::string amendments = {});

  // One cell of `risk_thresholds`, other than the file has it.
  struct Amendment {
    Category category = Category::kPii;
    std::optional<Tier> tier;  // none: the untiered column
    double value = 0;
  };
  struct Amended {
    std::string from_version, version;
    double old_value = 0;
  };
  // Puts the policy in force with one cell changed, now and after every reload and start. `agree` is asked once the
  // new policy is known to be good and before anything changes; its error is returned and nothing is changed. kInvalid
  // where there is no such cell.
  Result<Amended> amend(const Amendment& amendment, const std::function<Result<void>(const Amended&)>& agree);

  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // For readers on the request path: Snapshot<Policy>::Reader(store.snapshot()).
  const Snapshot<Policy>& snapshot() const { return snapshot_; }
  std::shared_ptr<const Policy> current() const { return snapshot_.get(); }

  // Reads and validates the file again and puts it in force. What is wrong with it, when it stays out; empty
  // when the policy in force is the file's.
  std::vector<Problem> reload();

  // The same, if the file may have changed since it was last read: another inode, size or time of change,
  // seen through symbolic links (so that a Kubernetes ConfigMap's swapped links count), and then other bytes.
  // nullopt when there was nothing to do. One stat() when nothing changed; call it every second or so.
  std::optional<std::vector<Problem>> reload_if_changed();

  // Of the last reload; empty when it succeeded.
  std::vector<Problem> last_problems() const;

  struct Counts {
    std::uint64_t replaced = 0;   // times another version came into force
    std::uint64_t unchanged = 0;  // reloads that gave the version already in force
    std::uint64_t refused = 0;    // reloads that failed
  };
  Counts counts() const;

  const std::string& path() const { return path_; }

 private:
  // What a file looked like from outside.
  struct Stamp {
    std::uint64_t device = 0, inode = 0, size = 0;
    std::int64_t seconds = 0, nanoseconds = 0;
    bool there = false;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };

  Store(std::string path, std::string amendments)
      : path_(std::move(path)), amendments_file_(std::move(amendments)) {}
  using Loaded = std::expected<std::shared_ptr<const Policy>, std::vector<Problem>>;
  Loaded load(const std::vector<Amendment>& amendments) const;
  Result<std::vector<Amendment>> read_amendments() const;
  static Stamp stamp_of(const std::string& path);
  std::vector<Problem> reload_locked();

  const std::string path_;
  const std::string amendments_file_;
  Snapshot<Policy> snapshot_;
  mutable std::mutex mutex_;  // guards what follows
  Stamp stamp_;
  std::vector<Problem> problems_;
  std::vector<Amendment> amendments_;
  std::mutex amending_;
  Counts counts_;
};

}  // namespace plimsoll::policy
