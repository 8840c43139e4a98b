// Counts: totals, by the hour, histograms.
#include <algorithm>

#include "statement.h"
#include "store/queries.h"

namespace plimsoll::store {
namespace {

// [from, until) in milliseconds, as whole hours in the middle and what is left over before and behind.
struct Parts {
  std::int64_t first_hour, end_hour;  // no whole hour where they are equal
  std::vector<std::pair<std::int64_t, std::int64_t>> rest;
};

Parts parts_of(std::int64_t from, std::int64_t until) {
  const std::int64_t first = hour_of(from) + (from % kHourMs != 0 ? 1 : 0);
  const std::int64_t end = hour_of(until);
  if (first >= end) return {.first_hour = 0, .end_hour = 0, .rest = {{from, until}}};
  return {.first_hour = first, .end_hour = end, .rest = {{from, first * kHourMs}, {end * kHourMs, until}}};
}

// Whole hours that no time that is read is outside of.
constexpr std::int64_t kEarliest = -10'000'000 * kHourMs;
constexpr std::int64_t kLatest = 10'000'000 * kHourMs;

std::string detection_sums() {
  std::string out;
  for (std::size_t i = 0; i < kCategoryCount; ++i) {
    const auto category = static_cast<Category>(i);
    out += (i == 0 ? "" : ", ") + std::string("CAST(coalesce(sum(CASE WHEN ") + detected_condition(category) +
           " THEN 1 ELSE 0 END), 0) AS BIGINT)";
  }
  return out;
}

void add_groups(const Table& table, Totals& totals) {
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto number = [&](std::size_t column) {
      return static_cast<std::uint64_t>(table.integer(row, column));
    };
    const auto events = number(4);
    totals.events += events;
    totals.asl += number(5);
    totals.reviews += number(6);
    totals.by_surface[table.text(row, 0)] += events;
    totals.by_tier[table.text(row, 1)] += events;
    totals.by_direction[table.text(row, 2)] += events;
    if (const auto action = parse_action(table.text(row, 3)))
      totals.by_action.at(static_cast<std::size_t>(*action)) += events;
  }
}

constexpr const char* kGroups = " GROUP BY surface, tier, direction, action";

Result<void> add_hours(Connection& connection, std::int64_t first, std::int64_t end, Totals& totals) {
  const auto groups = connection.query(
      std::string(
          "SELECT surface, tier, direction, action, CAST(sum(events) AS BIGINT), CAST(sum(asl) AS BIGINT), "
          "CAST(sum(reviews) AS BIGINT) FROM hourly WHERE hour >= $1 AND hour < $2") +
          kGroups,
      {first, end});
  if (!groups) return std::unexpected(groups.error());
  add_groups(*groups, totals);
  const auto found = connection.query(
      "SELECT category, CAST(sum(events) AS BIGINT) FROM hourly_detections WHERE hour >= $1 AND hour < $2 "
      "GROUP BY category",
      {first, end});
  if (!found) return std::unexpected(found.error());
  for (std::size_t row = 0; row < found->rows(); ++row)
    if (const auto category = parse_category(found->text(row, 0)))
      totals.detections.at(static_cast<std::size_t>(*category)) +=
          static_cast<std::uint64_t>(found->integer(row, 1));
  return {};
}

Result<void> add_rest(Connection& connection, std::int64_t from, std::int64_t until, Totals& totals) {
  const auto groups = connection.query(
      std::string(
          "SELECT surface, tier, direction, action, count(*), CAST(sum(CASE WHEN asl > 0 THEN 1 ELSE 0 END) "
          "AS BIGINT), CAST(sum(review) AS BIGINT) FROM events WHERE occurred >= $1 AND occurred < $2") +
          kGroups,
      {from, until});
  if (!groups) return std::unexpected(groups.error());
  add_groups(*groups, totals);
  const auto found = connection.query(
      "SELECT " + detection_sums() + " FROM events WHERE occurred >= $1 AND occurred < $2", {from, until});
  if (!found) return std::unexpected(found.error());
  for (std::size_t i = 0; i < kCategoryCount; ++i)
    totals.detections.at(i) += static_cast<std::uint64_t>(found->integer(0, i));
  return {};
}

struct Hours {
  std::int64_t first, end;
};
Result<Hours> hours_before(Time now, unsigned hours) {
  constexpr unsigned kMost = 24 * 366;
  if (hours < 1 || hours > kMost) return fail(Code::kInvalid, "hours: must be 1 to " + std::to_string(kMost));
  const auto end = hour_of(to_ms(now)) + 1;
  return Hours{.first = end - hours, .end = end};
}

}  // namespace

