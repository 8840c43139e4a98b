#include "net/server.h"

#include <sys/socket.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <charconv>
#include <optional>
#include <typeinfo>

#include "base/log.h"
#include "deadlines.h"

namespace plimsoll::net {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using Socket = asio::basic_stream_socket<tcp, Executor>;
using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;
using boost::system::error_code;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable_t<Executor>{});

std::string_view reason_phrase(int status) {
  const auto known = http::obsolete_reason(static_cast<http::status>(status));
  return {known.data(), known.size()};
}

void append_number(std::string& out, std::size_t value, int base = 10) {
  std::array<char, 24> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, base).ptr;
  out.append(text.data(), end);
}

// What the parser lets through and nobody should: RFC 9112 sections 3.2, 5.2, 6.1.
bool is_folded(std::string_view head) {
  for (auto at = head.find('\n'); at != std::string_view::npos && at + 1 < head.size();
       at = head.find('\n', at + 1))
    if (head[at + 1] == ' ' || head[at + 1] == '\t') return true;
  return false;
}

bool is_sound(const http::request<http::string_body>& message) {
  const bool http11 = message.version() == 11;
  if (http11 ? message.count(http::field::host) != 1 : message.count(http::field::host) > 1) return false;
  // What a host and a port can be made of (RFC 9112 section 3.2, RFC 3986 section 3.2.2).
  const auto host = message[http::field::host];
  if (host.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_~:[]%") !=
      std::string_view::npos)
    return false;
  if (message.count(http::field::content_length) > 1) return false;
  const auto length = message[http::field::content_length];
  if (length.find_first_not_of("0123456789") != std::string_view::npos) return false;  // "3, 3", "+3"
  const auto encodings = message.count(http::field::transfer_encoding);
  if (encodings == 0) return message.version() == 10 || http11;
  return encodings == 1 && http11 && beast::iequals(message[http::field::transfer_encoding], "chunked");
}

// Percent-decodes a path. False for a broken escape, a NUL or a control character.
bool decode_path(std::string_view raw, std::string& out) {
  out.clear();
  for (std::size_t i = 0; i < raw.size(); ++i) {
    unsigned char c = static_cast<unsigned char>(raw[i]);
    if (c == '%') {
      unsigned int value = 0;
      if (i + 2 >= raw.size()) return false;
      const auto end = std::from_chars(raw.data() + i + 1, raw.data() + i + 3, value, 16).ptr;
      if (end != raw.data() + i + 3) return false;
      c = static_cast<unsigned char>(value);
      i += 2;
    }
    if (c < 0x20U || c == 0x7FU) return false;
    out += static_cast<char>(c);
  }
  return out.starts_with('/');
}

class Listener;

// One connection. A coroutine reads requests and gives them to the handler, one at a time.
class Session final : public Exchange, public Deadlined, public std::enable_shared_from_this<Session> {
 public:
  Session(Listener& listener, Socket socket, std::shared_ptr<std::size_t> count)
      : listener_(listener), socket_(std::move(socket)), count_(std::move(count)) {
    ++*count_;
  }
  ~Session() override { --*count_; }  // may run after the listener's own end, with the loop's

  Task<> run();
  void close_if_idle() {
    if (idle_) close();
  }
  void close() {
    error_code ignored;
    socket_.close(ignored);
  }

  Request& request() override { return request_; }
  bool answered() const override { return answered_; }
  Task<Result<void>> respond(Response response) override;
  Task<Result<void>> begin_stream(int status, Headers headers) override;
  Task<Result<void>> write(std::string_view bytes) override;
  Task<Result<void>> end_stream() override;
  void on_disconnect(std::function<void()> action) override;

 private:
  enum class Read { kRequest, kClosed, kBad };
  Task<Read> read_request();
  Task<bool> read_more(std::chrono::seconds timeout);
  bool take(const http::request<http::string_body>& message);
  Task<> refuse(int status, std::string_view why);
  Task<> serve_one();
  Task<Result<void>> send(std::string_view head, std::string_view body);
  std::string head(int status, const Headers& headers) const;
  void watch_client();
  void on_deadline() override { close(); }

