#include "base/hash.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

TEST(Hash, GivesThePublishedDigests) {
  EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
  // RFC 4231, test case 2.
  EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Hash, OfPiecesIsTheHashOfTheirJoin) {
  const std::string_view pieces[] = {"a", "", "bc"};
  EXPECT_EQ(sha256(pieces), sha256("abc"));
}

TEST(Hash, CrcIsTheDefinitionAtEveryLength) {
  std::string bytes;
  for (int size = 0; size < 40; ++size, bytes += static_cast<char>(size * 37)) {
    std::uint32_t crc = ~0U;  // RFC 3720: the reflected polynomial, a bit at a time
    for (const char c : bytes) {
      crc ^= static_cast<std::uint8_t>(c);
      for (int bit = 0; bit < 8; ++bit) crc = (crc & 1U) ? (crc >> 1U) ^ 0x82F63B78U : crc >> 1U;
    }
    EXPECT_EQ(crc32c(bytes), ~crc) << size;
  }
}

TEST(Hash, CrcContinuesFromItsSeed) {
  EXPECT_EQ(crc32c("6789", crc32c("12345")), crc32c("123456789"));
}

TEST(Base64, RoundTripsAndRefusesWhatIsNotCanonical) {
  for (const std::string_view text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"})
    EXPECT_EQ(from_base64(to_base64(text)), text);
  EXPECT_EQ(to_base64("fooba"), "Zm9vYmE=");
  EXPECT_FALSE(from_base64("Zm9vYmF=")) << "trailing bits set";
  EXPECT_FALSE(from_base64("Zm9v YmE="));
  EXPECT_FALSE(from_base64("Zm9vYmE"));
  EXPECT_EQ(from_base64url("-_8"), "\xFB\xFF");
}

TEST(Hash, ComparesSecretsByContent) {
  EXPECT_TRUE(equal_in_constant_time("secret", "secret"));
  EXPECT_FALSE(equal_in_constant_time("secret", "secreT"));
  EXPECT_FALSE(equal_in_constant_time("secret", "secrets"));
}

}  // namespace
}  // namespace plimsoll
