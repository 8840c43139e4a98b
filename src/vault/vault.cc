#include "vault/vault.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <filesystem>
#include <list>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/files.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/log.h"
#include "record.h"

namespace plimsoll::vault {
namespace {

constexpr std::string_view kWrap = "plimsoll vault: wrap subject keys";
constexpr std::string_view kTags = "plimsoll vault: tag subjects";
constexpr std::string_view kTexts = "plimsoll vault: seal texts";
constexpr std::string_view kCommitments = "plimsoll vault: commit to texts";
constexpr std::string_view kCheck = "plimsoll vault: this is the master key";
constexpr std::chrono::milliseconds kRetry{200};

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  void reset() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

std::unexpected<Error> failed(const std::string& path, std::string_view doing) {
  return fail(errno == ENOENT ? Code::kNotFound : Code::kUnavailable,
              path + ": " + std::string(doing) + ": " + std::strerror(errno));
}

Result<void> write_all(int file, const std::string& path, std::string_view bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const auto written = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return failed(path, "cannot be written");
    bytes.remove_prefix(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
  return {};
}

// Fewer bytes at the end of the file.
Result<std::string> read_some(int file, const std::string& path, std::uint64_t offset, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t got = 0;
  while (got < size) {
    const auto read = ::pread(file, bytes.data() + got, size - got, static_cast<off_t>(offset + got));
    if (read < 0 && errno == EINTR) continue;
    if (read < 0) return failed(path, "cannot be read");
    if (read == 0) break;
    got += static_cast<std::size_t>(read);
  }
  bytes.resize(got);
  return bytes;
}

// What a subject's key is used for.
struct Keys {
  Key texts{}, commitments{};
  Keys() = default;
  explicit Keys(const Key& key) : texts(derive(key, kTexts)), commitments(derive(key, kCommitments)) {}
  void forget() {
    vault::forget(texts);
    vault::forget(commitments);
  }
};

struct TagHash {
  std::size_t operator()(const Tag& tag) const {
    std::size_t value = 0;
    std::memcpy(&value, tag.data(), sizeof value);  // a MAC: all bits are as good
    return value;
  }
};

}  // namespace

class Vault::Impl {
 public:
  explicit Impl(Options options)
      : options_(std::move(options)),
        wrapping_(derive(options_.master, kWrap)),
        tagging_(derive(options_.master, kTags)) {}
  ~Impl() {
    if (thread_.joinable()) {
      {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
      }
      wake_.notify_all();
      thread_.join();
    }
    forget(options_.master);
    forget(wrapping_);
    forget(tagging_);
    for (auto& [tag, subject] : subjects_) subject.keys.forget();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Result<void> open() {
    if (options_.read_only) return open_keys();
    if (auto made = make_directory(options_.folder); !made) return made;
    const auto lock_path = options_.folder + "/lock";
    lock_ = Descriptor(::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!lock_) return failed(lock_path, "cannot be opened");
    if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0)
      return fail(Code::kUnavailable, options_.folder + " is in use by another process");
    if (auto opened = open_keys(); !opened) return opened;
    const auto numbers = files();
    if (!numbers) return std::unexpected(numbers.error());
    file_ = numbers->empty() ? 0 : numbers->back() + 1;
    thread_ = std::thread([this] { run(); });
    return {};
  }

  Result<void> open_keys() {
    if (auto checked = check_master(); !checked) return checked;
    auto keys = KeyTable::open(options_.folder + "/keys.db", options_.read_only);
    if (!keys) return std::unexpected(std::move(keys).error());
    keys_ = *std::move(keys);
    return {};
  }

  Result<Keys> keys(std::string_view subject) {
    if (options_.read_only) return read_only();
    if (subject.empty() || subject.size() > kMaxSubject)
      return fail(Code::kInvalid, "a subject has 1 to 1024 bytes");
    return keys_of(tag_of(subject));
  }

