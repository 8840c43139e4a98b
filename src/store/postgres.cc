// PostgreSQL, by libpq, which is loaded when such a store is opened. Tables are in the schema "plimsoll".
#include <dlfcn.h>
#include <libpq-fe.h>

#include <array>
#include <charconv>
#include <mutex>

#include "connection.h"
#include "schema.h"

namespace plimsoll::store {
namespace {

// Of pg_type.
constexpr Oid kInt8 = 20;
constexpr Oid kInt2 = 21;
constexpr Oid kInt4 = 23;
constexpr Oid kText = 25;
constexpr Oid kFloat8 = 701;

constexpr std::size_t kCopyAtOnce = 256U << 10U;

struct Libpq {
  decltype(&PQconnectdbParams) connect;
  decltype(&PQfinish) finish;
  decltype(&PQstatus) status;
  decltype(&PQerrorMessage) error_message;
  decltype(&PQparameterStatus) parameter_status;
  decltype(&PQsetNoticeProcessor) set_notice_processor;
  decltype(&PQexecParams) exec;
  decltype(&PQresultStatus) result_status;
  decltype(&PQresultErrorMessage) result_error;
  decltype(&PQresultErrorField) error_field;
  decltype(&PQclear) clear;
  decltype(&PQntuples) rows;
  decltype(&PQnfields) columns;
  decltype(&PQftype) type;
  decltype(&PQgetisnull) is_null;
  decltype(&PQgetvalue) value;
  decltype(&PQgetlength) length;
  decltype(&PQputCopyData) put_copy_data;
  decltype(&PQputCopyEnd) put_copy_end;
  decltype(&PQgetResult) get_result;
};

Result<Libpq> load_now() {
  void* handle = ::dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr)
    return fail(Code::kNotFound,
                "PostgreSQL's client library libpq.so.5 is not there; install it (Debian: libpq5)");
  Libpq out{};
  const char* missing = nullptr;
  const auto find = [&]<class Function>(const char* name, Function& function) {
    function = reinterpret_cast<Function>(::dlsym(handle, name));
    if (function == nullptr) missing = name;
  };
  find("PQconnectdbParams", out.connect);
  find("PQfinish", out.finish);
  find("PQstatus", out.status);
  find("PQerrorMessage", out.error_message);
  find("PQparameterStatus", out.parameter_status);
  find("PQsetNoticeProcessor", out.set_notice_processor);
  find("PQexecParams", out.exec);
  find("PQresultStatus", out.result_status);
  find("PQresultErrorMessage", out.result_error);
  find("PQresultErrorField", out.error_field);
  find("PQclear", out.clear);
  find("PQntuples", out.rows);
  find("PQnfields", out.columns);
  find("PQftype", out.type);
  find("PQgetisnull", out.is_null);
  find("PQgetvalue", out.value);
  find("PQgetlength", out.length);
  find("PQputCopyData", out.put_copy_data);
  find("PQputCopyEnd", out.put_copy_end);
  find("PQgetResult", out.get_result);
  if (missing != nullptr) return fail(Code::kInvalid, std::string("libpq.so.5 has no ") + missing);
  return out;
}

Result<const Libpq*> load() {
  static std::mutex mutex;
  static std::optional<Libpq> library;
  const std::scoped_lock lock(mutex);
  if (!library) {
    auto loaded = load_now();
    if (!loaded) return std::unexpected(std::move(loaded).error());
    library = *loaded;
  }
  return &*library;
}

// An answer of the server's.
class Answer {
 public:
  Answer(const Libpq& library, PGresult* result) : library_(library), result_(result) {}
  ~Answer() { library_.clear(result_); }
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;

  PGresult* get() const { return result_; }
  ExecStatusType status() const { return library_.result_status(result_); }

  // SQLSTATE says what may be tried again: connection, transaction and resource errors, shutting down, locks, and
  // what two that create the same thing at once are told.
  Error error() const {
    const char* field = result_ != nullptr ? library_.error_field(result_, PG_DIAG_SQLSTATE) : nullptr;
    const std::string_view state = field != nullptr ? field : "08";
    Code code = Code::kInternal;
    for (const std::string_view kind : {"08", "40", "53", "55", "57", "23505", "42P07", "XX000"})
      if (state.starts_with(kind)) code = Code::kUnavailable;
    if (state == "57014") code = Code::kTimeout;
    const char* primary =
        result_ != nullptr ? library_.error_field(result_, PG_DIAG_MESSAGE_PRIMARY) : nullptr;
    return {code, "PostgreSQL: " + one_line(primary != nullptr ? primary : library_.result_error(result_))};
  }

