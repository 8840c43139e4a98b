#include <ostream>

#include "base/json.h"
#include "commands.h"
#include "ledger/ledger.h"
#include "vault/vault.h"

namespace plimsoll::app {
namespace {

// The entry of the decision, or nothing.
Result<std::optional<json::value>> find_decision(const std::string& log, const std::string& id) {
  auto reader = ledger::Reader::open(log);
  if (!reader) return std::unexpected(std::move(reader).error());
  for (;;) {
    auto entry = reader->next();
    if (!entry) return std::unexpected(std::move(entry).error());
    if (!*entry) return std::optional<json::value>();
    if (!(*entry)->bytes.contains(id)) continue;
    auto value = parse_json((*entry)->bytes);
    if (!value) return std::unexpected(std::move(value).error());
    if (const auto* found = find_string(*value, "decision_id"); found != nullptr && *found == id)
      return std::optional(*std::move(value));
  }
}

std::uint64_t number(const json::value& object, std::string_view name) {
  const auto* found = find(object, name);
  return found != nullptr && found->is_number() ? found->to_number<std::uint64_t>() : 0;
}

}  // namespace

int show_texts(const Config& config, const std::string& decision, std::ostream& out, std::ostream& err) {
  const auto failed = [&](const Error& error) {
    err << error.message << '\n';
    return 2;
  };
  const auto entry = find_decision(config.storage + "/log", decision);
  if (!entry) return failed(entry.error());
  if (!*entry) return failed(Error{Code::kNotFound, "the log has no decision " + decision});
  const auto* content = find(**entry, "content");
  const auto* parts = content != nullptr ? find(*content, "parts") : nullptr;
  if (parts == nullptr || !parts->is_array()) {
    err << "the policy kept no texts of this decision\n";
    return 1;
  }
  const auto master = vault::read_master_key(
      {.command = config.master_key_command, .file = config.storage + "/keys/master.key"});
  if (!master) return failed(master.error());
  const auto vault =
      vault::Vault::open({.folder = config.storage + "/vault", .master = *master, .read_only = true});
  if (!vault) return failed(vault.error());
  std::size_t index = 0;
  for (const auto& part : parts->get_array()) {
    const auto text = (*vault)->get({.file = number(part, "file"), .offset = number(part, "offset")},
                                    decision + "/" + std::to_string(index++));
    if (!text && text.error().code == Code::kNotFound) {
      err << text.error().message << '\n';
      return 1;
    }
    if (!text) return failed(text.error());
    out << *text;
  }
  return 0;
}

}  // namespace plimsoll::app
