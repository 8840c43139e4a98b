#include "identity/authenticator.h"

#include <array>
#include <atomic>
#include <boost/json/object.hpp>
#include <cstring>
#include <mutex>
#include <unordered_map>

#include "base/json.h"
#include "base/log.h"

namespace plimsoll::identity {
namespace {

constexpr std::size_t kShards = 16;
constexpr std::uint64_t kMostLines = 20;  // about refused callers, a minute

struct FirstBytes {
  std::size_t operator()(std::string_view digest) const {
    std::size_t out = 0;
    std::memcpy(&out, digest.data(), std::min(digest.size(), sizeof out));
    return out;
  }
};

template <class T>
struct Shard {
  std::mutex mutex;
  std::unordered_map<std::string, T, FirstBytes> all;  // by SHA-256
};

// Tokens that were verified, so that signatures are checked once.
class Remembered {
 public:
  struct One {
    IdentityPtr identity;
    Time expires;
    std::shared_ptr<const KeySet> keys;  // under which it was verified
  };

  IdentityPtr find(const Digest& token, const std::shared_ptr<const KeySet>& keys, Time now) {
    auto& shard = shard_of(token);
    const std::lock_guard guard(shard.mutex);
    const auto at = shard.all.find(std::string(bytes_of(token)));
    if (at == shard.all.end()) return nullptr;
    if (at->second.expires <= now || at->second.keys != keys) {
      shard.all.erase(at);
      return nullptr;
    }
    return at->second.identity;
  }
  void add(const Digest& token, One one) {
    auto& shard = shard_of(token);
    const std::lock_guard guard(shard.mutex);
    if (shard.all.size() >= kMaxRemembered / kShards) shard.all.clear();
    shard.all.insert_or_assign(std::string(bytes_of(token)), std::move(one));
  }

 private:
  Shard<One>& shard_of(const Digest& token) { return shards_.at(token.back() % kShards); }
  std::array<Shard<One>, kShards> shards_;
};

// Ids of tokens that may be used once, until they expire.
class UsedOnce {
 public:
  enum class Answer : std::uint8_t { kFresh, kUsed, kFull };
  Answer use(const std::string& id, Time expires, Time now, bool peek) {
    auto& shard = shards_.at(static_cast<unsigned char>(id.back()) % kShards);
    const std::lock_guard guard(shard.mutex);
    if (const auto at = shard.all.find(id); at != shard.all.end() && at->second > now) return Answer::kUsed;
    if (peek) return Answer::kFresh;
    if (shard.all.size() >= kMaxUsedOnce / kShards)
      std::erase_if(shard.all, [&](const auto& one) { return one.second <= now; });
    if (shard.all.size() >= kMaxUsedOnce / kShards) return Answer::kFull;
    shard.all.insert_or_assign(id, expires);
    return Answer::kFresh;
  }

 private:
  std::array<Shard<Time>, kShards> shards_;
};

// The credential in the headers; empty: none, or more than one.
std::string_view credential(const net::Headers& headers) {
  constexpr std::string_view kScheme = "bearer ";
  const auto value = headers.get("authorization");
  if (value.empty()) return headers.count("x-api-key") == 1 ? headers.get("x-api-key") : std::string_view();
  const bool bearer = value.size() > kScheme.size() &&
                      std::equal(kScheme.begin(), kScheme.end(), value.begin(), [](char a, char b) {
                        return a == (b >= 'A' && b <= 'Z' ? b + ('a' - 'A') : b);
                      });
  return bearer && headers.count("authorization") == 1 ? value.substr(kScheme.size()) : std::string_view();
}

TokenProblem problem_of(ApiKeys::Refusal refusal) {
  switch (refusal) {
    case ApiKeys::Refusal::kUnknown:
      break;
    case ApiKeys::Refusal::kExpired:
      return {Reason::kExpired, "the API key has expired"};
    case ApiKeys::Refusal::kRevoked:
      return {Reason::kRevoked, "the API key was revoked"};
    case ApiKeys::Refusal::kNotLogged:
      return {Reason::kUnavailable, "the API key is not on record yet; try again"};
  }
  return {Reason::kUnknownKey, "the API key is not known"};
}

Refusal refuse(const TokenProblem& problem) {
  if (problem.reason == Reason::kUnavailable)
    return {.status = 503,
            .reason = problem.reason,
            .message = std::string(problem.message),
            .code = "authentication_unavailable",
            .challenge = {},
            .retry = true};
  return {.status = 401,
          .reason = problem.reason,
          .message = std::string(problem.message),
          .code = "invalid_api_key",
          .challenge = "Bearer"};
}

}  // namespace

void add_headers(const Refusal& refusal, net::Headers& headers) {
  if (!refusal.challenge.empty()) headers.add("WWW-Authenticate", refusal.challenge);
  if (refusal.retry) headers.add("Retry-After", "1");
}

struct Authenticator::Impl {
  Impl(AuthenticatorOptions o, const ApiKeys& k, KeySource* s, net::Metrics& metrics)
      : options(std::move(o)), keys(k), source(s) {
    options.tokens.needs_id = options.single_use;
    for (std::size_t i = 0; i < kReasonCount; ++i)
      counters.at(i) = &metrics.counter("plimsoll_auth_refused_total", "Callers who were not let in, by why.",
                                        {{"reason", std::string(to_string(static_cast<Reason>(i)))}});
    by_key = &metrics.counter("plimsoll_auth_admitted_total", "Callers who were let in, by what they showed.",
                              {{"by", "api_key"}});
    by_token = &metrics.counter("plimsoll_auth_admitted_total",
                                "Callers who were let in, by what they showed.", {{"by", "token"}});
    if (source == nullptr) return;
    const auto gauge = [&](std::string_view name, std::string_view help, auto read) {
      metrics.gauge(name, help, [this, read] {
        return net::Metrics::Samples{{{}, static_cast<double>(read(source->status()))}};
      });
    };
    gauge("plimsoll_jwks_keys", "Keys of the token issuer that are in force.",
          [](const KeySource::Status& s) { return s.keys; });
    gauge("plimsoll_jwks_failures", "Times that the issuer's keys could not be fetched.",
          [](const KeySource::Status& s) { return s.failures; });
    gauge("plimsoll_jwks_age_seconds", "Time since the issuer's keys were fetched or found unchanged.",
          [](const KeySource::Status& s) { return s.age_seconds; });
  }

