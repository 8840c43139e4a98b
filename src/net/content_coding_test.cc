#include "content_coding.h"

#include <brotli/encode.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <array>

namespace plimsoll::net {
namespace {

constexpr InflationLimits kLimits{.max_bytes = 1U << 20U, .max_ratio = 100};
constexpr std::array kAll = {Coding::kGzip, Coding::kDeflate, Coding::kBrotli, Coding::kZstd};

std::string deflated(std::string_view text, int window_bits) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string encoded(Coding coding, std::string_view text) {
  switch (coding) {
    case Coding::kIdentity:
      return std::string(text);
    case Coding::kGzip:
      return deflated(text, 15 + 16);
    case Coding::kDeflate:
      return deflated(text, 15);
    case Coding::kBrotli: {
      std::string out(BrotliEncoderMaxCompressedSize(text.size()), '\0');
      std::size_t size = out.size();
      EXPECT_TRUE(BrotliEncoderCompress(9, 22, BROTLI_MODE_TEXT, text.size(),
                                        reinterpret_cast<const std::uint8_t*>(text.data()), &size,
                                        reinterpret_cast<std::uint8_t*>(out.data())));
      out.resize(size);
      return out;
    }
    case Coding::kZstd: {
      std::string out(ZSTD_compressBound(text.size()), '\0');
      out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 9));
      return out;
    }
  }
  return {};
}

// Words enough that it compresses to about a tenth.
std::string prose(std::size_t size) {
  std::string text;
  for (unsigned n = 1; text.size() < size; ++n)
    text += "sentence " + std::to_string(n * 2'654'435'761U) + " says nothing in particular; ";
  text.resize(size);
  return text;
}

struct Outcome {
  Inflater::State state = Inflater::State::kGood;
  std::string body;
  bool complete = false;
};

Outcome inflate_in(std::size_t piece, Coding coding, std::string_view bytes,
                   InflationLimits limits = kLimits) {
  const auto inflater = Inflater::create(coding, limits);
  Outcome outcome;
  for (std::size_t at = 0; at < bytes.size() && outcome.state == Inflater::State::kGood; at += piece)
    outcome.state = inflater->feed(bytes.substr(at, piece), outcome.body);
  outcome.complete = inflater->is_complete();
  return outcome;
}

TEST(Inflater, GivesBackTheTextWhereverItsBytesAreCut) {
  const std::string text = prose(200'000);
  for (const Coding coding : kAll) {
    const std::string bytes = encoded(coding, text);
    ASSERT_LT(bytes.size(), text.size());
    for (const std::size_t piece : {1UZ, 7UZ, 1'000UZ, bytes.size()}) {
      const auto outcome = inflate_in(piece, coding, bytes);
      EXPECT_EQ(outcome.state, Inflater::State::kGood) << static_cast<int>(coding) << " by " << piece;
      EXPECT_TRUE(outcome.complete);
      EXPECT_EQ(outcome.body, text);
    }
  }
}

TEST(Inflater, TakesATextOfExactlyTheLimitAndNoByteMore) {
  const InflationLimits limits{.max_bytes = 100'000, .max_ratio = 100};
  for (const Coding coding : kAll) {
    EXPECT_EQ(inflate_in(999, coding, encoded(coding, prose(100'000)), limits).body, prose(100'000));
    const auto outcome = inflate_in(999, coding, encoded(coding, prose(100'001)), limits);
    EXPECT_EQ(outcome.state, Inflater::State::kTooLarge) << static_cast<int>(coding);
    EXPECT_LE(outcome.body.size(), 100'001U);
  }
}

TEST(Inflater, StopsABombBeforeItHoldsMoreThanItsShare) {
  const std::string zeros(10U << 20U, '\0');
  for (const Coding coding : kAll) {
    const std::string bytes = encoded(coding, zeros);
    const auto outcome = inflate_in(8'192, coding, bytes, {.max_bytes = 1U << 30U, .max_ratio = 100});
    EXPECT_EQ(outcome.state, Inflater::State::kTooDense) << static_cast<int>(coding);
    EXPECT_LE(outcome.body.size(), 100 * std::min<std::size_t>(bytes.size(), 8'192) + 65'537);
  }
}

TEST(Inflater, LetsShortTextsRepeatThemselves) {
  const std::string text(60'000, 'a');
  for (const Coding coding : kAll) EXPECT_EQ(inflate_in(100, coding, encoded(coding, text)).body, text);
}

TEST(Inflater, IsNotCompleteWhenAnythingIsMissing) {
  const std::string text = prose(300);
  for (const Coding coding : kAll) {
    const std::string bytes = encoded(coding, text);
    for (std::size_t size = 1; size < bytes.size(); ++size)
      EXPECT_FALSE(inflate_in(size, coding, bytes.substr(0, size)).complete)
          << static_cast<int>(coding) << " at " << size;
  }
}

TEST(Inflater, RefusesWhatFollowsTheEnd) {
  for (const Coding coding : kAll) {
    const std::string bytes = encoded(coding, prose(300));
    for (const std::size_t piece : {1UZ, bytes.size(), bytes.size() + 1'000}) {
      EXPECT_EQ(inflate_in(piece, coding, bytes + "trailing garbage").state, Inflater::State::kCorrupt)
          << static_cast<int>(coding);
    }
  }
}

TEST(Inflater, ReadsOneGzipMemberAfterAnother) {
  for (const Coding coding : {Coding::kGzip, Coding::kZstd})
    EXPECT_EQ(inflate_in(5, coding, encoded(coding, "hello ") + encoded(coding, "world")).body,
              "hello world");
}

TEST(Inflater, NoticesEveryChangedByteOfWhatHasAChecksum) {
  const std::string text = prose(200);
  const std::string bytes = encoded(Coding::kGzip, text);
  for (std::size_t at = 10; at < bytes.size(); ++at) {  // before that: time and operating system
    std::string changed = bytes;
    changed[at] = static_cast<char>(static_cast<unsigned char>(changed[at]) ^ 0x10U);
    const auto outcome = inflate_in(bytes.size(), Coding::kGzip, changed);
    EXPECT_FALSE(outcome.state == Inflater::State::kGood && outcome.complete) << at;
  }
}

TEST(Inflater, KnowsNoFormatOlderThanTheStandard) {
  EXPECT_EQ(inflate_in(1, Coding::kZstd, "\x27\xB5\x2F\xFD").state, Inflater::State::kCorrupt);  // zstd 0.7
  EXPECT_EQ(inflate_in(100, Coding::kDeflate, deflated("raw", -15)).state, Inflater::State::kCorrupt);
}

TEST(ParseCoding, KnowsFourAndNoStacks) {
  EXPECT_EQ(parse_coding("gzip"), Coding::kGzip);
  EXPECT_EQ(parse_coding("X-GZip"), Coding::kGzip);
  EXPECT_EQ(parse_coding("deflate"), Coding::kDeflate);
  EXPECT_EQ(parse_coding("br"), Coding::kBrotli);
  EXPECT_EQ(parse_coding("zstd"), Coding::kZstd);
  EXPECT_EQ(parse_coding("identity"), Coding::kIdentity);
  for (const char* unknown :
       {"gzip, gzip", "gzip,br", "compress", "gzip;q=1", "identity, gzip", "gzi", "gzipp"})
    EXPECT_EQ(parse_coding(unknown), std::nullopt) << unknown;
}

}  // namespace
}  // namespace plimsoll::net
