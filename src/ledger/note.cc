#include "ledger/note.h"

#include <algorithm>

#include "base/hash.h"
#include "base/id.h"
#include "base/json.h"
#include "ed25519.h"

namespace plimsoll::ledger {
namespace {

constexpr std::string_view kDash = "\u2014 ";
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kSignatureBytes = 64;
constexpr std::size_t kTimeBytes = 8;
constexpr std::size_t kMaxNameBytes = 255;

std::string_view view(const std::array<std::uint8_t, kKeyBytes>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8U | static_cast<std::uint8_t>(c);
  return value;
}

std::string big_endian(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(value >> shift));
  return bytes;
}

std::string hex8(std::uint32_t id) {
  return to_hex(big_endian(id));
}

std::uint32_t key_id(std::string_view name, KeyType type, std::string_view key) {
  const char kind = static_cast<char>(type);
  const std::string_view pieces[] = {name, "\n", {&kind, 1}, key};
  return static_cast<std::uint32_t>(big_endian(bytes_of(sha256(pieces)).substr(0, 4)));
}

bool is_note_text(std::string_view text) {
  return is_utf8(text) &&
         std::ranges::none_of(text, [](char c) { return static_cast<std::uint8_t>(c) < 0x20 && c != '\n'; });
}

Result<Signature> parse_signature(std::string_view line) {
  const auto malformed = [] { return fail(Code::kInvalid, "note: a signature line is malformed"); };
  if (!line.starts_with(kDash)) return malformed();
  line.remove_prefix(kDash.size());
  const auto space = line.find(' ');
  if (space == std::string_view::npos) return malformed();
  const auto name = line.substr(0, space);
  const auto bytes = from_base64(line.substr(space + 1));
  if (!is_key_name(name) || !bytes || bytes->size() < 5) return malformed();
  return Signature{std::string(name),
                   static_cast<std::uint32_t>(big_endian(std::string_view(*bytes).substr(0, 4))),
                   bytes->substr(4)};
}

std::optional<Verified> check(const Note& note, const Signature& signature, const VerifierKey& key) {
  if (key.type == KeyType::kEd25519) {
    if (!ed25519::verify(key.key, note.text, signature.bytes)) return std::nullopt;
    return Verified{&key, std::nullopt};
  }
  if (signature.bytes.size() != kTimeBytes + kSignatureBytes) return std::nullopt;
  const auto time = big_endian(std::string_view(signature.bytes).substr(0, kTimeBytes));
  const auto message = "cosignature/v1\ntime " + std::to_string(time) + "\n" + note.text;
  if (!ed25519::verify(key.key, message, std::string_view(signature.bytes).substr(kTimeBytes)))
    return std::nullopt;
  return Verified{&key, time};
}

}  // namespace

bool is_key_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxNameBytes && is_utf8(name) &&
         std::ranges::none_of(
             name, [](char c) { return static_cast<std::uint8_t>(c) <= 0x20 || c == 0x7f || c == '+'; });
}

VerifierKey make_verifier_key(std::string name, KeyType type, const std::array<std::uint8_t, 32>& key) {
  const auto id = key_id(name, type, view(key));
  return {std::move(name), id, type, key};
}

std::string to_text(const VerifierKey& key) {
  std::string bytes(1, static_cast<char>(key.type));
  bytes.append(view(key.key));
  return key.name + "+" + hex8(key.id) + "+" + to_base64(bytes);
}

