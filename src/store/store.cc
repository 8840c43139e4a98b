#include "store/store.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <tuple>

#include "connection.h"
#include "ledger/proof.h"
#include "schema.h"

namespace plimsoll::store {
namespace {

constexpr std::string_view kLockTables = "tables";  // a name that is no log's

// Statements without an answer.
Result<void> run(Connection& connection, const std::string& sql, std::initializer_list<Value> values = {}) {
  auto done = connection.query(sql, values);
  if (!done) return std::unexpected(std::move(done).error());
  return {};
}

struct HourCounts {
  std::int64_t events = 0, asl = 0, reviews = 0;
};
using HourKey = std::tuple<std::int64_t, std::string, std::string, std::string, std::string_view>;
using DetectionKey = std::pair<std::int64_t, std::string_view>;

// What a batch adds to the counts that are kept.
struct Counts {
  std::map<HourKey, HourCounts> hours;
  std::map<DetectionKey, std::int64_t> detections;

  void add(const EventRow& row) {
    const auto hour = hour_of(to_ms(row.occurred));
    auto& counts = hours[{hour, row.surface, row.tier, row.direction, to_string(row.action)}];
    ++counts.events;
    counts.asl += row.asl_level > 0 ? 1 : 0;
    counts.reviews += row.review ? 1 : 0;
    for (std::size_t i = 0; i < kCategoryCount; ++i) {
      const auto category = static_cast<Category>(i);
      if (to_places(row.scores[category]) >= places_at_least(detected_at(category)))
        ++detections[{hour, to_string(category)}];
    }
  }
};

// Adds what is in the tables of new counts to the counts, and empties them.
Result<void> fold_counts(Connection& connection, std::int64_t log) {
  for (const char* statement :
       {"INSERT INTO hourly SELECT * FROM hourly_new WHERE log = $1 ON CONFLICT (log, hour, surface, tier, "
        "direction, "
        "action) DO UPDATE SET events = hourly.events + excluded.events, asl = hourly.asl + excluded.asl, "
        "reviews = hourly.reviews + excluded.reviews",
        "INSERT INTO hourly_detections SELECT * FROM hourly_detections_new WHERE log = $1 "
        "ON CONFLICT (log, hour, category) DO UPDATE SET events = hourly_detections.events + excluded.events",
        "DELETE FROM hourly_new WHERE log = $1", "DELETE FROM hourly_detections_new WHERE log = $1"})
    if (auto done = run(connection, statement, {log}); !done) return done;
  return {};
}

// By way of tables that are empty but within this transaction: planning a statement with many values costs more than
// all the rest.
Result<void> add_counts(Connection& connection, std::int64_t log, const Counts& counts) {
  if (counts.hours.empty()) return {};
  auto hours = connection.bulk("hourly_new");
  if (!hours) return std::unexpected(std::move(hours).error());
  for (const auto& [key, added] : counts.hours) {
    const auto& [hour, surface, tier, direction, action] = key;
    (*hours)->add(log);
    (*hours)->add(hour);
    for (const std::string_view text :
         {std::string_view(surface), std::string_view(tier), std::string_view(direction), action})
      (*hours)->add(text);
    for (const std::int64_t count : {added.events, added.asl, added.reviews}) (*hours)->add(count);
    (*hours)->end_row();
  }
  if (auto done = (*hours)->finish(); !done) return done;
  auto detections = connection.bulk("hourly_detections_new");
  if (!detections) return std::unexpected(std::move(detections).error());
  for (const auto& [key, added] : counts.detections) {
    (*detections)->add(log);
    (*detections)->add(key.first);
    (*detections)->add(key.second);
    (*detections)->add(added);
    (*detections)->end_row();
  }
  if (auto done = (*detections)->finish(); !done) return done;
  return fold_counts(connection, log);
}

// Puts those of the rows that are not below `from` into a table.
template <class Row, class Add>
Result<void> add_rows(Connection& connection, const char* table, const std::vector<Row>& rows,
                      ledger::Index from, Add add) {
  std::unique_ptr<Bulk> bulk;
  for (const Row& row : rows) {
    if (row.index < from) continue;
    if (bulk == nullptr) {
      auto opened = connection.bulk(table);
      if (!opened) return std::unexpected(std::move(opened).error());
      bulk = *std::move(opened);
    }
    add(*bulk, row);
  }
  return bulk != nullptr ? bulk->finish() : Result<void>();
}

// Forgets decisions of that log below that index and before that time, and takes them out of the counts.
Result<void> forget_decisions(Connection& connection, std::int64_t log, std::int64_t below,
                              std::int64_t before) {
  const std::string gone = " FROM events WHERE log = $1 AND log_index < $2 AND time < $3";
  const std::string hour = "CAST(floor(occurred / 3600000.0) AS BIGINT)";
  std::vector<std::string> statements = {"INSERT INTO hourly_new SELECT log, " + hour +
                                         ", surface, tier, direction, action, -count(*), -sum(CASE WHEN asl "
                                         "> 0 THEN 1 ELSE 0 END), -sum(review)" +
                                         gone + " GROUP BY log, " + hour +
                                         ", surface, tier, direction, action"};
  for (std::size_t i = 0; i < kCategoryCount; ++i) {
    const auto category = static_cast<Category>(i);
    statements.push_back("INSERT INTO hourly_detections_new SELECT log, " + hour + ", '" +
                         std::string(to_string(category)) + "', -count(*)" + gone + " AND " +
                         detected_condition(category) + " GROUP BY log, " + hour);
  }
  statements.push_back("DELETE FROM review_items WHERE log = $1 AND log_index IN (SELECT log_index" + gone +
                       ")");
  statements.push_back("DELETE" + gone);
  for (const auto& statement : statements)
    if (auto done = run(connection, statement, {log, below, before}); !done) return done;
  if (auto done = fold_counts(connection, log); !done) return done;
  for (const char* statement : {"DELETE FROM hourly WHERE log = $1 AND events <= 0",
                                "DELETE FROM hourly_detections WHERE log = $1 AND events <= 0"})
    if (auto done = run(connection, statement, {log}); !done) return done;
  return {};
}

Result<void> prune(Connection& connection, std::int64_t log, const PruneStep& step) {
  const auto below = static_cast<std::int64_t>(step.below);
  for (const auto& [type, time] : step.types) {
    const std::int64_t before = to_ms(time);
    auto done = type == "decision"
                    ? forget_decisions(connection, log, below, before)
                    : run(connection,
                          "DELETE FROM acts WHERE log = $1 AND log_index < $2 AND time < $3 AND "
                          "type = $4",
                          {log, below, before, std::string_view(type)});
    if (done && type.starts_with("review_"))
      done = run(connection,
                 "DELETE FROM review_steps WHERE log = $1 AND log_index < $2 AND time < $3 AND kind = $4",
                 {log, below, before, std::string_view(type).substr(7)});
    if (done && type == "capability_evaluation")
      done = run(connection,
                 "DELETE FROM capability_evaluations WHERE log = $1 AND log_index < $2 AND time < $3",
                 {log, below, before});
    if (!done) return done;
  }
  return {};
}

Result<void> add_all(Connection& connection, std::int64_t log, const Rows& rows, ledger::Index from) {
  Counts counts;
  auto done = add_rows(connection, "events", rows.events, from, [&](Bulk& bulk, const EventRow& row) {
    counts.add(row);
    add_event(bulk, log, row);
  });
  if (done && std::ranges::any_of(rows.events, &EventRow::review)) {
    auto opened = connection.bulk("review_items");
    if (!opened) return std::unexpected(std::move(opened).error());
    for (const EventRow& row : rows.events)
      if (row.review && row.index >= from) add_review_item(**opened, log, row);
    done = (*opened)->finish();
  }
  if (done)
    done = add_rows(connection, "acts", rows.acts, from,
                    [&](Bulk& bulk, const ActRow& row) { add_act(bulk, log, row); });
  if (done)
    done = add_rows(connection, "review_steps", rows.reviews, from,
                    [&](Bulk& bulk, const ReviewStep& step) { add_review_step(bulk, log, step); });
  if (done)
    done = add_rows(connection, "capability_evaluations", rows.evaluations, from,
                    [&](Bulk& bulk, const EvaluationRow& row) { add_evaluation(bulk, log, row); });
  if (done) done = add_counts(connection, log, counts);
  // What it is about stands before it: the order within a batch does not matter.
  for (const PruneStep& step : rows.prunes)
    if (done && step.index >= from) done = prune(connection, log, step);
  return done;
}

std::string lock_name(const std::string& origin) {
  return "log " + origin;
}

bool read_digest(std::string_view hex, Digest& out) {
  if (hex.size() != 2 * out.size()) return false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const char* digits = hex.data() + 2 * i;
    if (std::from_chars(digits, digits + 2, out[i], 16).ptr != digits + 2) return false;
  }
  return true;
}

struct Known {
  std::int64_t log = 0;
  Position position;
};

// What the store knows of a log; nullopt where it knows nothing.
Result<std::optional<Known>> find_log(Connection& connection, const std::string& origin, bool shared) {
  const auto table = connection.query("SELECT log, next, root, origin FROM logs");
  if (!table) return std::unexpected(table.error());
  for (std::size_t row = 0; row < table->rows(); ++row) {
    if (table->text(row, 3) != origin) continue;
    Known known{.log = table->integer(row, 0), .position = {}};
    known.position.next = static_cast<ledger::Index>(table->integer(row, 1));
    if (!read_digest(table->text(row, 2), known.position.root))
      return fail(Code::kInvalid, "the store's position is damaged; run plimsoll store rebuild");
    return known;
  }
  if (!shared && table->rows() > 0)
    return fail(Code::kInvalid, "the store was made of another log (" + table->text(0, 3) +
                                    "); run plimsoll store rebuild to make it of this one");
  return std::nullopt;
}

Result<std::int64_t> add_log(Connection& connection, const std::string& origin) {
  if (auto locked = connection.lock(kLockTables); !locked) return std::unexpected(std::move(locked).error());
  const auto last = connection.query("SELECT coalesce(max(log), 0) FROM logs");
  if (!last) return std::unexpected(last.error());
  const std::int64_t log = last->integer(0, 0) + 1;
  const auto root = to_hex(ledger::empty_root());
  auto done = run(connection, "INSERT INTO logs VALUES ($1, $2, $3, $4)",
                  {log, std::string_view(origin), std::int64_t{0}, std::string_view(root)});
  if (!done) return std::unexpected(std::move(done).error());
  return log;
}

Result<void> apply_within(Connection& connection, const Batch& batch, bool shared) {
  if (auto locked = connection.lock(lock_name(batch.origin)); !locked) return locked;
  const auto known = find_log(connection, batch.origin, shared);
  if (!known) return std::unexpected(known.error());
  std::int64_t log = *known ? (*known)->log : 0;
  const ledger::Index next = *known ? (*known)->position.next : 0;
  if (batch.first > next)
    return fail(Code::kInvalid, "the store has the log's entries up to " + std::to_string(next) +
                                    " and cannot go on at " + std::to_string(batch.first));
  if (batch.next <= next) return {};
  if (!*known) {
    const auto added = add_log(connection, batch.origin);
    if (!added) return std::unexpected(added.error());
    log = *added;
  }
  if (auto added = add_all(connection, log, batch.rows, next); !added) return added;
  const auto root = to_hex(batch.root);
  return run(connection, "UPDATE logs SET next = $1, root = $2 WHERE log = $3",
             {static_cast<std::int64_t>(batch.next), std::string_view(root), log});
}

Result<void> make_tables(Connection& connection, const std::vector<std::string>& statements) {
  if (auto locked = connection.lock(kLockTables); !locked) return locked;
  if (auto done = run(connection, statements.front()); !done) return done;
  const auto version = connection.query("SELECT version FROM schema_version");
  if (!version) return std::unexpected(version.error());
  if (version->rows() > 0) {
    if (version->integer(0, 0) == kSchemaVersion) return {};
    return fail(Code::kInvalid, "the store's tables are of version " +
                                    std::to_string(version->integer(0, 0)) +
                                    " and this program's of version " + std::to_string(kSchemaVersion) +
                                    "; take an empty database and run plimsoll store rebuild");
  }
  for (const auto& statement : statements)
    if (auto done = run(connection, statement); !done) return done;
  return run(connection, "INSERT INTO schema_version VALUES ($1)", {std::int64_t{kSchemaVersion}});
}

bool is_postgres(std::string_view database) {
  return database.starts_with("postgres://") || database.starts_with("postgresql://");
}

}  // namespace

