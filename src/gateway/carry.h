// A request on its way to an upstream that may speak another protocol, and its answer on the way back.
#pragma once

#include <boost/json/value.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "wire/document.h"
#include "wire/surface.h"
#include "wire/translate.h"

namespace plimsoll::gateway {

struct Reply;

// The request's body in protocol `to`. `last`: nobody needs it in its own protocol any more.
wire::Decoded<boost::json::value> carry(const wire::Surface& api, wire::Document& request, wire::Protocol to,
                                        bool last);

// A whole answer in protocol `from` as the client's own.
wire::Decoded<wire::Document> carry_back(const wire::Surface& api, std::string_view body, wire::Protocol from,
                                         const wire::Document& request);

bool is_event_stream(const Reply& reply);

// A streamed answer as the client's own: the upstream's framing and protocol taken off, step by step.
class Inflow {
 public:
  Inflow(const wire::Surface& api, const Reply& reply, const wire::Document& request);
  Result<void> feed(std::string_view bytes, std::string& out);
  Result<void> close(std::string& out);

 private:
  Result<void> push(std::size_t step, std::string_view bytes, std::string& out);
  std::vector<std::unique_ptr<wire::StreamTranslator>> steps_;
};

// The client's own stream, through a filter.
std::unique_ptr<wire::StreamCodec> codec_of(const wire::Surface& api, const Reply& reply,
                                            const wire::Document& request, wire::TextFilter& filter);

}  // namespace plimsoll::gateway
