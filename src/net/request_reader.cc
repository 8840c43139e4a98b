#include "request_reader.h"

#include <algorithm>
#include <charconv>

namespace plimsoll::net {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using Message = http::request<http::string_body>;

// What the parser lets through and nobody should: RFC 9112 sections 2.2 and 5.2.
bool is_folded_or_bare(std::string_view head) {
  for (auto at = head.find('\n'); at != std::string_view::npos; at = head.find('\n', at + 1)) {
    if (at == 0 || head[at - 1] != '\r') return true;
    if (at + 1 < head.size() && (head[at + 1] == ' ' || head[at + 1] == '\t')) return true;
  }
  return false;
}

// What a host and a port can be made of (RFC 9112 section 3.2, RFC 3986 section 3.2.2).
bool is_host(std::string_view host) {
  return host.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_~:[]%") ==
         std::string_view::npos;
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

// Percent-decodes a path. False for a broken escape, an encoded slash, a NUL or a control character.
bool decode_path(std::string_view raw, std::string& out) {
  out.clear();
  for (std::size_t i = 0; i < raw.size(); ++i) {
    unsigned char c = static_cast<unsigned char>(raw[i]);
    if (c == '%') {
      unsigned int value = 0;
      if (i + 2 >= raw.size()) return false;
      const auto end = std::from_chars(raw.data() + i + 1, raw.data() + i + 3, value, 16).ptr;
      if (end != raw.data() + i + 3 || value == '/') return false;
      c = static_cast<unsigned char>(value);
      i += 2;
    }
    if (c < 0x20U || c == 0x7FU) return false;
    out += static_cast<char>(c);
  }
  return out.starts_with('/');
}

bool take_target(const Message& message, Request& request) {
  request.method.assign(message.method_string());
  std::string_view target(message.target().data(), message.target().size());
  if (target.find('#') != std::string_view::npos) return false;
  const auto mark = target.find('?');
  request.query = mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
  request.headers = {};
  for (const auto& field : message)
    request.headers.add(std::string(field.name_string()), std::string(field.value()));
  return decode_path(target.substr(0, mark), request.path);
}

}  // namespace

RequestReader::RequestReader(std::size_t max_header_bytes, std::size_t max_body_bytes)
    : max_header_bytes_(max_header_bytes) {
  parser_.header_limit(static_cast<std::uint32_t>(max_header_bytes));
  parser_.body_limit(max_body_bytes);
}

RequestReader::State RequestReader::bad(int status, std::string_view why) {
  status_ = status;
  why_ = why;
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
  if (!has_one_host(message)) return bad(400, "the request needs exactly one valid Host header");
  if (!has_one_framing(message)) return bad(400, "the length of the body is stated ambiguously");
  // Taken before the body: what trails it is no header.
  if (!take_target(message, request)) return bad(400, "malformed request target");
  if (const auto expect = message[http::field::expect];
      !expect.empty() && !beast::iequals(expect, "100-continue"))
    return bad(417, "unknown expectation");
  return State::kMore;
}

RequestReader::State RequestReader::feed(beast::flat_buffer& buffer, Request& request) {
  while (buffer.size() > 0 || head_seen_) {
    if (!head_seen_) {
      const std::string_view seen(static_cast<const char*>(buffer.data().data()), buffer.size());
      const auto end = seen.find("\r\n\r\n", searched_);
      searched_ = seen.size() < 3 ? 0 : seen.size() - 3;
      if (end == std::string_view::npos) {
        if (seen.size() > max_header_bytes_) return bad(431, "headers too large");
        if (is_folded_or_bare(seen.substr(0, searched_)))
          return bad(400, "malformed line end or folded header");
        return State::kMore;
      }
      if (is_folded_or_bare(seen.substr(0, end))) return bad(400, "malformed line end or folded header");
      head_seen_ = true;
    }
    beast::error_code error;
    const std::size_t used = parser_.put(buffer.data(), error);
    buffer.consume(used);
    if (error == http::error::body_limit) return bad(413, "body too large");
    if (error == http::error::header_limit) return bad(431, "headers too large");
    if (error && error != http::error::need_more) return bad(400, "malformed request");
    if (parser_.is_header_done() && !parser_.eager()) {
      if (check_head(request) == State::kBad) return State::kBad;
      parser_.eager(true);
      if (!parser_.is_done() && buffer.size() > 0) continue;
    }
    if (parser_.is_done()) {
      request.body = std::move(parser_.get().body());
      return State::kDone;
    }
    if (used == 0 || buffer.size() == 0) return State::kMore;
  }
  return State::kMore;
}

}  // namespace plimsoll::net
