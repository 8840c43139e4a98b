// A byte stream to an upstream, plain or TLS, with deadlines.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>

#include "deadlines.h"
#include "net/client.h"

namespace boost::asio::ssl {
class context;
}

namespace plimsoll::net {

class Transport {
 public:
  virtual ~Transport() = default;
  // Bytes read (0 at the peer's orderly end), or why not.
  virtual Task<Result<std::size_t>> read_some(asio::mutable_buffer into,
                                              std::chrono::milliseconds timeout) = 0;
  virtual Task<Result<void>> write(std::string_view bytes, std::chrono::milliseconds timeout) = 0;
  // Nothing has arrived and the peer has not closed: fit for another request.
  virtual bool is_fresh() const = 0;
  virtual void close() = 0;
};

// TLS needs 1.2 or later, verifies the certificate and its name, and sends SNI.
Task<Result<std::unique_ptr<Transport>>> connect(asio::io_context& loop, Deadlines& deadlines, Origin origin,
                                                 std::chrono::milliseconds timeout, asio::ssl::context& tls);

// A client context that trusts `ca_file`, or the system's certificates when it is empty.
std::unique_ptr<asio::ssl::context> make_tls_context(const std::string& ca_file);

}  // namespace plimsoll::net
