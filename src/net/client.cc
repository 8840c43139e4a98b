#include "net/client.h"

#include <algorithm>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "pins.h"
#include "transport.h"

namespace plimsoll::net {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::size_t kReadBytes = 16'384;
constexpr std::size_t kSpareBuffers = 16;           // kept for the next answers
constexpr std::size_t kMaxBodyReserve = 1U << 20U;  // on the word of a Content-Length alone

// An answer as Beast's parser reads it.
class ResponseParser final : public http::basic_parser<false> {
 public:
  explicit ResponseParser(std::size_t max_header_bytes) {
    eager(true);
    header_limit(static_cast<std::uint32_t>(max_header_bytes));
    body_limit(boost::none);
  }

  int status = 0;
  Headers headers;
  std::string body;  // what has been read of it and not been taken

 private:
  using View = beast::string_view;

  void on_request_impl(http::verb, View, View, int, error_code&) override {}
  void on_response_impl(int code, View, int, error_code&) override { status = code; }
  void on_field_impl(http::field, View name, View value, error_code&) override {
    if (!is_header_done()) headers.add({name.data(), name.size()}, {value.data(), value.size()});
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
    if (length) body.reserve(std::min<std::uint64_t>(*length, kMaxBodyReserve));
  }
  std::size_t on_body_impl(View piece, error_code&) override {
    body.append(piece.data(), piece.size());
    return piece.size();
  }
  void on_chunk_header_impl(std::uint64_t, View, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, View piece, error_code& error) override {
    return on_body_impl(piece, error);
  }
  void on_finish_impl(error_code&) override {}
};

bool same(const Origin& a, const Origin& b) {
  return a.port == b.port && a.tls == b.tls && a.host == b.host;
}

// Connections to one origin that wait for their next request, the most recently used last.
struct Lane {
  Origin origin;
  std::vector<std::unique_ptr<Transport>> idle = {};
};

// What a client's answers give back.
class Pool {
 public:
  explicit Pool(ClientOptions options) : options_(std::move(options)) {}

  const ClientOptions& options() const { return options_; }

  Lane& lane(const Origin& origin) {
    for (auto& lane : lanes_)
      if (same(lane.origin, origin)) return lane;
    return lanes_.emplace_back(origin);
  }
  static std::unique_ptr<Transport> take(Lane& lane) {
    while (!lane.idle.empty()) {
      auto transport = std::move(lane.idle.back());
      lane.idle.pop_back();
      if (transport->is_fresh()) return transport;
    }
    return nullptr;
  }
  void put(Lane& lane, std::unique_ptr<Transport> transport) const {
    if (lane.idle.size() < options_.max_idle_per_origin) lane.idle.push_back(std::move(transport));
  }

  beast::flat_buffer take_buffer() {
    if (spare_.empty()) return {};
    auto buffer = std::move(spare_.back());
    spare_.pop_back();
    return buffer;
  }
  void put_buffer(beast::flat_buffer buffer) {
    if (spare_.size() == kSpareBuffers || buffer.capacity() == 0 || buffer.capacity() > 2 * kReadBytes)
      return;
    buffer.clear();
    spare_.push_back(std::move(buffer));
  }

 private:
  const ClientOptions options_;
  std::deque<Lane> lanes_;  // their places stay
  std::vector<beast::flat_buffer> spare_;
};

class Answer final : public Incoming {
 public:
  Answer(std::shared_ptr<Pool> pool, Lane& lane, std::unique_ptr<Transport> transport)
      : pool_(std::move(pool)), lane_(lane), transport_(std::move(transport)), buffer_(pool_->take_buffer()) {
    parser_.emplace(pool_->options().max_header_bytes);
  }
  ~Answer() override { pool_->put_buffer(std::move(buffer_)); }

  int status() const override { return parser_->status; }
  const Headers& headers() const override { return parser_->headers; }
  bool touched() const { return touched_; }

  // Reads up to the end of the headers.
  Task<Result<void>> read_head() {
    for (;;) {
      const auto parsed = parse();
      if (!parsed) co_return std::unexpected(parsed.error());
      if (parser_->is_header_done()) {
        if (parser_->status / 100 != 1) co_return Result<void>();
        parser_.emplace(pool_->options().max_header_bytes);  // informational
        continue;
      }
      if (*parsed) continue;
      const auto size =
          co_await transport_->read_some(buffer_.prepare(kReadBytes), pool_->options().response_timeout);
      if (auto taken = received(size); !taken) co_return taken;
    }
  }

  Task<Result<std::string>> read() override {
    while (parser_->body.empty()) {
      if (parser_->is_done()) {
        recycle();
        co_return std::string();
      }
      if (!transport_) co_return fail(Code::kUnavailable, "the upstream's answer was abandoned");
      const auto parsed = parse();
      if (!parsed) co_return std::unexpected(parsed.error());
      if (*parsed) continue;
      const auto size =
          co_await transport_->read_some(buffer_.prepare(kReadBytes), pool_->options().read_timeout);
      if (auto taken = received(size); !taken) co_return std::unexpected(taken.error());
    }
    co_return std::exchange(parser_->body, {});
  }

  std::optional<std::string> whole(std::size_t limit) override {
    for (auto parsed = parse(); parsed && *parsed;) parsed = parse();
    if (!parser_->is_done() || parser_->body.size() > limit) return std::nullopt;
    recycle();
    return std::exchange(parser_->body, {});
  }

