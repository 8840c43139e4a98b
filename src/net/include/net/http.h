// HTTP messages as plain values, and the one place that may answer a request.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace plimsoll::net {

namespace asio = boost::asio;

// A coroutine on a worker's event loop. (The concrete executor: nothing is type-erased on the path.)
using Executor = asio::io_context::executor_type;
template <class T = void>
using Task = asio::awaitable<T, Executor>;

// Header fields in order; names compare without case. One text and one table for all of them: what get() and the
// iterators give is good until the next change.
class Headers {
  struct Field {
    std::uint32_t begin = 0;  // of the name; the value follows it
    std::uint32_t name = 0;   // bytes
    std::uint32_t value = 0;
  };

 public:
  class Iterator {
   public:
    using value_type = std::pair<std::string_view, std::string_view>;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    Iterator(const Headers& headers, std::size_t at) : headers_(&headers), at_(at) {}
    value_type operator*() const { return {headers_->name_at(at_), headers_->value_at(at_)}; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    Iterator operator++(int) { return {*headers_, at_++}; }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    const Headers* headers_ = nullptr;
    std::size_t at_ = 0;
  };

  void add(std::string_view name, std::string_view value);
  void set(std::string_view name, const std::string& value);  // replaces all of that name
  void remove(std::string_view name);
  void clear();                                       // and keeps the room
  std::string_view get(std::string_view name) const;  // the first, or empty
  bool has(std::string_view name) const;
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, fields_.size()}; }
  std::size_t size() const { return fields_.size(); }
  std::size_t count(std::string_view name) const;

 private:
  std::string_view name_at(std::size_t i) const {
    return std::string_view(text_).substr(fields_[i].begin, fields_[i].name);
  }
  std::string_view value_at(std::size_t i) const {
    return std::string_view(text_).substr(fields_[i].begin + fields_[i].name, fields_[i].value);
  }

  std::string text_;
  std::vector<Field> fields_;
};

// Why a request is not given to its route although its head could be read. The texts are static.
struct Refusal {
  int status = 400;
  std::string_view why;   // a sentence for people
  std::string_view code;  // a word for programs: "body_too_large"
};

// Takes a request's body as it arrives, in place of Request::body. Called on the connection's worker, which it holds up
// while it works. Destroyed without ever having been handed over when the request breaks off or is refused.
class BodySink {
 public:
  virtual ~BodySink() = default;
  virtual std::uint64_t max_bytes() const = 0;
  // A refusal ends the request: no more comes, and that is what it is answered with.
  virtual std::optional<Refusal> write(std::string_view bytes) = 0;
};

struct Request {
  std::string method;  // "GET", "POST", …
  std::string path;    // percent-decoded, without the query
  std::string query;   // raw, without '?'
  Headers headers;
  std::string body;  // its content codings undone; Content-Encoding is then no longer among the headers
  std::shared_ptr<BodySink>
      sink;  // has taken the body, where the server's opener gave one; `body` is empty then
  std::chrono::steady_clock::time_point arrived;  // when its last byte had been read
};

// The codings of request bodies that a server undoes, as Accept-Encoding lists them: for answers with status 415.
inline constexpr std::string_view kAcceptedEncodings = "gzip, deflate, br, zstd";

struct Response {
  int status = 200;
  Headers headers;  // Content-Length and Connection are added when it is written
  std::string body;
};

// A refusal where nobody knows better: OpenAI's error object.
Response to_response(const Refusal& refusal);

// Convenience: a JSON body with its content type.
Response json_response(int status, std::string body);

// An HTML page that neither runs nor fetches anything.
Response page_response(std::string html);

// One request and its answer, on one connection. Lives as long as the handler's coroutine.
class Exchange {
 public:
  virtual ~Exchange() = default;
  virtual Request& request() = 0;

  // Exactly one of these two ways, once. An error means that the client has gone: stop working for it.
  virtual Task<Result<void>> respond(Response response) = 0;

  virtual Task<Result<void>> begin_stream(int status, Headers headers) = 0;  // chunked
  virtual Task<Result<void>> write(
      std::string_view bytes) = 0;  // flushed at once; waits while the client is slow
  virtual Task<Result<void>> end_stream() = 0;

  virtual bool answered() const = 0;

  // Called (at most once, on this worker) when the client goes away while the handler works; cleared by {}.
  // Lets a handler abandon an upstream nobody listens to any more.
  virtual void on_disconnect(std::function<void()> action) = 0;
};

}  // namespace plimsoll::net
