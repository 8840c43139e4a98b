// What models were found to be able to do.
#include <algorithm>
#include <charconv>

#include "base/json.h"
#include "statement.h"
#include "store/queries.h"

namespace plimsoll::store {
namespace {

// What was decided about a crossing: the first entry that says so counts.
Result<void> add_decision(Connection& connection, Evaluation& evaluation) {
  Statement statement(std::string("SELECT ") + kActColumns + " FROM acts");
  statement.where_text("subject = ", evaluation.row.evaluation_id).where("type = 'capability_decision'");
  const auto table = statement.add(" ORDER BY time, log, log_index LIMIT 1").ask(connection);
  if (!table) return std::unexpected(table.error());
  if (table->rows() == 0) return {};
  const auto act = act_at(*table, 0);
  const auto body = parse_json(act.body);
  const auto* decision = body ? find_string(*body, "decision") : nullptr;
  if (decision == nullptr) return {};
  evaluation.decision = *decision;
  evaluation.decided_by = act.actor;
  evaluation.decided_at = act.time;
  return {};
}

}  // namespace

Result<EvaluationPage> evaluations(Reader& reader, const EvaluationFilter& filter, std::size_t limit,
                                   const std::string& cursor) {
  if (limit < 1 || limit > kMaxPage)
    return fail(Code::kInvalid, "limit: must be 1 to " + std::to_string(kMaxPage));
  std::optional<std::pair<std::int64_t, std::int64_t>> after;
  if (!cursor.empty()) {
    auto& [index, log] = after.emplace();
    const char* const end = cursor.data() + cursor.size();
    const auto [middle, wrong] = std::from_chars(cursor.data(), end, index);
    const bool two = wrong == std::errc() && middle != end && *middle == '_';
    const auto rest = two ? std::from_chars(middle + 1, end, log)
                          : std::from_chars_result{end, std::errc::invalid_argument};
    if (rest.ec != std::errc() || rest.ptr != end)
      return fail(Code::kInvalid, "cursor: expected one that a page gave");
  }
  return read(reader, [&](Connection& connection) -> Result<EvaluationPage> {
    Statement statement(std::string("SELECT ") + kEvaluationColumns + " FROM capability_evaluations");
    const std::pair<const char*, const std::string*> texts[] = {{"evaluation_id = ", &filter.evaluation_id},
                                                                {"model = ", &filter.model},
                                                                {"threat = ", &filter.threat},
                                                                {"framework = ", &filter.framework},
                                                                {"status = ", &filter.status}};
    for (const auto& [words, text] : texts)
      if (!text->empty()) statement.where_text(words, *text);
    if (filter.crossed) statement.where("crossed = ", std::int64_t{*filter.crossed ? 1 : 0});
    statement.window(filter.window, "as_of");
    if (after)
      statement.where("(log_index < ", after->first, " OR (log_index = ")
          .parameter(after->first)
          .add(" AND log < ")
          .parameter(after->second)
          .add("))");
    const auto table = statement.add(" ORDER BY log_index DESC, log DESC").limit(limit + 1).ask(connection);
    if (!table) return std::unexpected(table.error());
    EvaluationPage out;
    for (std::size_t row = 0; row < std::min(limit, table->rows()); ++row) {
      Evaluation one{.row = evaluation_at(*table, row), .decision = {}, .decided_by = {}, .decided_at = {}};
      if (one.row.crossed)
        if (auto added = add_decision(connection, one); !added)
          return std::unexpected(std::move(added).error());
      out.evaluations.push_back(std::move(one));
    }
    if (table->rows() > limit) {
      const auto& last = out.evaluations.back().row;
      out.next = std::to_string(last.index) + "_" + std::to_string(last.log);
    }
    return out;
  });
}

}  // namespace plimsoll::store
