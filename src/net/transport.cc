#include "transport.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <vector>

#include "net/address.h"

namespace plimsoll::net {
namespace {

using tcp = asio::ip::tcp;
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
      : stream_(std::forward<Args>(args)...), deadlines_(deadlines), watch_(deadlines, socket()) {}

  Socket& socket() override {
    if constexpr (kPlain)
      return stream_;
    else
      return stream_.next_layer();
  }
  Stream& stream() { return stream_; }

  Task<Result<void>> accept(std::chrono::milliseconds timeout) override {
    if constexpr (kPlain) {
      co_return Result<void>();
    } else {
      watch_.start(timeout);
      auto [error] = co_await stream_.async_handshake(asio::ssl::stream_base::server, kAwait);
      const bool expired = watch_.stop();
      if (error) co_return failure("the TLS handshake", error, expired);
      co_return Result<void>();
    }
  }

  Task<Result<std::size_t>> read_some(asio::mutable_buffer into, std::chrono::milliseconds timeout) override {
    watch_.start(timeout);
    auto [error, size] = co_await stream_.async_read_some(into, kAwait);
    const bool expired = watch_.stop();
    if (!error) co_return size;
    if (!expired && is_end(error)) co_return 0;
    co_return failure("waiting for the peer", error, expired);
  }

  bool has_chosen_http2() override {
    if constexpr (kPlain) {
      return false;
    } else {
      const unsigned char* name = nullptr;
      unsigned int size = 0;
      SSL_get0_alpn_selected(stream_.native_handle(), &name, &size);
      return size == 2 && name[0] == 'h' && name[1] == '2';
    }
  }

  std::size_t write_now(std::string_view head, std::string_view body) override {
    if constexpr (kPlain) {
      std::array<iovec, 2> parts{
          {{const_cast<char*>(head.data()), head.size()}, {const_cast<char*>(body.data()), body.size()}}};
      msghdr message{};
      message.msg_iov = parts.data();
      message.msg_iovlen = body.empty() ? 1 : 2;
      const auto sent = ::sendmsg(stream_.native_handle(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
      return sent > 0 ? static_cast<std::size_t>(sent) : 0;
    } else {
      return 0;
    }
  }

  Task<Result<void>> write_all(std::string_view head, std::string_view body,
                               std::chrono::milliseconds timeout) override {
    Watch watch(deadlines_, socket());  // its own: a read may be waiting meanwhile
    watch.start(timeout);
    const std::array<asio::const_buffer, 2> buffers{asio::buffer(head), asio::buffer(body)};
    auto [error, size] = co_await asio::async_write(stream_, buffers, kAwait);
    const bool expired = watch.stop();
    if (error) co_return failure("sending", error, expired);
    co_return Result<void>();
  }

 private:
  static constexpr bool kPlain = std::is_same_v<Stream, Socket>;

  Stream stream_;
  Deadlines& deadlines_;
  Watch watch_;  // over the handshake and reads
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

// What a server speaks, in the order in which it would rather, as ALPN writes names (RFC 7301).
constexpr std::array<unsigned char, 9> kHttp11 = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
constexpr std::array<unsigned char, 12> kBoth = {2, 'h', '2', 8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

template <const auto& ours>
int choose(SSL* /*session*/, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
           unsigned int offered_size, void* /*user*/) {
  auto* out = const_cast<unsigned char**>(chosen);
  const int found = SSL_select_next_proto(out, size, ours.data(), ours.size(), offered, offered_size);
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace

Transport::Peer Transport::look() {
  char byte = 0;
  const auto size = ::recv(socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (size > 0) return Peer::kTalking;
  return size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? Peer::kQuiet : Peer::kGone;
}

void Transport::end_sending() {
  error_code ignored;
  socket().shutdown(tcp::socket::shutdown_send, ignored);
}

void Transport::close() {
  error_code ignored;
  socket().close(ignored);
}

Task<Result<std::unique_ptr<Transport>>> connect(asio::io_context& loop, Deadlines& deadlines, Origin origin,
                                                 std::chrono::milliseconds timeout, asio::ssl::context& tls,
                                                 bool public_only) {
  auto endpoints = co_await resolve(loop, origin);
  if (!endpoints) co_return std::unexpected(std::move(endpoints).error());
  std::vector<tcp::endpoint> to;
  for (const auto& found : *endpoints)
    if (!public_only || is_public(found.endpoint().address())) to.push_back(found.endpoint());
  if (to.empty())
    co_return fail(Code::kUnavailable,
                   "the host has no public address, and others are not connected to (allow_private)");

  Socket socket(loop.get_executor());
  Watch watch(deadlines, socket);
  watch.start(timeout);
  auto [error, endpoint] = co_await asio::async_connect(socket, to, kAwait);
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

namespace {

// Read once, as that takes 20 ms and a megabyte; kept to the end.
X509_STORE* system_certificates() {
  static X509_STORE* const store = [] {
    auto* made = X509_STORE_new();
    if (made != nullptr) X509_STORE_set_default_paths(made);
    return made;
  }();
  return store;
}

}  // namespace

std::unique_ptr<asio::ssl::context> make_tls_context(const std::string& ca_file) {
  auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  // Where nothing is loaded nothing verifies, and every handshake fails.
  error_code ignored;
  if (!ca_file.empty())
    context->load_verify_file(ca_file, ignored);
  else if (auto* system = system_certificates(); system != nullptr)
    SSL_CTX_set1_cert_store(context->native_handle(), system);
  return context;
}

std::unique_ptr<Transport> accepted(Deadlines& deadlines, Socket socket, asio::ssl::context* tls) {
  if (tls == nullptr) return std::make_unique<Plain>(deadlines, std::move(socket));
  return std::make_unique<Tls>(deadlines, std::move(socket), *tls);
}

Result<std::unique_ptr<asio::ssl::context>> make_server_tls_context(const std::string& certificate_file,
                                                                    const std::string& key_file, bool http2) {
  auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(context->native_handle(), SSL_MODE_RELEASE_BUFFERS);
  error_code error;
  context->use_certificate_chain_file(certificate_file, error);
  if (error)
    return fail(Code::kInvalid,
                certificate_file + " holds no usable certificate chain (PEM): " + error.message());
  context->use_private_key_file(key_file, asio::ssl::context::pem, error);
  if (error || SSL_CTX_check_private_key(context->native_handle()) != 1)
    return fail(Code::kInvalid,
                key_file + " holds no private key (PEM) of the certificate in " + certificate_file);
  SSL_CTX_set_alpn_select_cb(context->native_handle(), http2 ? &choose<kBoth> : &choose<kHttp11>, nullptr);
  return context;
}

}  // namespace plimsoll::net
