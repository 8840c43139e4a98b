// Public key pinning (RFC 7469, section 2.6), as the operator configured it.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <string>
#include <vector>

namespace plimsoll::net {

// From now on a peer's certificate must verify as before and, on top, the verified chain must hold one of
// these keys. `pins` is borrowed and must outlive the context. Nothing changes when it is empty.
void require_pins(boost::asio::ssl::context& context, const std::vector<std::string>& pins);

}  // namespace plimsoll::net
