// HTTP messages as plain values, and the one place that may answer a request.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
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

// Header fields in order; names compare without case.
class Headers {
 public:
  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  void set(std::string_view name, std::string value);  // replaces all of that name
  void remove(std::string_view name);
  std::string_view get(std::string_view name) const;  // the first, or empty
  bool has(std::string_view name) const;
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  std::size_t size() const { return fields_.size(); }
  std::size_t count(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

struct Request {
  std::string method;  // "GET", "POST", …
  std::string path;    // percent-decoded, without the query
  std::string query;   // raw, without '?'
  Headers headers;
  std::string body;  // its content codings undone; Content-Encoding is then no longer among the headers
  std::chrono::steady_clock::time_point arrived;  // when its last byte had been read
};

// Why a request is not given to its route although its head could be read. The texts are static.
struct Refusal {
  int status = 400;
  std::string_view why;   // a sentence for people
  std::string_view code;  // a word for programs: "body_too_large"
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
