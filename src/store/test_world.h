// For tests: databases of both kinds, a log with entries, and a store of it.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "ledger/ledger.h"
#include "ledger/log_reader.h"
#include "ledger/retention.h"
#include "store/projector.h"
#include "store/queries.h"

namespace plimsoll::store::testing {

enum class Kind { kDuckDb, kPostgres };

template <class T>
T must(Result<T> result, const char* what = "") {
  if (!result) throw std::runtime_error(what + result.error().message);
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

// Empty: it is there. Otherwise why tests of it must be skipped.
std::string missing(Kind kind);

// A folder of its own, gone at the end.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// An empty database: a file in the folder, or one of the server that this process has started.
Options fresh(Kind kind, const Folder& folder);

// Entries as the gateway, ingest and the control plane write them.
struct Decision {
  std::string id;
  std::string occurred = "2026-01-10T12:00:00Z";
  std::string surface = "api", tier = "general", org = "acme", action = "allow", direction = "prompt";
  std::string user{}, session{}, rule{}, tag{};
  int asl = 0;
  bool review = false;
  Category category = Category::kCbrn;
  double score = 0;
  std::string time = "2026-01-10T12:00:01.000Z", due{};
};
std::string to_entry(const Decision& decision);
// `more`: further members, ,"key":value …
std::string act(const std::string& type, const std::string& more,
                const std::string& time = "2026-01-11T00:00:00.000Z");
// A varied one for each number; every 20th is for review, every 50th an act.
std::string some_entry(std::uint64_t number);

// A log that is being written.
class Log {
 public:
  explicit Log(const std::string& directory, const std::string& origin = "example.org/log");
  // Appends, and waits until the checkpoint covers it.
  ledger::Index add(const std::string& entry);
  void add_all(const std::vector<std::string>& entries);
  void add_some(std::uint64_t from, std::uint64_t until);
  const ledger::LogReader& reader() const { return ledger_->reader(); }
  const std::string& directory() const { return directory_; }
  void settle();
  void prune(const ledger::Retention& retention, Time now) {
    (void)must(ledger_->prune(retention, now));
    settle();
  }

 private:
  std::string directory_;
  std::unique_ptr<ledger::Ledger> ledger_;
};

// Projects all there is.
void catch_up(Store& store, const Log& log);

}  // namespace plimsoll::store::testing
