// A listener with a thread and a loop of its own.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <thread>

#include "config.h"
#include "net/server.h"

namespace plimsoll::app {

// What all listeners that are no gateway have in common of their options.
net::ServerOptions server_options(const Config& config, std::uint16_t port, std::size_t max_body_bytes);

class Listener {
 public:
  ~Listener() { stop(std::chrono::milliseconds(0)); }

  boost::asio::io_context& loop() { return loop_; }
  // Listens; answers from start() on.
  template <class Service>
  Result<void> listen(const net::ServerOptions& options, Service& service) {
    auto server = net::Server::listen(
        loop_, options, [&service](net::Exchange& exchange) { return service.handle(exchange); },
        [&service](net::Exchange& exchange, net::Refusal why) { return service.handle(exchange, why); });
    if (!server) return std::unexpected(std::move(server).error());
    server_ = *std::move(server);
    return {};
  }
  void start();
  // Lets requests finish, for as long as `patience`, and stops.
  void stop(std::chrono::milliseconds patience);

 private:
  boost::asio::io_context loop_{1};
  std::unique_ptr<net::Server> server_;
  std::thread thread_;
};

}  // namespace plimsoll::app
