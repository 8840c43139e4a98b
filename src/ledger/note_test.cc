#include "ledger/note.h"

#include <gtest/gtest.h>

#include "base/hash.h"
#include "ed25519.h"
#include "ledger/checkpoint.h"

namespace plimsoll::ledger {
namespace {

// The key and note of the documentation of Go's golang.org/x/mod/sumdb/note.
constexpr std::string_view kPeter = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
constexpr std::string_view kNote =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\u2014 PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

std::vector<VerifierKey> keys(std::initializer_list<std::string_view> lines) {
  std::vector<VerifierKey> found;
  for (const auto line : lines) found.push_back(parse_verifier_key(line).value());
  return found;
}

TEST(Note, ThatOtherPeoplesSoftwareSignedIsVerified) {
  const auto note = parse_note(kNote);
  ASSERT_TRUE(note) << note.error().message;
  const auto trusted = keys({kPeter});
  const auto verified = verify_note(*note, trusted);
  ASSERT_TRUE(verified) << verified.error().message;
  ASSERT_EQ(verified->size(), 1U);
  EXPECT_EQ(verified->front().key->name, "PeterNeumann");
  EXPECT_EQ(to_text(*note), kNote);
  EXPECT_EQ(to_text(trusted[0]), kPeter);
}

TEST(Note, WhoseTextWasChangedIsRefused) {
  std::string changed(kNote);
  changed[0] = 'i';
  const auto verified = verify_note(*parse_note(changed), keys({kPeter}));
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().message, "the signature of PeterNeumann (key c74f20a3) is wrong");
}

TEST(Note, IgnoresSignaturesOfKeysThatAreNotKnown) {
  const auto own = SigningKey::generate("example.org/log");
  Note note{"text\n", {}};
  for (int i = 0; i < 20; ++i) note.signatures.push_back(SigningKey::generate("other").sign(note.text));
  note.signatures.push_back(own.sign(note.text));
  note.signatures.push_back({"example.org/log", own.verifier().id ^ 1U, std::string(64, 'x')});
  const auto read = parse_note(to_text(note));
  ASSERT_TRUE(read) << read.error().message;
  const VerifierKey trusted[] = {own.verifier()};
  EXPECT_EQ(verify_note(*read, trusted)->size(), 1U);
  EXPECT_TRUE(verify_note(*read, {})->empty());
}

TEST(Note, WithAWrongSignatureOfAKnownKeyIsRefusedWhateverElseSignedIt) {
  const auto right = SigningKey::generate("right");
  const auto wrong = SigningKey::generate("wrong");
  Note note{"text\n", {right.sign("text\n"), wrong.sign("another text\n")}};
  const VerifierKey trusted[] = {right.verifier(), wrong.verifier()};
  EXPECT_FALSE(verify_note(note, trusted));
}

TEST(Note, InAnyOtherFormIsRefused) {
  const std::string sign = "\u2014 a AAAAAAA=\n";
  EXPECT_TRUE(parse_note("text\n\n" + sign));
  for (const std::string& bad : std::initializer_list<std::string>{
           std::string(), std::string("text\n"), std::string("text\n\n"), "text\n" + sign,
           "text\n\n" + sign + "\n", "text\n\n- a AAAAAAA=\n", "text\n\n\u2014 a\n",
           "text\n\n\u2014 a+b AAAAAAA=\n", "text\n\n\u2014 a AAAA\n", "text\n\n\u2014 a AAAAAAA\n",
           "te\tt\n\n" + sign, "te\xfft\n\n" + sign, "text\r\n\n" + sign, "text\n\n\u2014 a AAAAAAA="})
    EXPECT_FALSE(parse_note(bad)) << bad;
  std::string many = "text\n\n";
  for (int i = 0; i < 65; ++i) many += sign;
  EXPECT_FALSE(parse_note(many));
  EXPECT_EQ(parse_note(std::string(kMaxNoteBytes + 1, 'x')).error().code, Code::kTooLarge);
}

TEST(VerifierKey, InAnyOtherFormIsRefused) {
  EXPECT_TRUE(parse_verifier_key(kPeter));
  const std::string rest = "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
  for (const std::string& bad : std::initializer_list<std::string>{
           std::string(), std::string("PeterNeumann"), rest, "Peter Neumann" + rest, "peterNeumann" + rest,
           std::string("PeterNeumann+c74f20a3"), std::string("PeterNeumann+c74f20a3+ARpc"),
           std::string("PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"),
           std::string("PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")})
    EXPECT_FALSE(parse_verifier_key(bad)) << bad;
}

TEST(Cosignature, IsOfATimeAndAText) {
  const auto signer = SigningKey::generate("witness");
  const auto key = make_verifier_key("witness", KeyType::kCosignature, signer.verifier().key);
  const std::string time("\0\0\0\0\x65\x53\xf1\x00", 8);
  const Note note{
      "text\n",
      {{"witness", key.id, time + ed25519::sign(signer.seed(), "cosignature/v1\ntime 1700000000\ntext\n")}}};
  const VerifierKey trusted[] = {key};
  const auto verified = verify_note(note, trusted);
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->at(0).time, 1'700'000'000U);
  auto later = note;
  later.signatures[0].bytes[7] = 1;
  EXPECT_FALSE(verify_note(later, trusted));
}

// RFC 8032, section 7.1, test 2.
TEST(Ed25519, SignsAsTheVectorsSay) {
  ed25519::Seed seed{};
  const std::string hex = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
  for (std::size_t i = 0; i < seed.size(); ++i)
    seed[i] = static_cast<std::uint8_t>(std::stoi(hex.substr(2 * i, 2), nullptr, 16));
  EXPECT_EQ(to_hex(ed25519::public_key(seed)),
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  EXPECT_EQ(to_hex(ed25519::sign(seed, "\x72")),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
}

TEST(Checkpoint, IsReadAsItWasWrittenAndNotOtherwise) {
  const Checkpoint checkpoint{"example.org/log", 1000, sha256("root")};
  EXPECT_EQ(parse_checkpoint(to_text(checkpoint)), checkpoint);
  EXPECT_EQ(parse_checkpoint(to_text(checkpoint) + "extension\n"), checkpoint);
  const auto root = to_base64(bytes_of(checkpoint.root));
  for (const std::string& bad : std::initializer_list<std::string>{
           std::string(), std::string("origin\n"), "origin\n01\n" + root + "\n", "\n1\n" + root + "\n",
           "origin\n1\n" + root, "origin\n-1\n" + root + "\n", "origin\n1\nAAAA\n",
           "origin\n18446744073709551616\n" + root + "\n", "origin\n1\n" + root + "\n\n"})
    EXPECT_FALSE(parse_checkpoint(bad)) << bad;
}

}  // namespace
}  // namespace plimsoll::ledger
