#include "identity/rate_limiter.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstring>
#include <limits>
#include <mutex>
#include <unordered_map>

#include "base/files.h"
#include "base/json.h"
#include "base/log.h"

namespace plimsoll::identity {
namespace {

constexpr std::size_t kShards = 64;
constexpr std::size_t kMostOfShard = kMaxAccounts / kShards;
constexpr std::size_t kMaxFileBytes = 16U << 20U;

using Account = std::array<std::uint8_t, 16>;  // of the digest

struct FirstBytes {
  std::size_t operator()(const Account& account) const {
    std::size_t out = 0;
    std::memcpy(&out, account.data(), sizeof out);
    return out;
  }
};

struct Count {
  std::int64_t hour = 0, day = 0;  // since 1970
  std::uint64_t requests = 0, tokens = 0;

  void roll(std::int64_t now_hour, std::int64_t now_day) {
    if (hour != now_hour) requests = 0;
    if (day != now_day) tokens = 0;
    hour = now_hour;
    day = now_day;
  }
  bool over(std::int64_t now_hour, std::int64_t now_day) const {
    return (hour != now_hour || requests == 0) && (day != now_day || tokens == 0);
  }
};

struct Shard {
  std::mutex mutex;
  std::unordered_map<Account, Count, FirstBytes> all;
};

struct Moment {
  explicit Moment(Time now)
      : hour(std::chrono::floor<std::chrono::hours>(now).time_since_epoch().count()),
        day(std::chrono::floor<std::chrono::days>(now).time_since_epoch().count()),
        to_hour(std::chrono::ceil<std::chrono::seconds>(std::chrono::floor<std::chrono::hours>(now) +
                                                        std::chrono::hours(1) - now)),
        to_day(std::chrono::ceil<std::chrono::seconds>(std::chrono::floor<std::chrono::days>(now) +
                                                       std::chrono::days(1) - now)) {}
  std::int64_t hour, day;
  std::chrono::seconds to_hour, to_day;
};

Account account_of(const Digest& digest) {
  Account out{};
  std::copy_n(digest.begin(), out.size(), out.begin());
  return out;
}

std::uint64_t left_of(std::uint64_t limit, std::uint64_t used) {
  return limit > used ? limit - used : 0;
}

std::optional<Account> account_of(std::string_view hex) {
  if (hex.size() != 32 || hex.find_first_not_of("0123456789abcdef") != std::string_view::npos)
    return std::nullopt;
  const auto value = [](char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10); };
  Account out{};
  for (std::size_t i = 0; i < out.size(); ++i)
    out.at(i) = static_cast<std::uint8_t>(value(hex[2 * i]) << 4U | value(hex[2 * i + 1]));
  return out;
}

}  // namespace

struct RateLimiter::Impl {
  explicit Impl(std::string f) : file(std::move(f)) {}

  // With the shard's mutex held.
  static Count& count_of(Shard& shard, const Account& account, const Moment& now) {
    const auto at = shard.all.find(account);
    if (at != shard.all.end()) {
      at->second.roll(now.hour, now.day);
      return at->second;
    }
    if (shard.all.size() >= kMostOfShard)
      std::erase_if(shard.all, [&](const auto& one) { return one.second.over(now.hour, now.day); });
    if (shard.all.size() >= kMostOfShard)
      shard.all.erase(std::ranges::min_element(
          shard.all, {}, [](const auto& one) { return one.second.requests + one.second.tokens / 100; }));
    Count& fresh = shard.all[account];
    fresh.roll(now.hour, now.day);
    return fresh;
  }

  Shard& shard_of(const Account& account) { return shards.at(account.back() % kShards); }

  const std::string file;
  std::array<Shard, kShards> shards;
  std::atomic<bool> changed{false};
};

RateLimiter::RateLimiter(std::string file) : impl_(std::make_unique<Impl>(std::move(file))) {}
RateLimiter::~RateLimiter() = default;