std::vector<std::string> Options::problems() const {
  std::vector<std::string> out;
  if (database.empty()) out.emplace_back("store.database: must be set");
  if (!is_postgres(database) && database.contains("://"))
    out.emplace_back("store.database: expected a file's path, or postgresql://…");
  if (memory_bytes < (64U << 20U)) out.emplace_back("store.memory_bytes: must be at least 64 MiB");
  if (threads < 1 || threads > 64) out.emplace_back("store.threads: must be 1 to 64");
  if (query_timeout.count() < 1) out.emplace_back("store.query_timeout: must be at least 1 ms");
  return out;
}

Result<std::unique_ptr<Store>> open_store(const Options& options) {
  if (const auto problems = options.problems(); !problems.empty())
    return fail(Code::kInvalid, problems.front());
  auto database = is_postgres(options.database) ? open_postgres(options) : open_duckdb(options);
  if (!database) return std::unexpected(std::move(database).error());
  std::unique_ptr<Store> store(new Store(*std::move(database)));
  const std::scoped_lock lock(store->writing_);
  const auto connection = store->writer();
  if (!connection) return std::unexpected(connection.error());
  auto made =
      transact(**connection, false, [&] { return make_tables(**connection, store->database_->schema()); });
  if (!made) return std::unexpected(std::move(made).error());
  store->description_ = store->database_->description();
  return store;
}