  Result<Place> put(std::string_view subject, std::string_view name, std::string_view text, Done done) {
    if (text.size() > kMaxText) return fail(Code::kTooLarge, "a text may have 8 MiB");
    const auto tag = tag_of(subject);
    auto keys = this->keys(subject);
    if (!keys) return std::unexpected(std::move(keys).error());
    auto record = encode(tag, seal(keys->texts, name, text));
    keys->forget();
    const std::lock_guard lock(mutex_);
    if (failing_) return fail(Code::kUnavailable, "the vault cannot write at the moment");
    if (queued_bytes_ + record.size() > options_.max_queued_bytes)
      return fail(Code::kUnavailable, "the queue of the vault is full");
    if (next_offset_ > 0 && next_offset_ + record.size() > options_.file_bytes) {
      ++next_file_;
      next_offset_ = 0;
    }
    const Place place{.file = file_ + next_file_, .offset = next_offset_};
    next_offset_ += record.size();
    queued_bytes_ += record.size();
    const bool waited_for = done != nullptr;
    texts_.push_back({.place = place, .bytes = std::move(record), .done = std::move(done)});
    wake(waited_for);
    return place;
  }

  void sync(Done done) {
    if (options_.read_only) return done(read_only());
    const std::lock_guard lock(mutex_);
    texts_.push_back({.place = {.file = file_ + next_file_, .offset = next_offset_},
                      .bytes = {},
                      .done = std::move(done)});
    wake(true);
  }

  Result<std::string> get(const Place& place, std::string_view name) {
    const auto path = path_of(place.file);
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return failed(path, "cannot be opened");
    const auto head = read_some(file.get(), path, place.offset, kRecordHeader);
    if (!head) return std::unexpected(head.error());
    const auto header = decode_header(*head);
    if (!header) return fail(Code::kNotFound, path + ": no text at " + std::to_string(place.offset));
    const auto sealed = read_some(file.get(), path, place.offset + kRecordHeader, header->sealed);
    if (!sealed) return std::unexpected(sealed.error());
    if (std::ranges::all_of(*sealed, [](char c) { return c == 0; }))
      return fail(Code::kNotFound, "the text was erased");
    auto keys = known_keys(header->tag);
    if (!keys) return std::unexpected(std::move(keys).error());
    if (!*keys) return fail(Code::kNotFound, "the text was erased: its subject has no key");
    auto text = unseal((*keys)->texts, name, *sealed);
    (*keys)->forget();
    if (!text)
      return fail(Code::kInvalid, path + ": the text at " + std::to_string(place.offset) +
                                      " is damaged, of an erased subject, or was put under another name");
    return *std::move(text);
  }

  Result<Erased> erase(std::string_view subject) {
    if (options_.read_only) return read_only();
    const auto tag = tag_of(subject);
    Result<Erased> outcome;
    on_thread([&] { outcome = erase_now(tag); });
    return outcome;
  }

  Result<std::uint64_t> prune(std::chrono::seconds age) {
    if (options_.read_only) return read_only();
    Result<std::uint64_t> outcome;
    on_thread([&] { outcome = prune_now(age); });
    return outcome;
  }

 private:
  struct Text {
    Place place;
    std::string bytes;
    Done done;
  };
  struct Subject {
    Keys keys;
    bool stored = false;  // in the table; only such may be forgotten
    std::list<Tag>::iterator used;
  };
  struct Order {
    std::function<void()> work;
    bool over = false;
  };

  static std::unexpected<Error> read_only() {
    return fail(Code::kUnavailable, "the vault is open for reading only");
  }
  std::string path_of(std::uint64_t number) const { return options_.folder + "/" + file_name(number); }

  Tag tag_of(std::string_view subject) const {
    const auto mac = hmac_sha256(bytes_of(tagging_), subject);
    Tag tag;
    std::memcpy(tag.data(), mac.data(), tag.size());
    return tag;
  }

  // Another master key would make every subject a new one.
  Result<void> check_master() const {
    const auto path = options_.folder + "/master.check";
    const auto expected = to_hex(hmac_sha256(bytes_of(options_.master), kCheck)) + "\n";
    const auto known = read_file(path, 256);
    if (!known && known.error().code == Code::kNotFound)
      return options_.read_only ? Result<void>(std::unexpected(known.error())) : replace_file(path, expected);
    if (!known) return std::unexpected(known.error());
    if (*known != expected)
      return fail(Code::kInvalid, options_.folder + " was made with another master key: set that one");
    return {};
  }

