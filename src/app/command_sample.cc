#include <boost/asio/signal_set.hpp>
#include <ostream>

#include "commands.h"
#include "net/server.h"
#include "sample/sample_model.h"

namespace plimsoll::app {

int serve_sample_model(std::uint16_t port, std::ostream& err) {
  boost::asio::io_context loop(1);
  net::ServerOptions options;
  options.port = port;
  auto server = net::Server::listen(loop, options, sample::make_sample_model({}));
  if (!server) {
    err << server.error().message << '\n';
    return 2;
  }
  err << "sample model (no AI: it echoes) on http://127.0.0.1:" << (*server)->port() << '\n';
  boost::asio::signal_set stop(loop, SIGTERM, SIGINT);
  stop.async_wait([&](const boost::system::error_code&, int) {
    (*server)->close();
    loop.stop();
  });
  loop.run();
  return 0;
}

}  // namespace plimsoll::app
