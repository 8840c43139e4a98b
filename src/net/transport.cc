#include "transport.h"

#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace plimsoll::net {
namespace {

using tcp = asio::ip::tcp;
using Socket = asio::basic_stream_socket<tcp, Executor>;
using Resolver = asio::ip::basic_resolver<tcp, Executor>;
using boost::system::error_code;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable_t<Executor>{});

// Closes the socket under whatever operation waits on it, and remembers that it did.
class Watch final : public Deadlined {
 public:
  Watch(Deadlines& deadlines, Socket& socket) : socket_(socket) { deadlines.add(*this); }
  void start(std::chrono::milliseconds timeout) {
    expired_ = false;
    expire_after(timeout);
  }
  bool stop() {
    never_expire();
    return expired_;
  }

 private:
  void on_deadline() override {
    expired_ = true;
    error_code ignored;
    socket_.close(ignored);
  }
  Socket& socket_;
  bool expired_ = false;
};

std::unexpected<Error> failure(const char* doing, const error_code& error, bool expired) {
  if (expired) return fail(Code::kTimeout, std::string("timed out while ") + doing);
  return fail(Code::kUnavailable, std::string("failed while ") + doing + ": " + error.message());
}

bool is_end(const error_code& error) {
  return error == asio::error::eof || error == asio::ssl::error::stream_truncated;
}

template <class Stream>
class TransportOn final : public Transport {
 public:
  template <class... Args>
  explicit TransportOn(Deadlines& deadlines, Args&&... args)
      : stream_(std::forward<Args>(args)...), watch_(deadlines, socket()) {}

  Socket& socket() {
    if constexpr (std::is_same_v<Stream, Socket>)
      return stream_;
    else
      return stream_.next_layer();
  }
  Stream& stream() { return stream_; }

  Task<Result<std::size_t>> read_some(asio::mutable_buffer into, std::chrono::milliseconds timeout) override {
    watch_.start(timeout);
    auto [error, size] = co_await stream_.async_read_some(into, kAwait);
    const bool expired = watch_.stop();
    if (!error) co_return size;
    if (!expired && is_end(error)) co_return 0;
    co_return failure("waiting for the upstream", error, expired);
  }

  Task<Result<void>> write(std::string_view bytes, std::chrono::milliseconds timeout) override {
    watch_.start(timeout);
    auto [error, size] = co_await asio::async_write(stream_, asio::buffer(bytes), kAwait);
    const bool expired = watch_.stop();
    if (error) co_return failure("sending to the upstream", error, expired);
    co_return Result<void>();
  }

  bool is_fresh() const override {
    char byte = 0;
    const auto fd = const_cast<TransportOn*>(this)->socket().native_handle();
    return ::recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

  void close() override {
    error_code ignored;
    socket().close(ignored);
  }

 private:
  Stream stream_;
  Watch watch_;
};

using Plain = TransportOn<Socket>;
using Tls = TransportOn<asio::ssl::stream<Socket>>;

Task<Result<Resolver::results_type>> resolve(asio::io_context& loop, const Origin& origin) {
  error_code error;
  const auto address = asio::ip::make_address(origin.host, error);
  if (!error)
    co_return Resolver::results_type::create(tcp::endpoint(address, origin.port), origin.host,
                                             std::to_string(origin.port));
  Resolver resolver(loop.get_executor());
  auto [failed, endpoints] =
      co_await resolver.async_resolve(origin.host, std::to_string(origin.port), kAwait);
  if (failed) co_return failure("looking up the upstream's host", failed, false);
  co_return endpoints;
}

}  // namespace

Task<Result<std::unique_ptr<Transport>>> connect(asio::io_context& loop, Deadlines& deadlines, Origin origin,
                                                 std::chrono::milliseconds timeout, asio::ssl::context& tls) {
  auto endpoints = co_await resolve(loop, origin);
  if (!endpoints) co_return std::unexpected(std::move(endpoints).error());

  Socket socket(loop.get_executor());
  Watch watch(deadlines, socket);
  watch.start(timeout);
  auto [error, endpoint] = co_await asio::async_connect(socket, *endpoints, kAwait);
  const bool expired = watch.stop();
  if (error) co_return failure("connecting to the upstream", error, expired);
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);

  if (!origin.tls) {
    std::unique_ptr<Transport> plain = std::make_unique<Plain>(deadlines, std::move(socket));
    co_return plain;
  }
  auto secure = std::make_unique<Tls>(deadlines, std::move(socket), tls);
  if (SSL_set_tlsext_host_name(secure->stream().native_handle(), origin.host.c_str()) != 1)
    co_return fail(Code::kInternal, "TLS: cannot set the server name");
  secure->stream().set_verify_mode(asio::ssl::verify_peer);
  secure->stream().set_verify_callback(asio::ssl::host_name_verification(origin.host));
  Watch handshake(deadlines, secure->socket());
  handshake.start(timeout);
  auto [refused] = co_await secure->stream().async_handshake(asio::ssl::stream_base::client, kAwait);
  const bool late = handshake.stop();
  if (refused) co_return failure("the TLS handshake with the upstream", refused, late);
  std::unique_ptr<Transport> transport = std::move(secure);
  co_return transport;
}

std::unique_ptr<asio::ssl::context> make_tls_context(const std::string& ca_file) {
  auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  error_code ignored;
  if (ca_file.empty())
    context->set_default_verify_paths(ignored);
  else
    context->load_verify_file(ca_file, ignored);  // nothing loaded: nothing verifies, every handshake fails
  return context;
}

}  // namespace plimsoll::net
