#include "identity/api_keys.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/json/object.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "api_key_json.h"
#include "base/files.h"
#include "base/id.h"
#include "base/json.h"
#include "base/log.h"
#include "base/snapshot.h"

namespace plimsoll::identity {
namespace {

constexpr auto kForgotten = std::chrono::days(90);  // after its revocation, or its end, a key leaves the file

using Minute = std::chrono::time_point<std::chrono::system_clock, std::chrono::minutes>;
// When a key was last used, in minutes since 1970; 0: never. Outlives reloads of the file.
using LastUsed = std::shared_ptr<std::atomic<std::int64_t>>;

struct Known {
  ApiKey key;
  IdentityPtr identity;
  LastUsed last_used;
};

struct DigestHash {
  std::size_t operator()(const Digest& digest) const {
    std::size_t out = 0;
    std::memcpy(&out, digest.data(), sizeof out);
    return out;
  }
};

struct Index {
  std::vector<Known> keys;  // as in the file
  std::unordered_map<Digest, std::size_t, DigestHash> by_hash;
};

IdentityPtr identity_of(const ApiKey& key) {
  auto out = std::make_shared<Identity>();
  out->caller = {.user = key.what.user,
                 .org = key.what.org,
                 .tier = key.what.tier,
                 .authenticated = true,
                 .lawful_basis = is_lawful_basis(key.what.lawful_basis)};
  out->roles = key.what.roles;
  out->scopes = key.what.scopes;
  out->report_for = key.what.report_for;
  out->key_id = key.id;
  out->account = sha256("key\n" + key.id);
  return out;
}

// Tells a file from what it was.
struct Stamp {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  std::int64_t seconds = 0, nanos = 0;
  friend bool operator==(const Stamp&, const Stamp&) = default;
};

Stamp stamp_of(const std::string& path) {
  struct stat s{};
  if (::stat(path.c_str(), &s) != 0) return {};
  return {s.st_dev, s.st_ino, s.st_size, s.st_ctim.tv_sec, s.st_ctim.tv_nsec};
}

// One process changes the file at a time.
class FileLock {
 public:
  explicit FileLock(const std::string& path) : fd_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    while (fd_ >= 0 && ::flock(fd_, LOCK_EX) != 0)
      if (errno != EINTR) {
        ::close(fd_);
        fd_ = -1;
      }
  }
  ~FileLock() {
    if (fd_ >= 0) ::close(fd_);
  }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

Time time_of(std::int64_t minutes) {
  return Minute(std::chrono::minutes(minutes));
}

}  // namespace

struct ApiKeys::Impl {
  explicit Impl(Options o) : options(std::move(o)) {}

  Result<std::vector<ApiKey>> read() const {
    auto text = read_file(options.file, kMaxKeyFileBytes);
    if (!text && text.error().code == Code::kNotFound) return std::vector<ApiKey>();
    if (!text) return std::unexpected(std::move(text).error());
    auto keys = read_keys(*text);
    if (!keys) return std::unexpected(std::move(keys).error().in(options.file));
    return keys;
  }

  // With `mutex` held.
  void adopt(std::vector<ApiKey> keys) {
    auto fresh = std::make_shared<Index>();
    for (auto& key : keys) {
      auto& used = last_used[key.id];
      if (!used) used = std::make_shared<std::atomic<std::int64_t>>(0);
      fresh->by_hash.emplace(key.hash, fresh->keys.size());
      auto identity = identity_of(key);
      fresh->keys.push_back({.key = std::move(key), .identity = std::move(identity), .last_used = used});
    }
    std::erase_if(last_used, [](const auto& one) { return one.second.use_count() == 1; });
    index.replace(std::move(fresh));
  }

