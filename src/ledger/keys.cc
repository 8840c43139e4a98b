#include "ledger/keys.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <thread>

#include "base/hash.h"
#include "base/id.h"
#include "base/json.h"
#include "file.h"

namespace plimsoll::ledger {
namespace {

constexpr std::size_t kMaxFileBytes = 1U << 20U;
constexpr std::chrono::minutes kMinOverlap{1};

std::string folder_of(const std::string& directory) {
  return directory + "/keys";
}

std::string file_of(const std::string& directory) {
  return folder_of(directory) + "/keys.json";
}

// Two logs must not have one name: their checkpoints would look like two views of one log.
std::string new_origin() {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0 || !is_key_name(host.data()))
    return "plimsoll/" + to_hex(random_bytes(4));
  return std::string(host.data()) + "/plimsoll/" + to_hex(random_bytes(4));
}

std::string_view view(const std::array<std::uint8_t, 32>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::optional<Time> time_of(const json::value& object, std::string_view name) {
  const auto* text = find_string(object, name);
  return text ? from_rfc3339(std::string_view(text->data(), text->size())) : std::nullopt;
}

std::string text_of(const json::value& object, std::string_view name) {
  const auto* text = find_string(object, name);
  return text ? std::string(text->data(), text->size()) : std::string();
}

// Held while the file is read, changed and written: a command and the log's process may both want to.
Result<std::unique_ptr<Lock>> hold(FileSystem& files, const std::string& directory) {
  const auto path = folder_of(directory) + "/LOCK";
  auto lock = files.lock(path);
  for (int tries = 0; !lock && lock.error().code == Code::kUnavailable && tries < 50; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    lock = files.lock(path);
  }
  return lock;
}

}  // namespace

Result<KeyRing> KeyRing::open(FileSystem& files, const std::string& directory, const std::string& origin) {
  if (!origin.empty() && !is_key_name(origin))
    return fail(Code::kInvalid, "ledger.origin: must be a name without spaces and plus signs");
  auto ring = load(files, directory);
  if (ring) {
    if (!origin.empty() && origin != ring->origin())
      return fail(Code::kInvalid, "ledger.origin: the log in " + directory + " is called " + ring->origin() +
                                      " and cannot change its name; a new name needs a new log");
    return ring;
  }
  if (ring.error().code != Code::kNotFound) return ring;

  if (auto made = files.make_directory(folder_of(directory)); !made) return std::unexpected(made.error());
  const auto lock = hold(files, directory);
  if (!lock) return std::unexpected(lock.error());
  KeyRing fresh;
  fresh.origin_ = origin.empty() ? new_origin() : origin;
  auto key = SigningKey::generate(fresh.origin_);
  fresh.keys_.push_back({key.verifier(), key, std::chrono::system_clock::now(), std::nullopt, true});
  if (auto saved = fresh.save(files, directory); !saved) return std::unexpected(saved.error());
  return fresh;
}

Result<KeyRing> KeyRing::load(FileSystem& files, const std::string& directory) {
  const auto text = read_file(files, file_of(directory), kMaxFileBytes);
  if (!text) return std::unexpected(text.error());
  auto ring = parse(*text);
  if (!ring) return std::unexpected(std::move(ring).error().in(file_of(directory)));
  return ring;
}

Result<KeyRing> KeyRing::rotate(FileSystem& files, const std::string& directory,
                                std::chrono::seconds overlap) {
  const auto lock = hold(files, directory);
  if (!lock) return std::unexpected(lock.error());
  auto ring = load(files, directory);
  if (!ring) return ring;
  if (overlap < kMinOverlap) return fail(Code::kInvalid, "the overlap must be a minute at least");
  if (ring->unlogged() != nullptr)
    return fail(Code::kInvalid, "the last rotation is not logged yet: start the log first");
  const auto now = std::chrono::system_clock::now();
  for (auto& key : ring->keys_)
    if (ring->signs(key, now)) key.until = key.until ? std::min(*key.until, now + overlap) : now + overlap;
  auto key = SigningKey::generate(ring->origin_);
  ring->keys_.push_back({key.verifier(), key, now, std::nullopt, false});
  if (auto saved = ring->save(files, directory); !saved) return std::unexpected(saved.error());
  return ring;
}

Result<KeyRing> KeyRing::logged(FileSystem& files, const std::string& directory, const VerifierKey& key) {
  const auto lock = hold(files, directory);
  if (!lock) return std::unexpected(lock.error());
  auto ring = load(files, directory);
  if (!ring) return ring;
  for (auto& held : ring->keys_) held.logged = held.logged || held.verifier == key;
  if (auto saved = ring->save(files, directory); !saved) return std::unexpected(saved.error());
  return ring;
}

Result<KeyRing> KeyRing::retire(FileSystem& files, const std::string& directory, Time now) {
  const auto lock = hold(files, directory);
  if (!lock) return std::unexpected(lock.error());
  auto ring = load(files, directory);
  if (!ring) return ring;
  for (auto& key : ring->keys_)
    if (key.until && !ring->signs(key, now)) key.secret.reset();
  if (auto saved = ring->save(files, directory); !saved) return std::unexpected(saved.error());
  return ring;
}

bool KeyRing::signs(const Key& key, Time now) const {
  if (!key.secret || !key.logged) return false;
  if (!key.until || now < *key.until) return true;
  return std::ranges::none_of(keys_, [&](const Key& other) { return other.logged && &other > &key; });
}

std::vector<Signature> KeyRing::sign(std::string_view text, Time now) const {
  std::vector<Signature> signatures;
  for (const auto& key : keys_)
    if (signs(key, now)) signatures.push_back(key.secret->sign(text));
  return signatures;
}

std::vector<VerifierKey> KeyRing::verifiers() const {
  std::vector<VerifierKey> found;
  for (const auto& key : keys_) found.push_back(key.verifier);
  return found;
}

std::string KeyRing::lines(Time now) const {
  std::string lines;
  for (auto key = keys_.rbegin(); key != keys_.rend(); ++key)
    if (signs(*key, now) || !key->logged) lines.append(to_text(key->verifier)).append("\n");
  return lines;
}

const KeyRing::Key* KeyRing::unlogged() const {
  const auto found = std::ranges::find(keys_, false, &Key::logged);
  return found == keys_.end() ? nullptr : &*found;
}

std::string KeyRing::rotation_entry(const Key& key, Time now) const {
  json::object entry{{"v", 1},
                     {"type", "key_rotated"},
                     {"time", to_rfc3339_ms(now)},
                     {"origin", origin_},
                     {"vkey", to_text(key.verifier)}};
  json::array ending;
  for (const auto& old : keys_)
    if (signs(old, now))
      ending.push_back({{"vkey", to_text(old.verifier)},
                        {"until", old.until ? json::value(to_rfc3339(*old.until)) : nullptr}});
  entry["ending"] = std::move(ending);
  return to_canonical_json(entry);
}

Result<KeyRing> KeyRing::parse(std::string_view text) {
  const auto invalid = [](std::string_view what) {
    return fail(Code::kInvalid, std::string(what) + ": restore this file");
  };
  const auto value = parse_json(text);
  if (!value) return std::unexpected(value.error());
  KeyRing ring;
  ring.origin_ = text_of(*value, "origin");
  const auto* keys = find_array(*value, "keys");
  if (!is_key_name(ring.origin_) || keys == nullptr) return invalid("origin or keys are missing");
  for (const auto& object : *keys) {
    auto verifier = parse_verifier_key(text_of(object, "vkey"));
    if (!verifier) return invalid("a key cannot be read");
    const auto since = time_of(object, "since");
    const auto* logged = find(object, "logged");
    if (!since || logged == nullptr || !logged->is_bool()) return invalid("a key cannot be read");
    Key key{*std::move(verifier), std::nullopt, *since, time_of(object, "until"), logged->get_bool()};
    if (const auto secret = text_of(object, "secret"); !secret.empty()) {
      const auto bytes = from_base64(secret);
      std::array<std::uint8_t, 32> seed{};
      if (!bytes || bytes->size() != seed.size()) return invalid("a secret cannot be read");
      std::ranges::copy(*bytes, seed.begin());
      key.secret.emplace(ring.origin_, seed);
      if (key.secret->verifier() != key.verifier) return invalid("a secret is another key's");
    }
    ring.keys_.push_back(std::move(key));
  }
  return ring;
}

std::string KeyRing::to_json_text() const {
  json::array keys;
  for (const auto& key : keys_) {
    json::object object{
        {"vkey", to_text(key.verifier)}, {"since", to_rfc3339(key.since)}, {"logged", key.logged}};
    if (key.secret) object["secret"] = to_base64(view(key.secret->seed()));
    if (key.until) object["until"] = to_rfc3339(*key.until);
    keys.push_back(std::move(object));
  }
  return to_json(json::object{{"origin", origin_}, {"keys", std::move(keys)}}) + "\n";
}

Result<void> KeyRing::save(FileSystem& files, const std::string& directory) const {
  return replace_file(files, file_of(directory), to_json_text());
}

}  // namespace plimsoll::ledger
