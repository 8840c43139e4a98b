#include "witness/witness.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>

#include "base/files.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/log.h"

namespace plimsoll::witness {
namespace {

using ledger::Index;

constexpr std::size_t kMostHashes = 63;
constexpr std::size_t kSeedBytes = 32;

std::string hash_of(std::string_view origin) {
  return to_hex(sha256(origin));
}

// A decimal number without a leading zero.
std::optional<Index> to_size(std::string_view text) {
  Index size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc() || end != text.data() + text.size() || (text.size() > 1 && text.front() == '0'))
    return std::nullopt;
  return size;
}

std::uint64_t now() {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
          .count());
}

Answer refusal(int status, std::string why) {
  return {.status = status, .body = std::move(why) + "\n"};
}

// The name is in the file, so that a restart needs none and a key never changes its name.
Result<ledger::SigningKey> open_key(const std::string& path, const std::string& name) {
  const auto known = read_file(path, 1024);
  if (known) {
    const auto split = known->find('\n');
    const auto seed =
        from_base64(std::string_view(*known).substr(split == std::string::npos ? 0 : split + 1));
    if (split == std::string::npos || !seed || seed->size() != kSeedBytes)
      return fail(Code::kInvalid, path + " is damaged: expected a name and 32 bytes in base64; restore it");
    const auto held = known->substr(0, split);
    if (!name.empty() && name != held)
      return fail(Code::kInvalid, path + " is the key of '" + held + "', not of '" + name + "'");
    std::array<std::uint8_t, kSeedBytes> bytes{};
    std::ranges::copy(*seed, bytes.begin());
    return ledger::SigningKey(held, bytes);
  }
  if (known.error().code != Code::kNotFound) return std::unexpected(known.error());
  if (!ledger::is_key_name(name))
    return fail(Code::kInvalid,
                "a witness needs a name, without spaces and plus signs, such as witness.example.org");
  auto key = ledger::SigningKey::generate(name);
  const std::string_view seed(reinterpret_cast<const char*>(key.seed().data()), key.seed().size());
  if (auto kept = replace_file(path, name + "\n" + to_base64(seed)); !kept)
    return std::unexpected(std::move(kept).error());
  return key;
}

}  // namespace

Result<AddCheckpoint> parse_add_checkpoint(std::string_view body) {
  if (body.size() > kMaxRequestBytes) return fail(Code::kTooLarge, "the request is longer than 68 KiB");
  AddCheckpoint request;
  const auto next_line = [&]() -> std::optional<std::string_view> {
    const auto end = body.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const auto line = body.substr(0, end);
    body.remove_prefix(end + 1);
    return line;
  };
  const auto first = next_line();
  const auto size = first && first->starts_with("old ") ? to_size(first->substr(4)) : std::nullopt;
  if (!size) return fail(Code::kInvalid, "the first line must be 'old' and a size");
  request.old_size = *size;
  for (;;) {
    const auto line = next_line();
    if (!line) return fail(Code::kInvalid, "no empty line before the checkpoint");
    if (line->empty()) break;
    const auto hash = from_base64(*line);
    if (!hash || hash->size() != 32) return fail(Code::kInvalid, "a line of the proof is no hash in base64");
    if (request.proof.size() == kMostHashes) return fail(Code::kInvalid, "the proof has more than 63 hashes");
    auto& digest = request.proof.emplace_back();
    std::ranges::copy(*hash, digest.begin());
  }
  request.note = body;
  return request;
}

std::string to_text(const AddCheckpoint& request) {
  std::string text = "old " + std::to_string(request.old_size) + "\n";
  for (const auto& hash : request.proof) text.append(to_base64(bytes_of(hash))).append("\n");
  return text.append("\n").append(request.note);
}

Witness::Witness(std::string folder, ledger::SigningKey secret)
    : folder_(std::move(folder)), secret_(std::move(secret)), key_(secret_.cosigner()) {}

Result<Witness> Witness::open(Options options) {
  if (options.logs.empty()) return fail(Code::kInvalid, "a witness needs the key of at least one log");
  if (auto made = make_directory(options.folder); !made) return std::unexpected(std::move(made).error());
  auto secret = open_key(options.folder + "/witness.key", options.name);
  if (!secret) return std::unexpected(std::move(secret).error());
  Witness witness(std::move(options.folder), *std::move(secret));
  for (auto& key : options.logs) {
    if (key.type != ledger::KeyType::kEd25519)
      return fail(Code::kInvalid, key.name + ": this is a witness's key, not a log's");
    witness.logs_[key.name].keys.push_back(std::move(key));
  }
  for (auto& [origin, log] : witness.logs_)
    if (auto loaded = witness.load(origin, log); !loaded) return std::unexpected(std::move(loaded).error());
  return witness;
}

