#include "evidence/index.h"

#include <algorithm>
#include <charconv>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "base/hash.h"
#include "base/json.h"
#include "evidence/bundle.h"
#include "evidence/statement.h"

namespace plimsoll::evidence {
namespace {

constexpr std::size_t kLookAtOnce = 4'096;  // records, before a writer gets its turn
constexpr std::uint32_t kNone = 0xFFFFFFFFU;
constexpr ledger::Index kNowhere = ~ledger::Index{0};
constexpr std::size_t kMaxUnattested = 65'536;  // artifacts whose statements a rebuild waits for

struct Record {
  ledger::Index at;
  std::uint64_t id;  // its first 64 bits
  std::int64_t time_ms;
  std::uint32_t model;
  std::uint32_t type;
  ledger::Index attested = kNowhere;  // of the first statement
};
static_assert(sizeof(Record) == 40);

struct Incident {
  ledger::Index at = 0;
  std::uint64_t id = 0;
  std::int64_t time_ms = 0;
  std::int64_t changed_ms = 0;  // first
  std::array<ledger::Index, kIncidentStates - 1> changes{};
  std::uint8_t count = 0;  // of changes
  std::uint8_t severity = 4;
  bool claimed = false;

  IncidentState state() const { return static_cast<IncidentState>(count); }
};
static_assert(sizeof(Incident) <= 64);

// What starts and stops an incident's clocks, where it says more than that it is one.
struct Clocked {
  std::optional<Time> aware_at;
  std::vector<std::string> kinds;
  std::vector<ClockMark> marks;
};

std::int64_t to_ms(Time time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}
Time from_ms(std::int64_t ms) {
  return Time(std::chrono::milliseconds(ms));
}

std::uint64_t key_of(std::string_view id) {
  std::uint64_t key = 0;
  const auto digits = id.substr(0, 16);
  std::from_chars(digits.data(), digits.data() + digits.size(), key, 16);
  return key;
}

// Positions by id, open addressing: 4 bytes a slot, at most 70 % of them taken.
class Table {
 public:
  template <class KeyAt>
  void insert(std::uint32_t position, KeyAt key_at) {
    if ((count_ + 1) * 10 > slots_.size() * 7) {
      const std::size_t room = std::max<std::size_t>(1'024, slots_.size() * 2);
      slots_.assign(room, kNone);
      for (std::uint32_t p = 0; p < position; ++p) place(p, key_at(p));
    }
    place(position, key_at(position));
    ++count_;
  }
  template <class Visit>
  void for_each_near(std::uint64_t key, Visit visit) const {
    if (slots_.empty()) return;
    for (std::size_t at = key & (slots_.size() - 1); slots_[at] != kNone; at = (at + 1) & (slots_.size() - 1))
      visit(slots_[at]);
  }

 private:
  void place(std::uint32_t position, std::uint64_t key) {
    std::size_t at = key & (slots_.size() - 1);
    while (slots_[at] != kNone) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = position;
  }
  std::vector<std::uint32_t> slots_;
  std::size_t count_ = 0;
};

class Names {
 public:
  std::uint32_t add(std::string_view name) {
    const auto [at, fresh] =
        numbers_.try_emplace(std::string(name), static_cast<std::uint32_t>(names_.size()));
    if (fresh) names_.push_back(&at->first);
    return at->second;
  }
  std::optional<std::uint32_t> find(std::string_view name) const {
    const auto at = numbers_.find(name);
    return at != numbers_.end() ? std::optional(at->second) : std::nullopt;
  }
  const std::string& operator[](std::uint32_t number) const { return *names_[number]; }
  std::size_t size() const { return names_.size(); }

