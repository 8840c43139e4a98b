#include "session.h"

#include <algorithm>
#include <array>
#include <boost/beast/http/status.hpp>
#include <charconv>
#include <optional>
#include <typeinfo>
#include <utility>

#include "base/log.h"
#include "http2_session.h"
#include "request_reader.h"

namespace plimsoll::net {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

// Most answers come sooner: only slow ones pay for a wait on the client's socket.
constexpr std::chrono::milliseconds kFirstLook{100};
constexpr std::size_t kReadBytes = 8'192;
constexpr std::size_t kKeptBuffer = 16'384;  // a connection between requests holds no more
constexpr std::size_t kWorthACall = 4'096;   // bytes: copying more into one frame costs more than a call

std::string_view reason_phrase(int status) {
  const auto known = http::obsolete_reason(static_cast<http::status>(status));
  return {known.data(), known.size()};
}

void append_number(std::string& out, std::size_t value, int base = 10) {
  std::array<char, 24> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, base).ptr;
  out.append(text.data(), end);
}

bool begins_alike(const boost::beast::flat_buffer& buffer, std::string_view words) {
  const std::string_view seen(static_cast<const char*>(buffer.data().data()), buffer.size());
  return seen.substr(0, words.size()) == words.substr(0, seen.size());
}

}  // namespace

Session::Session(std::shared_ptr<Serving> serving, Socket socket)
    : serving_(std::move(serving)),
      transport_(accepted(serving_->deadlines, std::move(socket), serving_->tls.get())) {
  ++serving_->connections;
  serving_->deadlines.add(*this);
}

Session::~Session() {
  --serving_->connections;
}

Task<> Session::run() {
  auto opened = co_await transport_->accept(serving_->options.header_timeout);
  bool http2 = opened && transport_->has_chosen_http2();
  while (opened && !http2 && keep_alive_ && !serving_->draining) {
    const Read read = co_await read_request();
    http2 = read == Read::kHttp2;
    if (read != Read::kRequest) break;
    co_await serve_one(nullptr);
  }
  if (http2) {
    auto session = std::make_shared<Http2Session>(serving_, std::move(transport_));
    std::string seen(static_cast<const char*>(buffer_.data().data()), buffer_.size());
    buffer_ = {};
    co_await session->run(std::move(seen));
    co_return;
  }
  error_code ignored;
  transport_->socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  close();
}

Task<> Session::serve_one(const Refusal* refusal) {
  answered_ = streaming_ = false;
  bool threw = false;
  try {
    if (refusal == nullptr)
      co_await serving_->handler(*this);
    else
      co_await serving_->refuser(*this, *refusal);
  } catch (const std::exception& error) {
    threw = true;
    log_error("request failed", {{"exception", typeid(error).name()}});  // its words may be the client's
  }
  if (disconnected_) on_disconnect({});
  // A connection that waits for its next request keeps nothing large of the last.
  request_.body.clear();
  request_.sink = nullptr;
  if (request_.body.capacity() > kKeptBuffer) request_.body.shrink_to_fit();
  if (threw || !answered_) keep_alive_ = false;
  if (!answered_) {
    auto response = json_response(500, R"({"error":{"message":"internal error","type":"server_error"}})");
    co_await respond(std::move(response));
  } else if (streaming_) {  // a stream that was never ended must not look whole
    keep_alive_ = false;
  }
}

Task<bool> Session::read_more(std::chrono::milliseconds timeout) {
  auto size = co_await transport_->read_some(buffer_.prepare(kReadBytes), timeout);
  buffer_.commit(size.value_or(0));
  co_return size.value_or(0) > 0;
}

// kNothing: nothing more will come of this connection.
Task<Session::Read> Session::read_request() {
  const auto& options = serving_->options;
  const bool may_be_http2 = fresh_ && options.http2 && !serving_->tls;
  idle_ = buffer_.size() == 0;
  if (idle_) {
    if (buffer_.capacity() > kKeptBuffer) buffer_.shrink_to_fit();
    const bool more = co_await read_more(fresh_ ? options.header_timeout : options.idle_timeout);
    idle_ = fresh_ = false;
    if (!more) co_return Read::kNothing;
  }
  RequestReader reader(options.max_header_bytes, {options.max_body_bytes, options.max_compression_ratio},
                       options.open_sink);
  std::optional<Clock::time_point> head_deadline;  // the usual request comes whole and needs neither
  std::optional<Clock::time_point> body_deadline;
  for (;;) {
    auto state = RequestReader::State::kMore;
    if (may_be_http2 && begins_alike(buffer_, kHttp2Preface)) {
      if (buffer_.size() >= kHttp2Preface.size()) co_return Read::kHttp2;
    } else {
      state = reader.feed(buffer_, request_);
    }
    keep_alive_ = reader.keep_alive();
    http11_ = reader.http11();
    if (state == RequestReader::State::kDone) break;
    if (state == RequestReader::State::kBad) {
      co_await refuse(reader.refusal(), reader.knows_route());
      co_return Read::kNothing;
    }
    if (reader.take_expectation()) {
      auto sent = co_await send("HTTP/1.1 100 Continue\r\n\r\n");
      if (!sent) co_return Read::kNothing;
    }
    const auto now = Clock::now();
    auto& deadline = reader.in_body() ? body_deadline : head_deadline;
    if (!deadline)
      deadline = now + (reader.has_sink()  ? options.sink_timeout
                        : reader.in_body() ? options.body_timeout
                                           : options.header_timeout);
    auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - now);
    if (reader.has_sink()) left = std::min<std::chrono::milliseconds>(left, options.body_timeout);
    const bool more = left.count() > 0 && co_await read_more(left);
    if (!more) co_return Read::kNothing;
  }
  request_.arrived = Clock::now();
  co_return Read::kRequest;
}

