#include "net/client.h"

#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <map>
#include <vector>

#include "pins.h"
#include "transport.h"

namespace plimsoll::net {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

std::string key_of(const Origin& origin) {
  return (origin.tls ? "s " : "p ") + origin.host + " " + std::to_string(origin.port);
}

// Connections that wait for their next request, the most recently used first.
class Pool {
 public:
  explicit Pool(std::size_t most) : most_(most) {}

  std::unique_ptr<Transport> take(const std::string& key) {
    auto& idle = idle_[key];
    while (!idle.empty()) {
      auto transport = std::move(idle.back());
      idle.pop_back();
      if (transport->is_fresh()) return transport;
    }
    return nullptr;
  }
  void put(const std::string& key, std::unique_ptr<Transport> transport) {
    auto& idle = idle_[key];
    if (idle.size() < most_) idle.push_back(std::move(transport));
  }

 private:
  std::size_t most_;
  std::map<std::string, std::vector<std::unique_ptr<Transport>>> idle_;
};

class Answer final : public Incoming {
 public:
  Answer(std::shared_ptr<Pool> pool, std::string key, std::unique_ptr<Transport> transport,
         const ClientOptions& options)
      : pool_(std::move(pool)), key_(std::move(key)), transport_(std::move(transport)), options_(options) {
    parser_.emplace();
    parser_->eager(true);
    parser_->header_limit(static_cast<std::uint32_t>(options_.max_header_bytes));
    parser_->body_limit(boost::none);
  }

  int status() const override { return status_; }
  const Headers& headers() const override { return headers_; }
  bool touched() const { return touched_; }

  // Reads up to the end of the headers.
  Task<Result<void>> read_head() {
    while (!parser_->is_header_done()) {
      auto more = co_await advance(options_.response_timeout);
      if (!more) co_return std::unexpected(std::move(more).error());
      const bool informational = parser_->is_header_done() && parser_->get().result_int() / 100 == 1;
      if (informational) {
        parser_.emplace();
        parser_->eager(true);
        parser_->body_limit(boost::none);
      }
    }
    status_ = static_cast<int>(parser_->get().result_int());
    for (const auto& field : parser_->get())
      headers_.add(std::string(field.name_string()), std::string(field.value()));
    co_return Result<void>();
  }

  Task<Result<std::string>> read() override {
    while (parser_->get().body().empty()) {
      if (parser_->is_done()) {
        recycle();
        co_return std::string();
      }
      auto more = co_await advance(options_.read_timeout);
      if (!more) co_return std::unexpected(std::move(more).error());
    }
    std::string piece = std::move(parser_->get().body());
    parser_->get().body().clear();
    co_return piece;
  }

  void abandon() override {
    if (transport_) transport_->close();
  }

