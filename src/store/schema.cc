#include "schema.h"

#include <cmath>

namespace plimsoll::store {
namespace {

constexpr double kPlaces = 10'000;

// The newest assignment of each item, the first decision; what several processes wrote is ordered by time.
constexpr const char* kReviewsView = R"(
CREATE OR REPLACE VIEW reviews AS
WITH ordered AS (
  SELECT *, row_number() OVER (PARTITION BY event_key, event_id, kind ORDER BY
      CASE WHEN kind = 'decided' THEN time ELSE -time END,
      CASE WHEN kind = 'decided' THEN log ELSE -log END,
      CASE WHEN kind = 'decided' THEN log_index ELSE -log_index END) AS place
  FROM review_steps
), steps AS (SELECT * FROM ordered WHERE place = 1)
SELECT i.*, CASE WHEN d.event_key IS NOT NULL THEN 2 WHEN a.assignee <> '' THEN 1 ELSE 0 END AS state,
       a.assignee AS assignee, d.decision AS decision, d.actor AS decided_by, d.seconded_by AS seconded_by,
       d.time AS decided_at
FROM review_items i
LEFT JOIN steps d ON d.event_key = i.event_key AND d.event_id = i.event_id AND d.kind = 'decided'
LEFT JOIN steps a ON a.event_key = i.event_key AND a.event_id = i.event_id AND a.kind = 'assigned')";

constexpr std::size_t kFirstScore = 24;  // of event_columns()

std::vector<std::string> split(const std::string& lines) {
  std::vector<std::string> out;
  for (std::size_t at = 1; at < lines.size();) {
    const auto end = lines.find('\n', at);
    out.push_back(lines.substr(at, end - at));
    at = end == std::string::npos ? lines.size() : end + 1;
  }
  return out;
}

std::optional<Category> highest(const Scores& scores) {
  std::optional<Category> out;
  for (std::size_t i = 0; i < kCategoryCount; ++i) {
    const auto category = static_cast<Category>(i);
    if (scores[category] > 0 && (!out || scores[category] > scores[*out])) out = category;
  }
  return out;
}

// The place of an action, by its name: what the store wrote itself.
Action action_named(const std::string& name) {
  return parse_action(name).value_or(Action::kErrorBlock);
}

}  // namespace

