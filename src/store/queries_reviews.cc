// The review queue, and what was done.
#include <algorithm>
#include <charconv>

#include "statement.h"
#include "store/queries.h"

namespace plimsoll::store {
namespace {

constexpr std::array<std::string_view, 3> kStates = {"open", "assigned", "decided"};

std::string reviews() {
  return std::string("SELECT ") + kReviewColumns + " FROM reviews";
}

std::vector<ReviewItem> items_of(const Table& table) {
  std::vector<ReviewItem> out;
  out.reserve(table.rows());
  for (std::size_t row = 0; row < table.rows(); ++row) out.push_back(review_at(table, row));
  return out;
}

std::vector<ActRow> acts_of(const Table& table) {
  std::vector<ActRow> out;
  out.reserve(table.rows());
  for (std::size_t row = 0; row < table.rows(); ++row) out.push_back(act_at(table, row));
  return out;
}

Result<void> check_limit(std::size_t limit) {
  if (limit >= 1 && limit <= kMaxPage) return {};
  return fail(Code::kInvalid, "limit: must be 1 to " + std::to_string(kMaxPage));
}

constexpr std::size_t kReviewColumnCount = 19;  // of kReviewColumns
constexpr const char* kReviewOrder = " ORDER BY state, priority DESC, due, log, log_index";

void filter_by(Statement& statement, const ReviewFilter& filter) {
  if (filter.state) statement.where("state = ", static_cast<std::int64_t>(*filter.state));
  if (!filter.assignee.empty()) statement.where_text("assignee = ", filter.assignee);
  if (!filter.tier.empty()) statement.where_text("tier = ", filter.tier);
  if (!filter.org.empty()) statement.where_text("org = ", filter.org);
}

void filter_by(Statement& statement, const ActFilter& filter) {
  if (!filter.types.empty()) {
    statement.where("type IN (");
    for (const auto& type : filter.types)
      statement.add(&type == filter.types.data() ? "" : ", ").parameter(std::string_view(type));
    statement.add(")");
  }
  if (!filter.subject.empty()) statement.where_text("subject = ", filter.subject);
  if (!filter.actor.empty()) statement.where_text("actor = ", filter.actor);
  statement.window(filter.window, "time");
}

// The same for those that nobody has decided: few, next to all there ever were, so that these are left out first and only
// then is looked at who has them.
std::string undecided_reviews() {
  return R"(WITH undecided AS (
  SELECT i.* FROM review_items i LEFT JOIN (SELECT event_key, event_id FROM review_steps WHERE kind = 'decided') d
  ON d.event_key = i.event_key AND d.event_id = i.event_id WHERE d.event_key IS NULL
), assignments AS (
  SELECT event_key, event_id, assignee,
         row_number() OVER (PARTITION BY event_key, event_id ORDER BY time DESC, log DESC, log_index DESC) AS place
  FROM review_steps WHERE kind = 'assigned' AND event_key IN (SELECT event_key FROM undecided)
), reviews AS (
  SELECT i.*, CASE WHEN a.assignee <> '' THEN 1 ELSE 0 END AS state, a.assignee AS assignee, NULL AS decision,
         NULL AS decided_by, NULL AS seconded_by, CAST(NULL AS BIGINT) AS decided_at
  FROM undecided i LEFT JOIN assignments a ON a.place = 1 AND a.event_key = i.event_key AND a.event_id = i.event_id
) )";
}

// A page of them, and behind each row the counts of all: open, assigned, overdue, and of items there ever were. Where the page
// is empty there is one row, without an event.
Result<Table> undecided_page(Connection& connection, const ReviewFilter& filter, Time now) {
  Statement statement(undecided_reviews());
  statement.add(", counts AS (SELECT CAST(coalesce(sum(1 - state), 0) AS BIGINT) AS open, ")
      .add("CAST(coalesce(sum(state), 0) AS BIGINT) AS assigned, CAST(coalesce(sum(CASE WHEN due < ")
      .parameter(to_ms(now))
      .add(
          " THEN 1 ELSE 0 END), 0) AS BIGINT) AS overdue, (SELECT count(*) FROM review_items) AS ever FROM "
          "reviews), page AS (" +
          reviews());
  filter_by(statement, filter);
  statement.add(kReviewOrder).limit(filter.limit);
  statement.add(" OFFSET ").parameter(static_cast<std::int64_t>(filter.offset));
  statement.add(") SELECT page.*, counts.* FROM counts LEFT JOIN page ON TRUE").add(kReviewOrder);
  return statement.ask(connection);
}

constexpr const char* kLastFirst = " ORDER BY log_index DESC, log DESC";

// <log_index>_<log>
Result<std::optional<std::pair<std::int64_t, std::int64_t>>> parse_cursor(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::pair<std::int64_t, std::int64_t> out;
  const char* const end = text.data() + text.size();
  const auto [middle, error] = std::from_chars(text.data(), end, out.first);
  if (error == std::errc() && middle != end && *middle == '_') {
    const auto [last, wrong] = std::from_chars(middle + 1, end, out.second);
    if (wrong == std::errc() && last == end) return out;
  }
  return fail(Code::kInvalid, "cursor: expected one that a page gave");
}

}  // namespace

std::string_view to_string(ReviewState state) {
  return kStates.at(static_cast<std::size_t>(state));
}
std::optional<ReviewState> parse_review_state(std::string_view name) {
  const auto found = std::ranges::find(kStates, name);
  if (found == kStates.end()) return std::nullopt;
  return static_cast<ReviewState>(found - kStates.begin());
}

