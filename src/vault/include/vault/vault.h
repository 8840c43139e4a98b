// Texts that the log commits to but does not hold: sealed beside it, so that a person can be erased and every proof
// still holds.
//
// Each data subject has a key of 32 random bytes. Texts are sealed with it (AES-256-GCM), and the log's commitments to
// them are made with it. Keys are kept in vault/keys.db, wrapped by a master key that comes from elsewhere. Erasing a
// subject deletes its key and overwrites its texts: then nobody can open a copy of the texts either, nor check a guess
// against the log, while the log itself is as it was.
//
// Files, in the folder that the vault owns:
//   keys.db              SQLite: tag of the subject, wrapped key, when it was made. A tag is HMAC(master, subject), so
//                        that no name is on disk
//   <20 digits>.sealed   records, one after another: length and CRC-32C (4 bytes each, little endian), 16 bytes tag,
//                        12 bytes nonce, the sealed text, 16 bytes GCM tag. Erased: zeros from the nonce on
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace plimsoll::vault {

using Key = std::array<std::uint8_t, 32>;

struct Options {
  std::string folder;  // made if missing (0700); one process's
  Key master{};
  std::size_t file_bytes = 64U << 20U;        // a file is closed beyond it
  std::size_t max_queued_bytes = 32U << 20U;  // in memory, not yet on disk; beyond it put() refuses
  std::size_t cached_subjects = 65'536;       // whose keys stay in memory
  std::chrono::milliseconds gather{50};       // texts that nobody waits for share a write
};

inline constexpr std::size_t kMaxText = 8U << 20U;  // bytes
inline constexpr std::size_t kMaxSubject = 1024;    // bytes

// Where a sealed text is.
struct Place {
  std::uint64_t file = 0;
  std::uint64_t offset = 0;
  bool operator==(const Place&) const = default;
};

// Thread-safe. Nothing that callers share is locked while the disk works.
class Vault {
 public:
  // Called once, on the vault's thread, when the text is on disk or will not be. Short, must not throw.
  using Done = std::move_only_function<void(Result<void>)>;

  // kUnavailable: the folder cannot be used, or another process has it; kInvalid: the master key is another one.
  static Result<std::unique_ptr<Vault>> open(Options options);
  // Writes what is queued.
  ~Vault();
  Vault(const Vault&) = delete;
  Vault& operator=(const Vault&) = delete;

  // The subject's key for commitments; made if the subject is new, and on disk before anything that put() adds later.
  // It is not the key that texts are sealed with. kUnavailable when the keys cannot be read.
  Result<Key> commitment_key(std::string_view subject);

  // Seals a text of `subject`; `name` must be given again to open it. kTooLarge; kUnavailable when too much is queued or
  // the disk does not take it: then `done` is never called.
  Result<Place> put(std::string_view subject, std::string_view name, std::string_view text, Done done = {});

  // kNotFound when the text was erased or never came to the disk; kInvalid when it is damaged or named otherwise.
  Result<std::string> get(const Place& place, std::string_view name);

  struct Erased {
    bool known = false;         // the subject had a key
    std::uint64_t records = 0;  // overwritten
    std::uint64_t bytes = 0;    // of these
  };
  // Waits for the disk; may be called again. What is put for the subject afterwards gets a new key.
  Result<Erased> erase(std::string_view subject);

  // Deletes files of which every text is older than `age`; their number. Waits for the disk.
  Result<std::uint64_t> prune(std::chrono::seconds age);

 private:
  class Impl;
  explicit Vault(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The master key: of an environment variable (base64) when it is set, else what a command prints (base64), else of a
// file, made if it is missing. kInvalid says what is wrong, and never the key.
struct MasterKeySource {
  std::string environment = "PLIMSOLL_MASTER_KEY";
  std::string command;
  std::string file;
};
Result<Key> read_master_key(const MasterKeySource& source);

}  // namespace plimsoll::vault
