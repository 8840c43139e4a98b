// The text of an API key.
#include <zlib.h>

#include "base/id.h"
#include "identity/api_keys.h"

namespace plimsoll::identity {
namespace {

constexpr std::string_view kBase62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t kChance = 43;  // 62^43 > 2^256
constexpr std::size_t kSum = 6;
static_assert(kKeyPrefix.size() + kChance + kSum == kKeyBytes);

std::string sum_of(std::string_view chance) {
  auto rest = std::uint64_t{::crc32(0, reinterpret_cast<const Bytef*>(chance.data()),  // NOLINT
                                    static_cast<uInt>(chance.size()))};
  std::string out(kSum, '0');
  for (std::size_t i = kSum; i-- > 0; rest /= 62) out[i] = kBase62[rest % 62];
  return out;
}

}  // namespace

std::string make_secret() {
  std::string chance;
  while (chance.size() < kChance)
    for (const char c : random_bytes(64))
      if (const auto byte = static_cast<unsigned char>(c); byte < 248 && chance.size() < kChance)
        chance += kBase62[byte % 62];  // 248 = 4 * 62: every character is as likely
  return std::string(kKeyPrefix) + chance + sum_of(chance);
}

bool is_well_formed(std::string_view secret) {
  return secret.size() == kKeyBytes && secret.starts_with(kKeyPrefix) &&
         secret.find_first_not_of(kBase62, kKeyPrefix.size()) == std::string_view::npos &&
         secret.substr(kKeyPrefix.size() + kChance) == sum_of(secret.substr(kKeyPrefix.size(), kChance));
}

}  // namespace plimsoll::identity
