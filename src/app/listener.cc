#include "listener.h"

#include <boost/asio/post.hpp>
#include <future>

namespace plimsoll::app {

namespace asio = boost::asio;

net::ServerOptions server_options(const Config& config, std::uint16_t port, std::size_t max_body_bytes) {
  net::ServerOptions listen;
  listen.host = config.host;
  listen.port = port;
  listen.max_body_bytes = max_body_bytes;
  listen.max_compression_ratio = config.max_compression_ratio;
  listen.http2 = config.http2;
  listen.max_concurrent_streams = config.max_concurrent_streams;
  listen.max_connection_body_bytes =
      std::max<std::size_t>(listen.max_connection_body_bytes, 2 * max_body_bytes);
  listen.certificate_file = config.tls_certificate;
  listen.key_file = config.tls_key;
  return listen;
}

void Listener::start() {
  thread_ = std::thread([this] {
    const auto keep = asio::make_work_guard(loop_);
    loop_.run();
  });
}

void Listener::stop(std::chrono::milliseconds patience) {
  if (!thread_.joinable()) return;
  asio::post(loop_, [this] { server_->drain(); });
  const auto end = std::chrono::steady_clock::now() + patience;
  for (bool idle = false; !idle && std::chrono::steady_clock::now() < end;) {
    std::promise<std::size_t> left;
    auto connections = left.get_future();
    asio::post(loop_, [this, &left] { left.set_value(server_->connections()); });
    idle = connections.get() == 0;
    if (!idle) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  asio::post(loop_, [this] {
    server_->close();
    loop_.stop();
  });
  thread_.join();
}

}  // namespace plimsoll::app
