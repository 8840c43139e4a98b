#include "key_table.h"

#include <sqlite3.h>

#include <chrono>
#include <functional>
#include <thread>
#include <utility>

namespace plimsoll::vault {
namespace {

constexpr int kBusyMilliseconds = 5000;

struct Closed {
  void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, Closed>;
using Statement = std::unique_ptr<sqlite3_stmt, Closed>;

}  // namespace

class KeyTable::Connection {
 public:
  static Result<std::unique_ptr<Connection>> open(const std::string& path, bool writes) {
    sqlite3* raw = nullptr;
    const int flags = (writes ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY) |
                      SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    const int opened = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
    auto connection = std::unique_ptr<Connection>(new Connection(path, Database(raw)));
    if (opened != SQLITE_OK) return connection->failed("open");
    sqlite3_busy_timeout(raw, kBusyMilliseconds);
    return connection;
  }

  std::unexpected<Error> failed(std::string_view doing) const {
    const bool damaged =
        sqlite3_errcode(db_.get()) == SQLITE_CORRUPT || sqlite3_errcode(db_.get()) == SQLITE_NOTADB;
    return fail(damaged ? Code::kInvalid : Code::kUnavailable,
                path_ + ": " + std::string(doing) + ": " + (db_ ? sqlite3_errmsg(db_.get()) : "no memory"));
  }

  Result<void> run(const char* sql) {
    if (sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) return failed(sql);
    return {};
  }
  Result<sqlite3_stmt*> prepared(Statement& statement, const char* sql) {
    if (!statement) {
      sqlite3_stmt* raw = nullptr;
      if (sqlite3_prepare_v3(db_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr) != SQLITE_OK)
        return failed(sql);
      statement.reset(raw);
    }
    sqlite3_reset(statement.get());
    return statement.get();
  }
  static void bind(sqlite3_stmt* statement, int at, std::string_view bytes) {
    sqlite3_bind_blob64(statement, at, bytes.data(), bytes.size(), SQLITE_TRANSIENT);
  }

  Result<std::optional<std::string>> find(const Tag& tag) {
    const auto statement = prepared(find_, "SELECT wrapped FROM subjects WHERE tag = ?1");
    if (!statement) return std::unexpected(statement.error());
    bind(*statement, 1, bytes_of(tag));
    const int step = sqlite3_step(*statement);
    std::optional<std::string> found;
    if (step == SQLITE_ROW)
      found.emplace(static_cast<const char*>(sqlite3_column_blob(*statement, 0)),
                    static_cast<std::size_t>(sqlite3_column_bytes(*statement, 0)));
    sqlite3_reset(*statement);
    if (step != SQLITE_ROW && step != SQLITE_DONE) return failed("look up a key");
    return found;
  }

  Result<void> add(std::span<const Row> rows) {
    if (auto begun = run("BEGIN IMMEDIATE"); !begun) return begun;
    auto added = insert(rows);
    if (added) added = run("COMMIT");
    if (!added) (void)run("ROLLBACK");
    return added;
  }

  Result<bool> remove(const Tag& tag) {
    const auto statement = prepared(remove_, "DELETE FROM subjects WHERE tag = ?1");
    if (!statement) return std::unexpected(statement.error());
    bind(*statement, 1, bytes_of(tag));
    const int step = sqlite3_step(*statement);
    sqlite3_reset(*statement);
    if (step != SQLITE_DONE) return failed("delete a key");
    const bool removed = sqlite3_changes(db_.get()) > 0;
    // The log of writes still has the row; readers in the middle of a look-up make it wait.
    if (sqlite3_wal_checkpoint_v2(db_.get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr) !=
        SQLITE_OK)
      return failed("write back");
    return removed;
  }

 private:
  Connection(std::string path, Database db) : path_(std::move(path)), db_(std::move(db)) {}

  Result<void> insert(std::span<const Row> rows) {
    const auto now =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
            .count();
    for (const auto& row : rows) {
      const auto statement =
          prepared(insert_, "INSERT INTO subjects (tag, wrapped, since) VALUES (?1, ?2, ?3)");
      if (!statement) return std::unexpected(statement.error());
      bind(*statement, 1, bytes_of(row.tag));
      bind(*statement, 2, row.wrapped);
      sqlite3_bind_int64(*statement, 3, now);
      const int step = sqlite3_step(*statement);
      sqlite3_reset(*statement);
      if (step != SQLITE_DONE) return failed("add a key");
    }
    return {};
  }

  std::string path_;
  Database db_;
  Statement find_, insert_, remove_;
};

KeyTable::KeyTable(std::string path) : path_(std::move(path)) {}
KeyTable::~KeyTable() = default;

Result<std::unique_ptr<KeyTable>> KeyTable::open(const std::string& path) {
  std::unique_ptr<KeyTable> table(new KeyTable(path));
  auto writer = Connection::open(path, true);
  if (!writer) return std::unexpected(std::move(writer).error());
  table->writer_ = *std::move(writer);
  for (const char* sql :
       {"PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA secure_delete = ON",
        "CREATE TABLE IF NOT EXISTS subjects (tag BLOB PRIMARY KEY, wrapped BLOB NOT NULL, "
        "since INTEGER NOT NULL) WITHOUT ROWID"})
    if (auto done = table->writer_->run(sql); !done) return std::unexpected(std::move(done).error());
  return table;
}

Result<std::optional<std::string>> KeyTable::find(const Tag& tag) {
  auto& reader = readers_.at(std::hash<std::thread::id>()(std::this_thread::get_id()) % readers_.size());
  const std::lock_guard lock(reader.mutex);
  if (!reader.connection) {
    auto opened = Connection::open(path_, false);
    if (!opened) return std::unexpected(std::move(opened).error());
    reader.connection = *std::move(opened);
  }
  return reader.connection->find(tag);
}

Result<void> KeyTable::add(std::span<const Row> rows) {
  return writer_->add(rows);
}

Result<bool> KeyTable::remove(const Tag& tag) {
  return writer_->remove(tag);
}

}  // namespace plimsoll::vault