Result<VerifierKey> parse_verifier_key(std::string_view line) {
  const auto malformed = [](std::string_view what) {
    return fail(Code::kInvalid, "verifier key: " + std::string(what));
  };
  const auto first = line.find('+');
  if (first == std::string_view::npos || line.size() < first + 10 || line[first + 9] != '+')
    return malformed("not <name>+<8 hex digits>+<base64>");
  const auto name = line.substr(0, first);
  if (!is_key_name(name)) return malformed("the name is not one");
  const auto bytes = from_base64(line.substr(first + 10));
  if (!bytes || bytes->size() != 1 + kKeyBytes) return malformed("the key is not 33 bytes in base64");
  const auto type = static_cast<KeyType>(bytes->front());
  if (type != KeyType::kEd25519 && type != KeyType::kCosignature)
    return malformed("only Ed25519 keys (types 1 and 4) are known");
  std::array<std::uint8_t, kKeyBytes> key;
  std::copy(bytes->begin() + 1, bytes->end(), key.begin());
  auto parsed = make_verifier_key(std::string(name), type, key);
  if (hex8(parsed.id) != line.substr(first + 1, 8)) return malformed("the key id is not the key's");
  return parsed;
}

std::string to_text(const Note& note) {
  auto text = note.text + "\n";
  for (const auto& signature : note.signatures)
    text.append(kDash)
        .append(signature.name)
        .append(" ")
        .append(to_base64(big_endian(signature.id) + signature.bytes))
        .append("\n");
  return text;
}

Result<Note> parse_note(std::string_view bytes) {
  if (bytes.size() > kMaxNoteBytes) return fail(Code::kTooLarge, "note: larger than 64 KiB");
  if (!is_note_text(bytes)) return fail(Code::kInvalid, "note: control characters or broken UTF-8");
  const auto split = bytes.rfind("\n\n");
  if (split == std::string_view::npos || !bytes.ends_with('\n'))
    return fail(Code::kInvalid, "note: no empty line between the text and its signatures");
  Note note;
  note.text = bytes.substr(0, split + 1);
  for (auto lines = bytes.substr(split + 2); !lines.empty();) {
    const auto end = lines.find('\n');
    auto signature = parse_signature(lines.substr(0, end));
    if (!signature) return std::unexpected(std::move(signature).error());
    if (note.signatures.size() == kMaxNoteSignatures)
      return fail(Code::kInvalid, "note: more than 64 signatures");
    note.signatures.push_back(*std::move(signature));
    lines.remove_prefix(end + 1);
  }
  if (note.signatures.empty()) return fail(Code::kInvalid, "note: no signature");
  return note;
}

SigningKey SigningKey::generate(std::string name) {
  std::array<std::uint8_t, kKeyBytes> seed;
  const auto random = random_bytes(seed.size());
  std::ranges::copy(random, seed.begin());
  SigningKey key(std::move(name), seed);
  ed25519::forget(seed);
  return key;
}

SigningKey::SigningKey(std::string name, const std::array<std::uint8_t, 32>& seed)
    : seed_(seed),
      verifier_(make_verifier_key(std::move(name), KeyType::kEd25519, ed25519::public_key(seed))) {}

SigningKey::~SigningKey() {
  ed25519::forget(seed_);
}

Signature SigningKey::sign(std::string_view text) const {
  return {verifier_.name, verifier_.id, ed25519::sign(seed_, text)};
}

VerifierKey SigningKey::cosigner() const {
  return make_verifier_key(verifier_.name, KeyType::kCosignature, verifier_.key);
}

Signature SigningKey::cosign(std::string_view checkpoint, std::uint64_t time) const {
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(time >> shift));
  bytes +=
      ed25519::sign(seed_, "cosignature/v1\ntime " + std::to_string(time) + "\n" + std::string(checkpoint));
  return {verifier_.name, cosigner().id, std::move(bytes)};
}

Result<std::vector<Verified>> verify_note(const Note& note, std::span<const VerifierKey> keys) {
  std::vector<Verified> verified;
  for (const auto& signature : note.signatures) {
    const auto key = std::ranges::find_if(
        keys, [&](const auto& k) { return k.name == signature.name && k.id == signature.id; });
    if (key == keys.end()) continue;
    if (std::ranges::any_of(verified, [&](const auto& v) { return v.key == &*key; })) continue;
    const auto right = check(note, signature, *key);
    if (!right)
      return fail(Code::kInvalid, "the signature of " + key->name + " (key " + hex8(key->id) + ") is wrong");
    verified.push_back(*right);
  }
  return verified;
}

}  // namespace plimsoll::ledger
