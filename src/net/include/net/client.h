// HTTP/1.1 to upstreams, with pooled keep-alive connections.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/http.h"

namespace plimsoll::net {

// Where an upstream lives.
struct Origin {
  bool tls = false;
  std::string host;
  std::uint16_t port = 80;
  std::string base_path;  // without a trailing slash: "" or "/v1"
};
// Reads "http://host[:port][/path]" or https. kInvalid says what is wrong with it.
Result<Origin> parse_origin(std::string_view url);

struct ClientOptions {
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds response_timeout{120'000};  // until the headers are here
  std::chrono::milliseconds read_timeout{120'000};      // between two pieces of a body
  std::size_t max_header_bytes = 64U << 10U;
  std::size_t max_idle_per_origin = 64;
  std::string ca_file;  // empty: the system's certificates
  // SHA-256 of a public key (SubjectPublicKeyInfo), 32 bytes each: the verified chain must hold one of them
  // (RFC 7469, section 2.6). Empty: no pinning.
  std::vector<std::string> pins;
  // Connects to public addresses (net/address.h) alone, whatever the origin's name means at the moment.
  bool public_only = false;
};

// Reads a pin: "sha256/" (may be left out) and the hash in base64.
Result<std::string> parse_pin(std::string_view text);

// An answer whose body is read as it comes.
class Incoming {
 public:
  virtual ~Incoming() = default;
  virtual int status() const = 0;
  virtual const Headers& headers() const = 0;
  // The next piece of the body; empty at its end. kTimeout, kUnavailable (cut short), as they are.
  virtual Task<Result<std::string>> read() = 0;
  // The whole body, before the first read(), if all of it has arrived and it is no longer than `limit`; without
  // waiting.
  virtual std::optional<std::string> whole(std::size_t limit) = 0;
  // The whole rest, at most `limit` bytes (kTooLarge).
  Task<Result<std::string>> read_all(std::size_t limit);
  // Drops the connection: pending and later reads fail. The destructor does so unless the body was read to
  // its end.
  virtual void abandon() = 0;
};

// Lets whoever started a send() give it up from outside, on the same thread. Must outlive the send().
class Abort {
 public:
  void now() {
    aborted_ = true;
    if (close_) close_();
  }
  bool aborted() const { return aborted_; }

 private:
  friend class PooledClient;
  std::function<void()> close_;
  bool aborted_ = false;
};

// One per worker; not shared between threads.
class Client {
 public:
  static std::unique_ptr<Client> create(asio::io_context& loop, ClientOptions options);
  virtual ~Client() = default;

  // Sends a request (Host, Content-Length and Connection are added) and waits for the answer's headers. A
  // pooled connection that turns out dead before any byte came back is replaced once. kUnavailable: could not
  // connect, cut off or given up by `abort`; kTimeout: said so by which deadline.
  virtual Task<Result<std::unique_ptr<Incoming>>> send(const Origin& origin, std::string method,
                                                       std::string path, Headers headers, std::string body,
                                                       Abort* abort = nullptr) = 0;
};

}  // namespace plimsoll::net
