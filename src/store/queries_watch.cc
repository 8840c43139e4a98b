// Counts by which the watch compares one stretch of time with another.
#include <algorithm>

#include "statement.h"
#include "store/queries.h"

namespace plimsoll::store {
namespace {

constexpr const char* kPrompts = "direction IN ('prompt', 'exchange')";

// The bin of a column's value, as SQL: -1 below the first edge. Edges are ours.
std::string bin_of(const std::string& column, std::span<const std::int64_t> edges) {
  std::string out = "CASE";
  for (std::size_t i = 0; i < edges.size(); ++i)
    out += " WHEN " + column + " < " + std::to_string(edges[i]) + " THEN " +
           std::to_string(static_cast<std::int64_t>(i) - 1);
  return out + " ELSE " + std::to_string(static_cast<std::int64_t>(edges.size()) - 1) + " END";
}

Result<std::vector<std::uint64_t>> count_bins(Reader& reader, const std::string& column,
                                              std::span<const std::int64_t> edges, const Window& window,
                                              const char* condition) {
  return read(reader, [&](Connection& connection) -> Result<std::vector<std::uint64_t>> {
    const auto bin = bin_of(column, edges);
    Statement statement("SELECT " + bin + ", count(*) FROM events");
    statement.window(window, "occurred");
    if (condition != nullptr) statement.where(condition);
    const auto table = statement.add(" GROUP BY 1").ask(connection);
    if (!table) return std::unexpected(table.error());
    std::vector<std::uint64_t> out(edges.size());
    for (std::size_t row = 0; row < table->rows(); ++row)
      if (const auto at = table->integer(row, 0); at >= 0)
        out.at(static_cast<std::size_t>(at)) = static_cast<std::uint64_t>(table->integer(row, 1));
    return out;
  });
}

}  // namespace

Result<std::vector<std::uint64_t>> score_bins(Reader& reader, Category category,
                                              std::span<const std::int64_t> edges, const Window& window) {
  return count_bins(reader, score_column(category), edges, window, nullptr);
}

Result<std::vector<std::uint64_t>> length_bins(Reader& reader, std::span<const std::int64_t> edges,
                                               const Window& window) {
  return count_bins(reader, "bytes", edges, window, kPrompts);
}

Result<std::map<std::string, std::uint64_t>> mix(Reader& reader, Mix mix, const Window& window) {
  constexpr std::array<const char*, 4> kColumns = {"action", "tier", "surface", "script"};
  const std::string column = kColumns.at(static_cast<std::size_t>(mix));
  return read(reader, [&](Connection& connection) -> Result<std::map<std::string, std::uint64_t>> {
    Statement statement("SELECT " + column + ", count(*) FROM events");
    statement.window(window, "occurred");
    if (mix == Mix::kScript) statement.where(kPrompts).where("script <> ''");
    const auto table = statement.add(" GROUP BY 1").ask(connection);
    if (!table) return std::unexpected(table.error());
    std::map<std::string, std::uint64_t> out;
    for (std::size_t row = 0; row < table->rows(); ++row)
      out[table->text(row, 0)] = static_cast<std::uint64_t>(table->integer(row, 1));
    return out;
  });
}

Result<std::vector<RateCounts>> rate_counts(Reader& reader, Time from, Time until) {
  const std::int64_t first = hour_of(to_ms(from) + kHourMs - 1), end = hour_of(to_ms(until));
  return read(reader, [&](Connection& connection) -> Result<std::vector<RateCounts>> {
    std::map<std::pair<std::int64_t, std::string>, RateCounts> found;
    const auto at = [&](std::int64_t hour, const std::string& tier) -> RateCounts& {
      auto& counts = found[{hour, tier}];
      counts.hour = from_ms(hour * kHourMs);
      counts.tier = tier;
      return counts;
    };
    const auto hours = connection.query(
        "SELECT hour, tier, action, CAST(sum(events) AS BIGINT), CAST(sum(reviews) AS BIGINT) FROM hourly "
        "WHERE hour >= $1 "
        "AND hour < $2 GROUP BY hour, tier, action",
        {first, end});
    if (!hours) return std::unexpected(hours.error());
    for (std::size_t row = 0; row < hours->rows(); ++row) {
      RateCounts& counts = at(hours->integer(row, 0), hours->text(row, 1));
      const auto events = static_cast<std::uint64_t>(hours->integer(row, 3));
      const auto action = parse_action(hours->text(row, 2)).value_or(Action::kErrorBlock);
      counts.events += events;
      counts.reviews += static_cast<std::uint64_t>(hours->integer(row, 4));
      if (action == Action::kBlock || action == Action::kErrorBlock) counts.blocked += events;
      if (!allows(action)) counts.refused += events;
    }
    const auto harmful = connection.query(
        "SELECT CAST(floor(occurred / 3600000.0) AS BIGINT), tier, count(*) FROM events WHERE occurred >= $1 "
        "AND occurred < "
        "$2 AND " +
            detected_condition(Category::kHarmfulContent) + " GROUP BY 1, 2",
        {first * kHourMs, end * kHourMs});
    if (!harmful) return std::unexpected(harmful.error());
    for (std::size_t row = 0; row < harmful->rows(); ++row)
      at(harmful->integer(row, 0), harmful->text(row, 1)).harmful +=
          static_cast<std::uint64_t>(harmful->integer(row, 2));
    std::vector<RateCounts> out;
    for (auto& [key, counts] : found)
      // An event that is in the table and not yet in the counts cannot be: both are of one transaction.
      if (counts.events > 0) out.push_back(std::move(counts));
    return out;
  });
}

}  // namespace plimsoll::store