std::vector<std::string> create_tables(const std::string& text) {
  std::string scores;
  for (std::size_t i = 0; i < kCategoryCount; ++i)
    scores += ", " + score_column(static_cast<Category>(i)) + " SMALLINT NOT NULL";
  const std::string t = " " + text + " NOT NULL";
  const std::string key = "(log INTEGER NOT NULL, log_index BIGINT NOT NULL, ";
  const std::string hourly = "(log INTEGER NOT NULL, hour BIGINT NOT NULL, surface" + t + ", tier" + t +
                             ", direction" + t + ", action" + t +
                             ", events BIGINT NOT NULL, asl BIGINT NOT NULL, reviews BIGINT NOT NULL";
  const std::string detections =
      "(log INTEGER NOT NULL, hour BIGINT NOT NULL, category" + t + ", events BIGINT NOT NULL";
  return {
      "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)",
      "CREATE TABLE IF NOT EXISTS logs (log INTEGER NOT NULL PRIMARY KEY, origin" + t +
          ", next BIGINT NOT NULL, root" + t + ")",
      "CREATE TABLE IF NOT EXISTS events " + key + "event_key BIGINT NOT NULL, event_id" + t +
          ", decision_id" + t + ", request_id" + t +
          ", occurred BIGINT NOT NULL, time BIGINT NOT NULL, surface" + t + ", direction" + t + ", tier" + t +
          ", org" + t + ", user_pseudonym" + t + ", session" + t + ", model" + t +
          ", stream SMALLINT NOT NULL, authenticated SMALLINT NOT NULL, lawful_basis SMALLINT NOT NULL, "
          "action" +
          t + ", asl SMALLINT NOT NULL, review SMALLINT NOT NULL, review_due BIGINT, policy" + t +
          ", detectors" + t + scores + ", rules" + t + ", reasons" + t + ", tags" + t + ", entities" + t +
          ", findings BIGINT NOT NULL, micros BIGINT NOT NULL, content" + t + ", accumulated" + t +
          ", bytes BIGINT NOT NULL, script" + t + ")",
      "CREATE TABLE IF NOT EXISTS acts " + key + "type" + t + ", time BIGINT, actor" + t + ", subject" + t +
          ", body" + t + ")",
      "CREATE TABLE IF NOT EXISTS review_items " + key + "event_key BIGINT NOT NULL, event_id" + t +
          ", occurred BIGINT NOT NULL, due BIGINT NOT NULL, priority INTEGER NOT NULL, surface" + t +
          ", tier" + t + ", org" + t + ", action" + t + ", asl SMALLINT NOT NULL, category" + t +
          ", score SMALLINT NOT NULL)",
      "CREATE TABLE IF NOT EXISTS review_steps " + key + "event_key BIGINT NOT NULL, event_id" + t +
          ", kind" + t + ", time BIGINT NOT NULL, actor" + t + ", assignee" + t + ", decision" + t +
          ", seconded_by" + t + ")",
      "CREATE TABLE IF NOT EXISTS capability_evaluations " + key + "evaluation_id" + t +
          ", time BIGINT NOT NULL, as_of BIGINT NOT NULL, model" + t + ", threat" + t + ", framework" + t +
          ", version" + t + ", threshold_id" + t +
          ", score SMALLINT NOT NULL, low SMALLINT NOT NULL, high SMALLINT NOT NULL, "
          "threshold SMALLINT, n BIGINT NOT NULL, method" +
          t + ", evaluator" + t + ", status" + t + ", crossed SMALLINT NOT NULL, due BIGINT, decision_maker" +
          t + ")",
      "CREATE TABLE IF NOT EXISTS hourly " + hourly +
          ", PRIMARY KEY (log, hour, surface, tier, direction, action))",
      "CREATE TABLE IF NOT EXISTS hourly_new " + hourly + ")",
      "CREATE TABLE IF NOT EXISTS hourly_detections " + detections + ", PRIMARY KEY (log, hour, category))",
      "CREATE TABLE IF NOT EXISTS hourly_detections_new " + detections + ")",
      "CREATE TABLE IF NOT EXISTS review_claims (event_key BIGINT NOT NULL, event_id" + t + ", actor" + t +
          ", until BIGINT NOT NULL)",
      kReviewsView,
  };
}

std::int64_t to_ms(Time time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}
Time from_ms(std::int64_t ms) {
  return Time(std::chrono::milliseconds(ms));
}
std::int64_t hour_of(std::int64_t ms) {
  return ms / kHourMs - (ms % kHourMs < 0 ? 1 : 0);
}

std::int64_t to_places(double score) {
  return std::llround(score * kPlaces);
}
std::int64_t places_at_least(double score) {
  return static_cast<std::int64_t>(std::ceil(score * kPlaces - 1e-6));
}

std::string join(const std::vector<std::string>& list) {
  std::string out;
  for (const auto& item : list) out.append(out.empty() ? "\n" : "").append(item).append("\n");
  return out;
}

std::string score_column(Category category) {
  return "score_" + std::string(to_string(category));
}

std::string detected_condition(Category category) {
  return score_column(category) + " >= " + std::to_string(places_at_least(detected_at(category)));
}

const std::string& event_columns() {
  static const std::string columns = [] {
    std::string out =
        "log, log_index, event_key, event_id, decision_id, request_id, occurred, time, surface, direction, "
        "tier, org, "
        "user_pseudonym, session, model, stream, authenticated, lawful_basis, action, asl, review, "
        "review_due, "
        "policy, detectors";
    for (std::size_t i = 0; i < kCategoryCount; ++i) out += ", " + score_column(static_cast<Category>(i));
    return out + ", rules, reasons, tags, entities, findings, micros, content, accumulated, bytes, script";
  }();
  return columns;
}

