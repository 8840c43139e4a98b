// From one model API to another: the text unchanged, nothing inspected. A request that has been decided on is
// carried over on its way to the upstream; the answer is carried back before it is read, so that what is
// inspected is always what the client would see, in the client's own protocol.
#pragma once

#include <boost/json/value.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/document.h"
#include "wire/surface.h"

namespace plimsoll::wire {

// Turns one protocol's event stream into another's. Push parser: no I/O, pieces of any size, bounded memory.
class StreamTranslator {
 public:
  virtual ~StreamTranslator() = default;
  // Upstream bytes in; the same events in the client's protocol appended to `out`. kInvalid: malformed.
  virtual Result<void> feed(std::string_view bytes, std::string& out) = 0;
  // The upstream closed. What was not complete stays incomplete: the client's codec then says so.
  virtual void close(std::string& out) = 0;
};

// Whether requests of `from` can be carried over to an upstream that speaks `to` at all.
bool can_translate(Protocol from, Protocol to);

// A body. The error names the member that the other protocol has no word for ("tools[2].type"), status 400:
// nothing that the client asked for is dropped in silence, but for hints that change no text (caching,
// service tiers, user ids, metadata).
Decoded<boost::json::value> translate_request(const boost::json::value& body, Protocol from, Protocol to);

// A whole answer, carried back: `from` is the upstream's protocol, `to` the client's. `request` is what the
// client asked, in its own protocol.
Decoded<boost::json::value> translate_response(const boost::json::value& body, Protocol from, Protocol to,
                                               const boost::json::value& request);

// A streamed answer, carried back.
std::unique_ptr<StreamTranslator> translate_stream(Protocol from, Protocol to,
                                                   const boost::json::value& request);

}  // namespace plimsoll::wire
