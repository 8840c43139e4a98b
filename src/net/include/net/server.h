// HTTP/1.1 and HTTP/2 listeners.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/http.h"

namespace plimsoll::net {

// By a request's head: where its body goes. Null: into the request, as usual.
using SinkOpener = std::function<std::expected<std::shared_ptr<BodySink>, Refusal>(const Request& head)>;

struct ServerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  // 0: any free one, see Server::port()
  std::size_t max_header_bytes = 16U << 10U;
  std::size_t max_body_bytes = 8U << 20U;  // as received, and with its compression undone
  // A compressed body may become so many times what has been received of it (beyond its first 64 KB): what one
  // received byte may cost. Texts that people write compress to a tenth; a bomb to a thousandth.
  std::size_t max_compression_ratio = 100;
  std::size_t max_connections = 20'000;     // per worker
  std::chrono::seconds header_timeout{10};  // from the first byte, or from connect, to the end of the headers
  std::chrono::seconds body_timeout{120};   // from the end of the headers to the end of the body
  std::chrono::seconds idle_timeout{120};   // between requests of a connection
  std::chrono::seconds write_timeout{60};   // for the client to take one write
  // HTTP/2: over TLS for clients that choose it (ALPN), over plain TCP for clients that begin with it.
  bool http2 = true;
  std::size_t max_concurrent_streams = 100;  // per connection; a client waits with more
  // Of a connection's requests whose bodies are arriving or being worked on, together. Beyond it only the oldest
  // goes on arriving, so it is never less than one body.
  std::size_t max_connection_body_bytes = 32U << 20U;
  std::string certificate_file;  // PEM chain; with key_file: TLS 1.2 or later. Empty: plain
  std::string key_file;          // PEM
  SinkOpener open_sink;          // may be empty
  // For a body that goes to a sink, instead of body_timeout; that is how long the client may pause within it.
  std::chrono::seconds sink_timeout{3'600};
};

// What a request is given to. Called on the worker that owns the connection; several run at once on each.
// An exception that escapes is answered with 500 (or ends a begun stream) and drops that connection only.
using Handler = std::function<Task<>(Exchange&)>;

// Answers a request whose body cannot be taken, in its route's own shape of errors. Without one the server does.
using Refuser = std::function<Task<>(Exchange&, Refusal)>;

// One event loop on the calling thread's behalf: an acceptor (SO_REUSEPORT), its connections, their timers.
// Strict by design: two Host headers or none, any Transfer-Encoding but a single "chunked", folded headers, bare
// line feeds, a body length given twice, a target that is not a path, an encoded slash in it: 400 and the
// connection closed.
class Server {
 public:
  // kUnavailable when the address cannot be bound: the message says which and why.
  static Result<std::unique_ptr<Server>> listen(asio::io_context& loop, ServerOptions options,
                                                Handler handler, Refuser refuser = {});
  virtual ~Server() = default;

  virtual std::uint16_t port() const = 0;
  virtual std::size_t connections() const = 0;

  // Stops accepting, closes idle connections, lets running requests finish; `connections()` falls to 0.
  // Answers sent from now on carry "Connection: close"; over HTTP/2 clients are told at once (GOAWAY).
  virtual void drain() = 0;
  virtual void close() = 0;  // drops what is left
};

}  // namespace plimsoll::net