Store::Store(std::unique_ptr<Database> database) : database_(std::move(database)) {}
Store::~Store() = default;

bool Store::shared() const {
  return database_->shared();
}

Result<Connection*> Store::writer() {
  if (writer_ != nullptr && writer_->alive()) return writer_.get();
  writer_.reset();
  auto connection = database_->connect(true);
  if (!connection) return std::unexpected(std::move(connection).error());
  writer_ = *std::move(connection);
  return writer_.get();
}

Result<Position> Store::position(const std::string& origin) {
  const std::scoped_lock lock(writing_);
  const auto connection = writer();
  if (!connection) return std::unexpected(connection.error());
  const auto known = find_log(**connection, origin, database_->shared());
  if (!known) return std::unexpected(known.error());
  return *known ? (*known)->position : Position{.next = 0, .root = ledger::empty_root()};
}

Result<void> Store::apply(const Batch& batch) {
  if (batch.next < batch.first) return fail(Code::kInvalid, "a batch ends before it begins");
  const std::scoped_lock lock(writing_);
  const auto connection = writer();
  if (!connection) return std::unexpected(connection.error());
  return transact(**connection, false,
                  [&] { return apply_within(**connection, batch, database_->shared()); });
}

Result<void> Store::clear(const std::string& origin) {
  const std::scoped_lock lock(writing_);
  const auto opened = writer();
  if (!opened) return std::unexpected(opened.error());
  Connection& connection = **opened;
  return transact(connection, false, [&]() -> Result<void> {
    if (auto locked = connection.lock(lock_name(origin)); !locked) return locked;
    if (!database_->shared()) {
      for (const char* table : kTablesOfLogs)
        if (auto done = run(connection, std::string("DELETE FROM ") + table); !done) return done;
      return run(connection, "DELETE FROM logs");
    }
    const auto known = find_log(connection, origin, true);
    if (!known) return std::unexpected(known.error());
    if (!*known) return {};
    for (const char* table : kTablesOfLogs)
      if (auto done =
              run(connection, std::string("DELETE FROM ") + table + " WHERE log = $1", {(*known)->log});
          !done)
        return done;
    const auto root = to_hex(ledger::empty_root());
    return run(connection, "UPDATE logs SET next = 0, root = $2 WHERE log = $1",
               {(*known)->log, std::string_view(root)});
  });
}

