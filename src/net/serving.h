// What a server's connections share, and what the server can do to each.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "deadlines.h"
#include "net/server.h"

namespace plimsoll::net {

// Lives as long as the last of the connections.
struct Serving {
  Serving(asio::io_context& loop, ServerOptions o, Handler h, Refuser r)
      : options(std::move(o)),
        handler(std::move(h)),
        refuser(std::move(r)),
        deadlines(loop, std::chrono::milliseconds(250)) {}

  const ServerOptions options;
  const Handler handler;
  const Refuser refuser;                    // may be empty
  std::unique_ptr<asio::ssl::context> tls;  // null: plain
  Deadlines deadlines;
  std::size_t connections = 0;
  bool draining = false;
};

class Connection : public Deadlined {
 public:
  virtual void wind_up() = 0;  // no further requests; at once where none is under way
  virtual void close() = 0;
};

}  // namespace plimsoll::net