 private:
  std::map<std::string, std::uint32_t, std::less<>> numbers_;
  std::deque<const std::string*> names_;
};

struct Model {
  Measured values;
  std::array<std::optional<ledger::Index>, kMeasureCount> sources;
  std::array<std::uint8_t, 32> hash{};
  std::uint64_t artifacts = 0;
  ledger::Index latest = 0;
  std::int64_t time_ms = 0;
};

Digest digest_in(std::string_view hash) {
  Digest out{};
  hash.remove_prefix(std::min<std::size_t>(hash.size(), 7));  // "sha256:"
  for (std::size_t i = 0; i < out.size() && 2 * i + 2 <= hash.size(); ++i)
    std::from_chars(hash.data() + 2 * i, hash.data() + 2 * i + 2, out[i], 16);
  return out;
}

}  // namespace

struct Index::Records {
  std::deque<Record> artifacts;
  Table by_id;
  Names model_names, type_names;
  std::deque<Model> models;                                          // by number
  std::map<ledger::Index, std::uint32_t, std::greater<>> latest;     // models by their latest entry
  std::unordered_map<ledger::Index, ledger::Index> second_attested;  // by the artifact's index
  std::deque<Incident> incidents;
  Table incident_by_id;
  std::unordered_map<ledger::Index, Clocked> clocked;  // by the incident's index

