// The models' servers, and which model goes to which: plain values, as configured.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "net/client.h"
#include "wire/surface.h"

namespace plimsoll::route {

// Whose server it is: what it speaks, where, and how one says who asks. docs/upstreams.md has the table.
enum class Provider : std::uint8_t {
  kHttp,  // the documents' /completion, and every other protocol at its usual place
  kOpenAi,
  kAnthropic,
  kVllm,
  kOllama,
  kTgi,
  kLiteLlm,
  kBedrock,  // InvokeModel, for models that speak Anthropic's protocol
};
Result<Provider> parse_provider(std::string_view name);
std::string_view to_string(Provider provider);

// "chat", "messages", "responses", "completions", "embeddings", "completion".
Result<wire::Protocol> parse_protocol(std::string_view name);
std::string_view to_string(wire::Protocol protocol);

class Protocols {
 public:
  Protocols() = default;
  Protocols(std::initializer_list<wire::Protocol> all) {
    for (const auto p : all) add(p);
  }
  void add(wire::Protocol p) { bits_ |= bit(p); }
  bool has(wire::Protocol p) const { return (bits_ & bit(p)) != 0; }
  bool empty() const { return bits_ == 0; }
  bool operator==(const Protocols&) const = default;

 private:
  static std::uint8_t bit(wire::Protocol p) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(p));
  }
  std::uint8_t bits_ = 0;
};
Protocols native_protocols(Provider provider);
// The provider's public address, where it has one: "https://api.openai.com/v1". `region` is for Bedrock.
std::string usual_url(Provider provider, std::string_view region);

struct AwsCredentials {
  std::string region;
  std::string access_key_id;  // empty: requests are not signed
  std::string secret_access_key;
  std::string session_token;  // of temporary credentials; empty: none
};

struct BreakerOptions {
  unsigned failures = 5;  // in a row that open it; 0: it never opens
  double share = 0.5;     // of the last `window` answers that were failures or 429; above 1: does not count
  unsigned window = 32;   // at most 64
  std::chrono::milliseconds pause{5'000};  // until one request is let through as a probe; doubles each time
  std::chrono::milliseconds longest_pause{60'000};  // that the probe fails, up to this
};

struct Upstream {
  std::string name;
  Provider provider = Provider::kHttp;
  net::Origin origin;
  Protocols protocols;  // that it speaks; empty: the provider's

  // Who asks. At most one of the three; none: nobody says.
  std::string api_key;
  bool pass_authorization = false;  // the client's own Authorization or x-api-key
  AwsCredentials aws;               // Bedrock without an API key: Signature Version 4

  net::ClientOptions client;  // deadlines, trust, pins: each worker has one net::Client per upstream
  BreakerOptions breaker;
  unsigned retries = 0;  // how often this same upstream is asked again; others are asked once it gave up
  std::chrono::milliseconds retry_after_most{2'000};  // a longer Retry-After is not waited for
};

struct Target {
  std::string upstream;  // by name
  unsigned weight = 1;   // share of the requests among a route's targets; 0: only when the others cannot
  std::string model{};   // the name it goes by there; empty: as the client named it
};

struct Route {
  std::string model;               // exact, or with '*' for any run of characters
  std::vector<Target> to;          // one is drawn by weight; the others follow, should it fail
  std::vector<Target> fallback{};  // then these, in order
};

// A model's route is the one that names it exactly, else the first whose pattern fits, else the upstream
// `otherwise`.
struct Settings {
  std::vector<Upstream> upstreams;
  std::vector<Route> routes{};
  std::string otherwise{};  // by name; empty: a model without a route is not found
};

// Every reason these cannot be used: "routes[1].to[0].upstream: …". Empty when usable.
std::vector<std::string> problems(const Settings& settings);

}  // namespace plimsoll::route
