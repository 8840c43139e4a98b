#include "publisher.h"

#include "base/log.h"

namespace plimsoll::ledger {
namespace {

constexpr std::size_t kMaxQueued = 65'536;  // entries, 36 bytes each
constexpr std::chrono::seconds kLookAtKeys{1};
constexpr std::size_t kMaxKeysBytes = 1U << 20U;

}  // namespace

Publisher::Publisher(std::shared_ptr<FileSystem> files, std::string directory,
                     std::chrono::milliseconds interval, Publication publication)
    : files_(std::move(files)),
      directory_(std::move(directory)),
      interval_(interval),
      publication_(std::move(publication)),
      published_(publication_.published()) {}

void Publisher::start(std::function<Index()> size, Append append) {
  {
    const std::lock_guard lock(ends_mutex_);
    size_ = std::move(size);
    append_ = std::move(append);
  }
  thread_ = std::jthread([this] { run(); });
}

void Publisher::detach(Index size) {
  const std::lock_guard lock(ends_mutex_);
  size_ = [size] { return size; };
  append_ = nullptr;
}

Publisher::~Publisher() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Publisher::hand_over(Placed placed) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    wake = queued_ == 0 && !behind_;
    if (behind_ || queued_ + placed.leaves.size() > kMaxQueued) {
      behind_ = true;
    } else {
      queued_ += placed.leaves.size();
      queue_.push_back(std::move(placed));
    }
  }
  if (wake) wake_.notify_one();
}

void Publisher::run() {
  auto next_look = std::chrono::steady_clock::now();
  for (bool stop = false; !stop;) {
    bool work = false;
    {
      std::unique_lock lock(mutex_);
      wake_.wait_until(lock, next_look, [this] { return stopping_ || queued_ > 0 || behind_; });
      work = queued_ > 0 || behind_;
      stop = stopping_;
    }
    const auto now = std::chrono::steady_clock::now();
    if (now >= next_look && !stop) {
      look_at_keys();
      next_look = now + kLookAtKeys;
    }
    if (!work && !stop) continue;
    publish();
    std::unique_lock lock(mutex_);
    stop = stop || wake_.wait_until(lock, now + interval_, [this] { return stopping_; });
    // A last round, for what came in meanwhile.
    if (stop && queued_ == 0 && !behind_) break;
    if (stop) {
      lock.unlock();
      publish();
    }
  }
}

void Publisher::publish() {
  std::vector<Placed> placed;
  {
    const std::lock_guard lock(mutex_);
    placed.swap(queue_);
    queued_ = 0;
    behind_ = false;
  }
  for (const auto& batch : placed) publication_.add(batch);
  Index size = 0;
  {
    const std::lock_guard lock(ends_mutex_);
    size = size_();
  }
  const auto published = publication_.publish(size);
  if (published) {
    if (failures_.exchange(0, std::memory_order_relaxed) > 0)
      log_info("ledger: publishing again", {{"entries", size}});
    return;
  }
  if (failures_.fetch_add(1, std::memory_order_relaxed) == 0)
    log_error("ledger: cannot publish a checkpoint; entries are still written",
              {{"error", published.error().message}});
  const std::lock_guard lock(mutex_);
  behind_ = true;  // try again after the interval
}

// A rotation is a change of the file by a command. The new key signs once the entry that names it is on disk.
void Publisher::look_at_keys() {
  if (rotation_logged_->exchange(false)) {
    const auto* key = publication_.keys().unlogged();
    if (key != nullptr) {
      auto keys = KeyRing::logged(*files_, directory_, key->verifier);
      if (!keys) {
        rotation_logged_->store(true);
        return;
      }
      log_info("ledger: a new key signs", {{"vkey", to_text(key->verifier)}});
      publication_.use(*std::move(keys));
    }
    announced_ = false;
    const std::lock_guard lock(mutex_);
    behind_ = true;  // a checkpoint with the new signature
  }

  auto text = read_file(*files_, directory_ + "/keys/keys.json", kMaxKeysBytes);
  if (text && *text != seen_keys_) {
    auto keys = KeyRing::load(*files_, directory_);
    if (!keys) {
      log_error("ledger: keys that were changed cannot be read", {{"error", keys.error().message}});
    } else {
      publication_.use(*std::move(keys));
    }
    seen_keys_ = *std::move(text);
  }

  const auto now = std::chrono::system_clock::now();
  for (const auto& key : publication_.keys().keys()) {
    if (!key.secret || !key.until || publication_.keys().signs(key, now) || !key.logged) continue;
    if (auto keys = KeyRing::retire(*files_, directory_, now)) publication_.use(*std::move(keys));
    const std::lock_guard lock(mutex_);
    behind_ = true;
    break;
  }

  const auto* key = publication_.keys().unlogged();
  if (key == nullptr || announced_) return;
  const std::lock_guard lock(ends_mutex_);
  if (!append_) return;
  const auto appended = append_(publication_.keys().rotation_entry(*key, now),
                                [logged = rotation_logged_](const Result<Index>& index) {
                                  if (index) logged->store(true);
                                });
  announced_ = appended.has_value();
}

}  // namespace plimsoll::ledger
