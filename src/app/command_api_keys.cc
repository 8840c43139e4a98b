// API keys, by an operator with access to the storage.
#include <chrono>
#include <ostream>
#include <thread>

#include "admin_log.h"
#include "base/json.h"
#include "commands.h"
#include "config_auth.h"
#include "identity/api_keys.h"
#include "ledger/ledger.h"
#include "serve.h"

namespace plimsoll::app {
namespace {

constexpr std::chrono::seconds kLoggedWithin{10};
constexpr const char* kActor = "command line";

int refuse(const Error& error, std::ostream& err) {
  err << error.message << '\n';
  return 2;
}

// The log where nobody has it open; else the process that has it records what is done to the file.
struct Opened {
  std::unique_ptr<ledger::Ledger> log;
  std::unique_ptr<identity::ApiKeys> keys;
};

Result<Opened> open(const Config& config) {
  Opened out;
  auto key = commitment_key(config.storage);
  if (!key) return std::unexpected(std::move(key).error());
  ledger::Options options;
  options.directory = config.storage + "/log";
  options.segment_bytes = config.segment_bytes;
  auto log = ledger::Ledger::open(options);
  if (!log && log.error().code != Code::kUnavailable) return std::unexpected(std::move(log).error());
  identity::ApiKeys::Options where{.file = api_keys_file(config),
                                   .last_used = config.storage + "/keys/api-keys.used.json",
                                   .record = {},
                                   .commitment_key = *key};
  if (log) {
    out.log = *std::move(log);
    where.record = [&sink = *out.log](std::string entry) { return append_and_wait(sink, std::move(entry)); };
  }
  auto keys = identity::ApiKeys::open(std::move(where));
  if (!keys) return std::unexpected(std::move(keys).error());
  out.keys = *std::move(keys);
  return out;
}

bool is_logged(identity::ApiKeys& keys, const std::string& id, bool revoked) {
  const auto until = std::chrono::steady_clock::now() + kLoggedWithin;
  for (;;) {
    keys.look();
    for (const auto& shown : keys.list())
      if (shown.key.id == id && (revoked ? shown.key.revocation_logged : shown.key.creation_logged))
        return true;
    if (std::chrono::steady_clock::now() >= until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

}  // namespace

int api_key_create(const Config& config, const ApiKeyArgs& args, std::ostream& out, std::ostream& err) {
  const auto now = std::chrono::system_clock::now();
  identity::KeyRequest wanted{.name = args.name,
                              .org = args.org,
                              .user = args.user,
                              .tier = {},
                              .roles = {},
                              .scopes = args.scopes,
                              .report_for = args.report_for,
                              .lawful_basis = args.lawful_basis,
                              .expires = {}};
  if (!args.tier.empty()) wanted.tier = parse_tier(args.tier);  // the command line has checked these
  for (const auto& name : args.roles)
    if (const auto role = identity::parse_role(name)) wanted.roles.add(*role);
  wanted.expires = identity::parse_expiry(args.expires, now);
  if (!args.expires.empty() && !wanted.expires) {
    err << "--expires: expected days or hours (90d, 12h), a day (2027-01-31) or a time\n";
    return 2;
  }
  auto opened = open(config);
  if (!opened) return refuse(opened.error(), err);
  const auto made = opened->keys->create(wanted, kActor);
  if (!made) return refuse(made.error(), err);
  if (args.json) {
    auto shown = parse_json(identity::to_json(made->key, std::nullopt))->as_object();
    shown["key"] = made->secret;
    out << to_json(shown) << '\n';
  } else {
    out << made->secret << '\n';
    err << made->key.id << ": this is the only time that the key is shown\n";
  }
  out.flush();
  if (is_logged(*opened->keys, made->key.id, false)) return 0;
  err << "the key is not in the log yet and opens nothing before: the server that has the log open puts it "
         "there\n";
  return 1;
}

int api_key_list(const Config& config, bool as_json, std::ostream& out, std::ostream& err) {
  const auto keys = identity::ApiKeys::open({.file = api_keys_file(config),
                                             .last_used = config.storage + "/keys/api-keys.used.json",
                                             .record = {},
                                             .commitment_key = {}});
  if (!keys) return refuse(keys.error(), err);
  const auto now = std::chrono::system_clock::now();
  for (const auto& [key, last_used] : (*keys)->list()) {
    if (as_json) {
      out << identity::to_json(key, last_used) << '\n';
      continue;
    }
    const bool expired = key.what.expires && *key.what.expires <= now;
    out << key.id << "  " << (key.revoked ? "revoked" : expired ? "expired" : "in force") << "  roles";
    for (std::size_t i = 0; i < identity::kRoleCount; ++i)
      if (const auto role = static_cast<identity::Role>(i); key.what.roles.has(role))
        out << ' ' << identity::to_string(role);
    if (key.what.tier) out << "  tier " << to_string(*key.what.tier);
    if (!key.what.org.empty()) out << "  org " << key.what.org;
    if (!key.what.user.empty()) out << "  user " << key.what.user;
    if (key.what.expires) out << "  until " << to_rfc3339(*key.what.expires);
    out << "  last used " << (last_used ? to_rfc3339(*last_used) : "never");
    if (!key.what.name.empty()) out << "  " << key.what.name;
    out << '\n';
  }
  return 0;
}

int api_key_revoke(const Config& config, const std::string& id, std::ostream& out, std::ostream& err) {
  auto opened = open(config);
  if (!opened) return refuse(opened.error(), err);
  const auto revoked = opened->keys->revoke(id, kActor);
  if (!revoked) return refuse(revoked.error(), err);
  out << id << " is revoked\n";
  if (is_logged(*opened->keys, id, true)) return 0;
  err << "it is not in the log yet: the server that has the log open puts it there\n";
  return 1;
}

int show_roles(const std::string& format, std::ostream& out) {
  out << (format == "json" ? identity::permissions_as_json() + "\n" : identity::permissions_as_markdown());
  return 0;
}

}  // namespace plimsoll::app
