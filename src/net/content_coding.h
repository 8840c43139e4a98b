// Undoes the Content-Encoding of a body (RFC 9110 section 8.4) while it arrives. No I/O.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace plimsoll::net {

enum class Coding { kIdentity, kGzip, kDeflate, kBrotli, kZstd };

// What a Content-Encoding header names; empty is kIdentity. None: one that is not known, or more than one.
std::optional<Coding> parse_coding(std::string_view header);

// How far a body may grow.
struct InflationLimits {
  std::size_t max_bytes;                  // of the body itself
  std::size_t max_ratio;                  // bytes of the body per byte received …
  std::size_t free_bytes = 64ULL << 10U;  // … beyond these: short texts that repeat themselves are no attack
};

// One body. It never holds more than the limits allow plus one byte, whatever the coding promises; beside it the
// decoder keeps its window: 32 KB (gzip, deflate), at most 8 MB (zstd, RFC 9659) or 16 MB (br), and no more than
// about twice what the body has come to.
class Inflater {
 public:
  static std::unique_ptr<Inflater> create(Coding coding, InflationLimits limits);
  virtual ~Inflater() = default;

  enum class State { kGood, kCorrupt, kTooLarge, kTooDense };
  // Appends to `body` what these bytes stand for. After anything but kGood the inflater is of no further use.
  State feed(std::string_view bytes, std::string& body);
  // Nothing is missing: the coding's own end, with its checksum, has been seen (or there was no body at all).
  bool is_complete() const { return ended_ || received_ == 0; }

 protected:
  explicit Inflater(InflationLimits limits) : limits_(limits) {}
  struct Step {
    std::size_t used = 0;      // of the input
    std::size_t produced = 0;  // of the output
    enum class Outcome { kMore, kEnd, kCorrupt } outcome = Outcome::kMore;
  };
  virtual Step step(std::string_view in, std::span<char> out) = 0;
  virtual bool begin_again() { return false; }  // for codings in which one stream may follow another

 private:
  std::size_t allowance() const;

  InflationLimits limits_;
  std::size_t received_ = 0;
  bool ended_ = false;
};

}  // namespace plimsoll::net