void add_event(Bulk& bulk, std::int64_t log, const EventRow& row) {
  const auto number = [&](std::uint64_t value) { bulk.add(static_cast<std::int64_t>(value)); };
  bulk.add(log);
  number(row.index);
  bulk.add(event_key(row.event_id));
  bulk.add(row.event_id);
  // Most often it is the event's id, and no other text of an event is as long.
  bulk.add(row.decision_id == row.event_id ? std::string_view() : std::string_view(row.decision_id));
  bulk.add(row.request_id);
  bulk.add(to_ms(row.occurred));
  bulk.add(to_ms(row.time));
  bulk.add(row.surface);
  bulk.add(row.direction);
  bulk.add(row.tier);
  bulk.add(row.org);
  bulk.add(row.user);
  bulk.add(row.session);
  bulk.add(row.model);
  number(row.stream ? 1 : 0);
  number(row.authenticated ? 1 : 0);
  number(row.lawful_basis ? 1 : 0);
  bulk.add(to_string(row.action));
  bulk.add(std::int64_t{row.asl_level});
  number(row.review ? 1 : 0);
  if (row.review_due)
    bulk.add(to_ms(*row.review_due));
  else
    bulk.add_null();
  bulk.add(row.policy);
  bulk.add(row.detectors);
  for (std::size_t i = 0; i < kCategoryCount; ++i) bulk.add(to_places(row.scores[static_cast<Category>(i)]));
  bulk.add(join(row.rules));
  bulk.add(join(row.reasons));
  bulk.add(join(row.tags));
  bulk.add(join(row.entities));
  number(row.findings);
  number(row.micros);
  bulk.add(row.content);
  bulk.add(row.accumulated);
  number(row.bytes);
  bulk.add(row.script);
  bulk.end_row();
}

EventRow event_at(const Table& table, std::size_t row) {
  const auto number = [&](std::size_t column) { return table.integer(row, column); };
  const auto text = [&](std::size_t column) { return table.text(row, column); };
  EventRow out;
  out.log = static_cast<std::uint32_t>(number(0));
  out.index = static_cast<ledger::Index>(number(1));
  out.event_id = text(3);
  out.decision_id = text(4).empty() ? out.event_id : text(4);
  out.request_id = text(5);
  out.occurred = from_ms(number(6));
  out.time = from_ms(number(7));
  out.surface = text(8);
  out.direction = text(9);
  out.tier = text(10);
  out.org = text(11);
  out.user = text(12);
  out.session = text(13);
  out.model = text(14);
  out.stream = number(15) != 0;
  out.authenticated = number(16) != 0;
  out.lawful_basis = number(17) != 0;
  out.action = action_named(text(18));
  out.asl_level = static_cast<int>(number(19));
  out.review = number(20) != 0;
  if (!table.null(row, 21)) out.review_due = from_ms(number(21));
  out.policy = text(22);
  out.detectors = text(23);
  for (std::size_t i = 0; i < kCategoryCount; ++i)
    out.scores.set(static_cast<Category>(i), static_cast<double>(number(kFirstScore + i)) / kPlaces);
  constexpr std::size_t kRest = kFirstScore + kCategoryCount;
  out.rules = split(text(kRest));
  out.reasons = split(text(kRest + 1));
  out.tags = split(text(kRest + 2));
  out.entities = split(text(kRest + 3));
  out.findings = static_cast<std::uint64_t>(number(kRest + 4));
  out.micros = static_cast<std::uint64_t>(number(kRest + 5));
  out.content = text(kRest + 6);
  out.accumulated = text(kRest + 7);
  out.bytes = static_cast<std::uint64_t>(number(kRest + 8));
  out.script = text(kRest + 9);
  return out;
}

void add_act(Bulk& bulk, std::int64_t log, const ActRow& row) {
  bulk.add(log);
  bulk.add(static_cast<std::int64_t>(row.index));
  bulk.add(row.type);
  if (row.time)
    bulk.add(to_ms(*row.time));
  else
    bulk.add_null();
  bulk.add(row.actor);
  bulk.add(row.subject);
  bulk.add(row.body);
  bulk.end_row();
}

ActRow act_at(const Table& table, std::size_t row) {
  ActRow out;
  out.log = static_cast<std::uint32_t>(table.integer(row, 0));
  out.index = static_cast<ledger::Index>(table.integer(row, 1));
  out.type = table.text(row, 2);
  if (!table.null(row, 3)) out.time = from_ms(table.integer(row, 3));
  out.actor = table.text(row, 4);
  out.subject = table.text(row, 5);
  out.body = table.text(row, 6);
  return out;
}

