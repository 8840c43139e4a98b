// A byte stream, plain or TLS, to an upstream or from a client, with deadlines.
#pragma once

#include <algorithm>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <string>

#include "deadlines.h"
#include "net/client.h"

namespace boost::asio::ssl {
class context;
}

namespace plimsoll::net {

using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;

class Transport {
 public:
  virtual ~Transport() = default;
  // Of a TLS server: the handshake, before anything else. Nothing to do for a plain one.
  virtual Task<Result<void>> accept(std::chrono::milliseconds timeout) = 0;
  // One read and one write may wait at a time.
  // Bytes read (0 at the peer's orderly end), or why not.
  virtual Task<Result<std::size_t>> read_some(asio::mutable_buffer into,
                                              std::chrono::milliseconds timeout) = 0;
  // How much of both the kernel takes without waiting; 0 also when there is an error, which write_all() then reports.
  virtual std::size_t write_now(std::string_view head, std::string_view body) = 0;
  // Writes all of both; waits while the peer is slow.
  virtual Task<Result<void>> write_all(std::string_view head, std::string_view body,
                                       std::chrono::milliseconds timeout) = 0;
  // What write_now() left after `sent` bytes.
  Task<Result<void>> write_rest(std::string_view head, std::string_view body, std::size_t sent,
                                std::chrono::milliseconds timeout) {
    const auto of_head = std::min(sent, head.size());
    return write_all(head.substr(of_head), body.substr(sent - of_head), timeout);
  }

  // Of a TLS server, after accept(): the client chose HTTP/2.
  virtual bool has_chosen_http2() = 0;

  virtual Socket& socket() = 0;
  // Nothing has arrived and the peer has not closed: fit for another request.
  bool is_fresh() { return look() == Peer::kQuiet; }
  enum class Peer { kQuiet, kTalking, kGone };
  Peer look();  // without reading
  void end_sending();
  void close();
};

// TLS needs 1.2 or later, verifies the certificate and its name, and sends SNI. With `public_only` addresses that are
// not public are not tried.
Task<Result<std::unique_ptr<Transport>>> connect(asio::io_context& loop, Deadlines& deadlines, Origin origin,
                                                 std::chrono::milliseconds timeout, asio::ssl::context& tls,
                                                 bool public_only = false);

// The server's end of a connection; `tls` null: plain.
std::unique_ptr<Transport> accepted(Deadlines& deadlines, Socket socket, asio::ssl::context* tls);

// A client context that trusts `ca_file`, or the system's certificates when it is empty.
std::unique_ptr<asio::ssl::context> make_tls_context(const std::string& ca_file);

// A server's context: certificate chain and key as PEM files, TLS 1.2 or later, by ALPN HTTP/1.1 and, unless it is
// turned off, rather HTTP/2. kInvalid says which file cannot be used.
Result<std::unique_ptr<asio::ssl::context>> make_server_tls_context(const std::string& certificate_file,
                                                                    const std::string& key_file, bool http2);

}  // namespace plimsoll::net
