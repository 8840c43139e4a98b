#include "content_coding.h"

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <new>
#include <utility>

namespace plimsoll::net {
namespace {

constexpr std::size_t kPiece = 32'768;
constexpr int kZstdWindowLog = 23;  // 8 MB: RFC 9659
// Without this the library would also try its decoders of formats older than the standard.
constexpr std::string_view kZstdMagic = "\x28\xB5\x2F\xFD";

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

class Zlib final : public Inflater {
 public:
  Zlib(InflationLimits limits, bool gzip) : Inflater(limits), gzip_(gzip) {
    constexpr int kWindowBits = 15;
    constexpr int kGzipOnly = 16;
    if (inflateInit2(&stream_, gzip ? kWindowBits + kGzipOnly : kWindowBits) != Z_OK) throw std::bad_alloc();
  }
  Zlib(const Zlib&) = delete;
  Zlib& operator=(const Zlib&) = delete;
  ~Zlib() override { inflateEnd(&stream_); }

 private:
  Step step(std::string_view in, std::span<char> out) override {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream_.avail_in = static_cast<uInt>(in.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    const int code = inflate(&stream_, Z_NO_FLUSH);
    Step done{.used = in.size() - stream_.avail_in, .produced = out.size() - stream_.avail_out};
    if (code == Z_STREAM_END)
      done.outcome = Step::Outcome::kEnd;
    else if (code != Z_OK && code != Z_BUF_ERROR)
      done.outcome = Step::Outcome::kCorrupt;
    return done;
  }
  // A gzip body may be several members (RFC 1952 section 2.2).
  bool begin_again() override { return gzip_ && inflateReset(&stream_) == Z_OK; }

  z_stream stream_{};
  bool gzip_;
};

class Brotli final : public Inflater {
 public:
  explicit Brotli(InflationLimits limits) : Inflater(limits) {
    if (!state_) throw std::bad_alloc();
  }

 private:
  Step step(std::string_view in, std::span<char> out) override {
    std::size_t in_left = in.size();
    std::size_t out_left = out.size();
    const auto* next_in = reinterpret_cast<const std::uint8_t*>(in.data());
    auto* next_out = reinterpret_cast<std::uint8_t*>(out.data());
    const auto code =
        BrotliDecoderDecompressStream(state_.get(), &in_left, &next_in, &out_left, &next_out, nullptr);
    Step done{.used = in.size() - in_left, .produced = out.size() - out_left};
    if (code == BROTLI_DECODER_RESULT_SUCCESS) done.outcome = Step::Outcome::kEnd;
    if (code == BROTLI_DECODER_RESULT_ERROR) done.outcome = Step::Outcome::kCorrupt;
    return done;
  }

  struct Free {
    void operator()(BrotliDecoderState* state) const { BrotliDecoderDestroyInstance(state); }
  };
  std::unique_ptr<BrotliDecoderState, Free> state_{BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)};
};

class Zstd final : public Inflater {
 public:
  explicit Zstd(InflationLimits limits) : Inflater(limits) {
    if (!state_) throw std::bad_alloc();
    ZSTD_DCtx_setParameter(state_.get(), ZSTD_d_windowLogMax, kZstdWindowLog);
  }

 private:
  Step step(std::string_view in, std::span<char> out) override {
    if (seen_ < kZstdMagic.size()) {
      in = in.substr(0, kZstdMagic.size() - seen_);
      if (!kZstdMagic.substr(seen_).starts_with(in)) return {.outcome = Step::Outcome::kCorrupt};
      seen_ += in.size();
    }
    ZSTD_inBuffer input{.src = in.data(), .size = in.size(), .pos = 0};
    ZSTD_outBuffer output{.dst = out.data(), .size = out.size(), .pos = 0};
    const std::size_t left = ZSTD_decompressStream(state_.get(), &output, &input);
    Step done{.used = input.pos, .produced = output.pos};
    if (ZSTD_isError(left) != 0)
      done.outcome = Step::Outcome::kCorrupt;
    else if (left == 0)
      done.outcome = Step::Outcome::kEnd;
    return done;
  }
  bool begin_again() override {  // a frame may follow a frame (RFC 8878 section 3)
    seen_ = 0;
    return true;
  }

  struct Free {
    void operator()(ZSTD_DCtx* state) const { ZSTD_freeDCtx(state); }
  };
  std::unique_ptr<ZSTD_DCtx, Free> state_{ZSTD_createDCtx()};
  std::size_t seen_ = 0;  // of the frame's magic number
};

}  // namespace

std::optional<Coding> parse_coding(std::string_view header) {
  constexpr std::array<std::pair<std::string_view, Coding>, 7> kCodings = {{{"", Coding::kIdentity},
                                                                            {"identity", Coding::kIdentity},
                                                                            {"gzip", Coding::kGzip},
                                                                            {"x-gzip", Coding::kGzip},
                                                                            {"deflate", Coding::kDeflate},
                                                                            {"br", Coding::kBrotli},
                                                                            {"zstd", Coding::kZstd}}};
  for (const auto& [name, coding] : kCodings)
    if (std::ranges::equal(header, name, {}, lower)) return coding;
  return std::nullopt;
}

std::unique_ptr<Inflater> Inflater::create(Coding coding, InflationLimits limits) {
  switch (coding) {
    case Coding::kIdentity:
      return nullptr;
    case Coding::kGzip:
      return std::make_unique<Zlib>(limits, true);
    case Coding::kDeflate:
      return std::make_unique<Zlib>(limits, false);
    case Coding::kBrotli:
      return std::make_unique<Brotli>(limits);
    case Coding::kZstd:
      return std::make_unique<Zstd>(limits);
  }
  return nullptr;
}

std::size_t Inflater::allowance() const {
  return std::min(limits_.max_bytes, std::max(limits_.free_bytes, limits_.max_ratio * received_));
}

Inflater::State Inflater::feed(std::string_view bytes, std::string& body) {
  received_ += bytes.size();
  const std::size_t most = allowance();
  for (bool full = false; full || !bytes.empty();) {
    if (ended_ && !begin_again()) return State::kCorrupt;  // something follows the end
    ended_ = false;
    // One byte more than allowed, so that a body of exactly that size is seen to end.
    const std::size_t had = body.size();
    const std::size_t room = std::min(kPiece, most + 1 - had);
    Step done;
    body.resize_and_overwrite(had + room, [&](char* data, std::size_t) {
      done = step(bytes, {data + had, room});
      return had + done.produced;
    });
    bytes.remove_prefix(done.used);
    if (done.outcome == Step::Outcome::kCorrupt) return State::kCorrupt;
    if (body.size() > most) return most == limits_.max_bytes ? State::kTooLarge : State::kTooDense;
    ended_ = done.outcome == Step::Outcome::kEnd;
    full = !ended_ && done.produced == room;
    if (done.used == 0 && done.produced == 0 && !ended_)
      return bytes.empty() ? State::kGood : State::kCorrupt;
  }
  return State::kGood;
}

}  // namespace plimsoll::net