 private:
  const Libpq& library_;
  PGresult* result_;
};

class PostgresBulk final : public Bulk {
 public:
  PostgresBulk(const Libpq& library, PGconn* connection) : library_(library), connection_(connection) {}
  // Not finished: the server is told, and the transaction is spoilt.
  ~PostgresBulk() override {
    if (!finished_) (void)end("given up");
  }
  PostgresBulk(const PostgresBulk&) = delete;
  PostgresBulk& operator=(const PostgresBulk&) = delete;

  void add(std::int64_t value) override {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    next().append(digits.data(), end);
  }
  void add(std::string_view text) override {
    next();
    for (std::size_t at = 0; at < text.size();) {
      const auto special = std::min(text.find_first_of("\\\n\r\t", at), text.size());
      rows_.append(text.substr(at, special - at));
      at = special;
      if (at == text.size()) break;
      const char c = text[at++];
      rows_ += '\\';
      rows_ += c == '\n' ? 'n' : c == '\r' ? 'r' : c == '\t' ? 't' : c;
    }
  }
  void add_null() override { next() += "\\N"; }
  void end_row() override {
    rows_ += '\n';
    first_ = true;
    if (rows_.size() >= kCopyAtOnce) send();
  }
  Result<void> finish() override {
    send();
    return end(failed_ ? "not all of it was sent" : nullptr);
  }

 private:
  std::string& next() {
    if (!first_) rows_ += '\t';
    first_ = false;
    return rows_;
  }
  void send() {
    if (!failed_ && !rows_.empty() &&
        library_.put_copy_data(connection_, rows_.data(), static_cast<int>(rows_.size())) != 1)
      failed_ = true;
    rows_.clear();
  }
  Result<void> end(const char* why_not) {
    finished_ = true;
    (void)library_.put_copy_end(connection_, why_not);
    Result<void> out;
    while (PGresult* result = library_.get_result(connection_)) {
      const Answer answer(library_, result);
      if (answer.status() != PGRES_COMMAND_OK && out) out = std::unexpected(answer.error());
    }
    if (out && failed_)
      return fail(Code::kUnavailable, "PostgreSQL: " + one_line(library_.error_message(connection_)));
    return out;
  }

  const Libpq& library_;
  PGconn* connection_;
  std::string rows_;
  bool first_ = true;
  bool failed_ = false;
  bool finished_ = false;
};

class PostgresConnection final : public Connection {
 public:
  PostgresConnection(const Libpq& library, PGconn* connection) : library_(library), connection_(connection) {}
  ~PostgresConnection() override { library_.finish(connection_); }
  PostgresConnection(const PostgresConnection&) = delete;
  PostgresConnection& operator=(const PostgresConnection&) = delete;

  Result<Table> query(const std::string& sql, std::span<const Value> parameters) override {
    std::vector<std::string> texts(parameters.size());
    std::vector<const char*> values(parameters.size(), nullptr);
    std::vector<Oid> types(parameters.size(), 0);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const Value& value = parameters[i];
      if (value.index() == 0) continue;
      types[i] = value.index() == 1 ? kInt8 : value.index() == 2 ? kFloat8 : kText;
      texts[i] = value.index() == 1   ? std::to_string(std::get<1>(value))
                 : value.index() == 2 ? std::to_string(std::get<2>(value))
                                      : std::string(std::get<3>(value));
      values[i] = texts[i].c_str();
    }
    const Answer answer(library_, library_.exec(connection_, sql.c_str(), static_cast<int>(parameters.size()),
                                                types.data(), values.data(), nullptr, nullptr, 0));
    if (answer.status() == PGRES_COMMAND_OK) return Table();
    if (answer.status() != PGRES_TUPLES_OK) return std::unexpected(answer.error());
    return read(answer.get());
  }

  Result<std::unique_ptr<Bulk>> bulk(const std::string& table) override {
    const Answer answer(library_, library_.exec(connection_, ("COPY " + table + " FROM STDIN").c_str(), 0,
                                                nullptr, nullptr, nullptr, nullptr, 0));
    if (answer.status() != PGRES_COPY_IN) return std::unexpected(answer.error().in("table " + table));
    return std::make_unique<PostgresBulk>(library_, connection_);
  }