  void add_artifact(ledger::Index at, std::string_view id, Time time, const Artifact& artifact);
  void add_incident(ledger::Index at, std::string_view id, Time time, const IncidentReport& report);
  void add_change(ledger::Index at, Time time, const IncidentChange& change);
  void add_mark(const std::string& incident, ClockMark mark);
  IncidentStatus status_of(const Incident& incident) const;
  Incident* incident_at(ledger::Index opened);
  Record* artifact_at(ledger::Index at);
  RiskSnapshot snapshot(std::uint32_t number) const;
};

Index::Index() : records_(std::make_unique<Records>()) {}
Index::~Index() = default;

void Index::Records::add_artifact(ledger::Index at, std::string_view id, Time time,
                                  const Artifact& artifact) {
  const auto number = model_names.add(artifact.model_version);
  if (number == models.size()) models.emplace_back();
  artifacts.push_back({.at = at,
                       .id = key_of(id),
                       .time_ms = to_ms(time),
                       .model = number,
                       .type = type_names.add(artifact.artifact_type)});
  by_id.insert(static_cast<std::uint32_t>(artifacts.size() - 1),
               [&](std::uint32_t p) { return artifacts[p].id; });

  Model& model = models[number];
  if (model.artifacts > 0) latest.erase(model.latest);
  latest.emplace(at, number);
  model.latest = at;
  model.time_ms = to_ms(time);
  model.hash = digest_in(artifact.evidence_hash);
  ++model.artifacts;
  const auto submitted = parse_json(artifact.submitted);
  const auto* metadata = submitted ? find_object(*submitted, "metadata") : nullptr;
  const auto measured = metadata != nullptr ? read_measures(*metadata) : Measured();
  if (!measured) return;
  for (std::size_t i = 0; i < kMeasureCount; ++i) {
    if (!measured->values[i]) continue;
    model.values.values[i] = measured->values[i];
    model.sources[i] = at;
  }
  if (!measured->eu_ai_act_tier.empty()) model.values.eu_ai_act_tier = measured->eu_ai_act_tier;
}

void Index::Records::add_incident(ledger::Index at, std::string_view id, Time time,
                                  const IncidentReport& report) {
  Incident incident;
  incident.at = at;
  incident.id = key_of(id);
  incident.time_ms = to_ms(time);
  incident.severity = report.severity;
  incidents.push_back(incident);
  incident_by_id.insert(static_cast<std::uint32_t>(incidents.size() - 1),
                        [&](std::uint32_t p) { return incidents[p].id; });
  if (report.aware_at || !report.kinds.empty())
    clocked[at] = {.aware_at = report.aware_at, .kinds = report.kinds, .marks = {}};
}

void Index::Records::add_mark(const std::string& incident, ClockMark mark) {
  const auto key = key_of(incident);
  incident_by_id.for_each_near(key, [&](std::uint32_t p) {
    if (incidents[p].id != key) return;
    auto& marks = clocked[incidents[p].at].marks;
    if (marks.size() < kMaxMarks) marks.push_back(mark);
  });
}

IncidentStatus Index::Records::status_of(const Incident& incident) const {
  IncidentStatus out{.opened = incident.at,
                     .changes = {incident.changes.begin(), incident.changes.begin() + incident.count},
                     .state = incident.state(),
                     .severity = incident.severity,
                     .aware_at = from_ms(incident.time_ms)};
  if (incident.count > 0) out.looked_into_at = from_ms(incident.changed_ms);
  const auto more = clocked.find(incident.at);
  if (more == clocked.end()) return out;
  if (more->second.aware_at) out.aware_at = *more->second.aware_at;
  out.kinds = more->second.kinds;
  out.marks = more->second.marks;
  return out;
}

// The one whose next step this is: ids that begin alike are as good as impossible, and the state must fit as well.
void Index::Records::add_change(ledger::Index at, Time time, const IncidentChange& change) {
  const auto key = key_of(change.incident);
  incident_by_id.for_each_near(key, [&](std::uint32_t p) {
    Incident& incident = incidents[p];
    if (incident.id != key || incident.state() != change.from || incident.count >= incident.changes.size())
      return;
    if (incident.count == 0) incident.changed_ms = to_ms(time);
    incident.changes.at(incident.count++) = at;
    incident.claimed = false;
  });
}

void Index::add(ledger::Index at, std::string_view id, const Stored& stored) {
  const std::unique_lock lock(mutex_);
  if (const auto* artifact = std::get_if<Artifact>(&stored.content))
    records_->add_artifact(at, id, stored.time, *artifact);
  else if (const auto* report = std::get_if<IncidentReport>(&stored.content))
    records_->add_incident(at, id, stored.time, *report);
  else if (const auto* change = std::get_if<IncidentChange>(&stored.content))
    records_->add_change(at, stored.time, *change);
  else if (const auto* reported = std::get_if<IncidentReported>(&stored.content))
    records_->add_mark(reported->incident, {.clock = reported->clock,
                                            .kind = ClockMark::Kind::kReported,
                                            .time = stored.time,
                                            .reference = reported->reference});
  else if (const auto* due = std::get_if<ClockDue>(&stored.content))
    records_->add_mark(due->incident,
                       {.clock = due->clock,
                        .kind = due->overdue ? ClockMark::Kind::kOverdue : ClockMark::Kind::kApproaching,
                        .time = stored.time,
                        .reference = {}});
}

Record* Index::Records::artifact_at(ledger::Index at) {
  const auto found =
      std::lower_bound(artifacts.begin(), artifacts.end(), at,
                       [](const Record& record, ledger::Index index) { return record.at < index; });
  return found != artifacts.end() && found->at == at ? &*found : nullptr;
}

void Index::attest(ledger::Index artifact, std::size_t statement, ledger::Index at) {
  const std::unique_lock lock(mutex_);
  Record* record = records_->artifact_at(artifact);
  if (record == nullptr || statement > 1) return;
  if (statement == 0)
    record->attested = at;
  else
    records_->second_attested[artifact] = at;
}

std::optional<ledger::Index> Index::attestation(ledger::Index artifact, std::size_t statement) const {
  const std::shared_lock lock(mutex_);
  if (statement == 0) {
    const Record* record = records_->artifact_at(artifact);
    return record != nullptr && record->attested != kNowhere ? std::optional(record->attested) : std::nullopt;
  }
  const auto found = records_->second_attested.find(artifact);
  return statement == 1 && found != records_->second_attested.end() ? std::optional(found->second)
                                                                    : std::nullopt;
}

Result<void> Index::rebuild(const std::string& log_directory) {
  auto reader = ledger::Reader::open(log_directory);
  if (!reader) {
    if (reader.error().code == Code::kNotFound) return {};
    return std::unexpected(std::move(reader).error());
  }
  // Statements by their digests, until the entry about them comes: it is appended right behind the artifact's.
  std::map<Digest, std::pair<ledger::Index, std::size_t>> unattested;
  std::deque<Digest> order;
  for (;;) {
    auto entry = reader->next();
    if (!entry) return std::unexpected(std::move(entry).error());
    if (!*entry) return {};
    const auto at = (*entry)->index;
    const std::string& bytes = (*entry)->bytes;
    if (is_envelope_entry(bytes)) {
      const auto logged = parse_log_entry(bytes);
      const auto found = logged ? unattested.find(logged->payload_digest) : unattested.end();
      if (found == unattested.end()) continue;
      attest(found->second.first, found->second.second, at);
      unattested.erase(found);
    } else if (const auto stored = read_entry(bytes)) {
      const std::string id = to_hex((*entry)->leaf_hash);
      add(at, id, *stored);
      const auto statements = statements_of(id, *stored);
      for (std::size_t i = 0; i < statements.size(); ++i) {
        order.push_back(sha256(statements[i]));
        unattested[order.back()] = {at, i};
      }
      while (order.size() > kMaxUnattested) {
        unattested.erase(order.front());
        order.pop_front();
      }
    }
  }
}

std::uint64_t Index::artifacts() const {
  const std::shared_lock lock(mutex_);
  return records_->artifacts.size();
}

std::uint64_t Index::incidents() const {
  const std::shared_lock lock(mutex_);
  return records_->incidents.size();
}

std::vector<ledger::Index> Index::find_artifact(std::string_view id) const {
  const auto key = key_of(id);
  std::vector<ledger::Index> out;
  const std::shared_lock lock(mutex_);
  records_->by_id.for_each_near(key, [&](std::uint32_t p) {
    if (records_->artifacts[p].id == key) out.push_back(records_->artifacts[p].at);
  });
  return out;
}

std::vector<ledger::Index> Index::find_incident(std::string_view id) const {
  const auto key = key_of(id);
  std::vector<ledger::Index> out;
  const std::shared_lock lock(mutex_);
  records_->incident_by_id.for_each_near(key, [&](std::uint32_t p) {
    if (records_->incidents[p].id == key) out.push_back(records_->incidents[p].at);
  });
  return out;
}

// Records only grow at the end, so a position stays what it was while the lock is let go.
Index::Page Index::list(const Query& query) const {
  Page page;
  std::optional<std::uint32_t> type, model;
  std::size_t position = 0, end = 0;
  {
    const std::shared_lock lock(mutex_);
    const Records& r = *records_;
    type = r.type_names.find(query.type);
    model = r.model_names.find(query.model);
    end = r.artifacts.size();
    const auto by_index = [](const Record& record, ledger::Index at) { return record.at < at; };
    if (query.newest_first) {
      if (query.after)
        end = static_cast<std::size_t>(
            std::lower_bound(r.artifacts.begin(), r.artifacts.end(), *query.after, by_index) -
            r.artifacts.begin());
    } else if (query.after) {
      position = static_cast<std::size_t>(
          std::lower_bound(r.artifacts.begin(), r.artifacts.end(), *query.after + 1, by_index) -
          r.artifacts.begin());
    }
  }
  if ((!query.type.empty() && !type) || (!query.model.empty() && !model)) return page;
  const auto matches = [&](const Record& r) {
    return (query.type.empty() || r.type == *type) && (query.model.empty() || r.model == *model) &&
           (!query.from || r.time_ms >= to_ms(*query.from)) &&
           (!query.until || r.time_ms < to_ms(*query.until));
  };
  while (position < end) {
    const std::shared_lock lock(mutex_);
    const std::size_t some = std::min(end - position, kLookAtOnce);
    for (std::size_t i = 0; i < some; ++i) {
      const Record& record = records_->artifacts[query.newest_first ? end - 1 - i : position + i];
      if (!matches(record)) continue;
      if (page.entries.size() == query.limit) {
        page.more = true;
        return page;
      }
      page.entries.push_back(record.at);
    }
    (query.newest_first ? end : position) += query.newest_first ? 0 - some : some;
  }
  return page;
}

RiskSnapshot Index::Records::snapshot(std::uint32_t number) const {
  const Model& model = models[number];
  return {.model_version = model_names[number],
          .values = model.values,
          .sources = model.sources,
          .evidence_hash = "sha256:" + to_hex(model.hash),
          .latest = model.latest,
          .artifacts = model.artifacts,
          .time = from_ms(model.time_ms)};
}

RiskSnapshot Index::snapshot(std::string_view model) const {
  const std::shared_lock lock(mutex_);
  RiskSnapshot out;
  out.model_version = model;
  if (model.empty() && !records_->latest.empty()) return records_->snapshot(records_->latest.begin()->second);
  const auto number = records_->model_names.find(model);
  return number ? records_->snapshot(*number) : out;
}

std::vector<RiskSnapshot> Index::snapshots(std::size_t limit) const {
  std::vector<RiskSnapshot> out;
  const std::shared_lock lock(mutex_);
  for (const auto& [at, number] : records_->latest) {
    if (out.size() == limit) break;
    out.push_back(records_->snapshot(number));
  }
  return out;
}

std::vector<std::string> Index::types() const {
  std::vector<std::string> out;
  const std::shared_lock lock(mutex_);
  out.reserve(records_->type_names.size());
  for (std::uint32_t i = 0; i < records_->type_names.size(); ++i) out.push_back(records_->type_names[i]);
  return out;
}

Index::IncidentPage Index::incidents(const IncidentQuery& query) const {
  IncidentPage page;
  const std::shared_lock lock(mutex_);
  for (auto at = records_->incidents.rbegin(); at != records_->incidents.rend(); ++at) {
    if (query.after && at->at >= *query.after) continue;
    if ((query.state && at->state() != *query.state) || (query.severity && at->severity != *query.severity))
      continue;
    if ((query.from && at->time_ms < to_ms(*query.from)) ||
        (query.until && at->time_ms >= to_ms(*query.until)))
      continue;
    if (page.incidents.size() == query.limit) {
      page.more = true;
      break;
    }
    page.incidents.push_back(records_->status_of(*at));
  }
  return page;
}

Incident* Index::Records::incident_at(ledger::Index opened) {
  const auto at =
      std::lower_bound(incidents.begin(), incidents.end(), opened,
                       [](const Incident& incident, ledger::Index index) { return incident.at < index; });
  return at != incidents.end() && at->at == opened ? &*at : nullptr;
}

std::optional<IncidentStatus> Index::incident(ledger::Index opened) const {
  const std::shared_lock lock(mutex_);
  const Incident* incident = records_->incident_at(opened);
  return incident != nullptr ? std::optional(records_->status_of(*incident)) : std::nullopt;
}

std::array<std::array<std::uint64_t, 4>, kIncidentStates> Index::incident_counts() const {
  std::array<std::array<std::uint64_t, 4>, kIncidentStates> out{};
  const std::shared_lock lock(mutex_);
  for (const Incident& i : records_->incidents) ++out.at(i.count).at((i.severity - 1U) & 3U);
  return out;
}

bool Index::claim(ledger::Index opened, IncidentState from) {
  const std::unique_lock lock(mutex_);
  Incident* incident = records_->incident_at(opened);
  if (incident == nullptr || incident->claimed || incident->state() != from) return false;
  incident->claimed = true;
  return true;
}

void Index::settle(ledger::Index opened) {
  const std::unique_lock lock(mutex_);
  if (Incident* incident = records_->incident_at(opened)) incident->claimed = false;
}

}  // namespace plimsoll::evidence
