// Signed notes (C2SP signed-note) with Ed25519 keys: a text, an empty line, and a line for each signature.
//
//   — <name> <base64 of a 4-byte key id and the signature>
//
// Public keys are written as verifier keys, "<name>+<key id in hex>+<base64 of the type and the key>"; the key
// id is the beginning of SHA-256(name || 0x0A || type || key).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace plimsoll::ledger {

inline constexpr std::size_t kMaxNoteBytes = 64U << 10U;
inline constexpr std::size_t kMaxNoteSignatures = 64;

enum class KeyType : std::uint8_t {
  kEd25519 = 0x01,      // signs the text
  kCosignature = 0x04,  // a witness's: signs "cosignature/v1\ntime <unix>\n" and the text
};

struct VerifierKey {
  std::string name;
  std::uint32_t id = 0;
  KeyType type = KeyType::kEd25519;
  std::array<std::uint8_t, 32> key{};

  bool operator==(const VerifierKey&) const = default;
};

// A name without spaces and plus signs, valid UTF-8, 1 to 255 bytes.
bool is_key_name(std::string_view name);
VerifierKey make_verifier_key(std::string name, KeyType type, const std::array<std::uint8_t, 32>& key);
std::string to_text(const VerifierKey& key);
// kInvalid, with what is wrong; key types other than those above are among it.
Result<VerifierKey> parse_verifier_key(std::string_view line);

struct Signature {
  std::string name;
  std::uint32_t id = 0;
  std::string bytes;
};

struct Note {
  std::string text;  // ends with a line end
  std::vector<Signature> signatures;
};

std::string to_text(const Note& note);
// kInvalid, with what is wrong: among other things control characters, broken UTF-8 and more than 64
// signatures.
Result<Note> parse_note(std::string_view bytes);

// A private key, which also writes itself as Go's sumdb/note does. Overwritten when it goes.
class SigningKey {
 public:
  static SigningKey generate(std::string name);
  SigningKey(std::string name, const std::array<std::uint8_t, 32>& seed);
  ~SigningKey();
  SigningKey(const SigningKey&) = default;
  SigningKey& operator=(const SigningKey&) = default;
  SigningKey(SigningKey&&) noexcept = default;
  SigningKey& operator=(SigningKey&&) noexcept = default;

  const VerifierKey& verifier() const { return verifier_; }
  const std::array<std::uint8_t, 32>& seed() const { return seed_; }
  Signature sign(std::string_view text) const;

  // The same key as a witness's: it signs a checkpoint, and when (Unix seconds) that was the latest it had seen.
  VerifierKey cosigner() const;
  Signature cosign(std::string_view checkpoint, std::uint64_t time) const;

 private:
  std::array<std::uint8_t, 32> seed_;
  VerifierKey verifier_;
};

// A signature that is right.
struct Verified {
  const VerifierKey* key = nullptr;
  std::optional<std::uint64_t> time;  // Unix seconds, of a cosignature
};

// The signatures by `keys`, each key once. Those by others are ignored. kInvalid, naming the key, when a key's
// signature is wrong; an empty answer where none of the keys signed.
Result<std::vector<Verified>> verify_note(const Note& note, std::span<const VerifierKey> keys);

}  // namespace plimsoll::ledger
