// Checks a log from its entries up, as an auditor does who trusts nothing but keys and checkpoints of his own.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ledger/ledger.h"
#include "ledger/proof.h"
#include "ledger/trust_policy.h"

namespace plimsoll::ledger {

// A log, wherever it is.
class LogSource {
 public:
  virtual ~LogSource() = default;
  virtual Result<std::string> checkpoint() = 0;     // the signed note
  virtual Result<std::string> verifier_keys() = 0;  // those the log itself names, a line each
  // The first `size` entries in order, and those behind them where they can be had; nullopt at the end.
  virtual void expect(Index size) = 0;
  virtual Result<std::optional<Entry>> next() = 0;
  // A tile as it is stored; nullopt where it is not.
  virtual Result<std::optional<std::vector<Digest>>> tile(unsigned level, Index index, unsigned width) = 0;
};

// A log directory, or a copy made by export_log().
Result<std::unique_ptr<LogSource>> open_directory(const std::string& directory);

// A log by the paths of C2SP tlog-tiles. `get` gives a path's bytes, kNotFound when there is nothing.
using Fetch = std::function<Result<std::string>(const std::string& path)>;
std::unique_ptr<LogSource> open_public(Fetch get);

struct VerifyOptions {
  // The keys that must have signed, and the witnesses. None: the keys that the log itself names, which shows
  // that it is whole but not that it is the right one.
  std::optional<TrustPolicy> policy;
  // Signed checkpoints that were obtained before: the log must go on from each.
  struct Older {
    std::string name;  // for the report: a file, say
    std::string note;
    bool one_of_many = false;  // where the log does go on from such, the report says so once for all of them
  };
  std::vector<Older> older;
};

struct Report {
  struct Check {
    std::string name;  // signature, witnesses, entries, size, retention, tiles, root, consistency
    bool passed = false;
    std::string detail;
  };
  std::vector<Check> checks;
  bool passed() const;
};

// Errors are what keeps it from being checked at all; whatever is wrong with the log is in the report.
Result<Report> verify_log(LogSource& source, const VerifyOptions& options);

// Writes what the log shows of itself to a new directory, as files that any web server can serve under the
// paths of C2SP tlog-tiles: checkpoint, vkey, tile/…, partial tiles included. The number of entries.
Result<Index> export_log(const std::string& directory, const std::string& to);

}  // namespace plimsoll::ledger