  Listener& listener_;
  Socket socket_;
  std::shared_ptr<std::size_t> count_;
  beast::flat_buffer buffer_;
  Request request_;
  std::function<void()> disconnected_;
  bool watching_ = false;
  bool idle_ = true;
  bool fresh_ = true;  // no request yet on this connection
  bool keep_alive_ = true;
  bool answered_ = false;
  bool streaming_ = false;
  bool chunked_ = true;
};

class Listener final : public Server {
 public:
  Listener(asio::io_context& loop, ServerOptions options, Handler handler)
      : options_(std::move(options)),
        handler_(std::move(handler)),
        deadlines_(loop, std::chrono::milliseconds(500)),
        acceptor_(loop.get_executor()) {}

  Result<void> bind(asio::io_context& loop) {
    error_code error;
    const auto address =
        asio::ip::make_address(options_.host == "localhost" ? "127.0.0.1" : options_.host, error);
    if (error) return fail(Code::kInvalid, "listen address '" + options_.host + "' is not an IP address");
    const tcp::endpoint endpoint(address, options_.port);
    acceptor_.open(endpoint.protocol(), error);
    const int on = 1;
    ::setsockopt(acceptor_.native_handle(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    ::setsockopt(acceptor_.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error)
      return fail(Code::kUnavailable, "cannot listen on " + options_.host + ":" +
                                          std::to_string(options_.port) + ": " + error.message() +
                                          "; stop what uses the port or choose another");
    port_ = acceptor_.local_endpoint().port();
    asio::co_spawn(loop.get_executor(), accept(), asio::detached);
    return {};
  }

  std::uint16_t port() const override { return port_; }
  std::size_t connections() const override { return *connections_; }

  void drain() override {
    draining_ = true;
    error_code ignored;
    acceptor_.close(ignored);
    deadlines_.for_each([](Deadlined& item) { static_cast<Session&>(item).close_if_idle(); });
  }

  void close() override {
    drain();
    deadlines_.for_each([](Deadlined& item) { static_cast<Session&>(item).close(); });
  }

  bool draining() const { return draining_; }
  const ServerOptions& options() const { return options_; }
  const Handler& handler() const { return handler_; }
  Deadlines& deadlines() { return deadlines_; }

 private:
  static Task<> serve(std::shared_ptr<Session> session) { co_await session->run(); }

  Task<> accept() {
    while (acceptor_.is_open()) {
      auto [error, socket] = co_await acceptor_.async_accept(kAwait);
      if (error == asio::error::operation_aborted || !acceptor_.is_open()) co_return;
      if (error) {  // out of descriptors, most likely: leave the loop some air
        asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>,
                                   Executor>
            pause(acceptor_.get_executor(), std::chrono::milliseconds(50));
        co_await pause.async_wait(kAwait);
        continue;
      }
      if (*connections_ >= options_.max_connections) continue;  // the socket's destructor closes it
      error_code ignored;
      socket.set_option(tcp::no_delay(true), ignored);
      auto session = std::make_shared<Session>(*this, std::move(socket), connections_);
      deadlines_.add(*session);
      asio::co_spawn(acceptor_.get_executor(), serve(std::move(session)), asio::detached);
    }
  }

  ServerOptions options_;
  Handler handler_;
  Deadlines deadlines_;
  Acceptor acceptor_;
  std::uint16_t port_ = 0;
  std::shared_ptr<std::size_t> connections_ = std::make_shared<std::size_t>(0);
  bool draining_ = false;
};

Task<> Session::run() {
  while (keep_alive_ && !listener_.draining()) {
    const Read read = co_await read_request();
    if (read != Read::kRequest) break;
    co_await serve_one();
  }
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_both, ignored);
  close();
}

Task<> Session::serve_one() {
  answered_ = streaming_ = false;
  bool threw = false;
  try {
    co_await listener_.handler()(*this);
  } catch (const std::exception& error) {
    threw = true;
    log_error("request failed", {{"exception", typeid(error).name()}});  // its words may be the client's
  }
  if (disconnected_) on_disconnect({});
  if (threw || !answered_) keep_alive_ = false;
  if (!answered_) {
    auto response = json_response(500, R"({"error":{"message":"internal error","type":"server_error"}})");
    co_await respond(std::move(response));
  } else if (streaming_) {  // a stream that was never ended must not look whole
    keep_alive_ = false;
  }
}

Task<bool> Session::read_more(std::chrono::seconds timeout) {
  expire_after(timeout);
  auto [error, size] = co_await socket_.async_read_some(buffer_.prepare(8'192), kAwait);
  never_expire();
  buffer_.commit(size);
  co_return !error;
}

Task<Session::Read> Session::read_request() {
  const auto& options = listener_.options();
  http::request_parser<http::string_body> parser;
  parser.header_limit(static_cast<std::uint32_t>(options.max_header_bytes));
  parser.body_limit(options.max_body_bytes);

  idle_ = buffer_.size() == 0;
  if (idle_) {
    const bool more = co_await read_more(fresh_ ? options.header_timeout : options.idle_timeout);
    idle_ = fresh_ = false;
    if (!more) co_return Read::kClosed;
  }
  const auto header_deadline = std::chrono::steady_clock::now() + options.header_timeout;
  std::optional<std::chrono::steady_clock::time_point> body_deadline;
  bool continued = false;
  while (!parser.is_done()) {
    const std::string_view seen(static_cast<const char*>(buffer_.data().data()), buffer_.size());
    if (!parser.is_header_done()) {
      const auto end = seen.find("\r\n\r\n");
      if (end == std::string_view::npos && seen.size() > options.max_header_bytes) {
        co_await refuse(431, "headers too large");
        co_return Read::kBad;
      }
      if (end != std::string_view::npos && is_folded(seen.substr(0, end))) {
        co_await refuse(400, "folded header");
        co_return Read::kBad;
      }
    }
    error_code error;
    const std::size_t used = parser.put(buffer_.data(), error);
    buffer_.consume(used);
    if (error && error != http::error::need_more) {
      const bool large = error == http::error::body_limit;
      co_await refuse(large                                ? 413
                      : error == http::error::header_limit ? 431
                                                           : 400,
                      large ? "body too large" : "malformed request");
      co_return Read::kBad;
    }
    if (parser.is_header_done() && !parser.eager()) {
      if (!is_sound(parser.get())) {
        co_await refuse(400, "ambiguous or incomplete request head");
        co_return Read::kBad;
      }
      // Taken before the body: what trails it is no header.
      if (!take(parser.get())) {
        co_await refuse(400, "malformed request target");
        co_return Read::kBad;
      }
      parser.eager(true);
      if (buffer_.size() > 0) continue;
    }
    if (parser.is_done()) break;
    if (!error && used > 0 && buffer_.size() > 0) continue;
    if (parser.is_header_done() && !continued &&
        beast::iequals(parser.get()[http::field::expect], "100-continue")) {
      continued = true;
      const auto sent = co_await send("HTTP/1.1 100 Continue\r\n\r\n", {});
      if (!sent) co_return Read::kClosed;
    }
    if (parser.is_header_done() && !body_deadline)
      body_deadline = std::chrono::steady_clock::now() + options.body_timeout;
    const auto left = std::chrono::ceil<std::chrono::seconds>(body_deadline.value_or(header_deadline) -
                                                              std::chrono::steady_clock::now());
    if (left.count() <= 0) co_return Read::kClosed;
    const bool more = co_await read_more(left);
    if (!more) co_return Read::kClosed;
  }
  auto message = parser.release();
  keep_alive_ = message.keep_alive();
  chunked_ = message.version() == 11;
  request_.body = std::move(message.body());
  request_.arrived = std::chrono::steady_clock::now();
  co_return Read::kRequest;
}

bool Session::take(const http::request<http::string_body>& message) {
  request_.method.assign(message.method_string());
  std::string_view target(message.target().data(), message.target().size());
  const auto mark = target.find('?');
  request_.query = mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
  request_.headers = {};
  for (const auto& field : message)
    request_.headers.add(std::string(field.name_string()), std::string(field.value()));
  return decode_path(target.substr(0, mark), request_.path);
}

Task<> Session::refuse(int status, std::string_view why) {
  keep_alive_ = false;
  answered_ = streaming_ = false;
  std::string body = R"({"error":{"message":")";
  body.append(why).append(R"(","type":"invalid_request_error"}})");
  auto response = json_response(status, std::move(body));
  co_await respond(std::move(response));
  // Let the answer reach a client that is still sending: closing with unread input would reset it away.
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  for (int i = 0; i < 64; ++i) {
    buffer_.clear();
    const bool more = co_await read_more(std::chrono::seconds(1));
    if (!more) break;
  }
}