void add_review_item(Bulk& bulk, std::int64_t log, const EventRow& row) {
  const auto category = highest(row.scores);
  bulk.add(log);
  bulk.add(static_cast<std::int64_t>(row.index));
  bulk.add(event_key(row.event_id));
  bulk.add(row.event_id);
  bulk.add(to_ms(row.occurred));
  bulk.add(to_ms(row.review_due.value_or(row.time)));
  bulk.add(review_priority(row));
  bulk.add(row.surface);
  bulk.add(row.tier);
  bulk.add(row.org);
  bulk.add(to_string(row.action));
  bulk.add(std::int64_t{row.asl_level});
  bulk.add(category ? to_string(*category) : std::string_view());
  bulk.add(category ? to_places(row.scores[*category]) : 0);
  bulk.end_row();
}

ReviewItem review_at(const Table& table, std::size_t row) {
  const auto number = [&](std::size_t column) { return table.integer(row, column); };
  const auto text = [&](std::size_t column) { return table.text(row, column); };
  ReviewItem out;
  out.log = static_cast<std::uint32_t>(number(0));
  out.index = static_cast<ledger::Index>(number(1));
  out.event_id = text(2);
  out.occurred = from_ms(number(3));
  out.due = from_ms(number(4));
  out.priority = number(5);
  out.surface = text(6);
  out.tier = text(7);
  out.org = text(8);
  out.action = action_named(text(9));
  out.asl_level = static_cast<int>(number(10));
  out.category = parse_category(text(11));
  out.score = static_cast<double>(number(12)) / kPlaces;
  out.state = static_cast<ReviewState>(number(13));
  out.assignee = text(14);
  out.decision = text(15);
  out.decided_by = text(16);
  out.seconded_by = text(17);
  if (!table.null(row, 18)) out.decided_at = from_ms(number(18));
  return out;
}

void add_evaluation(Bulk& bulk, std::int64_t log, const EvaluationRow& row) {
  const auto optional = [&](const auto& value, auto convert) {
    if (value)
      bulk.add(convert(*value));
    else
      bulk.add_null();
  };
  bulk.add(log);
  bulk.add(static_cast<std::int64_t>(row.index));
  bulk.add(row.evaluation_id);
  bulk.add(to_ms(row.time));
  bulk.add(to_ms(row.as_of));
  for (const auto* text : {&row.model, &row.threat, &row.framework, &row.version, &row.threshold_id})
    bulk.add(*text);
  for (const double share : {row.score, row.low, row.high}) bulk.add(to_places(share));
  optional(row.threshold, to_places);
  bulk.add(static_cast<std::int64_t>(row.n));
  for (const auto* text : {&row.method, &row.evaluator, &row.status}) bulk.add(*text);
  bulk.add(std::int64_t{row.crossed ? 1 : 0});
  optional(row.due, to_ms);
  bulk.add(row.decision_maker);
  bulk.end_row();
}

EvaluationRow evaluation_at(const Table& table, std::size_t row) {
  const auto number = [&](std::size_t column) { return table.integer(row, column); };
  const auto text = [&](std::size_t column) { return table.text(row, column); };
  const auto share = [&](std::size_t column) { return static_cast<double>(number(column)) / kPlaces; };
  EvaluationRow out;
  out.log = static_cast<std::uint32_t>(number(0));
  out.index = static_cast<ledger::Index>(number(1));
  out.evaluation_id = text(2);
  out.time = from_ms(number(3));
  out.as_of = from_ms(number(4));
  out.model = text(5);
  out.threat = text(6);
  out.framework = text(7);
  out.version = text(8);
  out.threshold_id = text(9);
  out.score = share(10);
  out.low = share(11);
  out.high = share(12);
  if (!table.null(row, 13)) out.threshold = share(13);
  out.n = static_cast<std::uint64_t>(number(14));
  out.method = text(15);
  out.evaluator = text(16);
  out.status = text(17);
  out.crossed = number(18) != 0;
  if (!table.null(row, 19)) out.due = from_ms(number(19));
  out.decision_maker = text(20);
  return out;
}

void add_review_step(Bulk& bulk, std::int64_t log, const ReviewStep& step) {
  bulk.add(log);
  bulk.add(static_cast<std::int64_t>(step.index));
  bulk.add(event_key(step.event_id));
  bulk.add(step.event_id);
  bulk.add(std::string_view(step.kind == ReviewStep::Kind::kDecided ? "decided" : "assigned"));
  bulk.add(to_ms(step.time));
  bulk.add(step.actor);
  bulk.add(step.assignee);
  bulk.add(step.decision);
  bulk.add(step.seconded_by);
  bulk.end_row();
}

}  // namespace plimsoll::store
