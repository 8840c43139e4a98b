#include "test_world.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <thread>

#include "base/json.h"
#include "connection.h"

// DuckDB's library is not compiled for the thread sanitizer: what its own threads do among each other looks like races.
extern "C" const char*
__tsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier): the sanitizer's name
  return "called_from_lib:libduckdb.so\nrace:libduckdb.so\ndeadlock:libduckdb.so\nmutex:libduckdb.so\n";
}

namespace plimsoll::store::testing {
namespace {

namespace fs = std::filesystem;

std::string duckdb_library() {
  return std::string(PLIMSOLL_SOURCE_DIR) + "/build/duckdb/libduckdb.so";
}

// Where Debian puts the server's programs; the newest.
std::string postgres_programs() {
  std::string out;
  std::error_code error;
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", error))
    if (fs::exists(version.path() / "bin/initdb")) out = std::max(out, (version.path() / "bin").string());
  return out;
}

// A server of this process's own, on a socket in its own folder; it is not started by root.
class Server {
 public:
  Server() {
    const bool root = ::geteuid() == 0;
    as_ = root ? "setpriv --reuid=postgres --regid=postgres --clear-groups " : "";
    if (root && std::system(("chown postgres " + folder_.path()).c_str()) != 0) return;
    started_ =
        run("initdb --no-sync -A trust -U plimsoll -E UTF8 --locale=C -D " + folder_.path() + "/data") &&
        run("pg_ctl -w -t 60 -D " + folder_.path() + "/data -l " + folder_.path() + "/log -o \"-k " +
            folder_.path() + " -c listen_addresses='' -c fsync=off -c shared_buffers=32MB\" start");
  }
  ~Server() {
    if (started_) (void)run("pg_ctl -m immediate -D " + folder_.path() + "/data stop");
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  bool started() const { return started_; }
  std::string url(const std::string& database) const {
    return "postgresql:///" + database + "?user=plimsoll&host=" + folder_.path();
  }

 private:
  bool run(const std::string& command) const {
    return std::system(
               ("cd / && " + as_ + postgres_programs() + "/" + command + " >/dev/null 2>&1").c_str()) == 0;
  }
  Folder folder_;
  std::string as_;
  bool started_ = false;
};

Server& server() {
  static Server server;
  return server;
}

}  // namespace

std::string missing(Kind kind) {
  if (kind == Kind::kDuckDb)
    return fs::exists(duckdb_library()) ? "" : duckdb_library() + " is not there: run scripts/setup test";
  if (postgres_programs().empty()) return "PostgreSQL is not installed: run scripts/setup test";
  return "";
}

Folder::Folder() {
  std::string name = ::testing::TempDir() + "plimsoll-store-XXXXXX";
  path_ = ::mkdtemp(name.data());
}
Folder::~Folder() {
  std::error_code error;
  fs::remove_all(path_, error);
}

Options fresh(Kind kind, const Folder& folder) {
  static std::atomic<int> number = 0;
  const std::string name = "store" + std::to_string(number++);
  if (kind == Kind::kDuckDb)
    return {.database = folder.path() + "/made/" + name + ".duckdb", .duckdb_library = duckdb_library()};
  if (!server().started()) throw std::runtime_error("PostgreSQL is installed but did not start");
  // The first connection to a server makes its schema there, which is of no consequence.
  const auto postgres = must(open_postgres({.database = server().url("postgres")}));
  must(must(postgres->connect(true))->query("CREATE DATABASE " + name));
  return {.database = server().url(name)};
}

std::string to_entry(const Decision& d) {
  json::object entry{{"v", 1},
                     {"type", "decision"},
                     {"time", d.time},
                     {"occurred", d.occurred},
                     {"decision_id", "d-" + d.id},
                     {"event_id", d.id},
                     {"request_id", "r-" + d.id},
                     {"direction", d.direction},
                     {"surface", d.surface},
                     {"model", "m-1"},
                     {"stream", false},
                     {"caller", {{"authenticated", true}, {"lawful_basis", false}, {"org", d.org}}},
                     {"policy", "sha256:0"},
                     {"detectors", "1"},
                     {"action", d.action},
                     {"asl", d.asl},
                     {"review", d.review},
                     {"findings_total", 0},
                     {"micros", 7}};
  auto& caller = entry["caller"].as_object();
  if (d.tier != "untiered") caller["tier"] = d.tier;
  if (!d.user.empty()) caller["user"] = d.user;
  if (!d.session.empty()) entry["session"] = d.session;
  if (!d.tag.empty()) entry["tags"] = json::array{d.tag, "all"};
  if (!d.due.empty()) entry["review_due"] = d.due;
  if (!d.rule.empty())
    entry["rules"] = json::array{{{"id", d.rule}, {"state", "fired"}, {"action", d.action}},
                                 {{"id", "other"}, {"state", "shadow"}, {"action", "block"}}};
  if (d.score > 0) entry["scores"] = {{json::string_view(to_string(d.category)), d.score}};
  return to_canonical_json(entry);
}

std::string act(const std::string& type, const std::string& more, const std::string& time) {
  return R"({"time":")" + time + R"(","type":")" + type + R"(","v":1)" + more + "}";
}

std::string some_entry(std::uint64_t n) {
  if (n % 50 == 49) return act("policy", R"(,"actor":"ann","version":)" + std::to_string(n));
  static constexpr const char* kSurfaces[] = {"claude_web", "api", "aws_bedrock", "app"};
  static constexpr const char* kTiers[] = {"general", "enterprise", "research_sandbox", "untiered"};
  static constexpr const char* kActions[] = {"allow", "allow", "allow",   "redact",
                                             "block", "allow", "escalate"};
  Decision d{.id = "e-" + std::to_string(n),
             .surface = kSurfaces[n % 4],
             .tier = kTiers[n / 4 % 4],
             .action = kActions[n % 7]};
  d.occurred = "2026-01-1" + std::to_string(n / 1000 % 10) + "T" + std::to_string(10 + n / 50 % 14) + ":" +
               std::to_string(10 + n % 50) + ":00Z";
  d.time = d.occurred.substr(0, 19) + ".000Z";
  d.org = "org-" + std::to_string(n % 8);
  d.user = "u" + std::to_string(n % 31);
  d.tag = n % 3 == 0 ? "tab\tquote\\N \"ü\" '" : "";
  d.asl = n % 20 == 0 ? 3 : 0;
  d.review = n % 20 == 0;
  d.category = static_cast<Category>(n % kCategoryCount);
  d.score = static_cast<double>(n % 97) / 97;
  d.rule = n % 20 == 0 ? "asl_triggers.biological" : "";
  return to_entry(d);
}

Log::Log(const std::string& directory, const std::string& origin) : directory_(directory) {
  ledger_ = must(ledger::Ledger::open({.directory = directory,
                                       .segment_bytes = 4U << 20U,
                                       .origin = origin,
                                       .checkpoint_interval = std::chrono::milliseconds(1)}));
}

ledger::Index Log::add(const std::string& entry) {
  const auto index = ledger_->size();
  must(ledger_->append(entry, [](const Result<ledger::Index>&) {}));
  settle();
  return index;
}

void Log::add_all(const std::vector<std::string>& entries) {
  for (const auto& entry : entries) must(ledger_->append(entry, [](const Result<ledger::Index>&) {}));
  settle();
}

void Log::add_some(std::uint64_t from, std::uint64_t until) {
  std::vector<std::string> entries;
  for (auto n = from; n < until; ++n) entries.push_back(some_entry(n));
  entries.push_back(act("tally", R"(,"instance":"i")"));
  add_all(entries);
}

void Log::settle() {
  while (ledger_->stats().queued > 0 || ledger_->reader().checkpoint().size < ledger_->size())
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

void catch_up(Store& store, const Log& log) {
  must(store::catch_up(store, log.reader()));
}

}  // namespace plimsoll::store::testing