Task<> Session::refuse(Refusal refusal, bool routed) {
  keep_alive_ = false;
  request_.sink = nullptr;
  if (routed && serving_->refuser) {
    co_await serve_one(&refusal);
  } else {
    answered_ = streaming_ = false;
    request_ = {};
    auto response = to_response(refusal);
    co_await respond(std::move(response));
  }
  // Let the answer reach a client that is still sending: closing with unread input would reset it away.
  transport_->end_sending();
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
  if (serving_->draining) keep_alive_ = false;
  std::string bytes = head(response.status, response.headers);
  if (response.status >= 200 && response.status != 204 && response.status != 304) {
    bytes += "Content-Length: ";
    append_number(bytes, response.body.size());
    bytes += "\r\n";
  }
  bytes += "\r\n";
  if (request_.method == "HEAD") response.body.clear();
  const std::size_t taken = transport_->write_now(bytes, response.body);
  if (taken == bytes.size() + response.body.size()) co_return Result<void>();
  auto sent = co_await send_rest(bytes, response.body, taken);
  co_return sent;
}

Task<Result<void>> Session::begin_stream(int status, Headers headers) {
  answered_ = streaming_ = true;
  if (serving_->draining) keep_alive_ = false;
  if (!http11_) keep_alive_ = false;  // HTTP/1.0: the close ends the body
  std::string bytes = head(status, headers);
  if (http11_) bytes += "Transfer-Encoding: chunked\r\n";
  bytes += "\r\n";
  auto sent = co_await send(bytes);
  co_return sent;
}

Task<Result<void>> Session::write(std::string_view bytes) {
  if (bytes.empty() || request_.method == "HEAD") co_return Result<void>();
  std::string frame;
  if (http11_ && bytes.size() > kWorthACall) {
    append_number(frame, bytes.size(), 16);
    frame.append("\r\n");
    const std::size_t taken = transport_->write_now(frame, bytes);
    if (taken < frame.size() + bytes.size()) {
      auto sent = co_await send_rest(frame, bytes, taken);
      if (!sent) co_return sent;
    }
    auto sent = co_await send("\r\n");
    co_return sent;
  }
  if (http11_) {
    frame.reserve(bytes.size() + 16);
    append_number(frame, bytes.size(), 16);
    frame.append("\r\n").append(bytes).append("\r\n");
    bytes = frame;
  }
  const std::size_t taken = transport_->write_now(bytes, {});
  if (taken == bytes.size()) co_return Result<void>();
  auto sent = co_await send_rest(bytes, {}, taken);
  co_return sent;
}

Task<Result<void>> Session::end_stream() {
  Result<void> sent;
  if (http11_ && request_.method != "HEAD") sent = co_await send("0\r\n\r\n");
  streaming_ = false;
  co_return sent;
}

Task<Result<void>> Session::send(std::string_view bytes) {
  const std::size_t taken = transport_->write_now(bytes, {});
  if (taken == bytes.size()) co_return Result<void>();
  auto sent = co_await send_rest(bytes, {}, taken);
  co_return sent;
}

Task<Result<void>> Session::send_rest(std::string_view head, std::string_view body, std::size_t taken) {
  auto sent = co_await transport_->write_rest(head, body, taken, serving_->options.write_timeout);
  if (sent) co_return sent;
  keep_alive_ = false;
  co_return fail(Code::kUnavailable, "the client has gone: " + sent.error().message);
}

void Session::on_disconnect(std::function<void()> action) {
  disconnected_ = std::move(action);
  if (disconnected_ && !watching_)
    expire_after(kFirstLook);
  else
    never_expire();
}

void Session::on_deadline() {
  if (disconnected_ && !watching_) watch_client();
}

void Session::watch_client() {
  watching_ = true;
  transport_->socket().async_wait(asio::ip::tcp::socket::wait_read,
                                  [self = shared_from_this()](const error_code& error) {
                                    self->watching_ = false;
                                    if (error || !self->disconnected_) return;
                                    if (self->transport_->look() == Transport::Peer::kGone)
                                      std::exchange(self->disconnected_, {})();
                                  });
}

}  // namespace plimsoll::net
