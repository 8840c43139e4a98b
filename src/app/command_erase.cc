#include <ostream>

#include "base/files.h"
#include "base/json.h"
#include "commands.h"
#include "erasure.h"
#include "serve.h"

namespace plimsoll::app {
namespace {

constexpr auto kPatience = std::chrono::seconds(60);

// The server does it, where one runs: the vault and the log are its own.
Result<Erasure> erase_subject(const Config& config, const std::string& subject) {
  const std::filesystem::path storage(config.storage);
  auto vault = open_vault(storage, config.master_key_command);
  if (!vault && vault.error().code == Code::kUnavailable)
    return ErasureOrders(storage).place(subject, kPatience);
  if (!vault) return std::unexpected(std::move(vault).error());
  const auto key = commitment_key(storage);
  if (!key) return std::unexpected(key.error());
  ledger::Options options;
  options.directory = (storage / "log").string();
  options.segment_bytes = config.segment_bytes;
  auto log = ledger::Ledger::open(options);
  if (!log) return std::unexpected(std::move(log).error());
  return erase(**vault, **log, *key, subject);
}

}  // namespace

int erase_person(const Config& config, const std::string& subject, std::ostream& out, std::ostream& err) {
  if (!std::filesystem::exists(config.storage)) {
    err << config.storage << ": no such folder; --data names the server's\n";
    return 2;
  }
  const auto erased = erase_subject(config, subject);
  if (!erased) {
    err << erased.error().message << '\n';
    return 2;
  }
  if (!erased->known) {
    out << "nothing is kept of " << subject << "; entry " << erased->entry
        << " of the log says that it was asked for\n";
    return 1;
  }
  out << "erased: the key of " << subject << " and " << erased->records << " texts (" << erased->bytes
      << " bytes); entry " << erased->entry << " of the log says so\n";
  return 0;
}

}  // namespace plimsoll::app
