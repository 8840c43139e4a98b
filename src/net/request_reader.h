// Reads HTTP/1.1 requests (RFC 9112) from bytes as they come. No I/O.
#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "body_reader.h"
#include "net/http.h"

namespace plimsoll::net {

// A request as Beast's parser reads it: the head goes into the Request, the body to the BodyReader.
class RequestParser final : public boost::beast::http::basic_parser<true> {
 public:
  explicit RequestParser(BodyReader& body) : body_(body) {}

  // Where the head goes from now on.
  void fill(Request& request) { request_ = &request; }
  // The target as it was sent; until the head is complete.
  std::string target;
  int version = 0;  // 11: HTTP/1.1

 private:
  using View = boost::beast::string_view;
  using Error = boost::beast::error_code;

  void on_request_impl(boost::beast::http::verb verb, View method, View target, int version, Error&) override;
  void on_response_impl(int, View, int, Error&) override {}
  void on_field_impl(boost::beast::http::field, View name, View value, Error&) override;
  void on_header_impl(Error&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, Error&) override {}
  std::size_t on_body_impl(View piece, Error& error) override;
  void on_chunk_header_impl(std::uint64_t, View, Error&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, View piece, Error& error) override {
    return on_body_impl(piece, error);
  }
  void on_finish_impl(Error&) override {}

  BodyReader& body_;
  Request* request_ = nullptr;
};

// One request. Strict: what two servers could read differently is refused (server.h lists it).
class RequestReader {
 public:
  // `open_sink` is used while reading.
  RequestReader(std::size_t max_header_bytes, BodyLimits limits, const SinkOpener& open_sink);
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;

  enum class State { kMore, kDone, kBad };
  // Consumes what belongs to this request from `buffer`; what follows it stays. `request` is filled as it
  // becomes known. After kBad: refusal() says what to answer, and the connection is of no further use.
  State feed(boost::beast::flat_buffer& buffer, Request& request);

  bool in_body() const { return parser_.is_header_done(); }
  bool has_sink() const { return body_.has_sink(); }
  // Once: the client waits for "100 Continue" before it sends the body.
  bool take_expectation();
  bool keep_alive() const { return keep_alive_; }
  bool http11() const { return http11_; }
  const Refusal& refusal() const { return refusal_; }
  bool knows_route() const { return routed_; }  // `request` holds method, path and headers

 private:
  State bad(Refusal refusal);
  State check_head(Request& request);

  BodyReader body_;
  const SinkOpener& open_sink_;
  RequestParser parser_;
  std::size_t max_header_bytes_;
  std::size_t searched_ = 0;  // of the head, for its end
  bool head_seen_ = false;
  bool expects_ = false;   // "100 Continue" before the body
  bool expected_ = false;  // and has been told
  bool keep_alive_ = true;
  bool http11_ = true;
  bool routed_ = false;
  Refusal refusal_;
};

}  // namespace plimsoll::net
