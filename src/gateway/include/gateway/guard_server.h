// Another model's server, asked for second opinions: plain values, as configured.
#pragma once

#include <string>
#include <vector>

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
};

}  // namespace plimsoll::gateway
