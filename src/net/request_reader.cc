#include "request_reader.h"

#include "target.h"

namespace plimsoll::net {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

// A list of names that may come in any case.
bool is(std::string_view text, std::string_view lower) {
  return beast::iequals(beast::string_view(text.data(), text.size()),
                        beast::string_view(lower.data(), lower.size()));
}

// What the parser lets through and nobody should: RFC 9112 sections 2.2 and 5.2.
bool is_folded_or_bare(std::string_view head) {
  for (auto at = head.find('\n'); at != std::string_view::npos; at = head.find('\n', at + 1)) {
    if (at == 0 || head[at - 1] != '\r') return true;
    if (at + 1 < head.size() && (head[at + 1] == ' ' || head[at + 1] == '\t')) return true;
  }
  return false;
}

bool has_one_framing(const Headers& headers, bool http11) {  // RFC 9112 section 6
  std::size_t lengths = 0;
  std::size_t encodings = 0;
  std::string_view encoding;
  for (const auto& [name, value] : headers) {
    if (is(name, "content-length")) {
      if (++lengths > 1 || value.find_first_not_of("0123456789") != std::string_view::npos)
        return false;  // "3, 3", "+3"
    } else if (is(name, "transfer-encoding")) {
      ++encodings;
      encoding = value;
    }
  }
  if (encodings == 0) return true;
  return encodings == 1 && http11 && lengths == 0 && is(encoding, "chunked");
}

bool has_one_host(const Headers& headers, bool http11) {
  const auto hosts = headers.count("host");
  return hosts <= 1 && (hosts == 1 || !http11) && is_host(headers.get("host"));
}

}  // namespace

void RequestParser::on_request_impl(http::verb /*verb*/, View method, View where, int which, Error&) {
  request_->method.assign(method.data(), method.size());
  request_->headers.clear();
  target.assign(where.data(), where.size());
  version = which;
}

// What trails the body is no header.
void RequestParser::on_field_impl(http::field /*field*/, View name, View value, Error&) {
  if (!is_header_done()) request_->headers.add({name.data(), name.size()}, {value.data(), value.size()});
}

std::size_t RequestParser::on_body_impl(View piece, Error& error) {
  if (!body_.feed({piece.data(), piece.size()})) error = http::error::body_limit;
  return piece.size();
}

RequestReader::RequestReader(std::size_t max_header_bytes, BodyLimits limits, const SinkOpener& open_sink)
    : body_(limits), open_sink_(open_sink), parser_(body_), max_header_bytes_(max_header_bytes) {
  parser_.header_limit(static_cast<std::uint32_t>(max_header_bytes));
  parser_.body_limit(boost::none);  // body_ has it
}

RequestReader::State RequestReader::bad(Refusal refusal) {
  refusal_ = refusal;
  return State::kBad;
}

bool RequestReader::take_expectation() {
  if (expected_ || !parser_.is_header_done() || parser_.is_done()) return false;
  expected_ = true;
  return expects_;
}

RequestReader::State RequestReader::check_head(Request& request) {
  keep_alive_ = parser_.keep_alive();
  http11_ = parser_.version == 11;
  if (!has_one_host(request.headers, http11_))
    return bad({400, "the request needs exactly one valid Host header", "malformed_request"});
  if ((!http11_ && parser_.version != 10) || !has_one_framing(request.headers, http11_))
    return bad({400, "the length of the body is stated ambiguously", "malformed_request"});
  if (!parse_target(parser_.target, request))
    return bad({400, "malformed request target", "malformed_request"});
  if (const auto expect = request.headers.get("expect"); !expect.empty()) {
    expects_ = is(expect, "100-continue");
    if (!expects_) return bad({417, "unknown expectation", "unknown_expectation"});
  }
  routed_ = true;
  const auto length = parser_.content_length();
  if (!body_.begin(request, length ? std::optional<std::uint64_t>(*length) : std::nullopt, open_sink_))
    return bad(body_.refusal());
  return State::kMore;
}

RequestReader::State RequestReader::feed(beast::flat_buffer& buffer, Request& request) {
  parser_.fill(request);
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
