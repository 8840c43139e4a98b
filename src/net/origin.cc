#include <boost/url/parse.hpp>

#include "net/client.h"

namespace plimsoll::net {

Result<Origin> parse_origin(std::string_view text) {
  const auto bad = [](std::string_view why) {
    return fail(Code::kInvalid, std::string(why) + "; expected http://host[:port][/path] or https://…");
  };
  const auto parsed = boost::urls::parse_uri({text.data(), text.size()});
  if (parsed.has_error()) return bad("not a URL");
  const auto& url = *parsed;
  if (url.has_userinfo()) return bad("a URL with credentials in it");
  if (url.has_query() || url.has_fragment()) return bad("a URL with a query or a fragment");
  if (url.host().empty()) return bad("a URL without a host");

  Origin origin;
  if (url.scheme_id() == boost::urls::scheme::https)
    origin.tls = true;
  else if (url.scheme_id() != boost::urls::scheme::http)
    return bad("a URL of another scheme");
  origin.host =
      url.host_type() == boost::urls::host_type::ipv6 ? std::string(url.host_address()) : url.host();
  if (url.has_port() &&
      (url.port_number() == 0 || std::to_string(url.port_number()) != std::string(url.port())))
    return bad("a port that is no number from 1 to 65535");
  origin.port = url.has_port() ? url.port_number() : origin.tls ? 443 : 80;
  origin.base_path = std::string(url.encoded_path());
  while (origin.base_path.ends_with('/')) origin.base_path.pop_back();
  return origin;
}

}  // namespace plimsoll::net
