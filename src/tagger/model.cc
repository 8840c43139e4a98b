#include "model.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "base/hash.h"
#include "word_table.h"

namespace plimsoll::tagger {
namespace {

constexpr std::string_view kMagic = "PLIMNAM\n";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kDigestBytes = 32;

void put32(std::string& out, std::uint32_t value) {
  for (unsigned i = 0; i < 4; ++i) out.push_back(static_cast<char>(value >> 8U * i & 0xFFU));
}
void put64(std::string& out, std::uint64_t value) {
  put32(out, static_cast<std::uint32_t>(value));
  put32(out, static_cast<std::uint32_t>(value >> 32U));
}
void put_float(std::string& out, float value) {
  put32(out, std::bit_cast<std::uint32_t>(value));
}

// Reads little-endian numbers; the length was checked before.
class Cursor {
 public:
  explicit Cursor(std::string_view rest) : rest_(rest) {}
  std::string_view take(std::size_t n) {
    const auto out = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return out;
  }
  std::uint32_t u32() {
    std::uint32_t value = 0;
    const auto bytes = take(4);
    for (unsigned i = 0; i < 4; ++i) value |= std::uint32_t{static_cast<unsigned char>(bytes[i])} << 8U * i;
    return value;
  }
  std::uint64_t u64() {
    const std::uint64_t low = u32();
    return low | std::uint64_t{u32()} << 32U;
  }
  float real() { return std::bit_cast<float>(u32()); }
  // Eight bits with their sign.
  int small() {
    const int byte = static_cast<unsigned char>(take(1)[0]);
    return byte < 128 ? byte : byte - 256;
  }

 private:
  std::string_view rest_;
};

constexpr std::size_t kHeader = 8 + 4 + 4 + 4 + kDigestBytes + 4 + kKinds * 8 + 12;
constexpr std::size_t kFixed = kHeader + kLabels * kLabels + kBuckets * kLabels + kDigestBytes;

}  // namespace

float Calibration::operator()(float probability) const {
  const float p = std::clamp(probability, 1e-6F, 1 - 1e-6F);
  return 1 / (1 + std::exp(-(slope * std::log(p / (1 - p)) + offset)));
}

std::string Model::bytes() const {
  std::string out(kMagic);
  put32(out, kVersion);
  put32(out, kBucketBits);
  put32(out, kLabels);
  const Digest lists = WordTable::digest();
  out += bytes_of(lists);
  put_float(out, scale);
  for (const auto& c : calibration) {
    put_float(out, c.slope);
    put_float(out, c.offset);
  }
  for (const auto& group : usages) put32(out, static_cast<std::uint32_t>(group.size()));
  for (const auto& row : transitions)
    for (const auto w : row) out.push_back(static_cast<char>(w));
  for (const auto& row : weights)
    for (std::size_t y = 0; y < kLabels; ++y) out.push_back(static_cast<char>(row[y]));
  for (const auto& group : usages)
    for (const auto hash : group) put64(out, hash);
  const Digest digest = sha256(out);
  out += bytes_of(digest);
  return out;
}

Result<Model> Model::parse(std::string_view bytes) {
  if (bytes.size() < kFixed || !bytes.starts_with(kMagic))
    return fail(Code::kInvalid, "not a names model: too short or no PLIMNAM at its start");
  const std::string_view body = bytes.substr(0, bytes.size() - kDigestBytes);
  const Digest digest = sha256(body);
  if (bytes.substr(body.size()) != bytes_of(digest))
    return fail(Code::kInvalid,
                "the names model is damaged: its SHA-256 does not match; fetch or train it again");
  Cursor in(body.substr(kMagic.size()));
  if (in.u32() != kVersion)
    return fail(Code::kInvalid, "the names model has another format version; this program reads version 1");
  if (in.u32() != kBucketBits || in.u32() != kLabels)
    return fail(Code::kInvalid, "the names model has another shape than this program reads");
  const Digest lists = WordTable::digest();
  if (in.take(kDigestBytes) != bytes_of(lists))
    return fail(Code::kInvalid,
                "the names model was trained with other word lists; train it again with this program");

  Model model;
  model.scale = in.real();
  bool finite = std::isfinite(model.scale) && model.scale > 0;
  for (auto& c : model.calibration) {
    c.slope = in.real();
    c.offset = in.real();
    finite = finite && std::isfinite(c.slope) && std::isfinite(c.offset);
  }
  if (!finite) return fail(Code::kInvalid, "the names model holds numbers that are not finite");
  std::array<std::size_t, 3> counts{};
  std::size_t total = 0;
  for (auto& count : counts) total += count = in.u32();
  if (total > WordTable::kMaxUsages || body.size() != kFixed - kDigestBytes + total * 8)
    return fail(Code::kInvalid, "the names model's length does not fit its header");
  for (auto& row : model.transitions)
    for (auto& w : row) w = static_cast<std::int16_t>(in.small());
  model.weights.resize(kBuckets);
  for (auto& row : model.weights) {
    row.fill(0);
    for (std::size_t y = 0; y < kLabels; ++y) row[y] = static_cast<std::int8_t>(in.small());
  }
  for (std::size_t g = 0; g < 3; ++g) {
    model.usages[g].resize(counts[g]);
    for (auto& hash : model.usages[g]) hash = in.u64();
  }
  return model;
}

}  // namespace plimsoll::tagger
