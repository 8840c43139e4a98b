#include <chrono>
#include <ostream>
#include <thread>

#include "commands.h"
#include "ledger/keys.h"
#include "ledger/ledger.h"

namespace plimsoll::app {
namespace {

constexpr std::chrono::seconds kLoggedWithin{5};

int refuse(const Error& error, std::ostream& err) {
  err << error.message << '\n';
  return 2;
}

}  // namespace

int keys_show(const std::string& directory, std::ostream& out, std::ostream& err) {
  const auto keys = ledger::load_keys(directory);
  if (!keys) return refuse(keys.error(), err);
  const auto now = std::chrono::system_clock::now();
  for (const auto& key : keys->keys()) {
    out << to_text(key.verifier) << "  since " << to_rfc3339(key.since);
    if (key.until) out << "  until " << to_rfc3339(*key.until);
    out << (keys->signs(key, now) ? "  signs\n" : key.logged ? "  ended\n" : "  not logged yet\n");
  }
  return 0;
}

int keys_rotate(const std::string& directory, std::chrono::seconds overlap, std::ostream& out,
                std::ostream& err) {
  auto keys = ledger::rotate_keys(directory, overlap);
  if (!keys) return refuse(keys.error(), err);
  out << "new key: " << to_text(keys->keys().back().verifier) << '\n';
  // Without a process that has the log open, this one logs the key.
  ledger::Options options;
  options.directory = directory;
  const auto log = ledger::Ledger::open(options);
  if (!log && log.error().code != Code::kUnavailable) return refuse(log.error(), err);
  const auto deadline = std::chrono::steady_clock::now() + kLoggedWithin;
  while (keys && keys->unlogged() != nullptr && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    keys = ledger::load_keys(directory);
  }
  if (!keys) return refuse(keys.error(), err);
  if (keys->unlogged() != nullptr) {
    err << "the key is not logged yet and does not sign: the process that writes " << directory
        << " does it when it runs\n";
    return 1;
  }
  out << "logged; both keys sign until " << to_rfc3339(*keys->keys()[keys->keys().size() - 2].until) << '\n';
  return 0;
}

}  // namespace plimsoll::app