Result<bool> Store::claim_review(const std::string& event_id, const std::string& actor,
                                 std::chrono::seconds hold) {
  const std::scoped_lock lock(writing_);
  const auto opened = writer();
  if (!opened) return std::unexpected(opened.error());
  Connection& connection = **opened;
  const std::int64_t now = to_ms(std::chrono::system_clock::now());
  const std::int64_t key = event_key(event_id);
  return transact(connection, false, [&]() -> Result<bool> {
    if (auto locked = connection.lock("review " + event_id); !locked)
      return std::unexpected(std::move(locked).error());
    const auto held = connection.query(
        "SELECT actor FROM review_claims WHERE event_key = $1 AND event_id = $2 AND until > $3",
        {key, std::string_view(event_id), now});
    if (!held) return std::unexpected(held.error());
    if (held->rows() > 0 && held->text(0, 0) != actor) return false;
    auto done =
        run(connection, "DELETE FROM review_claims WHERE (event_key = $1 AND event_id = $2) OR until <= $3",
            {key, std::string_view(event_id), now});
    if (done)
      done = run(connection, "INSERT INTO review_claims VALUES ($1, $2, $3, $4)",
                 {key, std::string_view(event_id), std::string_view(actor),
                  now + std::chrono::milliseconds(hold).count()});
    if (!done) return std::unexpected(std::move(done).error());
    return true;
  });
}

Result<std::unique_ptr<Reader>> Store::reader() {
  auto connection = database_->connect(false);
  if (!connection) return std::unexpected(std::move(connection).error());
  return std::unique_ptr<Reader>(new Reader(*std::move(connection), *database_));
}

Reader::Reader(std::unique_ptr<Connection> connection, Database& database)
    : connection_(std::move(connection)), database_(database) {}
Reader::~Reader() = default;

Result<Connection*> Reader::connection() {
  if (connection_ != nullptr && connection_->alive()) return connection_.get();
  connection_.reset();
  auto opened = database_.connect(false);
  if (!opened) return std::unexpected(std::move(opened).error());
  connection_ = *std::move(opened);
  return connection_.get();
}

std::int64_t Table::integer(std::size_t row, std::size_t column) const {
  const auto* value = std::get_if<std::int64_t>(&cell(row, column));
  return value != nullptr ? *value : 0;
}
const std::string& Table::text(std::size_t row, std::size_t column) const {
  static const std::string none;
  const auto* value = std::get_if<std::string>(&cell(row, column));
  return value != nullptr ? *value : none;
}

std::string one_line(std::string_view message) {
  constexpr std::size_t kMost = 300;
  std::string out(message.substr(0, kMost));
  std::ranges::replace_if(out, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  while (out.ends_with(' ')) out.pop_back();
  return message.size() > kMost ? out + "…" : out;
}

}  // namespace plimsoll::store