Result<ReviewQueue> review_queue(Reader& reader, const ReviewFilter& filter, Time now) {
  if (auto fine = check_limit(filter.limit); !fine) return std::unexpected(std::move(fine).error());
  return read(reader, [&](Connection& connection) -> Result<ReviewQueue> {
    const bool decided = filter.state == ReviewState::kDecided;
    const auto undecided = undecided_page(connection, decided ? ReviewFilter{.limit = 1} : filter, now);
    if (!undecided) return std::unexpected(undecided.error());
    const auto count = [&](std::size_t behind) {
      return static_cast<std::uint64_t>(undecided->integer(0, kReviewColumnCount + behind));
    };
    ReviewQueue out{.items = {}, .open = count(0), .assigned = count(1), .decided = 0, .overdue = count(2)};
    out.decided = count(3) - out.open - out.assigned;
    if (!decided) {
      if (!undecided->null(0, 0)) out.items = items_of(*undecided);
      return out;
    }
    Statement statement(reviews());
    filter_by(statement, filter);
    statement.add(kReviewOrder).limit(filter.limit);
    statement.add(" OFFSET ").parameter(static_cast<std::int64_t>(filter.offset));
    const auto table = statement.ask(connection);
    if (!table) return std::unexpected(table.error());
    out.items = items_of(*table);
    return out;
  });
}

namespace {

Result<std::vector<ReviewItem>> overdue(Reader& reader, Time now, std::size_t limit, bool unrecorded) {
  if (auto fine = check_limit(limit); !fine) return std::unexpected(std::move(fine).error());
  return read(reader, [&](Connection& connection) -> Result<std::vector<ReviewItem>> {
    Statement statement(undecided_reviews() + reviews());
    statement.where("due < ", to_ms(now));
    if (unrecorded)
      statement.where("event_id NOT IN (SELECT subject FROM acts WHERE type = 'review_overdue')");
    statement.add(" ORDER BY due, log, log_index").limit(limit);
    const auto table = statement.ask(connection);
    if (!table) return std::unexpected(table.error());
    return items_of(*table);
  });
}

}  // namespace

Result<std::vector<ReviewItem>> overdue_reviews(Reader& reader, Time now, std::size_t limit) {
  return overdue(reader, now, limit, false);
}

Result<std::vector<ReviewItem>> unrecorded_overdue_reviews(Reader& reader, Time now, std::size_t limit) {
  return overdue(reader, now, limit, true);
}

Result<std::optional<ReviewDetail>> review_item(Reader& reader, const std::string& event_id) {
  return read(reader, [&](Connection& connection) -> Result<std::optional<ReviewDetail>> {
    Statement statement(reviews());
    statement.where("event_key = ", event_key(event_id)).where_text("event_id = ", event_id);
    const auto table = statement.add(" ORDER BY log, log_index LIMIT 1").ask(connection);
    if (!table) return std::unexpected(table.error());
    if (table->rows() == 0) return std::nullopt;
    ReviewDetail out{.item = review_at(*table, 0), .trail = {}};
    Statement trail(std::string("SELECT ") + kActColumns + " FROM acts");
    trail.where_text("subject = ", event_id).where("type LIKE 'review%'");
    const auto steps = trail.add(" ORDER BY time, log, log_index").limit(kMaxPage).ask(connection);
    if (!steps) return std::unexpected(steps.error());
    out.trail = acts_of(*steps);
    return out;
  });
}

Result<ActPage> acts(Reader& reader, const ActFilter& filter, std::size_t limit, const std::string& cursor) {
  if (auto fine = check_limit(limit); !fine) return std::unexpected(std::move(fine).error());
  const auto after = parse_cursor(cursor);
  if (!after) return std::unexpected(after.error());
  return read(reader, [&](Connection& connection) -> Result<ActPage> {
    Statement statement(std::string("SELECT ") + kActColumns + " FROM acts");
    filter_by(statement, filter);
    if (*after) {
      statement.where("log_index <= ", (*after)->first);
      statement.where("(log_index < ", (*after)->first, " OR log < ").parameter((*after)->second).add(")");
    }
    const auto table = statement.add(kLastFirst).limit(limit + 1).ask(connection);
    if (!table) return std::unexpected(table.error());
    ActPage out{.acts = acts_of(*table), .next = {}};
    if (out.acts.size() > limit) {
      out.acts.resize(limit);
      out.next = std::to_string(out.acts.back().index) + "_" + std::to_string(out.acts.back().log);
    }
    return out;
  });
}

Result<ActCount> count_acts(Reader& reader, const ActFilter& filter, std::size_t samples) {
  return read(reader, [&](Connection& connection) -> Result<ActCount> {
    Statement statement("SELECT count(*), min(time), max(time) FROM acts");
    filter_by(statement, filter);
    const auto table = statement.ask(connection);
    if (!table) return std::unexpected(table.error());
    ActCount out{
        .count = static_cast<std::uint64_t>(table->integer(0, 0)), .first = {}, .last = {}, .samples = {}};
    if (!table->null(0, 1)) {
      out.first = from_ms(table->integer(0, 1));
      out.last = from_ms(table->integer(0, 2));
    }
    if (out.count == 0 || samples == 0) return out;
    Statement newest(std::string("SELECT ") + kActColumns + " FROM acts");
    filter_by(newest, filter);
    const auto rows = newest.add(kLastFirst).limit(std::min(samples, kSamples)).ask(connection);
    if (!rows) return std::unexpected(rows.error());
    out.samples = acts_of(*rows);
    return out;
  });
}

}  // namespace plimsoll::store
