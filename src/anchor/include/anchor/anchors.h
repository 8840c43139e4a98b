// Shows a log's checkpoints to others, so that its operator cannot take back what was promised: witnesses cosign them
// (C2SP tlog-witness), an authority stamps them with the time (RFC 3161).
//
// Files, in the folder that it owns:
//   cosigned                    the latest checkpoint that enough witnesses have signed, with their signatures
//   stamps/<size>.checkpoint    a checkpoint as it was stamped, byte for byte
//   stamps/<size>.tsr           the authority's answer; `openssl ts -verify -data <size>.checkpoint -in <size>.tsr …`
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "ledger/log_reader.h"
#include "ledger/note.h"

namespace plimsoll::anchor {

struct Options {
  std::string folder;
  struct Witness {
    ledger::VerifierKey key;
    std::string url;  // below which /add-checkpoint is
  };
  std::vector<Witness> witnesses;
  // Whether these signatures, all of witnesses, are enough. Empty: every witness must have signed.
  std::function<bool(std::span<const ledger::Verified>)> quorum;
  std::string stamp_url;      // of an authority; empty: none
  std::string stamp_ca_file;  // PEM: whom to trust for its stamps
  std::chrono::seconds stamp_interval{300};
  std::chrono::milliseconds interval{250};    // between two looks at the log
  std::chrono::milliseconds patience{2'000};  // for a witness, and for the authority
  std::string ca_file;                        // of witnesses on https; empty: the system's certificates

  // Every reason these cannot be used, worded for the operator.
  std::vector<std::string> problems() const;
};

// Works on a thread of its own. Thread-safe.
class Anchors {
 public:
  // kInvalid: unusable options; kUnavailable: the folder cannot be used. `log` outlives it.
  static Result<std::unique_ptr<Anchors>> open(Options options, const ledger::LogReader& log);
  ~Anchors();
  Anchors(const Anchors&) = delete;
  Anchors& operator=(const Anchors&) = delete;

  // The latest checkpoint with enough cosignatures, a signed note; empty when there has been none.
  std::string cosigned() const;

  struct Status {
    struct Witness {
      std::string name;
      std::uint64_t signed_checkpoints = 0;
      std::uint64_t failures = 0;  // no answer, or one that cannot be used
      std::uint64_t refusals =
          0;                   // it said that the log does not go on from what it has seen: look into that
      ledger::Index size = 0;  // of the last checkpoint it signed
    };
    std::vector<Witness> witnesses;
    ledger::Index cosigned_size = 0;
    std::uint64_t stamps = 0, stamp_failures = 0;
    ledger::Index stamped_size = 0;
    Time stamped_at{};  // as the authority says
  };
  Status status() const;

 private:
  class Impl;
  explicit Anchors(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace plimsoll::anchor
