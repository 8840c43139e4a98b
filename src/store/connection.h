// What the store needs of a database: SQL that both understand, many rows at once, transactions.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "store/store.h"

namespace plimsoll::store {

// A parameter of a statement; texts are borrowed.
using Value = std::variant<std::monostate, std::int64_t, double, std::string_view>;

// The answer to a query, row by row.
class Table {
 public:
  using Cell = std::variant<std::monostate, std::int64_t, double, std::string>;

  std::size_t columns = 0;
  std::vector<Cell> cells;

  std::size_t rows() const { return columns == 0 ? 0 : cells.size() / columns; }
  const Cell& cell(std::size_t row, std::size_t column) const { return cells[row * columns + column]; }
  bool null(std::size_t row, std::size_t column) const { return cell(row, column).index() == 0; }
  // 0, 0 and "" where there is nothing, or something else.
  std::int64_t integer(std::size_t row, std::size_t column) const;
  const std::string& text(std::size_t row, std::size_t column) const;
};

// Rows on their way into a table: every column of it, in its order.
class Bulk {
 public:
  virtual ~Bulk() = default;
  virtual void add(std::int64_t value) = 0;
  virtual void add(std::string_view text) = 0;
  virtual void add_null() = 0;
  virtual void end_row() = 0;
  // Must be called; the rows are there then, within the transaction.
  virtual Result<void> finish() = 0;
};

// One thread at a time.
class Connection {
 public:
  virtual ~Connection() = default;

  // One statement; its parameters are $1, $2, …
  virtual Result<Table> query(const std::string& sql, std::span<const Value> parameters) = 0;
  Result<Table> query(const std::string& sql, std::initializer_list<Value> parameters = {}) {
    return query(sql, std::span(parameters.begin(), parameters.size()));
  }
  virtual Result<std::unique_ptr<Bulk>> bulk(const std::string& table) = 0;

  // `snapshot`: for reading only, and all that is read is of one moment.
  virtual Result<void> begin(bool snapshot) = 0;
  // Until the transaction ends, whoever else locks the name waits.
  virtual Result<void> lock(std::string_view name) = 0;

  // Whether it can be used; a connection that cannot is replaced by a new one.
  virtual bool alive() const = 0;
};

class Database {
 public:
  virtual ~Database() = default;
  // `writing`: without a limit of time, for the one that writes.
  virtual Result<std::unique_ptr<Connection>> connect(bool writing) = 0;
  virtual std::string description() const = 0;
  // Whether several logs may be in it.
  virtual bool shared() const = 0;
  // The statements that make the tables where they are not there.
  virtual std::vector<std::string> schema() const = 0;
};

Result<std::unique_ptr<Database>> open_duckdb(const Options& options);
Result<std::unique_ptr<Database>> open_postgres(const Options& options);

// Runs `work` between begin and commit; when it fails, nothing of it is left.
template <class Work>
auto transact(Connection& connection, bool snapshot, Work work) -> decltype(work()) {
  if (auto begun = connection.begin(snapshot); !begun) return std::unexpected(std::move(begun).error());
  auto done = work();
  auto ended = connection.query(done ? "COMMIT" : "ROLLBACK");
  if (done && !ended) {
    (void)connection.query("ROLLBACK");
    return std::unexpected(std::move(ended).error());
  }
  return done;
}

// A database's own words, cut to a line of a few hundred bytes.
std::string one_line(std::string_view message);

}  // namespace plimsoll::store