  void abandon() override {
    if (transport_) transport_->close();
  }

 private:
  // Of what is buffered; false when that yields nothing.
  Result<bool> parse() {
    if (buffer_.size() == 0 || parser_->is_done()) return false;
    error_code error;
    const auto used = parser_->put(buffer_.data(), error);
    buffer_.consume(used);
    if (error && error != http::error::need_more)
      return fail(Code::kInvalid, "the upstream sent a malformed HTTP answer: " + error.message());
    return used > 0;
  }

  Result<void> received(const Result<std::size_t>& size) {
    if (!size) return std::unexpected(size.error());
    if (*size > 0) {
      touched_ = true;
      buffer_.commit(*size);
      return {};
    }
    error_code error;
    transport_->close();
    if (parser_->got_some()) parser_->put_eof(error);
    if (error || !parser_->is_done())
      return fail(Code::kUnavailable, "the upstream closed before its answer was complete");
    closed_ = true;
    return {};
  }

  void recycle() {
    if (transport_ && !closed_ && parser_->keep_alive() && buffer_.size() == 0)
      pool_->put(lane_, std::move(transport_));
    transport_.reset();
  }

  std::shared_ptr<Pool> pool_;
  Lane& lane_;
  std::unique_ptr<Transport> transport_;
  std::optional<ResponseParser> parser_;
  beast::flat_buffer buffer_;
  bool touched_ = false;
  bool closed_ = false;
};

std::string request_head(const Origin& origin, std::string_view method, std::string_view path,
                         const Headers& headers, std::size_t body_bytes) {
  std::string out;
  out.reserve(768);
  out.append(method).append(" ").append(origin.base_path).append(path).append(" HTTP/1.1\r\nHost: ");
  const bool v6 = origin.host.find(':') != std::string::npos;
  out.append(v6 ? "[" : "").append(origin.host).append(v6 ? "]" : "");
  if (origin.port != (origin.tls ? 443 : 80)) out.append(":").append(std::to_string(origin.port));
  out += "\r\n";
  for (const auto& [name, value] : headers) out.append(name).append(": ").append(value).append("\r\n");
  if (body_bytes > 0 || method == "POST")
    out.append("Content-Length: ").append(std::to_string(body_bytes)).append("\r\n");
  return out.append("\r\n");
}

}  // namespace

class PooledClient final : public Client {
 public:
  PooledClient(asio::io_context& loop, ClientOptions options)
      : loop_(loop),
        deadlines_(loop, std::chrono::milliseconds(100)),
        tls_(make_tls_context(options.ca_file)),
        pool_(std::make_shared<Pool>(std::move(options))) {
    require_pins(*tls_, pool_->options().pins);
  }

  Task<Result<std::unique_ptr<Incoming>>> send(const Origin& origin, std::string method, std::string path,
                                               Headers headers, std::string body, Abort* abort) override {
    const ClientOptions& options = pool_->options();
    const std::string head = request_head(origin, method, path, headers, body.size());
    Lane& lane = pool_->lane(origin);
    for (bool last = false;;) {
      auto transport = Pool::take(lane);
      if (!transport) {
        last = true;
        auto connected =
            co_await connect(loop_, deadlines_, origin, options.connect_timeout, *tls_, options.public_only);
        if (!connected) co_return std::unexpected(std::move(connected).error());
        transport = *std::move(connected);
      }
      if (abort != nullptr && abort->aborted()) co_return fail(Code::kUnavailable, "given up");
      Transport* const open = transport.get();
      auto answer = std::make_unique<Answer>(pool_, lane, std::move(transport));
      if (abort != nullptr) abort->close_ = [open] { open->close(); };
      Result<void> done;
      const std::size_t sent = open->write_now(head, body);
      if (sent < head.size() + body.size())
        done = co_await open->write_rest(head, body, sent, options.response_timeout);
      if (done) done = co_await answer->read_head();
      if (abort != nullptr) abort->close_ = {};
      if (done) co_return std::move(answer);
      const bool retry = !last && !answer->touched() && done.error().code == Code::kUnavailable;
      if (!retry || (abort != nullptr && abort->aborted()))
        co_return std::unexpected(std::move(done).error());
      last = true;
      Pool::take(lane);  // drop one more that is likely as stale
    }
  }

 private:
  asio::io_context& loop_;
  Deadlines deadlines_;
  std::unique_ptr<asio::ssl::context> tls_;
  std::shared_ptr<Pool> pool_;
};

Task<Result<std::string>> Incoming::read_all(std::size_t limit) {
  std::string all;
  for (;;) {
    auto piece = co_await read();
    if (!piece) co_return std::unexpected(std::move(piece).error());
    if (piece->empty()) co_return all;
    if (all.size() + piece->size() > limit)
      co_return fail(Code::kTooLarge,
                     "the upstream's answer is longer than " + std::to_string(limit) + " bytes");
    if (all.empty())
      all = *std::move(piece);
    else
      all += *piece;
  }
}

std::unique_ptr<Client> Client::create(asio::io_context& loop, ClientOptions options) {
  return std::make_unique<PooledClient>(loop, std::move(options));
}

}  // namespace plimsoll::net
