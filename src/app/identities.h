// Who is let in, running: API keys, the token issuer's keys, what callers have asked for.
#pragma once

#include <memory>
#include <string>
#include <thread>

#include "config.h"
#include "identity/authenticator.h"
#include "identity/rate_limiter.h"
#include "ledger/ledger.h"

namespace plimsoll::app {

class Identities {
 public:
  // All outlive it.
  static Result<std::unique_ptr<Identities>> open(const Config& config, const std::string& commitment_key,
                                                  ledger::Sink& log, net::Metrics& metrics);
  ~Identities();
  Identities(const Identities&) = delete;
  Identities& operator=(const Identities&) = delete;

  identity::Authenticator* authenticator() { return authenticator_.get(); }  // null: everybody is let in
  identity::RateLimiter* limiter() { return &limiter_; }
  identity::ApiKeys* keys() { return keys_.get(); }

 private:
  Identities(const Config& config, ledger::Sink& log);
  void follow(const std::stop_token& stopped);

  ledger::Sink& log_;
  std::unique_ptr<identity::ApiKeys> keys_;
  std::unique_ptr<identity::KeySource> source_;
  std::unique_ptr<identity::Authenticator> authenticator_;
  identity::RateLimiter limiter_;
  std::jthread following_;  // looks at files, writes down what changes: nothing of it on a network thread
};

}  // namespace plimsoll::app
