// A request's body while it arrives, in either version of HTTP: bounded, its compression undone.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "content_coding.h"
#include "net/server.h"

namespace plimsoll::net {

struct BodyLimits {
  std::size_t max_bytes;  // as received, and as it becomes
  std::size_t max_compression_ratio;
};

// Every step says false when the body cannot be taken; refusal() then says why, and it is of no further use.
class BodyReader {
 public:
  explicit BodyReader(BodyLimits limits) : limits_(limits) {}

  // By the head of the request: takes away the headers that describe the body only as it was sent. With an opener, the
  // body may go to a sink, as it is: compressed ones are refused then.
  bool begin(Request& request, std::optional<std::uint64_t> length, const SinkOpener& open_sink);
  bool feed(std::string_view bytes);
  bool end();
  std::string take() { return std::move(body_); }

  std::size_t size() const { return body_.size(); }  // of what is held
  bool has_sink() const { return sink_ != nullptr; }
  const Refusal& refusal() const { return refusal_; }

 private:
  bool refuse(Refusal refusal);

  BodyLimits limits_;
  std::uint64_t received_ = 0;
  std::string body_;
  std::shared_ptr<BodySink> sink_;      // null: into body_
  std::unique_ptr<Inflater> inflater_;  // null: not compressed
  Refusal refusal_;
};

}  // namespace plimsoll::net