  Result<void> begin(bool snapshot) override {
    return run(snapshot ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" : "BEGIN");
  }
  Result<void> lock(std::string_view name) override {
    const std::string whole = "plimsoll " + std::string(name);
    auto locked =
        Connection::query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", {std::string_view(whole)});
    if (!locked) return std::unexpected(std::move(locked).error());
    return {};
  }
  bool alive() const override { return library_.status(connection_) == CONNECTION_OK; }

  Result<void> run(const std::string& sql) {
    auto done = Connection::query(sql);
    if (!done) return std::unexpected(std::move(done).error());
    return {};
  }

 private:
  Result<Table> read(const PGresult* result) const {
    Table table;
    table.columns = static_cast<std::size_t>(library_.columns(result));
    const int rows = library_.rows(result);
    const int columns = library_.columns(result);
    table.cells.resize(table.columns * static_cast<std::size_t>(rows));
    std::size_t at = 0;
    for (int row = 0; row < rows; ++row)
      for (int column = 0; column < columns; ++column, ++at) {
        if (library_.is_null(result, row, column) != 0) continue;
        const std::string_view text(library_.value(result, row, column),
                                    static_cast<std::size_t>(library_.length(result, row, column)));
        const Oid type = library_.type(result, column);
        if (type == kInt8 || type == kInt4 || type == kInt2) {
          std::int64_t number = 0;
          std::from_chars(text.data(), text.data() + text.size(), number);
          table.cells[at] = number;
        } else {
          table.cells[at].emplace<std::string>(text);
        }
      }
    return table;
  }

  const Libpq& library_;
  PGconn* connection_;
};

class PostgresDatabase final : public Database {
 public:
  PostgresDatabase(const Libpq& library, const Options& options)
      : library_(library), url_(options.database), timeout_(options.query_timeout) {}

  Result<std::unique_ptr<Connection>> connect(bool writing) override {
    const std::array<const char*, 6> names = {"dbname",          "connect_timeout", "application_name",
                                              "client_encoding", "options",         nullptr};
    const std::string limits =
        writing ? "-c statement_timeout=0" : "-c statement_timeout=" + std::to_string(timeout_.count());
    const std::array<const char*, 6> values = {url_.c_str(),   "5",    "plimsoll", "UTF8",
                                               limits.c_str(), nullptr};
    PGconn* opened = library_.connect(names.data(), values.data(), 1);
    auto out = std::make_unique<PostgresConnection>(library_, opened);
    if (!out->alive())
      return fail(Code::kUnavailable, "PostgreSQL: " + one_line(library_.error_message(opened)));
    library_.set_notice_processor(opened, [](void*, const char*) {}, nullptr);
    const char* encoding = library_.parameter_status(opened, "server_encoding");
    if (encoding == nullptr || std::string_view(encoding) != "UTF8")
      return fail(Code::kInvalid, "PostgreSQL: the database's encoding must be UTF8");
    const char* version = library_.parameter_status(opened, "server_version");
    if (writing) {
      version_ = version != nullptr ? version : "";
      if (auto made = make_schema(*out); !made) return std::unexpected(std::move(made).error());
    }
    if (auto done = out->run("SET search_path TO plimsoll"); !done)
      return std::unexpected(std::move(done).error());
    return out;
  }
  std::string description() const override { return "PostgreSQL " + version_; }
  bool shared() const override { return true; }

  std::vector<std::string> schema() const override {
    auto out = create_tables(R"(TEXT COLLATE "C")");
    for (const char* index :
         {"events_place ON events (log, log_index)", "acts_place ON acts (log, log_index)",
          "review_items_place ON review_items (log, log_index)",
          "review_steps_place ON review_steps (log, log_index)"})
      out.push_back(std::string("CREATE UNIQUE INDEX IF NOT EXISTS ") + index);
    for (const char* index :
         {"events_key ON events (event_key)", "events_occurred ON events (occurred, log, log_index)",
          "acts_subject ON acts (subject)", "acts_type ON acts (type, log_index)",
          "review_items_key ON review_items (event_key)", "review_steps_key ON review_steps (event_key)",
          "hourly_hour ON hourly (hour)"})
      out.push_back(std::string("CREATE INDEX IF NOT EXISTS ") + index);
    return out;
  }

 private:
  // Where it is there, nobody needs the right to make it.
  static Result<void> make_schema(PostgresConnection& connection) {
    return transact(connection, false, [&]() -> Result<void> {
      if (auto locked = connection.lock("schema"); !locked) return locked;
      const auto found =
          connection.Connection::query("SELECT 1 FROM pg_namespace WHERE nspname = 'plimsoll'");
      if (!found) return std::unexpected(found.error());
      return found->rows() > 0 ? Result<void>() : connection.run("CREATE SCHEMA plimsoll");
    });
  }

  const Libpq& library_;
  const std::string url_;
  const std::chrono::milliseconds timeout_;
  std::string version_;
};

}  // namespace

Result<std::unique_ptr<Database>> open_postgres(const Options& options) {
  const auto library = load();
  if (!library) return std::unexpected(library.error());
  return std::make_unique<PostgresDatabase>(**library, options);
}

}  // namespace plimsoll::store
