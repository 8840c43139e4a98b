#include "identities.h"

#include "admin_log.h"
#include "base/files.h"
#include "base/log.h"
#include "config_auth.h"

namespace plimsoll::app {
namespace {

constexpr auto kPause = std::chrono::milliseconds(100);
constexpr auto kLook = std::chrono::milliseconds(500);  // at the file of keys
constexpr auto kSave = std::chrono::seconds(5);         // of counts; what a crash forgets
constexpr auto kSaveLastUsed = std::chrono::seconds(60);
constexpr auto kReport = std::chrono::seconds(60);  // of refused callers

}  // namespace

Identities::Identities(const Config& config, ledger::Sink& log)
    : log_(log), limiter_(config.storage + "/rate-limits.json") {}

Result<std::unique_ptr<Identities>> Identities::open(const Config& config, const std::string& commitment_key,
                                                     ledger::Sink& log, net::Metrics& metrics) {
  std::unique_ptr<Identities> out(new Identities(config, log));
  auto keys = identity::ApiKeys::open(
      {.file = api_keys_file(config),
       .last_used = config.storage + "/keys/api-keys.used.json",
       .record = [&log](std::string entry) { return append_and_wait(log, std::move(entry)); },
       .commitment_key = commitment_key});
  if (!keys) return std::unexpected(std::move(keys).error());
  out->keys_ = *std::move(keys);
  if (config.auth) {
    auto where = key_source_options(config);
    if (!where.url.empty() || !where.file.empty()) {
      auto source = identity::KeySource::open(std::move(where));
      if (!source) return std::unexpected(std::move(source).error().in("JWT_JWKS_FILE (auth.jwks_file)"));
      out->source_ = *std::move(source);
    }
    identity::AuthenticatorOptions options;
    options.tokens.secret = config.jwt_secret;
    options.tokens.issuer = config.jwt_issuer;
    options.tokens.audience = config.jwt_audience;
    options.tokens.account_key = commitment_key;
    options.single_use = config.single_use_tokens;
    out->authenticator_ = std::make_unique<identity::Authenticator>(std::move(options), *out->keys_,
                                                                    out->source_.get(), metrics);
    out->limiter_.load(std::chrono::system_clock::now());
  }
  out->following_ =
      std::jthread([self = out.get()](const std::stop_token& stopped) { self->follow(stopped); });
  return out;
}

Identities::~Identities() = default;

void Identities::follow(const std::stop_token& stopped) {
  using Clock = std::chrono::steady_clock;
  auto look = Clock::now(), save = look + kSave, save_last_used = look + kSaveLastUsed,
       report = look + kReport;
  const auto due = [&](Clock::time_point& next, auto every) {
    const bool last = stopped.stop_requested();
    if (!last && Clock::now() < next) return false;
    next = Clock::now() + every;
    return true;
  };
  for (;;) {
    const bool last = stopped.stop_requested();
    if (!last && due(look, kLook)) keys_->look();
    if (due(save, kSave)) limiter_.save(std::chrono::system_clock::now());
    if (due(save_last_used, kSaveLastUsed)) keys_->save_last_used();
    if (authenticator_ && due(report, kReport))
      if (auto entry = authenticator_->take_refused(std::chrono::system_clock::now()); !entry.empty())
        if (const auto kept = log_.append(std::move(entry)); !kept)
          log_warn("how many callers were refused is not in the log", {{"error", kept.error().message}});
    if (last) return;
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace plimsoll::app
