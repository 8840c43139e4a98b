#include <algorithm>
#include <filesystem>
#include <mutex>
#include <set>
#include <thread>

#include "base/files.h"
#include "connection.h"
#include "duckdb_library.h"
#include "schema.h"

namespace plimsoll::store {
namespace {

using duckdb::Count;
using duckdb::Handle;
using duckdb::kSuccess;
using duckdb::Library;

Error error_of(std::string_view message) {
  const bool busy = message.contains("Could not set lock") || message.contains("No space left") ||
                    message.starts_with("Out of Memory") || message.contains("Conflict on");
  return {busy ? Code::kUnavailable : Code::kInternal, "DuckDB: " + one_line(message)};
}

// One process has a file once: DuckDB's own lock keeps out other processes only.
class OpenFiles {
 public:
  static OpenFiles& all() {
    static OpenFiles files;
    return files;
  }
  bool add(const std::string& path) {
    const std::scoped_lock lock(mutex_);
    return paths_.insert(path).second;
  }
  void remove(const std::string& path) {
    const std::scoped_lock lock(mutex_);
    paths_.erase(path);
  }

 private:
  std::mutex mutex_;
  std::set<std::string> paths_;
};

// A database's handle. Its connections share it.
struct Instance {
  const Library& library;
  std::string path;
  Handle database = nullptr;

  Instance(const Library& l, std::string p) : library(l), path(std::move(p)) {}
  ~Instance() {
    if (database != nullptr) library.close(&database);
    OpenFiles::all().remove(path);
  }
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;
};

// A statement, an answer, …: whatever is to be destroyed.
class Owned {
 public:
  explicit Owned(void (*destroy)(Handle*)) : destroy_(destroy) {}
  ~Owned() {
    if (handle != nullptr) destroy_(&handle);
  }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  Handle handle = nullptr;

 private:
  void (*destroy_)(Handle*);
};

class DuckBulk final : public Bulk {
 public:
  DuckBulk(const Library& library, std::string table) : library_(library), table_(std::move(table)) {}
  ~DuckBulk() override {
    if (appender_ != nullptr) (void)library_.appender_destroy(&appender_);
  }
  DuckBulk(const DuckBulk&) = delete;
  DuckBulk& operator=(const DuckBulk&) = delete;

  Result<void> open(Handle connection) {
    check(library_.appender_create(connection, nullptr, table_.c_str(), &appender_));
    return outcome();
  }
  void add(std::int64_t value) override { check(library_.append_int64(appender_, value)); }
  void add(std::string_view text) override {
    check(library_.append_varchar_length(appender_, text.data(), text.size()));
  }
  void add_null() override { check(library_.append_null(appender_)); }
  void end_row() override { check(library_.appender_end_row(appender_)); }
  Result<void> finish() override {
    check(library_.appender_close(appender_));
    return outcome();
  }

 private:
  void check(int state) {
    if (state == kSuccess || error_.has_value()) return;
    const char* message = appender_ != nullptr ? library_.appender_error(appender_) : nullptr;
    error_ = error_of(message != nullptr ? message : "no reason given").in("table " + table_);
  }
  Result<void> outcome() const {
    if (error_) return std::unexpected(*error_);
    return {};
  }

  const Library& library_;
  const std::string table_;
  Handle appender_ = nullptr;
  std::optional<Error> error_;
};

// One column of a chunk, as cells.
void read_column(const Library& library, Handle chunk, Count column, int type, Count rows, Table& table,
                 std::size_t first) {
  const Handle vector = library.data_chunk_get_vector(chunk, column);
  const void* data = library.vector_get_data(vector);
  const std::uint64_t* valid = library.vector_get_validity(vector);
  for (Count row = 0; row < rows; ++row) {
    if (valid != nullptr && (valid[row / 64] >> (row % 64) & 1U) == 0) continue;
    Table::Cell& cell = table.cells[first + row * table.columns + column];
    switch (type) {
      case duckdb::kBoolean:
      case duckdb::kTinyint:
        cell = std::int64_t{static_cast<const std::int8_t*>(data)[row]};
        break;
      case duckdb::kSmallint:
        cell = std::int64_t{static_cast<const std::int16_t*>(data)[row]};
        break;
      case duckdb::kInteger:
        cell = std::int64_t{static_cast<const std::int32_t*>(data)[row]};
        break;
      case duckdb::kBigint:
        cell = static_cast<const std::int64_t*>(data)[row];
        break;
      case duckdb::kDouble:
        cell = static_cast<const double*>(data)[row];
        break;
      default: {
        const auto& text = static_cast<const duckdb::Text*>(data)[row];
        const bool inside = text.length <= duckdb::kInlineBytes;
        cell.emplace<std::string>(
            inside ? reinterpret_cast<const char*>(&text) + sizeof text.length : text.pointer, text.length);
      }
    }
  }
}

class DuckConnection final : public Connection {
 public:
  DuckConnection(std::shared_ptr<Instance> instance, std::chrono::milliseconds timeout)
      : instance_(std::move(instance)), library_(instance_->library), timeout_(timeout) {}
  ~DuckConnection() override {
    if (connection_ != nullptr) library_.disconnect(&connection_);
  }
  DuckConnection(const DuckConnection&) = delete;
  DuckConnection& operator=(const DuckConnection&) = delete;

