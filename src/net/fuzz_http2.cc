// Any bytes on an HTTP/2 connection: nothing breaks, and what is held stays within its bounds.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "http2.h"

namespace plimsoll::net {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

// Answers in the ways that handlers have, by the request's number: whole, in pieces, late, cut, not at all.
class Answerer final : public Http2::Events {
 public:
  Answerer() {
    options_.max_body_bytes = 10'000;
    options_.max_concurrent_streams = 10;
    options_.max_header_bytes = 2'000;
  }

  void feed(std::string_view bytes) {
    sound_ = sound_ && http2_.feed(bytes, now_);
    answer_late();
    std::string out;
    http2_.produce(out, 30'000, now_);
    require(out.size() < 60'000);
    now_ += std::chrono::milliseconds(100);
    if (bytes.size() % 5 == 0) http2_.expire(now_);
  }
  void end() {
    http2_.wind_up(now_);
    now_ += std::chrono::seconds(5);
    http2_.expire(now_);
    answer_late();
    std::string out;
    http2_.produce(out, 1U << 20U, now_);
  }

 private:
  void on_request(Http2::Id id, Request request, std::optional<Refusal> refused, bool routed) override {
    require(request.body.size() <= options_.max_body_bytes);
    require(refused || (routed && request.path.starts_with('/') && !request.headers.get("host").empty()));
    require(!request.headers.has("transfer-encoding") && !request.headers.has("connection"));
    if (refused) {
      const Response response = to_response(*refused);
      http2_.respond(id, response, response.body, now_);
      http2_.release(id);
    } else {
      late_.push_back(id);
    }
    require(late_.size() <= 2 * options_.max_concurrent_streams);
  }
  void on_closed(Http2::Id /*id*/, bool /*whole*/) override {}
  void on_drained(Http2::Id /*id*/) override {}

  void answer_late() {
    for (const Http2::Id id : std::exchange(late_, {})) {
      const int way = id / 2 % 4;
      if (way == 0) {
        http2_.respond(id, {}, std::string(100'000, 'a'), now_);
      } else if (way < 3) {
        http2_.begin(id, 200, {});
        http2_.write(id, "data: hello\n\n", now_);
        if (way == 1)
          http2_.end(id);
        else
          http2_.reset(id);
      }
      http2_.release(id);
    }
  }

  ServerOptions options_;
  Http2::Time now_{};
  Http2 http2_{options_, *this, now_};
  std::vector<Http2::Id> late_;
  bool sound_ = true;
};

}  // namespace
}  // namespace plimsoll::net

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::net;
  if (size < 1) return 0;
  std::string bytes(kHttp2Preface);
  bytes.append("\0\0\0\4\0\0\0\0\0", 9);  // settings
  bytes.append(reinterpret_cast<const char*>(data) + 1, size - 1);
  Answerer answerer;
  const std::size_t piece = 1 + data[0] * 4U;
  for (std::size_t at = 0; at < bytes.size(); at += piece)
    answerer.feed(std::string_view(bytes).substr(at, piece));
  answerer.end();
  return 0;
}