Result<std::vector<LogStatus>> logs(Reader& reader) {
  return read(reader, [](Connection& connection) -> Result<std::vector<LogStatus>> {
    const auto table = connection.query("SELECT log, origin, next FROM logs ORDER BY log");
    if (!table) return std::unexpected(table.error());
    std::vector<LogStatus> out;
    out.reserve(table->rows());
    for (std::size_t row = 0; row < table->rows(); ++row)
      out.push_back({.number = static_cast<std::uint32_t>(table->integer(row, 0)),
                     .origin = table->text(row, 1),
                     .next = static_cast<ledger::Index>(table->integer(row, 2))});
    return out;
  });
}

Result<Totals> totals(Reader& reader, const Window& window) {
  return read(reader, [&](Connection& connection) -> Result<Totals> {
    Totals out;
    const auto parts = parts_of(window.from ? to_ms(*window.from) : kEarliest,
                                window.until ? to_ms(*window.until) : kLatest);
    if (parts.first_hour < parts.end_hour)
      if (auto done = add_hours(connection, parts.first_hour, parts.end_hour, out); !done)
        return std::unexpected(std::move(done).error());
    for (const auto& [from, until] : parts.rest)
      if (from < until)
        if (auto done = add_rest(connection, from, until, out); !done)
          return std::unexpected(std::move(done).error());
    return out;
  });
}

Result<std::vector<HourStats>> hourly(Reader& reader, Time now, unsigned hours) {
  const auto range = hours_before(now, hours);
  if (!range) return std::unexpected(range.error());
  return read(reader, [&](Connection& connection) -> Result<std::vector<HourStats>> {
    const auto table = connection.query(
        "SELECT hour, action, CAST(sum(events) AS BIGINT), CAST(sum(asl) AS BIGINT), CAST(sum(reviews) AS "
        "BIGINT) "
        "FROM hourly WHERE hour >= $1 AND hour < $2 GROUP BY hour, action",
        {range->first, range->end});
    if (!table) return std::unexpected(table.error());
    std::vector<HourStats> out(hours);
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i].hour = from_ms((range->first + static_cast<std::int64_t>(i)) * kHourMs);
    for (std::size_t row = 0; row < table->rows(); ++row) {
      HourStats& hour = out.at(static_cast<std::size_t>(table->integer(row, 0) - range->first));
      const auto events = static_cast<std::uint64_t>(table->integer(row, 2));
      const auto action = parse_action(table->text(row, 1));
      hour.events += events;
      if (action == Action::kBlock || action == Action::kErrorBlock) hour.blocked += events;
      if (action == Action::kEscalate) hour.escalated += events;
      hour.asl += static_cast<std::uint64_t>(table->integer(row, 3));
      hour.reviews += static_cast<std::uint64_t>(table->integer(row, 4));
    }
    return out;
  });
}

Result<std::vector<std::array<std::uint64_t, kCategoryCount>>> hourly_detections(Reader& reader, Time now,
                                                                                 unsigned hours) {
  using Hour = std::array<std::uint64_t, kCategoryCount>;
  const auto range = hours_before(now, hours);
  if (!range) return std::unexpected(range.error());
  return read(reader, [&](Connection& connection) -> Result<std::vector<Hour>> {
    const auto table = connection.query(
        "SELECT hour, category, CAST(sum(events) AS BIGINT) FROM hourly_detections WHERE hour >= $1 AND hour "
        "< $2 "
        "GROUP BY hour, category",
        {range->first, range->end});
    if (!table) return std::unexpected(table.error());
    std::vector<Hour> out(hours);
    for (std::size_t row = 0; row < table->rows(); ++row)
      if (const auto category = parse_category(table->text(row, 1)))
        out.at(static_cast<std::size_t>(table->integer(row, 0) - range->first))
            .at(static_cast<std::size_t>(*category)) += static_cast<std::uint64_t>(table->integer(row, 2));
    return out;
  });
}

Result<Histogram> score_histogram(Reader& reader, Category category, const Window& window) {
  return read(reader, [&](Connection& connection) -> Result<Histogram> {
    constexpr std::int64_t kPlacesOfBin = 10'000 / Histogram().size();
    // A quotient of integers is no integer in every database: what is counted are the scores themselves.
    Statement statement("SELECT " + score_column(category) + ", count(*) FROM events");
    statement.window(window, "occurred").add(" GROUP BY " + score_column(category));
    const auto table = statement.ask(connection);
    if (!table) return std::unexpected(table.error());
    Histogram out{};
    for (std::size_t row = 0; row < table->rows(); ++row)
      out.at(std::min<std::size_t>(out.size() - 1,
                                   static_cast<std::size_t>(table->integer(row, 0) / kPlacesOfBin))) +=
          static_cast<std::uint64_t>(table->integer(row, 1));
    return out;
  });
}

}  // namespace plimsoll::store
