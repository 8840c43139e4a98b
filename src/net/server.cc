#include "net/server.h"

#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "session.h"

namespace plimsoll::net {
namespace {

using tcp = asio::ip::tcp;
using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;
using Pause = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;
using boost::system::error_code;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable_t<Executor>{});

class Listener final : public Server {
 public:
  Listener(asio::io_context& loop, ServerOptions options, Handler handler, Refuser refuser)
      : serving_(std::make_shared<Serving>(loop, std::move(options), std::move(handler), std::move(refuser))),
        acceptor_(loop.get_executor()) {}

  Result<void> bind(asio::io_context& loop) {
    const ServerOptions& options = serving_->options;
    if (!options.certificate_file.empty()) {
      auto tls = make_server_tls_context(options.certificate_file, options.key_file, options.http2);
      if (!tls) return std::unexpected(std::move(tls).error());
      serving_->tls = *std::move(tls);
    }
    error_code error;
    const auto address =
        asio::ip::make_address(options.host == "localhost" ? "127.0.0.1" : options.host, error);
    if (error) return fail(Code::kInvalid, "listen address '" + options.host + "' is not an IP address");
    const tcp::endpoint endpoint(address, options.port);
    acceptor_.open(endpoint.protocol(), error);
    const int on = 1;
    ::setsockopt(acceptor_.native_handle(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    ::setsockopt(acceptor_.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error)
      return fail(Code::kUnavailable, "cannot listen on " + options.host + ":" +
                                          std::to_string(options.port) + ": " + error.message() +
                                          "; stop what uses the port or choose another");
    port_ = acceptor_.local_endpoint().port();
    asio::co_spawn(loop.get_executor(), accept(), asio::detached);
    return {};
  }

  std::uint16_t port() const override { return port_; }
  std::size_t connections() const override { return serving_->connections; }

  void drain() override {
    serving_->draining = true;
    error_code ignored;
    acceptor_.close(ignored);
    for_each([](Connection& connection) { connection.wind_up(); });
  }

  void close() override {
    drain();
    for_each([](Connection& connection) { connection.close(); });
  }

 private:
  template <class Visit>
  void for_each(Visit visit) {
    serving_->deadlines.for_each([&](Deadlined& item) {
      if (auto* connection = dynamic_cast<Connection*>(&item)) visit(*connection);
    });
  }

  static Task<> serve(std::shared_ptr<Session> session) { co_await session->run(); }

  Task<> accept() {
    while (acceptor_.is_open()) {
      auto [error, socket] = co_await acceptor_.async_accept(kAwait);
      if (error == asio::error::operation_aborted || !acceptor_.is_open()) co_return;
      if (error) {  // out of descriptors, most likely: leave the loop some air
        Pause pause(acceptor_.get_executor(), std::chrono::milliseconds(50));
        co_await pause.async_wait(kAwait);
        continue;
      }
      if (serving_->connections >= serving_->options.max_connections) continue;  // the destructor closes it
      error_code ignored;
      socket.set_option(tcp::no_delay(true), ignored);
      auto session = std::make_shared<Session>(serving_, std::move(socket));
      asio::co_spawn(acceptor_.get_executor(), serve(std::move(session)), asio::detached);
    }
  }

  const std::shared_ptr<Serving> serving_;
  Acceptor acceptor_;
  std::uint16_t port_ = 0;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::listen(asio::io_context& loop, ServerOptions options, Handler handler,
                                               Refuser refuser) {
  auto listener =
      std::make_unique<Listener>(loop, std::move(options), std::move(handler), std::move(refuser));
  if (auto bound = listener->bind(loop); !bound) return std::unexpected(std::move(bound).error());
  return listener;
}

}  // namespace plimsoll::net
