// What a request names: host and target, in either version of HTTP.
#pragma once

#include <string_view>

#include "net/http.h"

namespace plimsoll::net {

// What a host and a port can be made of (RFC 9112 section 3.2, RFC 3986 section 3.2.2); empty is, too.
bool is_host(std::string_view host);

// Puts path (percent-decoded) and query of "/a%20b?c=d" into the request. False for anything but a path, a
// fragment, a broken escape, an encoded slash, a NUL or a control character.
bool parse_target(std::string_view target, Request& request);

}  // namespace plimsoll::net
