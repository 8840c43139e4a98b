// Erasing a person: the vault's part, and the log's entry that says so.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "ledger/ledger.h"
#include "vault/vault.h"

namespace plimsoll::app {

// STORAGE/vault, with its master key.
Result<std::unique_ptr<vault::Vault>> open_vault(const std::filesystem::path& storage,
                                                 const std::string& key_command);

struct Erasure {
  bool known = false;
  std::uint64_t records = 0, bytes = 0;
  ledger::Index entry = 0;  // of the log
};
// Erases the texts and the key of a subject ("user:<id>", "org:<id>") and waits until the log says so. `key` is the
// common commitment key: the entry names the subject by a pseudonym under it.
Result<Erasure> erase(vault::Vault& vault, ledger::Sink& log, const std::string& key,
                      const std::string& subject);

// Deletes texts that are older, and has the log say so.
void prune(vault::Vault& vault, ledger::Sink& log, std::chrono::seconds age);

// Orders that another process of the same user leaves in STORAGE/erasures for the one that has the vault.
class ErasureOrders {
 public:
  explicit ErasureOrders(const std::filesystem::path& storage) : folder_(storage / "erasures") {}

  // Carries out what is there, one after another. Not for a network thread.
  void serve(vault::Vault& vault, ledger::Sink& log, const std::string& key) const;
  // Leaves an order and waits for its outcome. kTimeout when nobody took it: then it is withdrawn.
  Result<Erasure> place(const std::string& subject, std::chrono::seconds patience) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace plimsoll::app
