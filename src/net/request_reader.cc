#include "request_reader.h"

#include "target.h"

namespace plimsoll::net {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using Message = http::request<GatheredBody>;

// What the parser lets through and nobody should: RFC 9112 sections 2.2 and 5.2.
bool is_folded_or_bare(std::string_view head) {
  for (auto at = head.find('\n'); at != std::string_view::npos; at = head.find('\n', at + 1)) {
    if (at == 0 || head[at - 1] != '\r') return true;
    if (at + 1 < head.size() && (head[at + 1] == ' ' || head[at + 1] == '\t')) return true;
  }
  return false;
}

bool has_one_framing(const Message& message) {  // RFC 9112 section 6
  const bool http11 = message.version() == 11;
  if (!http11 && message.version() != 10) return false;
  if (message.count(http::field::content_length) > 1) return false;
  const auto length = message[http::field::content_length];
  if (length.find_first_not_of("0123456789") != std::string_view::npos) return false;  // "3, 3", "+3"
  const auto encodings = message.count(http::field::transfer_encoding);
  if (encodings == 0) return true;
  return encodings == 1 && http11 && message.count(http::field::content_length) == 0 &&
         beast::iequals(message[http::field::transfer_encoding], "chunked");
}

bool has_one_host(const Message& message) {
  const auto hosts = message.count(http::field::host);
  return hosts <= 1 && (hosts == 1 || message.version() != 11) && is_host(message[http::field::host]);
}

bool take_target(const Message& message, Request& request) {
  request.method.assign(message.method_string());
  request.headers = {};
  for (const auto& field : message)
    request.headers.add(std::string(field.name_string()), std::string(field.value()));
  return parse_target({message.target().data(), message.target().size()}, request);
}

}  // namespace

RequestReader::RequestReader(std::size_t max_header_bytes, BodyLimits limits)
    : body_(limits), max_header_bytes_(max_header_bytes) {
  parser_.header_limit(static_cast<std::uint32_t>(max_header_bytes));
  parser_.body_limit(boost::none);  // body_ has it
  parser_.get().body() = &body_;
}

RequestReader::State RequestReader::bad(Refusal refusal) {
  refusal_ = refusal;
  return State::kBad;
}

bool RequestReader::take_expectation() {
  if (expected_ || !parser_.is_header_done() || parser_.is_done()) return false;
  expected_ = true;
  return beast::iequals(parser_.get()[http::field::expect], "100-continue");
}

RequestReader::State RequestReader::check_head(Request& request) {
  const Message& message = parser_.get();
  keep_alive_ = message.keep_alive();
  http11_ = message.version() == 11;
  if (!has_one_host(message))
    return bad({400, "the request needs exactly one valid Host header", "malformed_request"});
  if (!has_one_framing(message))
    return bad({400, "the length of the body is stated ambiguously", "malformed_request"});
  // Taken before the body: what trails it is no header.
  if (!take_target(message, request)) return bad({400, "malformed request target", "malformed_request"});
  if (const auto expect = message[http::field::expect];
      !expect.empty() && !beast::iequals(expect, "100-continue"))
    return bad({417, "unknown expectation", "unknown_expectation"});
  routed_ = true;
  const auto length = parser_.content_length();
  if (!body_.begin(request.headers, length ? std::optional<std::uint64_t>(*length) : std::nullopt))
    return bad(body_.refusal());
  return State::kMore;
}

RequestReader::State RequestReader::feed(beast::flat_buffer& buffer, Request& request) {
  while (buffer.size() > 0 || head_seen_) {
    if (!head_seen_) {
      const std::string_view seen(static_cast<const char*>(buffer.data().data()), buffer.size());
      const auto end = seen.find("\r\n\r\n", searched_);
      searched_ = seen.size() < 3 ? 0 : seen.size() - 3;
      if (end == std::string_view::npos) {
        if (seen.size() > max_header_bytes_) return bad({431, "headers too large", "headers_too_large"});
        if (is_folded_or_bare(seen.substr(0, searched_)))
          return bad({400, "malformed line end or folded header", "malformed_request"});
        return State::kMore;
      }
      if (is_folded_or_bare(seen.substr(0, end)))
        return bad({400, "malformed line end or folded header", "malformed_request"});
      head_seen_ = true;
    }
    beast::error_code error;
    const std::size_t used = parser_.put(buffer.data(), error);
    buffer.consume(used);
    if (error == http::error::body_limit) return bad(body_.refusal());
    if (error == http::error::header_limit) return bad({431, "headers too large", "headers_too_large"});
    if (error && error != http::error::need_more) return bad({400, "malformed request", "malformed_request"});
    if (parser_.is_header_done() && !parser_.eager()) {
      if (check_head(request) == State::kBad) return State::kBad;
      parser_.eager(true);
      if (!parser_.is_done() && buffer.size() > 0) continue;
    }
    if (parser_.is_done()) {
      if (!body_.end()) return bad(body_.refusal());
      request.body = body_.take();
      return State::kDone;
    }
    if (used == 0 || buffer.size() == 0) return State::kMore;
  }
  return State::kMore;
}

}  // namespace plimsoll::net