  Result<std::vector<std::uint64_t>> files() const {
    std::vector<std::uint64_t> numbers;
    std::error_code error;
    for (std::filesystem::directory_iterator it(options_.folder, error), end; !error && it != end;
         it.increment(error))
      if (const auto number = parse_file_name(it->path().filename().string())) numbers.push_back(*number);
    if (error) return fail(Code::kUnavailable, options_.folder + " cannot be listed: " + error.message());
    std::ranges::sort(numbers);
    return numbers;
  }

  std::optional<Keys> cached(const Tag& tag) {
    const std::lock_guard lock(mutex_);
    const auto found = subjects_.find(tag);
    if (found == subjects_.end()) return std::nullopt;
    used_.splice(used_.begin(), used_, found->second.used);
    return found->second.keys;
  }

  Result<std::optional<Keys>> known_keys(const Tag& tag) {
    if (const auto keys = cached(tag)) return keys;
    const auto wrapped = keys_->find(tag);
    if (!wrapped) return std::unexpected(wrapped.error());
    if (!*wrapped) return std::optional<Keys>();
    auto bytes = unseal(wrapping_, bytes_of(tag), **wrapped);
    if (!bytes || bytes->size() != sizeof(Key))
      return fail(Code::kInvalid,
                  options_.folder + "/keys.db: a key is damaged; restore the file from a backup");
    Key key;
    std::memcpy(key.data(), bytes->data(), key.size());
    std::ranges::fill(*bytes, '\0');
    const Keys keys(key);
    vault::forget(key);
    return std::optional(keys);
  }

  Result<Keys> keys_of(const Tag& tag) {
    const auto generations = [&] {
      const std::lock_guard lock(mutex_);
      return std::pair(erasures_, forgotten_);
    };
    for (;;) {
      const auto [erasures, forgotten] = generations();
      auto known = known_keys(tag);
      if (!known) return std::unexpected(std::move(known).error());
      const std::lock_guard lock(mutex_);
      if (const auto found = subjects_.find(tag); found != subjects_.end()) return found->second.keys;
      // What was read may be gone; and what was not there may have been made, stored and forgotten since.
      if (erasures != erasures_ || (!*known && forgotten != forgotten_)) continue;
      Keys keys;
      if (*known) {
        keys = **known;
      } else {
        Key key;
        const auto random = random_bytes(key.size());
        std::memcpy(key.data(), random.data(), key.size());
        keys = Keys(key);
        fresh_.push_back({.tag = tag, .wrapped = seal(wrapping_, bytes_of(tag), bytes_of(key))});
        wake(false);
      }
      used_.push_front(tag);
      subjects_.emplace(tag, Subject{.keys = keys, .stored = known->has_value(), .used = used_.begin()});
      forget_some();
      return keys;
    }
  }

  void forget_some() {
    for (auto last = used_.end(); subjects_.size() > options_.cached_subjects && last != used_.begin();) {
      --last;
      const auto found = subjects_.find(*last);
      if (!found->second.stored) continue;
      found->second.keys.forget();
      subjects_.erase(found);
      ++forgotten_;
      last = used_.erase(last);
    }
  }

  // With the lock held. Who is gathering already is not woken for one more text: a switch of threads costs more than
  // sealing it.
  void wake(bool now) {
    const bool first = std::exchange(asleep_, false), sooner = now && !urgent_;
    urgent_ = urgent_ || now;
    if (first || sooner) wake_.notify_one();
  }

