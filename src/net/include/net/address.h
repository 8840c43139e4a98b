// Which addresses are out on the internet, and which are somebody's own.
#pragma once

#include <boost/asio/ip/address.hpp>

namespace plimsoll::net {

// False for loopback, private, shared (RFC 6598), link-local, multicast, documentation and reserved addresses, for
// those at which clouds tell machines their credentials, and for IPv6 addresses that carry such an IPv4 address
// (mapped, NAT64, 6to4). Sources: IANA's special-purpose address registries for IPv4 and IPv6.
bool is_public(const boost::asio::ip::address& address);

}  // namespace plimsoll::net
