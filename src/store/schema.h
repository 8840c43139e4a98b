// The tables, and how rows become theirs and are read back. docs/store.md describes them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "connection.h"
#include "store/queries.h"
#include "store/rows.h"

namespace plimsoll::store {

inline constexpr int kSchemaVersion = 2;

// CREATE … IF NOT EXISTS, in order. `text`: the type of texts, which must be compared byte by byte.
std::vector<std::string> create_tables(const std::string& text);
// Those with a column "log", which clear() empties.
inline constexpr const char* kTablesOfLogs[] = {
    "events",           "acts", "review_items", "review_steps", "capability_evaluations", "hourly",
    "hourly_detections"};

std::int64_t to_ms(Time time);
Time from_ms(std::int64_t ms);
inline constexpr std::int64_t kHourMs = 3'600'000;
std::int64_t hour_of(std::int64_t ms);  // hours since 1970, rounded down

// Scores are kept as ten-thousandths.
std::int64_t to_places(double score);
// The fewest ten-thousandths that are at least `score`.
std::int64_t places_at_least(double score);

// Lists are kept as lines, with a line end in front too: every item stands between two.
std::string join(const std::vector<std::string>& list);

void add_event(Bulk& bulk, std::int64_t log, const EventRow& row);
void add_act(Bulk& bulk, std::int64_t log, const ActRow& row);
void add_review_item(Bulk& bulk, std::int64_t log, const EventRow& row);
void add_evaluation(Bulk& bulk, std::int64_t log, const EvaluationRow& row);
void add_review_step(Bulk& bulk, std::int64_t log, const ReviewStep& step);

// What a SELECT names, so that the functions behind read it.
const std::string& event_columns();
inline constexpr const char* kActColumns = "log, log_index, type, time, actor, subject, body";
inline constexpr const char* kReviewColumns =
    "log, log_index, event_id, occurred, due, priority, surface, tier, org, action, asl, category, score, "
    "state, "
    "assignee, decision, decided_by, seconded_by, decided_at";
inline constexpr const char* kEvaluationColumns =
    "log, log_index, evaluation_id, time, as_of, model, threat, framework, version, threshold_id, score, "
    "low, high, "
    "threshold, n, method, evaluator, status, crossed, due, decision_maker";
std::string score_column(Category category);
// Of an event that counts as a detection of the category.
std::string detected_condition(Category category);
EventRow event_at(const Table& table, std::size_t row);
ActRow act_at(const Table& table, std::size_t row);
EvaluationRow evaluation_at(const Table& table, std::size_t row);
ReviewItem review_at(const Table& table, std::size_t row);

}  // namespace plimsoll::store