Standing RateLimiter::admit(const Digest& digest, const policy::RateLimit& limits, Time time) {
  const Moment now(time);
  const Account account = account_of(digest);
  Shard& shard = impl_->shard_of(account);
  Standing out{.requests = {.limit = limits.requests_per_hour, .reset = now.to_hour},
               .tokens = {.limit = limits.tokens_per_day, .reset = now.to_day},
               .refused = {}};
  const std::lock_guard guard(shard.mutex);
  Count& count = Impl::count_of(shard, account, now);
  if (out.tokens.limit > 0 && count.tokens >= out.tokens.limit)
    out.refused = true;
  else if (out.requests.limit > 0 && count.requests >= out.requests.limit)
    out.refused = false;
  else
    ++count.requests;
  out.requests.left = left_of(out.requests.limit, count.requests);
  out.tokens.left = left_of(out.tokens.limit, count.tokens);
  if (!out.refused) impl_->changed.store(true, std::memory_order_relaxed);
  return out;
}

void RateLimiter::charge(const Digest& digest, std::uint64_t tokens, Time time) {
  if (tokens == 0) return;
  const Moment now(time);
  const Account account = account_of(digest);
  Shard& shard = impl_->shard_of(account);
  const std::lock_guard guard(shard.mutex);
  Count& count = Impl::count_of(shard, account, now);
  count.tokens += std::min(tokens, std::numeric_limits<std::uint64_t>::max() - count.tokens);
  impl_->changed.store(true, std::memory_order_relaxed);
}

// {"v":1,"accounts":{"<32 hex>":[hour,requests,day,tokens],…}}
void RateLimiter::load(Time time) {
  if (impl_->file.empty()) return;
  const Moment now(time);
  const auto text = read_file(impl_->file, kMaxFileBytes);
  if (!text && text.error().code == Code::kNotFound) return;
  const auto value = text ? parse_json(*text, {.max_bytes = kMaxFileBytes, .max_depth = 4})
                          : Result<json::value>(std::unexpected(text.error()));
  const auto* accounts = value ? find_object(*value, "accounts") : nullptr;
  if (accounts == nullptr)
    return log_warn("what callers have asked for is not known any more: counting from 0",
                    {{"file", impl_->file}});
  for (const auto& [hex, numbers] : *accounts) {
    const auto account = account_of(hex);
    const auto* list = numbers.if_array();
    if (!account || list == nullptr || list->size() != 4) continue;
    std::array<std::int64_t, 4> all{};
    bool fine = true;
    for (std::size_t i = 0; i < all.size(); ++i) {
      fine = fine && (*list)[i].is_int64() && (*list)[i].get_int64() >= 0;
      if (fine) all.at(i) = (*list)[i].get_int64();
    }
    if (!fine) continue;
    Count count{.hour = all[0],
                .day = all[2],
                .requests = static_cast<std::uint64_t>(all[1]),
                .tokens = static_cast<std::uint64_t>(all[3])};
    if (count.over(now.hour, now.day)) continue;
    Shard& shard = impl_->shard_of(*account);
    const std::lock_guard guard(shard.mutex);
    Impl::count_of(shard, *account, now) = count;
  }
}

void RateLimiter::save(Time time) {
  if (impl_->file.empty() || !impl_->changed.exchange(false)) return;
  const Moment now(time);
  json::object accounts;
  for (Shard& shard : impl_->shards) {
    const std::lock_guard guard(shard.mutex);
    for (const auto& [account, count] : shard.all)
      if (!count.over(now.hour, now.day))
        accounts[to_hex(account)] = json::array{count.hour, count.requests, count.day, count.tokens};
  }
  const auto kept =
      replace_file(impl_->file, to_json(json::object{{"v", 1}, {"accounts", std::move(accounts)}}));
  if (kept) return;
  impl_->changed = true;
  log_warn("what callers have asked for is not written down", {{"error", kept.error().message}});
}

}  // namespace plimsoll::identity
