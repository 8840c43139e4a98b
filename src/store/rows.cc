#include "store/rows.h"

#include <algorithm>
#include <boost/json/monotonic_resource.hpp>
#include <cmath>

#include "base/hash.h"
#include "base/json.h"
#include "ledger/retention.h"

namespace plimsoll::store {
namespace {

constexpr std::size_t kMaxDepth = 64;
constexpr double kPlaces = 10'000;

// Text as every database takes it: without NUL.
std::string clean(std::string_view text) {
  std::string out(text);
  for (auto at = out.find('\0'); at != std::string::npos; at = out.find('\0', at))
    out.replace(at, 1, "\xEF\xBF\xBD");
  return out;
}

// One of a list, which is kept as lines.
std::string clean_item(std::string_view text) {
  std::string out = clean(text);
  std::ranges::replace_if(out, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return out;
}

void add_once(std::vector<std::string>& list, std::string item) {
  if (!item.empty() && std::ranges::find(list, item) == list.end()) list.push_back(std::move(item));
}

// Times that are further away than any that is meant would not fit.
std::optional<Time> read_time(std::string_view text) {
  if (text.substr(0, 4) < "1700" || text.substr(0, 4) > "2200") return std::nullopt;
  const auto time = from_rfc3339(text);
  if (!time) return std::nullopt;
  return std::chrono::floor<std::chrono::milliseconds>(*time);
}

// The members of an object, and the first thing that was wrong with one.
class Members {
 public:
  explicit Members(const json::object& object) : object_(object) {}

  const std::string& problem() const { return problem_; }
  void wrong(std::string_view key, std::string_view what) {
    if (problem_.empty()) problem_ = std::string(key) + ": " + std::string(what);
  }

  // Null is as good as absent.
  const json::value* find(std::string_view key) const {
    const auto* value = object_.if_contains(key);
    return value == nullptr || value->is_null() ? nullptr : value;
  }

  std::string text(std::string_view key, bool required = false) {
    const auto* value = find(key);
    const auto* text = value != nullptr ? value->if_string() : nullptr;
    if (value != nullptr && text == nullptr) wrong(key, "is not a text");
    if (required && (text == nullptr || text->empty())) wrong(key, "is missing");
    return text != nullptr ? clean(*text) : std::string();
  }

  bool flag(std::string_view key) {
    const auto* value = find(key);
    if (value != nullptr && !value->is_bool()) wrong(key, "is not true or false");
    return value != nullptr && value->is_bool() && value->get_bool();
  }

  std::uint64_t count(std::string_view key, std::uint64_t most = INT64_MAX) {
    const auto* value = find(key);
    if (value == nullptr) return 0;
    if (value->is_int64() && value->get_int64() >= 0 &&
        static_cast<std::uint64_t>(value->get_int64()) <= most)
      return static_cast<std::uint64_t>(value->get_int64());
    wrong(key, "is not a number it can be");
    return 0;
  }

  std::optional<double> number(std::string_view key) {
    const auto* value = find(key);
    if (value == nullptr) return std::nullopt;
    if (value->is_number()) return value->to_number<double>();
    wrong(key, "is not a number");
    return std::nullopt;
  }

  std::optional<Time> time(std::string_view key) {
    const auto* value = find(key);
    if (value == nullptr) return std::nullopt;
    const auto* text = value->if_string();
    const auto time = text != nullptr ? read_time(*text) : std::nullopt;
    if (!time) wrong(key, "is not a time");
    return time;
  }

  const json::object* object(std::string_view key) {
    const auto* value = find(key);
    if (value != nullptr && !value->is_object()) wrong(key, "is not an object");
    return value != nullptr ? value->if_object() : nullptr;
  }

  // Gives each element to `visit`.
  template <class Visit>
  void each(std::string_view key, Visit visit) {
    const auto* value = find(key);
    if (value == nullptr) return;
    const auto* array = value->if_array();
    if (array == nullptr) return wrong(key, "is not a list");
    for (const auto& element : *array)
      if (!visit(element)) return wrong(key, "has an element of another kind");
  }

 private:
  const json::object& object_;
  std::string problem_;
};

void read_caller(Members& entry, EventRow& row) {
  row.tier = "untiered";
  const auto* object = entry.object("caller");
  if (object == nullptr) return;
  Members caller(*object);
  row.org = caller.text("org");
  row.user = caller.text("user");
  if (auto tier = caller.text("tier"); !tier.empty()) row.tier = std::move(tier);
  row.authenticated = caller.flag("authenticated");
  row.lawful_basis = caller.flag("lawful_basis");
  if (!caller.problem().empty()) entry.wrong("caller", caller.problem());
}

void read_scores(Members& entry, EventRow& row) {
  const auto* scores = entry.object("scores");
  if (scores == nullptr) return;
  for (const auto& [name, value] : *scores) {
    const double score = value.is_number() ? value.to_number<double>() : -1;
    if (!(score >= 0 && score <= 1)) return entry.wrong("scores", "a score is not between 0 and 1");
    if (const auto category = parse_category(name))
      row.scores.set(*category, static_cast<double>(std::llround(score * kPlaces)) / kPlaces);
  }
}

void read_lists(Members& entry, EventRow& row) {
  const auto into = [](std::vector<std::string>& list) {
    return [&list](const json::value& element) {
      if (const auto* text = element.if_string()) add_once(list, clean_item(*text));
      return element.is_string();
    };
  };
  entry.each("reasons", into(row.reasons));
  entry.each("tags", into(row.tags));
  entry.each("rules", [&](const json::value& element) {
    const auto* id = find_string(element, "id");
    const auto* state = find_string(element, "state");
    if (id == nullptr || state == nullptr) return false;
    if (*state == "fired") add_once(row.rules, clean_item(*id));
    return true;
  });
  entry.each("findings", [&](const json::value& element) {
    const auto* entity = find_string(element, "entity");
    if (entity != nullptr) add_once(row.entities, clean_item(*entity));
    return entity != nullptr;
  });
}

EventRow read_decision(Members& entry) {
  EventRow row;
  row.decision_id = entry.text("decision_id", true);
  row.event_id = entry.text("event_id");
  if (row.event_id.empty()) row.event_id = row.decision_id;
  row.request_id = entry.text("request_id");
  const auto time = entry.time("time");
  if (!time) entry.wrong("time", "is missing");
  row.time = time.value_or(Time());
  row.occurred = entry.time("occurred").value_or(row.time);
  row.surface = entry.text("surface", true);
  row.direction = entry.text("direction", true);
  read_caller(entry, row);
  row.session = entry.text("session");
  row.model = entry.text("model");
  row.stream = entry.flag("stream");
  const auto action = parse_action(entry.text("action", true));
  if (!action) entry.wrong("action", "is none that is known");
  row.action = action.value_or(Action::kErrorBlock);
  row.asl_level = static_cast<int>(entry.count("asl", 9));
  row.review = entry.flag("review");
  const auto due = entry.time("review_due");
  if (row.review) row.review_due = due.value_or(row.time + std::chrono::hours(24));
  row.policy = entry.text("policy");
  row.detectors = entry.text("detectors");
  read_scores(entry, row);
  read_lists(entry, row);
  row.findings = entry.count("findings_total");
  row.micros = entry.count("micros");
  row.script = entry.text("script");
  entry.each("segments", [&](const json::value& segment) {
    const auto* bytes = find(segment, "bytes");
    if (bytes == nullptr || !bytes->is_int64() || bytes->get_int64() < 0) return segment.is_object();
    row.bytes += static_cast<std::uint64_t>(std::min<std::int64_t>(bytes->get_int64(), 1LL << 40U));
    return true;
  });
  if (const auto* content = entry.object("content")) row.content = to_canonical_json(*content);
  if (const auto* accumulated = entry.find("accumulated")) {
    if (!accumulated->is_array()) entry.wrong("accumulated", "is not a list");
    row.accumulated = clean(to_canonical_json(*accumulated));
  }
  return row;
}

std::optional<ReviewStep> read_review(std::string_view type, Members& entry) {
  const bool assigned = type == "review_assigned";
  if (!assigned && type != "review_decided") return std::nullopt;
  ReviewStep step;
  step.kind = assigned ? ReviewStep::Kind::kAssigned : ReviewStep::Kind::kDecided;
  step.event_id = entry.text("event_id", true);
  const auto time = entry.time("time");
  if (!time) entry.wrong("time", "is missing");
  step.time = time.value_or(Time());
  step.actor = entry.text("actor");
  if (assigned) {
    step.assignee = entry.text("assignee");
    return step;
  }
  step.decision = entry.text("decision", true);
  if (step.decision != "allow" && step.decision != "block" && step.decision != "redact")
    entry.wrong("decision", "is not allow, block or redact");
  step.seconded_by = entry.text("seconded_by");
  step.notes = entry.text("notes");
  step.category = entry.text("category");
  step.old_threshold = entry.number("old_threshold");
  step.new_threshold = entry.number("new_threshold");
  return step;
}

double read_share(Members& entry, std::string_view key) {
  const auto value = entry.number(key);
  if (!value || !(*value >= 0 && *value <= 1)) entry.wrong(key, "is not a number from 0 to 1");
  return value ? static_cast<double>(std::llround(std::clamp(*value, 0.0, 1.0) * kPlaces)) / kPlaces : 0;
}

EvaluationRow read_evaluation(Members& entry) {
  EvaluationRow row;
  row.evaluation_id = entry.text("evaluation_id", true);
  const auto time = entry.time("time");
  if (!time) entry.wrong("time", "is missing");
  row.time = time.value_or(Time());
  row.as_of = entry.time("as_of").value_or(row.time);
  row.model = entry.text("model_version", true);
  row.threat = entry.text("threat", true);
  row.framework = entry.text("framework");
  row.version = entry.text("version");
  row.threshold_id = entry.text("threshold_id");
  row.score = read_share(entry, "score");
  row.low = read_share(entry, "low");
  row.high = read_share(entry, "high");
  if (entry.find("threshold") != nullptr) row.threshold = read_share(entry, "threshold");
  row.n = entry.count("n");
  row.method = entry.text("method");
  row.evaluator = entry.text("evaluator");
  row.status = entry.text("status", true);
  row.crossed = entry.flag("crossed");
  row.due = entry.time("due");
  row.decision_maker = entry.text("decision_maker");
  return row;
}

std::optional<PruneStep> read_prune(ledger::Index index, std::string_view entry) {
  const auto record = ledger::parse_prune_record(entry);
  if (!record) return std::nullopt;
  PruneStep step{.index = index, .below = std::min(record->below, index), .types = {}};
  for (const auto& [type, before] : record->before)
    if (const auto time = read_time(before)) step.types.push_back({type, *time});
  return step;
}

// The first of these members that is a text.
std::string first_text(const json::object& object, std::initializer_list<std::string_view> keys) {
  for (const auto key : keys)
    if (const auto* value = object.if_contains(key))
      if (const auto* text = value->if_string(); text != nullptr && !text->empty()) return clean(*text);
  return {};
}

// Whatever it is: nothing can be wrong with it.
ActRow read_act(const json::object& object, std::string_view entry) {
  ActRow row;
  row.type = first_text(object, {"type", "kind"});
  if (row.type.empty()) row.type = "unknown";
  row.time = read_time(first_text(object, {"time"}));
  row.actor = first_text(object, {"actor"});
  const auto* submitter = object.if_contains("submitter");
  if (row.actor.empty() && submitter != nullptr && submitter->is_object())
    row.actor = first_text(submitter->get_object(), {"user", "org"});
  row.subject = row.type.starts_with("review_") ? first_text(object, {"event_id"})
                : row.type.starts_with("capability_")
                    ? first_text(object, {"evaluation_id"})
                    : first_text(object, {"subject", "incident", "model_version", "event_id", "erasure_id",
                                          "instance"});
  row.body = entry;
  return row;
}

std::unexpected<Error> damaged(ledger::Index index, std::string_view what) {
  return fail(Code::kInvalid, "entry " + std::to_string(index) + ": " + std::string(what));
}

}  // namespace

Result<void> read_entry(ledger::Index index, std::string_view entry, Rows& rows) {
  std::array<unsigned char, 16U << 10U> room;
  json::monotonic_resource memory(room.data(), room.size());
  const auto value =
      parse_json(entry, {.max_bytes = ledger::kMaxEntryBytes, .max_depth = kMaxDepth}, &memory);
  if (!value) return damaged(index, value.error().message);
  const auto* object = value->if_object();
  if (object == nullptr) return damaged(index, "it is no JSON object");
  Members members(*object);
  const auto* type = find_string(*value, "type");
  if (type != nullptr && *type == "decision") {
    EventRow row = read_decision(members);
    if (!members.problem().empty()) return damaged(index, members.problem());
    row.index = index;
    rows.events.push_back(std::move(row));
    return {};
  }
  auto step = type != nullptr ? read_review(*type, members) : std::nullopt;
  if (!members.problem().empty()) return damaged(index, members.problem());
  if (step) {
    step->index = index;
    rows.reviews.push_back(*std::move(step));
  }
  if (type != nullptr && *type == "capability_evaluation") {
    EvaluationRow row = read_evaluation(members);
    if (!members.problem().empty()) return damaged(index, members.problem());
    row.index = index;
    rows.evaluations.push_back(std::move(row));
  }
  if (type != nullptr && *type == "prune")
    if (auto prune = read_prune(index, entry)) rows.prunes.push_back(*std::move(prune));
  ActRow act = read_act(*object, entry);
  act.index = index;
  rows.acts.push_back(std::move(act));
  return {};
}

std::vector<AccumulatedRow> read_accumulated(std::string_view text) {
  std::vector<AccumulatedRow> out;
  const auto value = text.empty() ? Result<json::value>(json::array())
                                  : parse_json(text, {.max_bytes = ledger::kMaxEntryBytes, .max_depth = 8});
  const auto* list = value ? value->if_array() : nullptr;
  if (list == nullptr) return out;
  for (const auto& element : *list) {
    const auto* object = element.if_object();
    if (object == nullptr) continue;
    Members members(*object);
    AccumulatedRow row{.id = members.text("id", true), .values = {}};
    const auto per = parse_per(members.text("per", true));
    row.values.score = members.number("score").value_or(0);
    row.values.sum = members.number("sum").value_or(0);
    row.values.count = members.count("count");
    row.values.noticed = members.flag("noticed");
    if (!members.problem().empty() || !per || !(row.values.score >= 0 && row.values.score <= 1)) continue;
    row.values.per = *per;
    out.push_back(std::move(row));
  }
  return out;
}

double detected_at(Category category) {
  switch (category) {
    case Category::kCbrn:
      return 0.15;
    case Category::kSelfHarm:
    case Category::kJailbreak:
    case Category::kExploitation:
      return 0.3;
    case Category::kScientificAutomation:
      return 0.7;
    case Category::kAutonomousResearch:
    case Category::kSocialEngineering:
      return 0.8;
    default:
      return 0.5;
  }
}

std::int64_t review_priority(const EventRow& event) {
  double highest = 0;
  for (std::size_t i = 0; i < kCategoryCount; ++i)
    highest = std::max(highest, event.scores[static_cast<Category>(i)]);
  return event.asl_level * static_cast<std::int64_t>(kPlaces) + std::llround(highest * kPlaces);
}

std::int64_t event_key(std::string_view event_id) {
  const auto digest = sha256(event_id);
  std::uint64_t key = 0;
  for (std::size_t i = 0; i < sizeof key; ++i) key = key << 8U | digest[i];
  return static_cast<std::int64_t>(key);
}

}  // namespace plimsoll::store