std::string Session::head(int status, const Headers& headers) const {
  std::string out;
  out.reserve(512);
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::size_t>(status));
  out.append(" ").append(reason_phrase(status)).append("\r\n");
  for (const auto& [name, value] : headers) out.append(name).append(": ").append(value).append("\r\n");
  if (!keep_alive_) out += "Connection: close\r\n";
  return out;
}

Task<Result<void>> Session::respond(Response response) {
  answered_ = true;
  if (listener_.draining()) keep_alive_ = false;
  std::string bytes = head(response.status, response.headers);
  if (response.status >= 200 && response.status != 204 && response.status != 304) {
    bytes += "Content-Length: ";
    append_number(bytes, response.body.size());
    bytes += "\r\n";
  }
  bytes += "\r\n";
  if (request_.method == "HEAD") response.body.clear();
  const auto sent = co_await send(bytes, response.body);
  co_return sent;
}

Task<Result<void>> Session::begin_stream(int status, Headers headers) {
  answered_ = streaming_ = true;
  if (listener_.draining()) keep_alive_ = false;
  if (!chunked_) keep_alive_ = false;  // HTTP/1.0: the close ends the body
  std::string bytes = head(status, headers);
  if (chunked_) bytes += "Transfer-Encoding: chunked\r\n";
  bytes += "\r\n";
  const auto sent = co_await send(bytes, {});
  co_return sent;
}

