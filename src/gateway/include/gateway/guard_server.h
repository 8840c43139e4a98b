// Another model, asked for second opinions: a server of its own, or an encoder in this process. As configured.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "encoder/service.h"
#include "net/client.h"
#include "opinion/guard.h"
#include "route/breaker.h"

namespace plimsoll::gateway {

struct GuardServer {
  std::string name;  // what policies call it
  opinion::Kind kind = opinion::Kind::kLlamaGuard;
  net::Origin origin;   // with the API's base path: "/v1"
  std::string model;    // as the server calls it; may be empty for kModerations
  std::string api_key;  // empty: nobody says who asks
  net::ClientOptions client;
  route::BreakerOptions breaker;
  std::chrono::milliseconds deadline{2'000};  // for all calls about one text together
  unsigned max_concurrent = 16;               // calls on their way, of one worker; more are not waited for
  std::size_t max_text_bytes = 32'768;        // a longer text counts as one without an answer

  // With an encoder there is no server: no kind, origin, model, key, client or max_concurrent.
  std::optional<encoder::Options> encoder;
  unsigned threads = 1;                       // that run the encoder, for all workers
  std::size_t max_waiting = 64;               // texts that may wait for one of them
  std::shared_ptr<encoder::Service> service;  // null: it could not be opened, and no policy asks it
};

}  // namespace plimsoll::gateway