  void on_thread(std::function<void()> work) {
    auto order = std::make_shared<Order>(std::move(work));
    std::unique_lock lock(mutex_);
    orders_.push_back(order);
    wake_.notify_one();
    done_.wait(lock, [&] { return order->over; });
  }

  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      const auto idle = [&] { return texts_.empty() && fresh_.empty() && orders_.empty(); };
      asleep_ = idle();
      wake_.wait(lock, [&] { return stopping_ || !idle(); });
      asleep_ = false;
      if (!stopping_ && !urgent_ && orders_.empty())
        wake_.wait_for(lock, options_.gather, [&] { return stopping_ || urgent_ || !orders_.empty(); });
      if (idle() && stopping_) return;
      urgent_ = false;
      auto texts = std::exchange(texts_, {});
      auto fresh = std::exchange(fresh_, {});
      auto orders = std::exchange(orders_, {});
      lock.unlock();
      write(fresh, texts);
      for (const auto& order : orders) order->work();
      lock.lock();
      for (const auto& order : orders) order->over = true;
      if (!orders.empty()) done_.notify_all();
    }
  }

  // Keys first: a text whose key is lost is lost.
  void write(std::vector<KeyTable::Row>& fresh, std::vector<Text>& texts) {
    for (bool told = false;;) {
      auto written = fresh.empty() ? Result<void>() : keys_->add(fresh);
      if (written && !fresh.empty()) {
        const std::lock_guard lock(mutex_);
        for (const auto& row : fresh)
          if (const auto found = subjects_.find(row.tag); found != subjects_.end())
            found->second.stored = true;
        fresh.clear();
        forget_some();
      }
      if (written) written = append(texts);
      if (written) break;
      bool stop = false;
      {
        const std::lock_guard lock(mutex_);
        stop = stopping_;
        failing_ = true;
      }
      if (!std::exchange(told, true))
        log_error("vault: cannot write; texts are not kept until it can",
                  {{"error", written.error().message}});
      for (auto& text : texts)
        if (text.done)
          std::exchange(text.done, {})(fail(Code::kUnavailable, "not kept: " + written.error().message));
      if (stop) return;
      std::this_thread::sleep_for(kRetry);
    }
    std::size_t bytes = 0;
    for (auto& text : texts) {
      bytes += text.bytes.size();
      if (text.done) text.done({});
    }
    const std::lock_guard lock(mutex_);
    queued_bytes_ -= bytes;
    failing_ = false;
  }

  Result<void> append(const std::vector<Text>& texts) {
    for (std::size_t i = 0; i < texts.size();) {
      const auto number = texts[i].place.file;
      std::string all;
      const auto offset = texts[i].place.offset;
      for (; i < texts.size() && texts[i].place.file == number; ++i) all += texts[i].bytes;
      if (all.empty()) continue;
      if (!open_ || open_number_ != number) {
        const auto path = path_of(number);
        open_ = Descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
        if (!open_) return failed(path, "cannot be created");
        open_number_ = number;
        if (auto synced = sync_folder(); !synced) return synced;
      }
      if (auto done = write_all(open_.get(), path_of(number), all, offset); !done) return done;
      if (::fdatasync(open_.get()) != 0) return failed(path_of(number), "cannot be synced");
    }
    return {};
  }

