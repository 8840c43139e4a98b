// Reads HTTP/1.1 requests (RFC 9112) from bytes as they come. No I/O.
#pragma once

#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <optional>
#include <string_view>

#include "body_reader.h"
#include "net/http.h"

namespace plimsoll::net {

// Beast's view of a body: what its parser unwraps goes to the BodyReader.
struct GatheredBody {
  using value_type = BodyReader*;
  class reader {
   public:
    template <bool is_request, class Fields>
    reader(boost::beast::http::header<is_request, Fields>& /*head*/, value_type& body) : body_(body) {}
    void init(const boost::optional<std::uint64_t>& /*length*/, boost::beast::error_code& error) {
      error = {};
    }
    template <class Buffers>
    std::size_t put(const Buffers& buffers, boost::beast::error_code& error) {
      error = {};
      std::size_t size = 0;
      for (const auto piece : boost::beast::buffers_range_ref(buffers)) {
        if (!body_->feed({static_cast<const char*>(piece.data()), piece.size()}))
          error = boost::beast::http::error::body_limit;
        size += piece.size();
      }
      return size;
    }
    void finish(boost::beast::error_code& error) { error = {}; }

   private:
    value_type& body_;
  };
};

// One request. Strict: what two servers could read differently is refused (server.h lists it).
class RequestReader {
 public:
  RequestReader(std::size_t max_header_bytes, BodyLimits limits);
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;

  enum class State { kMore, kDone, kBad };
  // Consumes what belongs to this request from `buffer`; what follows it stays. `request` is filled as it
  // becomes known. After kBad: refusal() says what to answer, and the connection is of no further use.
  State feed(boost::beast::flat_buffer& buffer, Request& request);

  bool in_body() const { return parser_.is_header_done(); }
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
  boost::beast::http::request_parser<GatheredBody> parser_;
  std::size_t max_header_bytes_;
  std::size_t searched_ = 0;  // of the head, for its end
  bool head_seen_ = false;
  bool expected_ = false;
  bool keep_alive_ = true;
  bool http11_ = true;
  bool routed_ = false;
  Refusal refusal_;
};

}  // namespace plimsoll::net
