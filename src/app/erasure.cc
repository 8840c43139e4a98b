#include "erasure.h"

#include <algorithm>
#include <future>
#include <thread>
#include <utility>
#include <vector>

#include "base/files.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/json.h"
#include "base/log.h"
#include "base/time.h"

namespace plimsoll::app {
namespace {

constexpr std::size_t kMostBytes = 64U << 10U;

std::string pseudonym(const std::string& key, std::string_view subject) {
  HmacSha256 hmac(key);
  hmac.update("subject\n");
  hmac.update(subject);
  return to_hex(hmac.finish());
}

std::string to_text(const Erasure& e) {
  return to_canonical_json(
      json::object{{"bytes", e.bytes}, {"entry", e.entry}, {"known", e.known}, {"records", e.records}});
}

Result<Erasure> parse_outcome(const std::string& text) {
  const auto value = parse_json(text);
  if (!value) return std::unexpected(value.error());
  if (const auto* error = find_string(*value, "error")) return fail(Code::kUnavailable, std::string(*error));
  const auto number = [&](std::string_view name) {
    const auto* found = find(*value, name);
    return found != nullptr && found->is_number() ? found->to_number<std::uint64_t>() : 0;
  };
  const auto* known = find(*value, "known");
  return Erasure{.known = known != nullptr && known->is_bool() && known->get_bool(),
                 .records = number("records"),
                 .bytes = number("bytes"),
                 .entry = number("entry")};
}

}  // namespace

Result<std::unique_ptr<vault::Vault>> open_vault(const std::filesystem::path& storage,
                                                 const std::string& key_command) {
  auto master =
      vault::read_master_key({.command = key_command, .file = (storage / "keys" / "master.key").string()});
  if (!master) return std::unexpected(std::move(master).error());
  return vault::Vault::open({.folder = (storage / "vault").string(), .master = *master});
}

Result<Erasure> erase(vault::Vault& vault, ledger::Sink& log, const std::string& key,
                      const std::string& subject) {
  const auto erased = vault.erase(subject);
  if (!erased) return std::unexpected(erased.error());
  Erasure outcome{.known = erased->known, .records = erased->records, .bytes = erased->bytes};
  std::promise<Result<ledger::Index>> recorded;
  auto entry = to_canonical_json(json::object{{"bytes", outcome.bytes},
                                              {"erasure_id", new_id()},
                                              {"known", outcome.known},
                                              {"records", outcome.records},
                                              {"subject", pseudonym(key, subject)},
                                              {"time", to_rfc3339_ms(std::chrono::system_clock::now())},
                                              {"type", "erasure"},
                                              {"v", 1}});
  auto queued = log.append(std::move(entry),
                           [&](Result<ledger::Index> index) { recorded.set_value(std::move(index)); });
  if (!queued)
    return std::unexpected(std::move(queued).error().in("the texts are erased, but the log does not say so"));
  auto index = recorded.get_future().get();
  if (!index)
    return std::unexpected(std::move(index).error().in("the texts are erased, but the log does not say so"));
  outcome.entry = *index;
  return outcome;
}

void prune(vault::Vault& vault, ledger::Sink& log, std::chrono::seconds age) {
  const auto pruned = vault.prune(age);
  if (!pruned) return log_error("old texts cannot be deleted", {{"error", pruned.error().message}});
  if (*pruned == 0) return;
  log_info("old texts were deleted", {{"files", *pruned}});
  auto entry =
      to_canonical_json(json::object{{"age_days", std::chrono::floor<std::chrono::days>(age).count()},
                                     {"class", "content"},
                                     {"files", *pruned},
                                     {"time", to_rfc3339_ms(std::chrono::system_clock::now())},
                                     {"type", "prune"},
                                     {"v", 1}});
  if (auto kept = log.append(std::move(entry)); !kept)
    log_warn("the deletion of old texts is not recorded", {{"error", kept.error().message}});
}

void ErasureOrders::serve(vault::Vault& vault, ledger::Sink& log, const std::string& key) const {
  std::error_code error;
  std::vector<std::filesystem::path> orders;
  for (std::filesystem::directory_iterator it(folder_, error), end; !error && it != end; it.increment(error))
    if (it->path().extension() == ".order") orders.push_back(it->path());
  std::ranges::sort(orders);
  for (const auto& path : orders) {
    auto subject = plimsoll::read_file(path.string(), vault::kMaxSubject);
    Result<Erasure> outcome = subject ? erase(vault, log, key, *subject) : std::unexpected(subject.error());
    if (outcome)
      log_info("a subject was erased", {{"known", outcome->known}, {"records", outcome->records}});
    else
      log_error("a subject could not be erased", {{"error", outcome.error().message}});
    auto done = path;
    const auto text =
        outcome ? to_text(*outcome) : to_canonical_json(json::object{{"error", outcome.error().message}});
    if (auto kept = replace_file(done.replace_extension(".done").string(), text); !kept)
      log_error("the outcome of an erasure cannot be written", {{"error", kept.error().message}});
    std::filesystem::remove(path, error);
  }
}

Result<Erasure> ErasureOrders::place(const std::string& subject, std::chrono::seconds patience) const {
  if (auto made = make_directory(folder_.string()); !made) return std::unexpected(std::move(made).error());
  const auto order = folder_ / (new_id() + ".order");
  auto done = order;
  done.replace_extension(".done");
  if (auto left = replace_file(order.string(), subject); !left)
    return std::unexpected(std::move(left).error());
  const auto until = std::chrono::steady_clock::now() + patience;
  std::error_code error;
  while (std::chrono::steady_clock::now() < until) {
    if (const auto text = plimsoll::read_file(done.string(), kMostBytes)) {
      std::filesystem::remove(done, error);
      return parse_outcome(*text);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  std::filesystem::remove(order, error);
  return fail(Code::kTimeout, "the process that has the vault did not answer");
}

}  // namespace plimsoll::app