  std::expected<IdentityPtr, TokenProblem> identify(std::string_view shown, Time now, bool peek) {
    if (shown.empty()) return std::unexpected(TokenProblem{Reason::kMissing, "a bearer token is required"});
    if (shown.starts_with(kKeyPrefix)) {
      auto found = keys.find(shown, now);
      if (!found) return std::unexpected(problem_of(found.error()));
      return *std::move(found);
    }
    const auto trusted = source != nullptr ? source->keys() : nullptr;
    const Digest digest = sha256(shown);
    if (!options.single_use)
      if (auto known = remembered.find(digest, trusted, now)) return known;
    static const KeySet kNone;
    auto token = read_token(shown, options.tokens, trusted ? *trusted : kNone, now);
    if (!token) {
      if (token.error().reason == Reason::kUnknownKey && source != nullptr && source->look_again())
        return std::unexpected(TokenProblem{Reason::kUnavailable,
                                            "the keys of the token's issuer are being fetched; try again"});
      return std::unexpected(token.error());
    }
    if (options.single_use) {
      const auto answer = used.use(token->id, token->expires, now, peek);
      if (answer == UsedOnce::Answer::kUsed)
        return std::unexpected(TokenProblem{Reason::kReplayed, "the token was used before"});
      if (answer == UsedOnce::Answer::kFull)
        return std::unexpected(
            TokenProblem{Reason::kUnavailable, "too many tokens are on record as used; try again later"});
    } else {
      remembered.add(digest, {.identity = token->identity, .expires = token->expires, .keys = trusted});
    }
    return token->identity;
  }

  void note(Reason reason, const Permission* permission, Time now) {
    counters.at(static_cast<std::size_t>(reason))->add();
    refused.at(static_cast<std::size_t>(reason)).fetch_add(1, std::memory_order_relaxed);
    const auto minute = std::chrono::floor<std::chrono::minutes>(now).time_since_epoch().count();
    if (auto current = logged_minute.load(); current != minute)
      if (logged_minute.compare_exchange_strong(current, minute)) lines = 0;
    if (lines.fetch_add(1) >= kMostLines) return;
    log_warn("a caller was refused",
             {{"reason", to_string(reason)},
              {"listener", permission != nullptr ? to_string(permission->listener) : "none"},
              {"route", permission != nullptr ? permission->path : "none"}});
  }

  AuthenticatorOptions options;
  const ApiKeys& keys;
  KeySource* const source;
  Remembered remembered;
  UsedOnce used;
  std::array<net::Counter*, kReasonCount> counters{};
  net::Counter *by_key = nullptr, *by_token = nullptr;
  std::array<std::atomic<std::uint64_t>, kReasonCount> refused{};
  std::atomic<std::int64_t> logged_minute{0};
  std::atomic<std::uint64_t> lines{0};
};

Authenticator::Authenticator(AuthenticatorOptions options, const ApiKeys& keys, KeySource* source,
                             net::Metrics& metrics)
    : impl_(std::make_unique<Impl>(std::move(options), keys, source, metrics)) {}
Authenticator::~Authenticator() = default;

std::expected<IdentityPtr, Refusal> Authenticator::admit(const net::Headers& headers,
                                                         const Permission* permission, Time now, bool peek) {
  auto identity = impl_->identify(credential(headers), now, peek);
  if (!identity) {
    if (!peek) impl_->note(identity.error().reason, permission, now);
    return std::unexpected(refuse(identity.error()));
  }
  if (permission == nullptr || !(*identity)->may(*permission)) {
    if (!peek) impl_->note(Reason::kForbidden, permission, now);
    Refusal no{.status = 403,
               .reason = Reason::kForbidden,
               .message = "this key or token does not permit that",
               .code = "insufficient_permissions",
               .challenge = "Bearer error=\"insufficient_scope\""};
    if (permission != nullptr) {
      no.message.append("; it needs the scope '").append(permission->scope).append("'");
      no.challenge.append(", scope=\"plimsoll:").append(permission->scope).append("\"");
    }
    return std::unexpected(std::move(no));
  }
  if (!peek) ((*identity)->key_id.empty() ? impl_->by_token : impl_->by_key)->add();
  return *std::move(identity);
}

std::string Authenticator::take_refused(Time now) {
  json::object counts;
  for (std::size_t i = 0; i < kReasonCount; ++i)
    if (const auto n = impl_->refused.at(i).exchange(0, std::memory_order_relaxed); n > 0)
      counts[to_string(static_cast<Reason>(i))] = n;
  if (counts.empty()) return {};
  return to_canonical_json(json::object{{"v", 1},
                                        {"type", "admin"},
                                        {"act", "callers_refused"},
                                        {"actor", "server"},
                                        {"counts", std::move(counts)},
                                        {"time", to_rfc3339_ms(now)}});
}

}  // namespace plimsoll::identity
