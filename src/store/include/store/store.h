// The read side: tables of what the log says, in a database. It holds nothing that cannot be made again from the log.
//
// One of two databases, behind one port: DuckDB, in a file of this process's own, and PostgreSQL, which several
// processes may share, each with a log of its own. docs/store.md has the tables.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "ledger/ledger.h"
#include "store/rows.h"

namespace plimsoll::store {

class Connection;
class Database;

struct Options {
  // A file for DuckDB (its folder is made), or "postgresql://…" or "postgres://…".
  std::string database;

  // DuckDB's library. Empty: libduckdb.so beside the program, in ../lib/plimsoll and ../duckdb of there, or where the
  // loader finds it. It is loaded when a store is opened and not before.
  std::string duckdb_library{};

  // DuckDB's own limits: what it may keep in memory (beyond that it writes to a folder beside the file), its threads.
  std::size_t memory_bytes = 160U << 20U;
  unsigned threads = 2;

  // How long one statement of a Reader may take.
  std::chrono::milliseconds query_timeout{30'000};

  // Every reason these options cannot be used, worded for the operator. Empty when usable.
  std::vector<std::string> problems() const;
};

// How far a log's entries are in the store.
struct Position {
  ledger::Index next = 0;  // entries below it are
  Digest root{};           // of the tree of those entries (RFC 6962)
};

// Consecutive entries of one log.
struct Batch {
  std::string origin;                 // the log's name, as in its checkpoints
  ledger::Index first = 0, next = 0;  // of the entries [first, next)
  Digest root{};                      // of the tree of the first `next` entries
  Rows rows;
};

// A connection for queries (store/queries.h). One thread at a time; opened again by itself after the database was gone.
class Reader {
 public:
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  Result<Connection*> connection();

 private:
  friend class Store;
  Reader(std::unique_ptr<Connection> connection, Database& database);
  std::unique_ptr<Connection> connection_;
  Database& database_;
};

// Thread-safe; what writes, does so one after another. Must outlive its readers.
class Store {
 public:
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // Nothing of that log is there: position 0, and the root of the empty tree. kInvalid: the store holds another log,
  // and can hold one only (DuckDB).
  Result<Position> position(const std::string& origin);

  // Adds a batch and the new position, or nothing at all. Entries that are in the store are skipped; kInvalid for a
  // batch that begins behind the store's position. kUnavailable: the database is gone or busy; the same batch can be
  // tried again, even when it is not known whether it was added.
  Result<void> apply(const Batch& batch);

  // Forgets a log (DuckDB: whatever is there), so that it can be read again from its first entry.
  Result<void> clear(const std::string& origin);

  Result<std::unique_ptr<Reader>> reader();

  // Takes an event's review for whoever decides it, across all processes that share the store, for `hold`. False:
  // somebody else has it. Not part of the log; a decision is what its entry says.
  Result<bool> claim_review(const std::string& event_id, const std::string& actor, std::chrono::seconds hold);

  // Whether other processes may add to it, too.
  bool shared() const;

  // What it is, for people: "DuckDB v1.4.5 at data/store.duckdb", "PostgreSQL 15.18".
  const std::string& description() const { return description_; }

 private:
  friend Result<std::unique_ptr<Store>> open_store(const Options& options);
  explicit Store(std::unique_ptr<Database> database);
  Result<Connection*> writer();

  std::unique_ptr<Database> database_;
  std::string description_;
  std::mutex writing_;  // of what follows
  std::unique_ptr<Connection> writer_;
};

// kNotFound: there is no library or no such folder; kUnavailable: another process has the file, or there is no
// database at that address; kInvalid: unusable options, or the tables are another version's.
Result<std::unique_ptr<Store>> open_store(const Options& options);

}  // namespace plimsoll::store
