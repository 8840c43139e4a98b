#include "body_reader.h"

#include <algorithm>

namespace plimsoll::net {
namespace {

constexpr Refusal kTooLarge{413, "body too large", "body_too_large"};
constexpr Refusal kInflatesTooFar{413, "the body becomes too large when its compression is undone",
                                  "body_too_large"};
constexpr Refusal kTooDense{413, "the body is compressed further than is accepted; send it uncompressed",
                            "body_too_dense"};
constexpr Refusal kUnknownCoding{415, "Content-Encoding: one of gzip, deflate, br and zstd, once",
                                 "unsupported_content_encoding"};
constexpr Refusal kCorrupt{400,
                           "the body is not what its Content-Encoding says, or something follows its end",
                           "malformed_content_encoding"};
constexpr Refusal kTruncated{400, "the compressed body ends too early", "malformed_content_encoding"};

constexpr Refusal kCodedUpload{415, "Content-Encoding: this body is taken as it is; send it without one",
                               "unsupported_content_encoding"};

constexpr std::string_view kContentEncoding = "content-encoding";

}  // namespace

bool BodyReader::refuse(Refusal refusal) {
  refusal_ = refusal;
  body_ = {};
  inflater_ = nullptr;
  sink_ = nullptr;
  return false;
}

bool BodyReader::begin(Request& request, std::optional<std::uint64_t> length, const SinkOpener& open_sink) {
  Headers& headers = request.headers;
  if (open_sink) {
    auto sink = open_sink(request);
    if (!sink) return refuse(sink.error());
    sink_ = *std::move(sink);
  }
  if (sink_) {
    if (length.value_or(0) > sink_->max_bytes()) return refuse(kTooLarge);
    if (headers.has(kContentEncoding)) return refuse(kCodedUpload);
    request.sink = sink_;
    return true;
  }
  if (length.value_or(0) > limits_.max_bytes) return refuse(kTooLarge);
  if (!headers.has(kContentEncoding)) {
    if (length) body_.reserve(*length);
    return true;
  }
  const auto coding = parse_coding(headers.get(kContentEncoding));
  if (!coding || headers.count(kContentEncoding) != 1) return refuse(kUnknownCoding);
  if (*coding != Coding::kIdentity)
    inflater_ = Inflater::create(
        *coding, {.max_bytes = limits_.max_bytes, .max_ratio = limits_.max_compression_ratio});
  headers.remove(kContentEncoding);
  headers.remove("content-length");
  return true;
}

bool BodyReader::feed(std::string_view bytes) {
  received_ += bytes.size();
  if (sink_) {
    if (received_ > sink_->max_bytes()) return refuse(kTooLarge);
    const auto refusal = sink_->write(bytes);
    return !refusal || refuse(*refusal);
  }
  if (received_ > limits_.max_bytes) return refuse(kTooLarge);
  if (!inflater_) {
    body_.append(bytes);
    return true;
  }
  switch (inflater_->feed(bytes, body_)) {
    case Inflater::State::kGood:
      return true;
    case Inflater::State::kCorrupt:
      return refuse(kCorrupt);
    case Inflater::State::kTooLarge:
      return refuse(kInflatesTooFar);
    case Inflater::State::kTooDense:
      return refuse(kTooDense);
  }
  return true;
}

bool BodyReader::end() {
  return !inflater_ || inflater_->is_complete() || refuse(kTruncated);
}

}  // namespace plimsoll::net
