// Any bytes as a request of HTTP/1.1: read alike wherever they are cut, within the limits.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "request_reader.h"

namespace plimsoll::net {
namespace {

constexpr std::size_t kMaxHeader = 4'096;
constexpr BodyLimits kLimits{.max_bytes = 10'000, .max_compression_ratio = 100};

void require(bool holds) {
  if (!holds) std::abort();
}

struct Outcome {
  RequestReader::State state = RequestReader::State::kMore;
  Request request;
  std::size_t left = 0;  // bytes that belong to the next request
};

Outcome read_in_two(std::string_view bytes, std::size_t cut) {
  const SinkOpener none;
  RequestReader reader(kMaxHeader, kLimits, none);
  boost::beast::flat_buffer buffer;
  Outcome outcome;
  for (const auto piece : {bytes.substr(0, cut), bytes.substr(cut)}) {
    const auto room = buffer.prepare(piece.size());
    piece.copy(static_cast<char*>(room.data()), piece.size());
    buffer.commit(piece.size());
    if (outcome.state == RequestReader::State::kMore && buffer.size() > 0)
      outcome.state = reader.feed(buffer, outcome.request);
  }
  outcome.left = buffer.size();
  if (outcome.state == RequestReader::State::kBad) require(reader.refusal().status / 100 == 4);
  return outcome;
}

}  // namespace
}  // namespace plimsoll::net

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::net;
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::size_t cut = (data[0] * 256U + data[1]) % (bytes.size() + 1);
  const auto whole = read_in_two(bytes, 0);
  const auto halves = read_in_two(bytes, cut);
  constexpr auto kDone = RequestReader::State::kDone;
  require((whole.state == kDone) == (halves.state == kDone));
  if (whole.state != kDone) return 0;
  require(whole.request.body == halves.request.body && whole.request.path == halves.request.path);
  require(whole.request.headers.size() == halves.request.headers.size() && whole.left == halves.left);
  require(whole.request.body.size() <= kLimits.max_bytes && whole.request.path.starts_with('/'));
  require(whole.request.headers.count("host") <= 1 && !whole.request.headers.has("content-encoding"));
  return 0;
}
