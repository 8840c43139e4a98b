// A server on a thread of its own, for tests.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <thread>

#include "net/server.h"

namespace plimsoll::net {

class TestServer {
 public:
  explicit TestServer(Handler handler, ServerOptions options = {}) {
    auto listening = Server::listen(loop_, std::move(options), std::move(handler));
    EXPECT_TRUE(listening) << listening.error().message;
    server_ = *std::move(listening);
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~TestServer() {
    asio::post(loop_, [this] { server_->close(); });
    asio::post(loop_, [this] { loop_.stop(); });
    thread_.join();
  }
  std::uint16_t port() const { return server_->port(); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port()); }
  Server& server() { return *server_; }
  asio::io_context& loop() { return loop_; }

  // Sends raw bytes on a new connection and returns everything until the server closes it.
  std::string exchange(std::string_view bytes) const {
    asio::io_context io;
    asio::ip::tcp::socket socket(io);
    socket.connect({asio::ip::make_address("127.0.0.1"), port()});
    boost::system::error_code ignored;
    asio::write(socket, asio::buffer(bytes), ignored);
    std::string answer;
    asio::read(socket, asio::dynamic_buffer(answer), ignored);
    return answer;
  }

 private:
  asio::io_context loop_{1};
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

}  // namespace plimsoll::net
