// What can be asked of the store. All of it is as of the projector's position, a second or two behind the log.
//
// kUnavailable: the database is gone or busy; kTimeout: Options::query_timeout passed.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "store/store.h"

namespace plimsoll::store {

inline constexpr std::size_t kMaxPage = 1'000;  // rows of any page
inline constexpr std::size_t kSamples = 5;
inline constexpr std::size_t kMaxLookUp = 10'000;  // ids at once

// By when things occurred: from <= occurred < until.
struct Window {
  std::optional<Time> from{}, until{};
};

struct LogStatus {
  std::uint32_t number = 0;  // EventRow::log
  std::string origin;
  ledger::Index next = 0;  // entries below it are in the store
};
Result<std::vector<LogStatus>> logs(Reader& reader);

// Known surfaces and tiers only where something was counted; actions and categories all of them.
struct Totals {
  std::uint64_t events = 0;
  std::uint64_t asl = 0;      // events at an ASL level
  std::uint64_t reviews = 0;  // events that a person must look at
  std::map<std::string, std::uint64_t> by_surface, by_tier, by_direction;
  std::array<std::uint64_t, kActionCount> by_action{};
  std::array<std::uint64_t, kCategoryCount> detections{};  // events whose score is at least detected_at()
};
// Whole hours come from counts that are kept; the rest of the window is counted.
Result<Totals> totals(Reader& reader, const Window& window = {});

struct HourStats {
  Time hour;  // its beginning, UTC
  std::uint64_t events = 0, blocked = 0, escalated = 0, asl = 0,
                reviews = 0;  // blocked: block and error_block
};
// The `hours` hours (1 to 24 * 366) up to and with the one that `now` is in, oldest first; none is left out.
Result<std::vector<HourStats>> hourly(Reader& reader, Time now, unsigned hours);
// The same for detections: [hour][category].
Result<std::vector<std::array<std::uint64_t, kCategoryCount>>> hourly_detections(Reader& reader, Time now,
                                                                                 unsigned hours);

// All of what is set must hold.
struct EventFilter {
  Window window{};
  // Empty: any.
  std::string surface{}, tier{}, direction{}, org{}, user{}, session{}, model{}, policy{};
  std::string rule{}, tag{};  // one that fired, one it has
  std::optional<Action> action{};
  std::optional<Category> category{};  // whose score is at least
  double min_score = 0;                // this
  std::optional<bool> asl{}, review{};
};

struct EventPage {
  std::vector<EventRow> events;  // the newest (by when they occurred) first
  std::string next;              // the cursor of the next page; empty: there is none
};
// kInvalid: not a cursor. `limit`: 1 to kMaxPage.
Result<EventPage> events(Reader& reader, const EventFilter& filter, std::size_t limit,
                         const std::string& cursor = {});

// Where in that log the decisions of the window are: from the first of them to behind the last; equal: there are none.
Result<std::pair<ledger::Index, ledger::Index>> index_range(Reader& reader, const std::string& origin,
                                                            const Window& window);

// nullopt: there is none (yet). Where several have the id, the first.
Result<std::optional<EventRow>> event(Reader& reader, const std::string& event_id);
// Those of the ids that are in the store, at most kMaxLookUp.
Result<std::vector<std::string>> known_events(Reader& reader, std::span<const std::string> event_ids);
// The keys of all events whose index is at least `from`, in the order of each log: for a filter in memory that says
// which ids are surely new.
Result<void> for_each_event_key(Reader& reader, const std::function<void(std::int64_t key)>& visit,
                                ledger::Index from = 0);

// Every event since `from` that counted over time (EventRow::accumulated), in the order in which they occurred. Of the log
// `origin` only those below `below`; of others all.
Result<void> for_each_accumulated(Reader& reader, Time from, const std::string& origin, ledger::Index below,
                                  const std::function<void(const EventRow&)>& visit);

// Counts of a control: how often, from when to when, and the newest samples.
struct EventCount {
  std::uint64_t count = 0;
  std::optional<Time> first, last;  // occurred
  std::vector<EventRow> samples;    // at most kSamples
};
Result<EventCount> count_events(Reader& reader, const EventFilter& filter, std::size_t samples = kSamples);

// How many events of the window have the category's score in [i / 20, (i + 1) / 20), the last with 1.
using Histogram = std::array<std::uint64_t, 20>;
Result<Histogram> score_histogram(Reader& reader, Category category, const Window& window = {});

// How many events of the window have their value in [edge i, edge i + 1), the last in all from its edge on. Edges ascend;
// what is below the first is left out. Of scores they are ten-thousandths, of lengths the bytes of prompts and exchanges.
Result<std::vector<std::uint64_t>> score_bins(Reader& reader, Category category,
                                              std::span<const std::int64_t> edges, const Window& window);
Result<std::vector<std::uint64_t>> length_bins(Reader& reader, std::span<const std::int64_t> edges,
                                               const Window& window);

// Events of the window by what they are; of scripts, prompts and exchanges that have one.
enum class Mix : std::uint8_t { kAction, kTier, kSurface, kScript };
Result<std::map<std::string, std::uint64_t>> mix(Reader& reader, Mix mix, const Window& window);

// Events of an hour and a tier, and how many of them were blocked (error_block, too), not let through (escalated, too),
// sent to a person, and harmful (detected_at).
struct RateCounts {
  Time hour;
  std::string tier;
  std::uint64_t events = 0, blocked = 0, refused = 0, reviews = 0, harmful = 0;
};
// Of the whole hours in the window, in order of the hours.
Result<std::vector<RateCounts>> rate_counts(Reader& reader, Time from, Time until);

enum class ReviewState : std::uint8_t { kOpen, kAssigned, kDecided };
std::string_view to_string(ReviewState state);  // "open", "assigned", "decided"
std::optional<ReviewState> parse_review_state(std::string_view name);

struct ReviewItem {
  std::uint32_t log = 0;
  ledger::Index index = 0;  // of the event
  std::string event_id;
  Time occurred, due;
  std::int64_t priority = 0;  // review_priority()
  std::string surface, tier, org;
  Action action = Action::kAllow;
  int asl_level = 0;
  std::optional<Category> category;  // of the highest score
  double score = 0;
  ReviewState state = ReviewState::kOpen;
  std::string assignee;
  std::string decision, decided_by, seconded_by;
  std::optional<Time> decided_at;
};

struct ReviewFilter {
  std::optional<ReviewState> state{};     // nullopt: open and assigned
  std::string assignee{}, tier{}, org{};  // empty: any
  std::size_t limit = 50;                 // 1 to kMaxPage
  std::size_t offset = 0;
};
struct ReviewQueue {
  std::vector<ReviewItem>
      items;  // open, then assigned, then decided; the highest priority first, then the first due
  std::uint64_t open = 0, assigned = 0, decided = 0;  // of all there are
  std::uint64_t overdue = 0;                          // open or assigned, and due before `now`
};
Result<ReviewQueue> review_queue(Reader& reader, const ReviewFilter& filter, Time now);
// Open and assigned ones that are due before `now`, the first due first.
Result<std::vector<ReviewItem>> overdue_reviews(Reader& reader, Time now, std::size_t limit);
// Of these, those that no entry `review_overdue` is about.
Result<std::vector<ReviewItem>> unrecorded_overdue_reviews(Reader& reader, Time now, std::size_t limit);

struct ReviewDetail {
  ReviewItem item;
  std::vector<ActRow> trail;  // what was done about it, oldest first, at most kMaxPage
};
Result<std::optional<ReviewDetail>> review_item(Reader& reader, const std::string& event_id);

struct ActFilter {
  std::vector<std::string> types{};  // any of these; none: all
  std::string subject{}, actor{};    // empty: any
  Window window{};                   // by their time; those without one are in no window that is limited
};
struct ActPage {
  std::vector<ActRow> acts;  // the last in the log first
  std::string next;
};
Result<ActPage> acts(Reader& reader, const ActFilter& filter, std::size_t limit,
                     const std::string& cursor = {});
struct ActCount {
  std::uint64_t count = 0;
  std::optional<Time> first, last;
  std::vector<ActRow> samples;  // the newest, at most kSamples
};
Result<ActCount> count_acts(Reader& reader, const ActFilter& filter, std::size_t samples = kSamples);

struct EvaluationFilter {
  std::string evaluation_id{}, model{}, threat{}, framework{}, status{};  // empty: any
  std::optional<bool> crossed{};
  Window window{};  // by as_of
};
// A crossing is decided by the first entry that says so.
struct Evaluation {
  EvaluationRow row;
  std::string decision, decided_by;  // empty: nobody has decided
  std::optional<Time> decided_at;
};
struct EvaluationPage {
  std::vector<Evaluation> evaluations;  // the last in the log first
  std::string next;
};
// `limit`: 1 to kMaxPage.
Result<EvaluationPage> evaluations(Reader& reader, const EvaluationFilter& filter, std::size_t limit,
                                   const std::string& cursor = {});

// SHA-256 over all rows of a table, in the order of the log, by the table's name: two stores of one log that are equal
// have equal digests, whatever database they are in. Reads everything.
Result<std::map<std::string, std::string>> digests(Reader& reader, const std::string& origin);

}  // namespace plimsoll::store