 private:
  // Parses what is buffered; reads more when that yields nothing.
  Task<Result<void>> advance(std::chrono::milliseconds timeout) {
    if (!transport_) co_return fail(Code::kUnavailable, "the upstream's answer was abandoned");
    error_code error;
    if (buffer_.size() > 0) {
      const auto used = parser_->put(buffer_.data(), error);
      buffer_.consume(used);
      if (error && error != http::error::need_more)
        co_return fail(Code::kInvalid, "the upstream sent a malformed HTTP answer: " + error.message());
      if (used > 0) co_return Result<void>();
    }
    auto size = co_await transport_->read_some(buffer_.prepare(16'384), timeout);
    if (!size) co_return std::unexpected(std::move(size).error());
    if (*size == 0) {
      transport_->close();
      if (parser_->got_some()) parser_->put_eof(error);
      if (error || !parser_->is_done())
        co_return fail(Code::kUnavailable, "the upstream closed before its answer was complete");
      closed_ = true;
      co_return Result<void>();
    }
    touched_ = true;
    buffer_.commit(*size);
    co_return Result<void>();
  }

  void recycle() {
    if (transport_ && !closed_ && parser_->keep_alive() && buffer_.size() == 0)
      pool_->put(key_, std::move(transport_));
    transport_.reset();
  }

  std::shared_ptr<Pool> pool_;
  std::string key_;
  std::unique_ptr<Transport> transport_;
  ClientOptions options_;
  std::optional<http::response_parser<http::string_body>> parser_;
  beast::flat_buffer buffer_;
  Headers headers_;
  int status_ = 0;
  bool touched_ = false;
  bool closed_ = false;
};

std::string request_text(const Origin& origin, std::string_view method, std::string_view path,
                         const Headers& headers, std::string_view body) {
  std::string out;
  out.reserve(512 + body.size());
  out.append(method).append(" ").append(origin.base_path).append(path).append(" HTTP/1.1\r\nHost: ");
  const bool v6 = origin.host.find(':') != std::string::npos;
  out.append(v6 ? "[" : "").append(origin.host).append(v6 ? "]" : "");
  if (origin.port != (origin.tls ? 443 : 80)) out.append(":").append(std::to_string(origin.port));
  out += "\r\n";
  for (const auto& [name, value] : headers) out.append(name).append(": ").append(value).append("\r\n");
  if (!body.empty() || method == "POST")
    out.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
  out.append("\r\n").append(body);
  return out;
}

}  // namespace

class PooledClient final : public Client {
 public:
  PooledClient(asio::io_context& loop, ClientOptions options)
      : loop_(loop),
        options_(std::move(options)),
        deadlines_(loop, std::chrono::milliseconds(100)),
        tls_(make_tls_context(options_.ca_file)),
        pool_(std::make_shared<Pool>(options_.max_idle_per_origin)) {
    require_pins(*tls_, options_.pins);
  }

  Task<Result<std::unique_ptr<Incoming>>> send(const Origin& origin, std::string method, std::string path,
                                               Headers headers, std::string body, Abort* abort) override {
    const std::string text = request_text(origin, method, path, headers, body);
    const std::string key = key_of(origin);
    for (bool last = false;;) {
      auto transport = pool_->take(key);
      if (!transport) {
        last = true;
        auto connected = co_await connect(loop_, deadlines_, origin, options_.connect_timeout, *tls_);
        if (!connected) co_return std::unexpected(std::move(connected).error());
        transport = *std::move(connected);
      }
      if (abort != nullptr && abort->aborted()) co_return fail(Code::kUnavailable, "given up");
      auto tried = co_await try_on(std::move(transport), key, text, abort);
      if (tried.answer) co_return std::move(tried.answer);
      const bool retry = !last && !tried.touched && tried.error.code == Code::kUnavailable;
      if (!retry || (abort != nullptr && abort->aborted())) co_return std::unexpected(std::move(tried.error));
      last = true;
      pool_->take(key);  // drop one more that is likely as stale
    }
  }

 private:
  struct Tried {
    std::unique_ptr<Incoming> answer;  // null: see error
    Error error;
    bool touched = false;  // some of an answer came back
  };
  Task<Tried> try_on(std::unique_ptr<Transport> transport, const std::string& key, const std::string& text,
                     Abort* abort) {
    Transport* const open = transport.get();
    if (abort != nullptr) abort->close_ = [open] { open->close(); };
    auto sent = co_await open->write(text, {}, options_.response_timeout);
    auto answer = std::make_unique<Answer>(pool_, key, std::move(transport), options_);
    Tried tried;
    if (sent) sent = co_await answer->read_head();
    if (abort != nullptr) abort->close_ = {};
    if (sent) {
      tried.answer = std::move(answer);
    } else {
      tried.touched = answer->touched();
      tried.error = std::move(sent).error();
    }
    co_return tried;
  }

  asio::io_context& loop_;
  ClientOptions options_;
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
    all += *piece;
  }
}

std::unique_ptr<Client> Client::create(asio::io_context& loop, ClientOptions options) {
  return std::make_unique<PooledClient>(loop, std::move(options));
}

}  // namespace plimsoll::net