  Result<void> open() {
    if (library_.connect(instance_->database, &connection_) != kSuccess)
      return fail(Code::kUnavailable, "DuckDB: no further connection can be made");
    return {};
  }

  Result<Table> query(const std::string& sql, std::span<const Value> parameters) override {
    Owned statement(library_.destroy_prepare);
    if (library_.prepare(connection_, sql.c_str(), &statement.handle) != kSuccess)
      return std::unexpected(error_of(or_none(library_.prepare_error(statement.handle))));
    for (std::size_t i = 0; i < parameters.size(); ++i)
      if (!bind(statement.handle, i + 1, parameters[i]))
        return fail(Code::kInternal, "DuckDB: parameter " + std::to_string(i + 1) + " was not taken");
    Owned pending(library_.destroy_pending);
    if (library_.pending_prepared(statement.handle, &pending.handle) != kSuccess)
      return std::unexpected(error_of(or_none(library_.pending_error(pending.handle))));
    if (auto done = run(pending.handle); !done) return std::unexpected(std::move(done).error());
    return fetch(pending.handle);
  }

  Result<std::unique_ptr<Bulk>> bulk(const std::string& table) override {
    auto out = std::make_unique<DuckBulk>(library_, table);
    if (auto opened = out->open(connection_); !opened) return std::unexpected(std::move(opened).error());
    return out;
  }

  Result<void> begin(bool /*snapshot*/) override {  // every transaction is one
    if (auto begun = query("BEGIN TRANSACTION", {}); !begun) return std::unexpected(std::move(begun).error());
    return {};
  }
  Result<void> lock(std::string_view /*name*/) override { return {}; }  // the store's writer is the only one
  bool alive() const override { return true; }

 private:
  static std::string_view or_none(const char* message) {
    return message != nullptr ? message : "no reason given";
  }

  bool bind(Handle statement, Count at, const Value& value) const {
    switch (value.index()) {
      case 1:
        return library_.bind_int64(statement, at, std::get<1>(value)) == kSuccess;
      case 2:
        return library_.bind_double(statement, at, std::get<2>(value)) == kSuccess;
      case 3: {
        const auto text = std::get<3>(value);
        return library_.bind_varchar_length(statement, at, text.data(), text.size()) == kSuccess;
      }
      default:
        return library_.bind_null(statement, at) == kSuccess;
    }
  }

  // Works the statement off, a task at a time, until its answer is there or the time is over.
  Result<void> run(Handle pending) const {
    if (timeout_.count() == 0) return {};
    const auto deadline = std::chrono::steady_clock::now() + timeout_;
    for (;;) {
      const int state = library_.pending_execute_task(pending);
      if (state == duckdb::kReady) return {};
      if (state == duckdb::kFailed)
        return std::unexpected(error_of(or_none(library_.pending_error(pending))));
      if (std::chrono::steady_clock::now() > deadline) {
        library_.interrupt(connection_);
        return fail(Code::kTimeout, "DuckDB: a query took longer than " + std::to_string(timeout_.count()) +
                                        " ms and was given up");
      }
      if (state == duckdb::kNoTasks) std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
  }

  Result<Table> fetch(Handle pending) const {
    struct Guarded {
      const Library& library;
      duckdb::Answer answer{};
      ~Guarded() { library.destroy_result(&answer); }
    } guarded{.library = library_};
    duckdb::Answer& answer = guarded.answer;
    if (library_.execute_pending(pending, &answer) != kSuccess)
      return std::unexpected(error_of(or_none(library_.result_error(&answer))));
    Table table;
    table.columns = library_.column_count(&answer);
    std::vector<int> types;
    for (Count i = 0; i < table.columns; ++i) {
      types.push_back(library_.column_type(&answer, i));
      if ((types.back() < duckdb::kBoolean || types.back() > duckdb::kBigint) &&
          types.back() != duckdb::kDouble && types.back() != duckdb::kVarchar)
        return fail(Code::kInternal, "DuckDB: column " + std::to_string(i) + " has a type that is not read");
    }
    for (;;) {
      Owned chunk(library_.destroy_data_chunk);
      chunk.handle = library_.fetch_chunk(answer);
      if (chunk.handle == nullptr) return table;
      const Count rows = library_.data_chunk_get_size(chunk.handle);
      const std::size_t first = table.cells.size();
      table.cells.resize(first + rows * table.columns);
      for (Count i = 0; i < table.columns; ++i)
        read_column(library_, chunk.handle, i, types[i], rows, table, first);
    }
  }

  const std::shared_ptr<Instance> instance_;
  const Library& library_;
  const std::chrono::milliseconds timeout_;  // 0: none
  Handle connection_ = nullptr;
};

class DuckDatabase final : public Database {
 public:
  DuckDatabase(std::shared_ptr<Instance> instance, std::chrono::milliseconds timeout)
      : instance_(std::move(instance)), timeout_(timeout) {}