  Result<void> sync_folder() const {
    const Descriptor folder(::open(options_.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder || ::fsync(folder.get()) != 0) return failed(options_.folder, "cannot be synced");
    return {};
  }

  Result<Erased> erase_now(const Tag& tag) {
    {
      const std::lock_guard lock(mutex_);
      ++erasures_;
      if (const auto found = subjects_.find(tag); found != subjects_.end()) {
        found->second.keys.forget();
        used_.erase(found->second.used);
        subjects_.erase(found);
      }
      std::erase_if(fresh_, [&](const auto& row) { return row.tag == tag; });
    }
    const auto known = keys_->remove(tag);
    if (!known) return std::unexpected(known.error());
    Erased erased{.known = *known};
    // What was put while this ran is sealed with a key that is gone; it comes to the disk, and goes the next time.
    const auto numbers = files();
    if (!numbers) return std::unexpected(numbers.error());
    for (const auto number : *numbers)
      if (auto done = overwrite(number, tag, erased); !done) return std::unexpected(std::move(done).error());
    return erased;
  }

  Result<void> overwrite(std::uint64_t number, const Tag& tag, Erased& erased) const {
    const auto path = path_of(number);
    const Descriptor file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    if (!file) return failed(path, "cannot be opened");
    bool changed = false;
    for (std::uint64_t at = 0;;) {
      const auto head = read_some(file.get(), path, at, kRecordHeader + kNonce);
      if (!head) return std::unexpected(head.error());
      const auto header = decode_header(*head);
      if (!header) break;  // the end, or what a crash left of the last record
      const bool zeros = std::ranges::all_of(head->substr(kRecordHeader), [](char c) { return c == 0; });
      if (header->tag == tag && !zeros) {
        const auto done = write_all(file.get(), path, std::string(header->sealed, '\0'), at + kRecordHeader);
        if (!done) return done;
        changed = true;
        ++erased.records;
        erased.bytes += header->sealed;
      }
      at += kRecordHeader + header->sealed;
    }
    if (changed && ::fsync(file.get()) != 0) return failed(path, "cannot be synced");
    return {};
  }

  Result<std::uint64_t> prune_now(std::chrono::seconds age) {
    const auto numbers = files();
    if (!numbers) return std::unexpected(numbers.error());
    std::uint64_t pruned = 0;
    for (const auto number : *numbers) {
      if (open_ && number == open_number_) continue;
      const auto path = path_of(number);
      struct stat known{};
      if (::stat(path.c_str(), &known) != 0) return failed(path, "cannot be looked at");
      const auto written = std::chrono::system_clock::from_time_t(known.st_mtime);
      if (std::chrono::system_clock::now() - written < age) continue;
      if (::unlink(path.c_str()) != 0) return failed(path, "cannot be removed");
      ++pruned;
    }
    if (pruned > 0)
      if (auto synced = sync_folder(); !synced) return std::unexpected(std::move(synced).error());
    return pruned;
  }

  Options options_;
  Key wrapping_, tagging_;
  Descriptor lock_;
  std::unique_ptr<KeyTable> keys_;
  std::uint64_t file_ = 0;  // the first of this process: what a crash left is not gone on with

  std::mutex mutex_;  // of what follows; never held while the disk works
  std::condition_variable wake_, done_;
  std::unordered_map<Tag, Subject, TagHash> subjects_;
  std::list<Tag> used_;  // latest first
  std::vector<KeyTable::Row> fresh_;
  std::vector<Text> texts_;
  std::vector<std::shared_ptr<Order>> orders_;
  std::uint64_t next_file_ = 0, next_offset_ = 0, erasures_ = 0, forgotten_ = 0;
  std::size_t queued_bytes_ = 0;
  bool asleep_ = false, urgent_ = false, stopping_ = false, failing_ = false;

  Descriptor open_;  // the thread's own
  std::uint64_t open_number_ = 0;
  std::thread thread_;
};

Vault::Vault(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Vault::~Vault() = default;

Result<std::unique_ptr<Vault>> Vault::open(Options options) {
  auto impl = std::make_unique<Impl>(std::move(options));
  if (auto opened = impl->open(); !opened) return std::unexpected(std::move(opened).error());
  return std::unique_ptr<Vault>(new Vault(std::move(impl)));
}

Result<Key> Vault::commitment_key(std::string_view subject) {
  auto keys = impl_->keys(subject);
  if (!keys) return std::unexpected(std::move(keys).error());
  const auto key = keys->commitments;
  keys->forget();
  return key;
}

Result<Place> Vault::put(std::string_view subject, std::string_view name, std::string_view text, Done done) {
  return impl_->put(subject, name, text, std::move(done));
}

void Vault::sync(Done done) {
  impl_->sync(std::move(done));
}

Result<std::string> Vault::get(const Place& place, std::string_view name) {
  return impl_->get(place, name);
}

Result<Vault::Erased> Vault::erase(std::string_view subject) {
  return impl_->erase(subject);
}

Result<std::uint64_t> Vault::prune(std::chrono::seconds age) {
  return impl_->prune(age);
}

}  // namespace plimsoll::vault
