// A witness of transparency logs (C2SP tlog-witness): it signs what a log promises only if that goes on from all the
// log promised before. Who asks it for every checkpoint notices a log that was cut, rewritten or shown in two versions,
// even by whoever holds the log's key. It runs apart from the log, in hands that the log's operator does not own.
//
// State, in the folder that it owns:
//   witness.key                   the 32-byte seed of its Ed25519 key, for its owner only; made on first start
//   <hex SHA-256 of origin>       the last checkpoint it signed, as a signed note with the cosignature
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ledger/checkpoint.h"
#include "ledger/note.h"
#include "ledger/proof.h"

namespace plimsoll::witness {

// No request is longer: "old", 63 hashes and a note.
inline constexpr std::size_t kMaxRequestBytes = 68U << 10U;

struct AddCheckpoint {
  ledger::Index old_size = 0;
  ledger::Proof proof;  // at most 63 hashes
  std::string note;     // the signed checkpoint, byte for byte
};
// "old <size>", a line of base64 for each hash, an empty line, the note. kInvalid, with what is wrong.
Result<AddCheckpoint> parse_add_checkpoint(std::string_view body);
std::string to_text(const AddCheckpoint& request);

struct Options {
  std::string folder;  // made if missing
  // The witness's name, which becomes its key's; for the first start.
  std::string name;
  // Keys of the logs it watches: the name of a key is the origin of its log. Several of one log all count.
  std::vector<ledger::VerifierKey> logs;
};

struct Answer {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

// One thread at a time; the folder is one process's.
class Witness {
 public:
  // kInvalid: no name, or none of the logs; a damaged key or state. kUnavailable: the folder cannot be used.
  static Result<Witness> open(Options options);

  // The key that cosignatures are checked with.
  const ledger::VerifierKey& key() const { return key_; }

  // POST /add-checkpoint: 200 and the cosignature; 400 malformed; 404 no such log; 403 not signed by it; 409 and the
  // size it knows, where `old` is another; 422 the proof does not hold, or the same size with another root; 500 the
  // new state could not be kept. What is answered with 200 is on disk.
  Answer add_checkpoint(std::string_view body);
  // GET /<hex SHA-256 of origin>/checkpoint: the last one signed; 404 when there is none.
  Answer checkpoint(std::string_view origin_hash) const;

 private:
  struct Log {
    std::vector<ledger::VerifierKey> keys;
    ledger::Index size = 0;
    Digest root{};
    std::string note;  // empty: none yet
  };
  Witness(std::string folder, ledger::SigningKey secret);
  Result<void> load(const std::string& origin, Log& log) const;
  std::string path_of(const std::string& origin) const;

  std::string folder_;
  ledger::SigningKey secret_;
  ledger::VerifierKey key_;
  std::map<std::string, Log, std::less<>> logs_;  // by origin
};

}  // namespace plimsoll::witness