  Result<std::unique_ptr<Connection>> connect(bool writing) override {
    auto out = std::make_unique<DuckConnection>(instance_, writing ? std::chrono::milliseconds(0) : timeout_);
    if (auto opened = out->open(); !opened) return std::unexpected(std::move(opened).error());
    return out;
  }
  std::string description() const override {
    return std::string("DuckDB ") + instance_->library.library_version() + " at " + instance_->path;
  }
  bool shared() const override { return false; }
  std::vector<std::string> schema() const override { return create_tables("VARCHAR"); }

 private:
  std::shared_ptr<Instance> instance_;
  const std::chrono::milliseconds timeout_;
};

// What the library may do, set before it opens anything. It would load extensions from the network.
std::vector<std::pair<const char*, std::string>> settings(const Options& options) {
  const auto bytes = [](std::size_t n) { return std::to_string(n >> 10U) + "KiB"; };
  return {
      {"autoinstall_known_extensions", "false"},
      {"autoload_known_extensions", "false"},
      {"allow_community_extensions", "false"},
      {"allow_unsigned_extensions", "false"},
      {"memory_limit", bytes(options.memory_bytes)},
      {"threads", std::to_string(options.threads)},
      {"max_temp_directory_size", "16GiB"},
      {"preserve_insertion_order", "false"},
      {"checkpoint_threshold", "64MB"},
  };
}

Result<Handle> open_file(const Library& library, const Options& options, const std::string& path) {
  Owned config(library.destroy_config);
  if (library.create_config(&config.handle) != kSuccess)
    return fail(Code::kInternal, "DuckDB: no configuration can be made");
  for (const auto& [name, value] : settings(options))
    if (library.set_config(config.handle, name, value.c_str()) != kSuccess)
      return fail(Code::kInvalid, std::string("DuckDB: this version has no setting ") + name);
  Handle database = nullptr;
  char* error = nullptr;
  if (library.open_ext(path.c_str(), &database, config.handle, &error) == kSuccess) return database;
  const std::string message = error != nullptr ? error : "no reason given";
  library.free(error);
  if (message.contains("Could not set lock"))
    return fail(Code::kUnavailable, path + ": another process has this store; ask that one, or stop it");
  return std::unexpected(error_of(message).in(path));
}

}  // namespace

Result<std::unique_ptr<Database>> open_duckdb(const Options& options) {
  const auto library = duckdb::load(options.duckdb_library);
  if (!library) return std::unexpected(library.error());
  std::error_code error;
  const auto path = std::filesystem::absolute(options.database, error).lexically_normal();
  if (auto made = make_directory(path.parent_path()); !made) return std::unexpected(std::move(made).error());
  if (!OpenFiles::all().add(path))
    return fail(Code::kUnavailable, path.string() + ": this process has this store already");
  auto instance = std::make_shared<Instance>(**library, path);
  auto opened = open_file(**library, options, path);
  if (!opened) return std::unexpected(std::move(opened).error());
  instance->database = *opened;
  auto out = std::make_unique<DuckDatabase>(instance, options.query_timeout);
  auto connection = out->connect(true);
  if (!connection) return std::unexpected(std::move(connection).error());
  // Nothing outside the file from here on, and no way back.
  for (const char* statement : {"SET enable_external_access=false", "SET lock_configuration=true"})
    if (auto done = (*connection)->query(statement); !done) return std::unexpected(std::move(done).error());
  return out;
}

}  // namespace plimsoll::store