std::string Witness::path_of(const std::string& origin) const {
  return folder_ + "/" + hash_of(origin);
}

// What it signed itself is what it goes on from: anything else in its place is refused.
Result<void> Witness::load(const std::string& origin, Log& log) const {
  const auto path = path_of(origin);
  auto text = read_file(path, ledger::kMaxNoteBytes);
  if (!text && text.error().code == Code::kNotFound) return {};
  if (!text) return std::unexpected(std::move(text).error());
  const auto note = ledger::parse_note(*text);
  if (!note) return std::unexpected(Error(note.error()).in(path));
  const auto own = ledger::verify_note(*note, {&key_, 1});
  if (!own) return std::unexpected(Error(own.error()).in(path));
  const auto checkpoint = ledger::parse_checkpoint(note->text);
  if (!checkpoint) return std::unexpected(Error(checkpoint.error()).in(path));
  if (own->empty() || checkpoint->origin != origin)
    return fail(Code::kInvalid,
                path + " is not a checkpoint of this log that this witness signed; restore it");
  log.size = checkpoint->size;
  log.root = checkpoint->root;
  log.note = *std::move(text);
  return {};
}

Answer Witness::add_checkpoint(std::string_view body) {
  const auto request = parse_add_checkpoint(body);
  if (!request) return refusal(400, request.error().message);
  auto note = ledger::parse_note(request->note);
  if (!note) return refusal(400, note.error().message);
  const auto checkpoint = ledger::parse_checkpoint(note->text);
  if (!checkpoint) return refusal(400, checkpoint.error().message);

  const auto found = logs_.find(checkpoint->origin);
  if (found == logs_.end()) return refusal(404, "this witness does not know the log " + checkpoint->origin);
  auto& log = found->second;
  const auto signers = ledger::verify_note(*note, log.keys);
  if (!signers) return refusal(403, signers.error().message);
  if (signers->empty()) return refusal(403, "no signature is by a known key of the log");
  if (request->old_size > checkpoint->size)
    return refusal(400, "'old' is larger than the checkpoint: a log does not shrink");
  if (request->old_size != log.size)
    return {.status = 409, .content_type = "text/x.tlog.size", .body = std::to_string(log.size) + "\n"};
  if (!log.note.empty() && checkpoint->size == log.size && checkpoint->root != log.root) {
    log_error("witness: two trees of one size", {{"origin", checkpoint->origin}, {"size", log.size}});
    return refusal(422, "another root was signed for this size: the log shows two versions of itself");
  }
  const bool holds = log.note.empty() ? request->proof.empty()
                                      : ledger::verify_consistency(log.size, log.root, checkpoint->size,
                                                                   checkpoint->root, request->proof);
  if (!holds) {
    log_error("witness: a checkpoint does not go on from the last",
              {{"origin", checkpoint->origin}, {"from", log.size}, {"to", checkpoint->size}});
    return refusal(422, "the proof does not lead from the checkpoint that was signed at size " +
                            std::to_string(log.size) + " to this one");
  }

  // Only signatures that were checked are kept.
  ledger::Note kept{.text = note->text, .signatures = {}};
  for (const auto& signature : note->signatures)
    if (std::ranges::any_of(*signers, [&](const ledger::Verified& v) {
          return v.key->name == signature.name && v.key->id == signature.id;
        }))
      kept.signatures.push_back(signature);
  const auto cosignature = secret_.cosign(note->text, now());
  kept.signatures.push_back(cosignature);
  auto text = ledger::to_text(kept);
  if (auto written = replace_file(path_of(found->first), text); !written) {
    log_error("witness: cannot keep its state", {{"error", written.error().message}});
    return refusal(500, "the witness cannot keep what it would sign");
  }
  log.size = checkpoint->size;
  log.root = checkpoint->root;
  log.note = std::move(text);
  ledger::Note line{.text = "\n", .signatures = {cosignature}};
  const auto whole = ledger::to_text(line);
  return {.status = 200, .body = whole.substr(line.text.size() + 1)};
}

Answer Witness::checkpoint(std::string_view origin_hash) const {
  for (const auto& [origin, log] : logs_)
    if (!log.note.empty() && hash_of(origin) == origin_hash) return {.body = log.note};
  return refusal(404, "no checkpoint of such a log has been signed");
}

}  // namespace plimsoll::witness
