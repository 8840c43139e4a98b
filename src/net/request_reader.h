// Reads HTTP/1.1 requests (RFC 9112) from bytes as they come. No I/O.
#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>
#include <string_view>

#include "net/http.h"

namespace plimsoll::net {

// One request. Strict: what two servers could read differently is refused (server.h lists it).
class RequestReader {
 public:
  RequestReader(std::size_t max_header_bytes, std::size_t max_body_bytes);

  enum class State { kMore, kDone, kBad };
  // Consumes what belongs to this request from `buffer`; what follows it stays. `request` is filled as it
  // becomes known. After kBad: status() and why() say what to answer, and the connection is of no further use.
  State feed(boost::beast::flat_buffer& buffer, Request& request);

  bool in_body() const { return parser_.is_header_done(); }
  // Once: the client waits for "100 Continue" before it sends the body.
  bool take_expectation();
  bool keep_alive() const { return keep_alive_; }
  bool http11() const { return http11_; }
  int status() const { return status_; }
  std::string_view why() const { return why_; }

 private:
  State bad(int status, std::string_view why);
  State check_head(Request& request);

  boost::beast::http::request_parser<boost::beast::http::string_body> parser_;
  std::size_t max_header_bytes_;
  std::size_t searched_ = 0;  // of the head, for its end
  bool head_seen_ = false;
  bool expected_ = false;
  bool keep_alive_ = true;
  bool http11_ = true;
  int status_ = 0;
  std::string_view why_;
};

}  // namespace plimsoll::net