Task<Result<void>> Session::write(std::string_view bytes) {
  if (bytes.empty()) co_return Result<void>();
  std::string frame;
  if (chunked_) {
    append_number(frame, bytes.size(), 16);
    frame.append("\r\n").append(bytes).append("\r\n");
    bytes = frame;
  }
  const auto sent = co_await send(bytes, {});
  co_return sent;
}

Task<Result<void>> Session::end_stream() {
  Result<void> sent;
  if (chunked_) sent = co_await send("0\r\n\r\n", {});
  streaming_ = false;
  co_return sent;
}

Task<Result<void>> Session::send(std::string_view head, std::string_view body) {
  const std::array<asio::const_buffer, 2> buffers{asio::buffer(head), asio::buffer(body)};
  expire_after(listener_.options().write_timeout);
  auto [error, size] = co_await asio::async_write(socket_, buffers, kAwait);
  never_expire();
  if (!error) co_return Result<void>();
  keep_alive_ = false;
  co_return fail(Code::kUnavailable, "the client has gone: " + error.message());
}

void Session::on_disconnect(std::function<void()> action) {
  disconnected_ = std::move(action);
  if (disconnected_ && !watching_) watch_client();
}

void Session::watch_client() {
  watching_ = true;
  socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](const error_code& error) {
    self->watching_ = false;
    if (error || !self->disconnected_) return;
    char byte = 0;
    const auto size = ::recv(self->socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    const bool gone = size == 0 || (size < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
    if (gone) std::exchange(self->disconnected_, {})();
  });
}

}  // namespace

Result<std::unique_ptr<Server>> Server::listen(asio::io_context& loop, ServerOptions options,
                                               Handler handler) {
  auto listener = std::make_unique<Listener>(loop, std::move(options), std::move(handler));
  if (auto bound = listener->bind(loop); !bound) return std::unexpected(std::move(bound).error());
  return listener;
}

}  // namespace plimsoll::net