  // Reads the file, has it changed, writes it; what was read is in force in either case.
  template <class Change>
  auto change(Change&& with) -> decltype(with(std::declval<std::vector<ApiKey>&>())) {
    const std::lock_guard guard(mutex);
    const auto folder = std::filesystem::path(options.file).parent_path().string();
    if (!folder.empty())
      if (auto made = make_directory(folder); !made) return std::unexpected(std::move(made).error());
    const FileLock lock(options.file + ".lock");
    if (!lock)
      return fail(Code::kUnavailable, options.file + ".lock: cannot be locked: " + std::strerror(errno));
    auto keys = read();
    if (!keys) return std::unexpected(std::move(keys).error());
    auto outcome = with(*keys);
    if (!outcome) return outcome;
    const auto now = std::chrono::system_clock::now();
    std::erase_if(*keys, [&](const ApiKey& key) {
      const auto over = key.revoked ? key.revoked : key.what.expires;
      return over && *over + kForgotten < now && (!key.revoked || key.revocation_logged);
    });
    if (auto kept = replace_file(options.file, to_file(*keys)); !kept)
      return std::unexpected(std::move(kept).error());
    stamp = stamp_of(options.file);
    adopt(*std::move(keys));
    return outcome;
  }

  // What is not on record yet. With `mutex` held.
  Result<void> log(ApiKey& key) {
    const auto one = [&](bool needed, bool& done, std::string_view act) {
      if (!needed || done) return Result<void>();
      auto kept = options.record(to_entry(key, act, options.commitment_key));
      done = kept.has_value();
      if (!done && !std::exchange(complained, true))
        log_warn("what was done to an API key is not in the log yet",
                 {{"key_id", key.id}, {"act", act}, {"error", kept.error().message}});
      if (done) complained = false;
      return kept;
    };
    if (auto made = one(true, key.creation_logged, "api_key_created"); !made) return made;
    return one(key.revoked.has_value(), key.revocation_logged, "api_key_revoked");
  }

