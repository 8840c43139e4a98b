// Events, one by one and by the page.
#include <algorithm>
#include <charconv>
#include <map>
#include <tuple>
#include <unordered_set>

#include "statement.h"
#include "store/queries.h"

namespace plimsoll::store {
namespace {

// Where a page begins: behind this event.
struct Cursor {
  std::int64_t occurred = 0, log = 0, index = 0;
};

std::string to_text(const Cursor& cursor) {
  return std::to_string(cursor.occurred) + "_" + std::to_string(cursor.log) + "_" +
         std::to_string(cursor.index);
}

Result<std::optional<Cursor>> parse_cursor(std::string_view text) {
  if (text.empty()) return std::nullopt;
  Cursor out;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  for (std::int64_t* part : {&out.occurred, &out.log, &out.index}) {
    const auto [next, error] = std::from_chars(at, end, *part);
    const bool last = part == &out.index;
    if (error != std::errc() || (last ? next != end : next == end || *next != '_'))
      return fail(Code::kInvalid, "cursor: expected one that a page gave");
    at = last ? next : next + 1;
  }
  return out;
}

std::string line(const std::string& item) {
  return "\n" + item + "\n";
}

void filter_by(Statement& statement, const EventFilter& filter) {
  statement.window(filter.window, "occurred");
  for (const auto& [column, text] :
       {std::pair<const char*, const std::string*>{"surface = ", &filter.surface},
        {"tier = ", &filter.tier},
        {"direction = ", &filter.direction},
        {"org = ", &filter.org},
        {"user_pseudonym = ", &filter.user},
        {"session = ", &filter.session},
        {"model = ", &filter.model},
        {"policy = ", &filter.policy}})
    if (!text->empty()) statement.where_text(column, *text);
  if (!filter.rule.empty()) statement.where_text("strpos(rules, ", line(filter.rule), ") > 0");
  if (!filter.tag.empty()) statement.where_text("strpos(tags, ", line(filter.tag), ") > 0");
  if (filter.action) statement.where_text("action = ", std::string(to_string(*filter.action)));
  if (filter.category)
    statement.where(score_column(*filter.category) + " >= ", places_at_least(filter.min_score));
  if (filter.asl) statement.where(*filter.asl ? "asl > 0" : "asl = 0");
  if (filter.review) statement.where("review = ", std::int64_t{*filter.review ? 1 : 0});
}

Result<void> check_limit(std::size_t limit) {
  if (limit >= 1 && limit <= kMaxPage) return {};
  return fail(Code::kInvalid, "limit: must be 1 to " + std::to_string(kMaxPage));
}

constexpr const char* kNewestFirst = " ORDER BY occurred DESC, log DESC, log_index DESC";

// From when on there are `wanted` events and more of what the filter's counted columns let through, by the counts of the
// hours; `all` where these do not say. nullopt: there are none at all.
struct Since {
  std::int64_t occurred = 0;
  bool all = false;
};
std::optional<Since> since(const Table& hours, std::uint64_t wanted) {
  if (hours.rows() == 0) return std::nullopt;
  std::uint64_t found = 0;
  std::size_t row = 0;
  while (row + 1 < hours.rows() && (found += static_cast<std::uint64_t>(hours.integer(row, 1))) < wanted)
    ++row;
  return Since{.occurred = hours.integer(row, 0) * kHourMs, .all = row + 1 == hours.rows()};
}

Result<Table> counted_hours(Connection& connection, const EventFilter& filter,
                            const std::optional<Cursor>& after) {
  Statement statement("SELECT hour, CAST(sum(events) AS BIGINT) FROM hourly");
  if (filter.window.from) statement.where("hour >= ", hour_of(to_ms(*filter.window.from)));
  if (filter.window.until) statement.where("hour <= ", hour_of(to_ms(*filter.window.until)));
  if (after) statement.where("hour <= ", hour_of(after->occurred));
  for (const auto& [column, text] :
       {std::pair<const char*, const std::string*>{"surface = ", &filter.surface},
        {"tier = ", &filter.tier},
        {"direction = ", &filter.direction}})
    if (!text->empty()) statement.where_text(column, *text);
  if (filter.action) statement.where_text("action = ", std::string(to_string(*filter.action)));
  // More hours than a year has are no help, and clients say when their events occurred.
  constexpr std::size_t kMost = std::size_t{24} * 366;
  return statement.add(" GROUP BY hour ORDER BY hour DESC").limit(kMost).ask(connection);
}

// Where the first `limit` are that the filter lets through: log, log_index. The newest hours are looked at first, and
// more of them each time that was not enough.
Result<Table> newest_places(Connection& connection, const EventFilter& filter,
                            const std::optional<Cursor>& after, std::size_t limit) {
  constexpr std::uint64_t kFurther = 64;
  const auto hours = counted_hours(connection, filter, after);
  if (!hours) return hours;
  // One hour may be cut by the window or the cursor: half of what is wanted is not wanted of it.
  for (std::uint64_t wanted = 2 * limit;; wanted *= kFurther) {
    const auto from = since(*hours, wanted);
    if (!from) return Table();
    Statement statement("SELECT log, log_index FROM events");
    filter_by(statement, filter);
    if (!from->all) statement.where("occurred >= ", from->occurred);
    if (after) {
      statement.where("occurred <= ", after->occurred);
      statement.where("(occurred < ", after->occurred, " OR log < ").parameter(after->log);
      statement.add(" OR (log = ")
          .parameter(after->log)
          .add(" AND log_index < ")
          .parameter(after->index)
          .add("))");
    }
    auto found = statement.add(kNewestFirst).limit(limit).ask(connection);
    if (!found || found->rows() == limit || from->all) return found;
  }
}

// The first `limit` that the filter lets through. A database of columns finds them by few of these; what it would sort
// with all of them is everything.
Result<std::vector<EventRow>> newest(Connection& connection, const EventFilter& filter,
                                     const std::optional<Cursor>& after, std::size_t limit) {
  const auto places = newest_places(connection, filter, after, limit);
  if (!places) return std::unexpected(places.error());
  std::vector<EventRow> out;
  if (places->rows() == 0) return out;
  std::map<std::int64_t, std::vector<std::int64_t>> by_log;
  for (std::size_t row = 0; row < places->rows(); ++row)
    by_log[places->integer(row, 0)].push_back(places->integer(row, 1));
  for (auto& [log, indexes] : by_log) {
    std::ranges::sort(indexes);
    Statement statement("SELECT " + event_columns() + " FROM events");
    statement.where("log = ", log);
    statement.where("log_index >= ", indexes.front()).where("log_index <= ", indexes.back());
    const auto table = statement.where_any_of("log_index", indexes).ask(connection);
    if (!table) return std::unexpected(table.error());
    for (std::size_t row = 0; row < table->rows(); ++row) out.push_back(event_at(*table, row));
  }
  std::ranges::sort(out, std::greater<>(),
                    [](const EventRow& row) { return std::tuple(row.occurred, row.log, row.index); });
  return out;
}

}  // namespace

Result<EventPage> events(Reader& reader, const EventFilter& filter, std::size_t limit,
                         const std::string& cursor) {
  if (auto fine = check_limit(limit); !fine) return std::unexpected(std::move(fine).error());
  const auto after = parse_cursor(cursor);
  if (!after) return std::unexpected(after.error());
  return read(reader, [&](Connection& connection) -> Result<EventPage> {
    auto rows = newest(connection, filter, *after, limit + 1);
    if (!rows) return std::unexpected(std::move(rows).error());
    EventPage out{.events = *std::move(rows), .next = {}};
    if (out.events.size() > limit) {
      out.events.resize(limit);
      const EventRow& last = out.events.back();
      out.next = to_text({.occurred = to_ms(last.occurred),
                          .log = last.log,
                          .index = static_cast<std::int64_t>(last.index)});
    }
    return out;
  });
}

Result<std::optional<EventRow>> event(Reader& reader, const std::string& event_id) {
  return read(reader, [&](Connection& connection) -> Result<std::optional<EventRow>> {
    Statement statement("SELECT " + event_columns() + " FROM events");
    statement.where("event_key = ", event_key(event_id)).where_text("event_id = ", event_id);
    const auto table = statement.add(" ORDER BY log, log_index LIMIT 1").ask(connection);
    if (!table) return std::unexpected(table.error());
    return table->rows() > 0 ? std::optional(event_at(*table, 0)) : std::nullopt;
  });
}

Result<std::pair<ledger::Index, ledger::Index>> index_range(Reader& reader, const std::string& origin,
                                                            const Window& window) {
  using Range = std::pair<ledger::Index, ledger::Index>;
  return read(reader, [&](Connection& connection) -> Result<Range> {
    Statement statement(
        "SELECT coalesce(min(log_index), 0), coalesce(max(log_index) + 1, 0) FROM events JOIN logs ON "
        "events.log = logs.log");
    const auto table = statement.where_text("origin = ", origin).window(window, "occurred").ask(connection);
    if (!table) return std::unexpected(table.error());
    return Range{static_cast<ledger::Index>(table->integer(0, 0)),
                 static_cast<ledger::Index>(table->integer(0, 1))};
  });
}

Result<std::vector<std::string>> known_events(Reader& reader, std::span<const std::string> event_ids) {
  constexpr std::size_t kAtOnce = 1'000;
  if (event_ids.size() > kMaxLookUp)
    return fail(Code::kTooLarge, "at most " + std::to_string(kMaxLookUp) + " ids can be looked up at once");
  return read(reader, [&](Connection& connection) -> Result<std::vector<std::string>> {
    std::unordered_set<std::string> found;
    for (std::size_t first = 0; first < event_ids.size(); first += kAtOnce) {
      std::vector<std::int64_t> keys;
      for (std::size_t i = first; i < std::min(event_ids.size(), first + kAtOnce); ++i)
        keys.push_back(event_key(event_ids[i]));
      Statement statement("SELECT event_id FROM events");
      const auto table = statement.where_any_of("event_key", keys).ask(connection);
      if (!table) return std::unexpected(table.error());
      for (std::size_t row = 0; row < table->rows(); ++row) found.insert(table->text(row, 0));
    }
    std::vector<std::string> out;
    for (const auto& id : event_ids)
      if (found.erase(id) > 0) out.push_back(id);
    return out;
  });
}

Result<void> for_each_event_key(Reader& reader, const std::function<void(std::int64_t key)>& visit,
                                ledger::Index from) {
  constexpr std::int64_t kAtOnce = 100'000;
  return read(reader, [&](Connection& connection) -> Result<void> {
    const auto last = connection.query("SELECT coalesce(max(log_index), -1) FROM events");
    if (!last) return std::unexpected(last.error());
    for (auto first = static_cast<std::int64_t>(from); first <= last->integer(0, 0); first += kAtOnce) {
      const auto table = connection.query(
          "SELECT event_key FROM events WHERE log_index >= $1 AND log_index < $2", {first, first + kAtOnce});
      if (!table) return std::unexpected(table.error());
      for (std::size_t row = 0; row < table->rows(); ++row) visit(table->integer(row, 0));
    }
    return {};
  });
}

Result<void> for_each_accumulated(Reader& reader, Time from, const std::string& origin, ledger::Index below,
                                  const std::function<void(const EventRow&)>& visit) {
  constexpr std::int64_t kAtOnce = 1'000;
  return read(reader, [&](Connection& connection) -> Result<void> {
    std::int64_t occurred = to_ms(from), log = -1, index = -1;
    for (;;) {
      const auto table = connection.query(
          "SELECT " + event_columns() +
              " FROM events WHERE accumulated <> '' AND (occurred, log, log_index) > ($1, $2, $3) AND NOT "
              "(log_index >= $4 "
              "AND log IN (SELECT log FROM logs WHERE origin = $5)) ORDER BY occurred, log, log_index LIMIT "
              "$6",
          {occurred, log, index, static_cast<std::int64_t>(below), std::string_view(origin), kAtOnce});
      if (!table) return std::unexpected(table.error());
      for (std::size_t row = 0; row < table->rows(); ++row) {
        const EventRow event = event_at(*table, row);
        visit(event);
        occurred = to_ms(event.occurred);
        log = event.log;
        index = static_cast<std::int64_t>(event.index);
      }
      if (table->rows() < static_cast<std::size_t>(kAtOnce)) return {};
    }
  });
}

Result<EventCount> count_events(Reader& reader, const EventFilter& filter, std::size_t samples) {
  return read(reader, [&](Connection& connection) -> Result<EventCount> {
    Statement statement("SELECT count(*), min(occurred), max(occurred) FROM events");
    filter_by(statement, filter);
    const auto table = statement.ask(connection);
    if (!table) return std::unexpected(table.error());
    EventCount out{
        .count = static_cast<std::uint64_t>(table->integer(0, 0)), .first = {}, .last = {}, .samples = {}};
    if (out.count == 0) return out;
    out.first = from_ms(table->integer(0, 1));
    out.last = from_ms(table->integer(0, 2));
    if (samples == 0) return out;
    auto rows = newest(connection, filter, std::nullopt, std::min(samples, kSamples));
    if (!rows) return std::unexpected(std::move(rows).error());
    out.samples = *std::move(rows);
    return out;
  });
}

}  // namespace plimsoll::store
