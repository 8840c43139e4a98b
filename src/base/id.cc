#include "base/id.h"

#include <openssl/rand.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace plimsoll {
namespace {
constexpr std::string_view kHexDigits = "0123456789abcdef";
}

std::string random_bytes(std::size_t count) {
  std::string out(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) != 1) std::abort();
  return out;
}

std::string new_id() {
  thread_local std::string pool;
  if (pool.size() < 10) pool = random_bytes(640);

  std::array<std::uint8_t, 16> id{};
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto ms =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  for (std::size_t i = 0; i < 6; ++i) id[i] = static_cast<std::uint8_t>(ms >> (40U - 8U * i));
  for (std::size_t i = 0; i < 10; ++i) id[6 + i] = static_cast<std::uint8_t>(pool[pool.size() - 10 + i]);
  pool.resize(pool.size() - 10);
  id[6] = static_cast<std::uint8_t>((id[6] & 0x0FU) | 0x70U);
  id[8] = static_cast<std::uint8_t>((id[8] & 0x3FU) | 0x80U);

  std::string text(36, '-');
  std::size_t at = 0;
  for (std::size_t i = 0; i < id.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) ++at;
    text[at++] = kHexDigits[id[i] >> 4U];
    text[at++] = kHexDigits[id[i] & 15U];
  }
  return text;
}

}  // namespace plimsoll
