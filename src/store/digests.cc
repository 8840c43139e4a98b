// What all rows of a log add up to.
#include "base/hash.h"
#include "statement.h"
#include "store/queries.h"

namespace plimsoll::store {
namespace {

constexpr std::size_t kPage = 5'000;

// The digest goes on from the page before: SHA-256(digest || page).
void add(const Table& table, std::size_t first_column, Digest& digest) {
  std::string page;
  for (std::size_t row = 0; row < table.rows(); ++row)
    for (std::size_t column = first_column; column < table.columns; ++column) {
      const auto& cell = table.cell(row, column);
      if (const auto* number = std::get_if<std::int64_t>(&cell)) page += std::to_string(*number);
      if (const auto* text = std::get_if<std::string>(&cell))
        page.append(std::to_string(text->size())).append(":").append(*text);
      page += cell.index() == 0 ? "-\n" : "\n";
    }
  const std::string_view pieces[] = {bytes_of(digest), page};
  digest = sha256(pieces);
}

// A table whose rows are in the order of the log.
Result<Digest> of_entries(Connection& connection, const std::string& table, std::int64_t log) {
  Digest out{};
  for (std::int64_t after = -1;;) {
    const auto rows = connection.query("SELECT * FROM " + table +
                                           " WHERE log = $1 AND log_index > $2 ORDER BY log_index LIMIT " +
                                           std::to_string(kPage),
                                       {log, after});
    if (!rows) return std::unexpected(rows.error());
    if (rows->rows() == 0) return out;
    add(*rows, 1, out);
    after = rows->integer(rows->rows() - 1, 1);
  }
}

// A table of counts.
Result<Digest> of_counts(Connection& connection, const std::string& table, const std::string& key,
                         std::int64_t log) {
  Digest out{};
  for (std::int64_t after = INT64_MIN;;) {
    // An hour at a time: its rows are few.
    const auto hour =
        connection.query("SELECT min(hour) FROM " + table + " WHERE log = $1 AND hour > $2", {log, after});
    if (!hour) return std::unexpected(hour.error());
    if (hour->null(0, 0)) return out;
    after = hour->integer(0, 0);
    const auto rows = connection.query(
        "SELECT * FROM " + table + " WHERE log = $1 AND hour = $2 ORDER BY " + key, {log, after});
    if (!rows) return std::unexpected(rows.error());
    add(*rows, 1, out);
  }
}

}  // namespace

Result<std::map<std::string, std::string>> digests(Reader& reader, const std::string& origin) {
  return read(reader, [&](Connection& connection) -> Result<std::map<std::string, std::string>> {
    const auto log = connection.query("SELECT log FROM logs WHERE origin = $1", {std::string_view(origin)});
    if (!log) return std::unexpected(log.error());
    if (log->rows() == 0) return fail(Code::kNotFound, "the store has nothing of the log " + origin);
    const std::int64_t number = log->integer(0, 0);
    std::map<std::string, std::string> out;
    for (const char* table : {"events", "acts", "review_items", "review_steps", "capability_evaluations"}) {
      const auto digest = of_entries(connection, table, number);
      if (!digest) return std::unexpected(digest.error());
      out.emplace(table, to_hex(*digest));
    }
    for (const auto& [table, key] :
         {std::pair("hourly", "surface, tier, direction, action"), {"hourly_detections", "category"}}) {
      const auto digest = of_counts(connection, table, key, number);
      if (!digest) return std::unexpected(digest.error());
      out.emplace(table, to_hex(*digest));
    }
    return out;
  });
}

}  // namespace plimsoll::store