  const Options options;
  std::mutex mutex;         // of what follows
  bool complained = false;  // about a log that cannot be written
  Stamp stamp;
  std::unordered_map<std::string, LastUsed> last_used;  // by id
  std::unordered_map<std::string, std::int64_t> saved;  // of these, as they are on disk
  Snapshot<Index> index{std::make_shared<Index>()};     // readers need no mutex
};

ApiKeys::ApiKeys(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ApiKeys::~ApiKeys() = default;

Result<std::unique_ptr<ApiKeys>> ApiKeys::open(Options options) {
  auto impl = std::make_unique<Impl>(std::move(options));
  Impl& self = *impl;
  const std::lock_guard guard(self.mutex);
  if (!self.options.last_used.empty())
    if (const auto text = read_file(self.options.last_used, kMaxKeyFileBytes))
      if (const auto value = parse_json(*text); value && value->is_object())
        for (const auto& [id, minutes] : value->get_object())
          if (minutes.is_int64() && self.last_used.size() < kMaxKeys)
            self.last_used[std::string(id)] =
                std::make_shared<std::atomic<std::int64_t>>(minutes.get_int64());
  self.stamp = stamp_of(self.options.file);
  auto keys = self.read();
  if (!keys) return std::unexpected(std::move(keys).error());
  self.adopt(*std::move(keys));
  return std::unique_ptr<ApiKeys>(new ApiKeys(std::move(impl)));
}

Result<ApiKeys::Created> ApiKeys::create(const KeyRequest& request, const std::string& actor) {
  const auto now = std::chrono::system_clock::now();
  if (auto fine = check(request, now); !fine) return std::unexpected(std::move(fine).error());
  return impl_->change([&](std::vector<ApiKey>& keys) -> Result<Created> {
    if (keys.size() >= kMaxKeys)
      return fail(Code::kTooLarge, "there are 10000 keys; revoke those that are not needed");
    Created made{.key = {.id = "key-" + to_hex(random_bytes(8)),
                         .hash = {},
                         .what = request,
                         .created = now,
                         .created_by = actor,
                         .revoked = {},
                         .revoked_by = {}},
                 .secret = make_secret()};
    made.key.hash = sha256(made.secret);
    if (impl_->options.record && !impl_->log(made.key))
      return fail(Code::kUnavailable, "the log cannot be written at the moment: no key was made");
    keys.push_back(made.key);
    return made;
  });
}

Result<ApiKey> ApiKeys::revoke(std::string_view id, const std::string& actor) {
  // First the file: it holds whatever becomes of the log.
  auto revoked = impl_->change([&](std::vector<ApiKey>& keys) -> Result<ApiKey> {
    const auto at = std::ranges::find(keys, id, &ApiKey::id);
    if (at == keys.end()) return fail(Code::kNotFound, "no key has this id");
    if (!at->revoked) {
      at->revoked = std::chrono::system_clock::now();
      at->revoked_by = actor;
    }
    return *at;
  });
  if (revoked) look();
  return revoked;
}

std::vector<ApiKeys::Shown> ApiKeys::list() const {
  std::vector<Shown> out;
  for (const auto& known : impl_->index.get()->keys) {
    const auto minutes = known.last_used->load(std::memory_order_relaxed);
    out.push_back({known.key, minutes > 0 ? std::optional(time_of(minutes)) : std::nullopt});
  }
  return out;
}

std::expected<IdentityPtr, ApiKeys::Refusal> ApiKeys::find(std::string_view secret, Time now) const {
  if (!is_well_formed(secret)) return std::unexpected(Refusal::kUnknown);
  const Digest hash = sha256(secret);
  const auto index = impl_->index.get();
  const auto at = index->by_hash.find(hash);
  if (at == index->by_hash.end()) return std::unexpected(Refusal::kUnknown);
  const Known& known = index->keys[at->second];
  if (!equal_in_constant_time(bytes_of(hash), bytes_of(known.key.hash)))
    return std::unexpected(Refusal::kUnknown);
  if (known.key.revoked) return std::unexpected(Refusal::kRevoked);
  if (known.key.what.expires && *known.key.what.expires <= now) return std::unexpected(Refusal::kExpired);
  if (!known.key.creation_logged) return std::unexpected(Refusal::kNotLogged);
  const auto minutes = std::chrono::floor<std::chrono::minutes>(now).time_since_epoch().count();
  if (known.last_used->load(std::memory_order_relaxed) != minutes)
    known.last_used->store(minutes, std::memory_order_relaxed);
  return known.identity;
}

void ApiKeys::look() {
  Impl& self = *impl_;
  bool unlogged = false;
  {
    const std::lock_guard guard(self.mutex);
    if (const auto stamp = stamp_of(self.options.file); stamp != self.stamp) {
      self.stamp = stamp;
      auto keys = self.read();
      if (!keys) {
        log_error("API keys refused; the last good ones stay in force", {{"problem", keys.error().message}});
        return;
      }
      self.adopt(*std::move(keys));
      log_info("API keys loaded", {{"keys", self.index.get()->keys.size()}});
    }
    for (const auto& known : self.index.get()->keys)
      unlogged =
          unlogged || !known.key.creation_logged || (known.key.revoked && !known.key.revocation_logged);
  }
  if (!unlogged || !self.options.record) return;
  const auto done = self.change([&](std::vector<ApiKey>& keys) -> Result<void> {
    Result<void> logged;
    bool any = false;  // what is on record is written down as such, whatever became of the rest
    for (auto& key : keys) {
      const auto before = key.creation_logged + key.revocation_logged;
      if (logged) logged = self.log(key);
      any = any || key.creation_logged + key.revocation_logged != before;
    }
    return any ? Result<void>() : logged;
  });
  if (!done && done.error().code != Code::kUnavailable)
    log_warn("API keys wait for the log", {{"error", done.error().message}});
}

void ApiKeys::save_last_used() {
  Impl& self = *impl_;
  const std::lock_guard guard(self.mutex);
  if (self.options.last_used.empty()) return;
  std::unordered_map<std::string, std::int64_t> now;
  json::object out;
  for (const auto& [id, used] : self.last_used)
    if (const auto minutes = used->load(std::memory_order_relaxed); minutes > 0) {
      now.emplace(id, minutes);
      out[id] = minutes;
    }
  if (now == self.saved) return;
  if (const auto kept = replace_file(self.options.last_used, plimsoll::to_json(out)); !kept)
    return log_warn("when API keys were used is not written down", {{"error", kept.error().message}});
  self.saved = std::move(now);
}

}  // namespace plimsoll::identity
