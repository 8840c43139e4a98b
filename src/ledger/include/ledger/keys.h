// The keys that sign a log's checkpoints: DIR/keys/keys.json, for its owner only.
//
//   {"origin": …, "keys": [{"vkey": …, "secret": …, "since": …, "until": …, "logged": true}, …]}
//
// The first key is made with the log. A rotation adds one and gives the others an end: until then all of them
// sign, so that whoever trusts an old key has time to learn the new one. A key signs once the entry
// "key_rotated", which names it, is in the log; the older keys have signed that entry. At its end a key's
// secret is deleted.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "ledger/note.h"

namespace plimsoll::ledger {

class FileSystem;

// A value: as the file was when it was read.
class KeyRing {
 public:
  struct Key {
    VerifierKey verifier;
    std::optional<SigningKey> secret;  // none once its time is over
    Time since;
    std::optional<Time> until;
    bool logged = false;
  };

  // The keys of the log in `directory`, made if there are none. `origin` is the log's name, which becomes the
  // keys' name: empty for the one there is, or a new one of host name and chance. kInvalid when it is not a
  // name, or not the one that the keys have.
  static Result<KeyRing> open(FileSystem& files, const std::string& directory, const std::string& origin);
  // kNotFound when there are none.
  static Result<KeyRing> load(FileSystem& files, const std::string& directory);

  // Changes to the file, which any process may make at any time.
  //   rotate   adds a key; the others end `overlap` from now, a minute at least. kInvalid while an earlier
  //            rotation is not logged
  //   logged   that the entry which names the key is in the log
  //   retire   deletes the secrets whose time is over
  static Result<KeyRing> rotate(FileSystem& files, const std::string& directory,
                                std::chrono::seconds overlap);
  static Result<KeyRing> logged(FileSystem& files, const std::string& directory, const VerifierKey& key);
  static Result<KeyRing> retire(FileSystem& files, const std::string& directory, Time now);

  const std::string& origin() const { return origin_; }
  const std::vector<Key>& keys() const { return keys_; }

  // Whether a key signs: until its end, and beyond it where no newer key has been logged.
  bool signs(const Key& key, Time now) const;
  // A signature by every key that signs.
  std::vector<Signature> sign(std::string_view text, Time now) const;
  // Every key there has been.
  std::vector<VerifierKey> verifiers() const;
  // The lines of the keys that sign, and of those that will once they are logged; the newest first.
  std::string lines(Time now) const;

  // The first key that is not logged, and the entry that will do so.
  const Key* unlogged() const;
  std::string rotation_entry(const Key& key, Time now) const;

 private:
  static Result<KeyRing> parse(std::string_view text);
  std::string to_json_text() const;
  Result<void> save(FileSystem& files, const std::string& directory) const;

  std::string origin_;
  std::vector<Key> keys_;  // oldest first
};

}  // namespace plimsoll::ledger
