// One suite, on both databases.
#include "store/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connection.h"
#include "store/pool.h"
#include "test_world.h"

namespace plimsoll::store {
namespace {

using testing::act;
using testing::Decision;
using ::testing::ElementsAre;
using testing::Folder;
using testing::fresh;
using ::testing::HasSubstr;
using testing::Kind;
using testing::Log;
using testing::must;
using testing::to_entry;

Time at(const char* text) {
  return *from_rfc3339(text);
}

class StoreTest : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (const auto why = testing::missing(GetParam()); !why.empty()) GTEST_SKIP() << "SKIPPED: " << why;
    options_ = fresh(GetParam(), folder_);
    store_ = must(open_store(options_));
    reader_ = must(store_->reader());
    log_ = std::make_unique<Log>(folder_.path() + "/log");
  }
  void add(const Decision& decision) { log_->add(to_entry(decision)); }
  void project() { testing::catch_up(*store_, *log_); }
  void reopen() {
    reader_.reset();
    store_.reset();
    store_ = must(open_store(options_));
    reader_ = must(store_->reader());
  }
  std::string origin() const { return log_->reader().checkpoint().origin; }

  Folder folder_;
  Options options_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Reader> reader_;
  std::unique_ptr<Log> log_;
};

INSTANTIATE_TEST_SUITE_P(Databases, StoreTest, ::testing::Values(Kind::kDuckDb, Kind::kPostgres),
                         [](const auto& info) {
                           return info.param == Kind::kDuckDb ? "DuckDb" : "PostgreSql";
                         });

TEST_P(StoreTest, WhatGoesInComesOut) {
  log_->add_some(0, 120);
  log_->add(to_entry(
      {.id = "hostile'; DROP TABLE events; --\\.\n\t\x01 \xF0\x9F\x98\x80", .org = "\\N", .tag = "\\."}));
  log_->add(R"({"action":"allow","decision_id":"gateway","direction":"prompt","surface":"chat_completions",)"
            R"("time":"2026-01-10T12:00:01.000Z","type":"decision","v":1})");
  project();
  Rows wanted;
  for (ledger::Index i = 0; i < log_->reader().checkpoint().size; ++i)
    must(read_entry(i, must(log_->reader().entry(i)).bytes, wanted));
  auto page = must(events(*reader_, {}, kMaxPage));
  ASSERT_EQ(page.events.size(), wanted.events.size());
  EXPECT_EQ(page.next, "");
  std::ranges::sort(page.events, {}, &EventRow::index);
  for (std::size_t i = 0; i < page.events.size(); ++i) {
    page.events[i].log = 0;
    EXPECT_EQ(page.events[i], wanted.events[i]) << i;
  }
  auto found = must(acts(*reader_, {}, kMaxPage)).acts;
  ASSERT_EQ(found.size(), wanted.acts.size());
  std::ranges::reverse(found);
  for (std::size_t i = 0; i < found.size(); ++i) {
    found[i].log = 0;
    EXPECT_EQ(found[i], wanted.acts[i]);
  }
  reopen();
  EXPECT_EQ(must(store_->position(origin())).next, log_->reader().checkpoint().size);
  EXPECT_EQ(must(totals(*reader_)).events, wanted.events.size());
}

TEST_P(StoreTest, ABatchIsThereOnceHoweverOftenItIsApplied) {
  Batch batch{.origin = "o", .first = 0, .next = 4, .root = {}, .rows = {}};
  for (ledger::Index i = 0; i < 4; ++i) must(read_entry(i, testing::some_entry(i), batch.rows));
  must(store_->apply(batch));
  must(store_->apply(batch));
  Batch overlapping{.origin = "o", .first = 2, .next = 6, .root = {}, .rows = {}};
  overlapping.root.fill(7);
  for (ledger::Index i = 2; i < 6; ++i) must(read_entry(i, testing::some_entry(i), overlapping.rows));
  must(store_->apply(overlapping));
  EXPECT_EQ(must(totals(*reader_)).events, 6U);
  EXPECT_EQ(must(events(*reader_, {}, 100)).events.size(), 6U);
  EXPECT_EQ(must(store_->position("o")).next, 6U);
  EXPECT_EQ(must(store_->position("o")).root, overlapping.root);

  const auto gap = store_->apply({.origin = "o", .first = 7, .next = 8, .root = {}, .rows = {}});
  ASSERT_FALSE(gap);
  EXPECT_EQ(gap.error().code, Code::kInvalid);
  EXPECT_THAT(gap.error().message, HasSubstr("up to 6"));
}

std::string evaluation(const std::string& id, const std::string& threat, double score, bool crossed) {
  return act("capability_evaluation",
             R"(,"evaluation_id":")" + id + R"(","model_version":"m-2","threat":")" + threat +
                 R"(","framework":"rsp","low":0,"high":1,"score":)" + std::to_string(score) +
                 R"(,"status":")" + (crossed ? "ruled_in" : "ruled_out") + R"(","crossed":)" +
                 (crossed ? "true" : "false") +
                 (crossed ? R"(,"threshold":0.5,"due":"2026-01-12T00:00:00Z","decision_maker":"o")" : ""));
}

TEST_P(StoreTest, CapabilityEvaluationsAreFoundAndTheFirstDecisionCounts) {
  log_->add(evaluation("a", "cyber", .1, false));
  log_->add(evaluation("b", "biological", .6, true));
  log_->add(evaluation("c", "biological", .7, true));
  log_->add(act("capability_decision", R"(,"evaluation_id":"b","decision":"freeze","actor":"ann")",
                "2026-01-11T01:00:00Z"));
  log_->add(act("capability_decision", R"(,"evaluation_id":"b","decision":"accept","actor":"bob")",
                "2026-01-11T02:00:00Z"));
  project();
  const auto first = must(evaluations(*reader_, {}, 2));
  ASSERT_EQ(first.evaluations.size(), 2U);
  EXPECT_EQ(first.evaluations[0].row.evaluation_id, "c");
  EXPECT_EQ(first.evaluations[1].decision, "freeze");
  EXPECT_EQ(first.evaluations[1].decided_by, "ann");
  const auto rest = must(evaluations(*reader_, {}, 2, first.next));
  ASSERT_EQ(rest.evaluations.size(), 1U);
  EXPECT_EQ(rest.evaluations[0].row.threat, "cyber");
  EXPECT_FALSE(rest.evaluations[0].row.threshold);
  EXPECT_EQ(rest.next, "");
  EvaluationFilter filter;
  filter.threat = "biological";
  filter.crossed = true;
  EXPECT_EQ(must(evaluations(*reader_, filter, 10)).evaluations.size(), 2U);
  EXPECT_FALSE(evaluations(*reader_, {}, 2, "1_"));

  const auto before = must(digests(*reader_, origin()));
  must(store_->clear(origin()));
  project();
  EXPECT_EQ(must(digests(*reader_, origin())), before);
  EXPECT_TRUE(before.contains("capability_evaluations"));
}

TEST_P(StoreTest, WhatCountedOverTimeIsReadBackInTheOrderInWhichItHappened) {
  const auto counted = [&](const char* id, const char* occurred, const char* accumulated) {
    return R"({"accumulated":)" + std::string(accumulated) +
           R"(,"action":"allow","caller":{"org":"acme","user":"u"},)" + R"("decision_id":")" + id +
           R"(","direction":"prompt","occurred":")" + occurred +
           R"(","surface":"api","time":"2026-01-10T12:00:01Z","type":"decision"})";
  };
  constexpr const char* kFact = R"([{"count":1,"id":"slow","per":"user","score":0.1,"sum":0.1}])";
  log_->add(counted("late", "2026-01-10T11:00:00Z", kFact));
  log_->add(counted("early", "2026-01-10T10:00:00Z", kFact));
  add({.id = "nothing"});
  log_->add(counted("before", "2026-01-10T08:00:00Z", kFact));
  log_->add(counted("live", "2026-01-10T12:00:00Z", kFact));
  project();
  std::vector<std::string> seen;
  must(for_each_accumulated(*reader_, at("2026-01-10T09:00:00Z"), origin(), 4,
                            [&](const EventRow& row) { seen.push_back(row.event_id); }));
  EXPECT_THAT(seen, ElementsAre("early", "late")) << "what this process has counted itself is left out";
}

TEST_P(StoreTest, CountsOfTheWatchAreThoseOfTheWindow) {
  add({.id = "a",
       .occurred = "2026-01-10T10:00:00Z",
       .action = "block",
       .review = true,
       .category = Category::kHarmfulContent,
       .score = .6});
  add({.id = "b", .occurred = "2026-01-10T10:59:59Z", .action = "escalate"});
  add({.id = "c",
       .occurred = "2026-01-10T11:00:00Z",
       .tier = "untiered",
       .category = Category::kHarmfulContent,
       .score = .2});
  project();
  const auto found = must(rate_counts(*reader_, at("2026-01-10T10:00:00Z"), at("2026-01-10T12:30:00Z")));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].tier, "general");
  EXPECT_EQ(found[0].events, 2U);
  EXPECT_EQ(found[0].blocked, 1U);
  EXPECT_EQ(found[0].refused, 2U);
  EXPECT_EQ(found[0].reviews, 1U);
  EXPECT_EQ(found[0].harmful, 1U);
  EXPECT_EQ(found[1].harmful, 0U);
  EXPECT_EQ(must(rate_counts(*reader_, at("2026-01-10T10:00:01Z"), at("2026-01-10T11:59:59Z"))).size(), 0U)
      << "whole hours only";
  const std::int64_t edges[] = {0, 1, 5'000};
  const Window window{.from = at("2026-01-10T10:00:00Z"), .until = at("2026-01-10T11:00:01Z")};
  EXPECT_THAT(must(score_bins(*reader_, Category::kHarmfulContent, edges, window)), ElementsAre(1, 1, 1));
  EXPECT_THAT(must(length_bins(*reader_, edges, window)), ElementsAre(3, 0, 0));
  const auto tiers = must(mix(*reader_, Mix::kTier, window));
  EXPECT_EQ(tiers.at("general"), 2U);
  EXPECT_EQ(tiers.at("untiered"), 1U);
  EXPECT_TRUE(must(mix(*reader_, Mix::kScript, window)).empty());
}

TEST_P(StoreTest, CountsAreThoseOfTheWindowToTheMillisecond) {
  add({.id = "a", .occurred = "2026-01-10T10:59:59.999Z", .action = "block", .asl = 3, .score = 0.15});
  add({.id = "b", .occurred = "2026-01-10T11:00:00Z", .surface = "app", .tier = "untiered", .score = 0.1499});
  add({.id = "c",
       .occurred = "2026-01-10T12:30:00Z",
       .action = "escalate",
       .direction = "exchange",
       .review = true,
       .score = 0.9});
  add({.id = "d", .occurred = "2026-01-10T13:00:00.001Z", .action = "error_block"});
  project();
  const auto count = [&](const char* from, const char* until) {
    return must(totals(*reader_, {.from = at(from), .until = at(until)}));
  };
  const Totals all = must(totals(*reader_));
  EXPECT_EQ(all.events, 4U);
  EXPECT_EQ(all.asl, 1U);
  EXPECT_EQ(all.reviews, 1U);
  EXPECT_EQ(all.by_surface.at("api"), 3U);
  EXPECT_EQ(all.by_tier.at("untiered"), 1U);
  EXPECT_EQ(all.by_direction.at("exchange"), 1U);
  EXPECT_EQ(all.by_action[static_cast<std::size_t>(Action::kErrorBlock)], 1U);
  EXPECT_EQ(all.detections[static_cast<std::size_t>(Category::kCbrn)], 2U);

  EXPECT_EQ(count("2026-01-10T10:59:59.999Z", "2026-01-10T13:00:00.002Z").events, 4U);
  const auto where = [&](const std::string& log, const char* from, const char* until) {
    return must(index_range(*reader_, log, {.from = at(from), .until = at(until)}));
  };
  using Range = std::pair<ledger::Index, ledger::Index>;
  const auto origin = must(logs(*reader_)).front().origin;
  EXPECT_EQ(where(origin, "2026-01-10T11:00:00Z", "2026-01-10T13:00:00Z"), Range(1, 3));
  EXPECT_EQ(where(origin, "2026-01-11T11:00:00Z", "2026-01-11T13:00:00Z"), Range(0, 0));
  EXPECT_EQ(where("another", "2026-01-10T11:00:00Z", "2026-01-10T13:00:00Z"), Range(0, 0));
  EXPECT_EQ(count("2026-01-10T11:00:00Z", "2026-01-10T13:00:00Z").events, 2U);
  EXPECT_EQ(count("2026-01-10T10:30:00Z", "2026-01-10T13:00:00.001Z").events, 3U);
  EXPECT_EQ(count("2026-01-10T10:30:00Z", "2026-01-10T13:00:00.001Z").detections[3], 2U);
  EXPECT_EQ(count("2026-01-10T12:30:00Z", "2026-01-10T12:30:00.001Z").reviews, 1U);
  EXPECT_EQ(count("2026-01-10T12:30:00.001Z", "2026-01-10T12:59:00Z").events, 0U);
  EXPECT_EQ(count("2026-01-10T13:00:00Z", "2026-01-10T12:00:00Z").events, 0U);
  EXPECT_EQ(must(totals(*reader_, {.from = {}, .until = at("2026-01-10T12:00:00Z")})).events, 2U);

  const auto hours = must(hourly(*reader_, at("2026-01-10T13:59:00Z"), 4));
  ASSERT_EQ(hours.size(), 4U);
  EXPECT_EQ(hours[0].hour, at("2026-01-10T10:00:00Z"));
  EXPECT_EQ(hours[0].blocked, 1U);
  EXPECT_EQ(hours[0].asl, 1U);
  EXPECT_EQ(hours[1].events, 1U);
  EXPECT_EQ(hours[2].escalated, 1U);
  EXPECT_EQ(hours[2].reviews, 1U);
  EXPECT_EQ(hours[3].blocked, 1U);
  const auto detections = must(hourly_detections(*reader_, at("2026-01-10T13:59:00Z"), 4));
  EXPECT_EQ(detections.at(2)[static_cast<std::size_t>(Category::kCbrn)], 1U);
  EXPECT_FALSE(hourly(*reader_, at("2026-01-10T13:59:00Z"), 0));
  const auto histogram = must(score_histogram(*reader_, Category::kCbrn));
  EXPECT_EQ(histogram[0], 1U);
  EXPECT_EQ(histogram[2], 1U);
  EXPECT_EQ(histogram[3], 1U);
  EXPECT_EQ(histogram[18], 1U);
}

TEST_P(StoreTest, FiltersMeanWhatTheySay) {
  add({.id = "a", .org = "x", .user = "u1", .session = "s1", .rule = "r", .tag = "t", .score = 0.7});
  add({.id = "b",
       .occurred = "2026-01-11T00:00:00Z",
       .surface = "app",
       .tier = "enterprise",
       .action = "block",
       .asl = 4,
       .review = true,
       .score = 0.6999});
  project();
  const auto ids = [&](const EventFilter& filter) {
    std::vector<std::string> out;
    for (const auto& row : must(events(*reader_, filter, 10)).events) out.push_back(row.event_id);
    const auto count = must(count_events(*reader_, filter));
    EXPECT_EQ(count.count, out.size());
    EXPECT_EQ(count.samples.size(), out.size());
    return out;
  };
  EXPECT_THAT(ids({}), ElementsAre("b", "a"));
  EventFilter filter;
  filter.category = Category::kCbrn;
  filter.min_score = 0.7;
  EXPECT_THAT(ids(filter), ElementsAre("a"));
  const auto only = [&](auto member, auto value) {
    EventFilter one;
    one.*member = value;
    return ids(one);
  };
  EXPECT_THAT(only(&EventFilter::org, "x"), ElementsAre("a"));
  EXPECT_THAT(only(&EventFilter::user, "u1"), ElementsAre("a"));
  EXPECT_THAT(only(&EventFilter::session, "s1"), ElementsAre("a"));
  EXPECT_THAT(only(&EventFilter::rule, "r"), ElementsAre("a"));
  EXPECT_THAT(only(&EventFilter::rule, "other"), ElementsAre());  // it did not fire
  EXPECT_THAT(only(&EventFilter::tag, "t"), ElementsAre("a"));
  EXPECT_THAT(only(&EventFilter::tag, "al"), ElementsAre());
  EXPECT_THAT(only(&EventFilter::surface, "app"), ElementsAre("b"));
  EXPECT_THAT(only(&EventFilter::tier, "enterprise"), ElementsAre("b"));
  EXPECT_THAT(only(&EventFilter::action, Action::kBlock), ElementsAre("b"));
  EXPECT_THAT(only(&EventFilter::asl, true), ElementsAre("b"));
  EXPECT_THAT(only(&EventFilter::asl, false), ElementsAre("a"));
  EXPECT_THAT(only(&EventFilter::review, true), ElementsAre("b"));
  EXPECT_THAT(only(&EventFilter::org, "' OR 1=1 --"), ElementsAre());
  EXPECT_THAT(only(&EventFilter::window,
                   Window{.from = at("2026-01-10T12:00:00Z"), .until = at("2026-01-11T00:00:00Z")}),
              ElementsAre("a"));
  const auto count = must(count_events(*reader_, {}));
  EXPECT_EQ(count.first, at("2026-01-10T12:00:00Z"));
  EXPECT_EQ(count.last, at("2026-01-11T00:00:00Z"));
}

TEST_P(StoreTest, PagesHaveEveryEventOnce) {
  log_->add_some(0, 200);  // several occurred at once
  project();
  std::vector<EventRow> all;
  std::string cursor;
  do {
    auto page = must(events(*reader_, {}, 7, cursor));
    EXPECT_LE(page.events.size(), 7U);
    all.insert(all.end(), page.events.begin(), page.events.end());
    cursor = page.next;
  } while (!cursor.empty());
  EXPECT_EQ(all.size(), 196U);
  EXPECT_TRUE(std::ranges::is_sorted(all, std::greater<>(),
                                     [](const EventRow& row) { return std::pair(row.occurred, row.index); }));
  std::size_t acts_found = 0;
  do {
    const auto page = must(acts(*reader_, {}, 2, cursor));
    acts_found += page.acts.size();
    cursor = page.next;
  } while (!cursor.empty());
  EXPECT_EQ(acts_found, 5U);
  for (const char* wrong :
       {"x", "1", "1_2", "1_2_3_4", "1_2_x", "99999999999999999999_1_1", "1_2_3 OR 1=1"}) {
    EXPECT_EQ(events(*reader_, {}, 7, wrong).error().code, Code::kInvalid) << wrong;
    if (std::string_view(wrong) != "1_2")
      EXPECT_EQ(acts(*reader_, {}, 7, wrong).error().code, Code::kInvalid) << wrong;
  }
  EXPECT_EQ(events(*reader_, {}, 0).error().code, Code::kInvalid);
  EXPECT_EQ(events(*reader_, {}, kMaxPage + 1).error().code, Code::kInvalid);
}

TEST_P(StoreTest, AnOldEventIsFoundBehindManyThatTheFilterDoesNotLetThrough) {
  std::vector<std::string> entries = {
      to_entry({.id = "old", .occurred = "2025-01-01T00:00:00Z", .org = "rare"})};
  for (int i = 0; i < 300; ++i)
    entries.push_back(to_entry({.id = std::to_string(i),
                                .occurred = to_rfc3339(at("2026-01-01T00:00:00Z") + std::chrono::hours(i)),
                                .org = i == 250 ? "rare" : "acme"}));
  log_->add_all(entries);
  project();
  const auto first = must(events(*reader_, {.org = "rare"}, 1));
  ASSERT_EQ(first.events.size(), 1U);
  EXPECT_EQ(first.events[0].event_id, "250");
  const auto second = must(events(*reader_, {.org = "rare"}, 1, first.next));
  ASSERT_EQ(second.events.size(), 1U);
  EXPECT_EQ(second.events[0].event_id, "old");
  EXPECT_EQ(second.next, "");
}

TEST_P(StoreTest, EventsAreFoundByTheirIds) {
  log_->add_some(0, 100);
  project();
  EXPECT_EQ(must(event(*reader_, "e-7")).value().decision_id, "d-e-7");
  EXPECT_FALSE(must(event(*reader_, "e-49")));
  std::vector<std::string> ids;
  for (int i = 0; i < 3'000; ++i) ids.push_back("e-" + std::to_string(i));
  EXPECT_EQ(must(known_events(*reader_, ids)).size(), 98U);
  EXPECT_TRUE(must(known_events(*reader_, {})).empty());
  std::size_t keys = 0;
  must(for_each_event_key(*reader_, [&](std::int64_t) { ++keys; }));
  EXPECT_EQ(keys, 98U);
}

TEST_P(StoreTest, ReviewsGoFromOpenToDecidedOnce) {
  add({.id = "low", .review = true, .score = 0.3});
  add({.id = "high", .action = "escalate", .asl = 3, .review = true, .score = 0.2});
  add({.id = "urgent", .review = true, .score = 0.3, .due = "2026-01-10T13:00:00Z"});
  project();
  const auto now = at("2026-01-10T14:00:00Z");
  const auto ids = [&](const ReviewFilter& filter) {
    std::vector<std::string> out;
    for (const auto& item : must(review_queue(*reader_, filter, now)).items) out.push_back(item.event_id);
    return out;
  };
  EXPECT_THAT(ids({}), ElementsAre("high", "urgent", "low"));
  EXPECT_EQ(must(review_queue(*reader_, {}, now)).overdue, 1U);
  EXPECT_EQ(must(overdue_reviews(*reader_, now, 10)).at(0).event_id, "urgent");
  EXPECT_EQ(must(unrecorded_overdue_reviews(*reader_, now, 10)).at(0).event_id, "urgent");
  log_->add(act("review_overdue", R"(,"event_id":"urgent")", "2026-01-10T13:30:00Z"));
  project();
  EXPECT_TRUE(must(unrecorded_overdue_reviews(*reader_, now, 10)).empty());
  EXPECT_EQ(must(overdue_reviews(*reader_, now, 10)).size(), 1U) << "it still is";

  log_->add(act("review_assigned", R"(,"event_id":"high","actor":"ann","assignee":"bob")"));
  log_->add(act("review_note", R"(,"event_id":"high","actor":"bob","note":"n")", "2026-01-11T00:00:01Z"));
  log_->add(
      act("review_decided", R"(,"event_id":"urgent","actor":"bob","decision":"block","seconded_by":"cy")"));
  log_->add(act("review_decided", R"(,"event_id":"urgent","actor":"eve","decision":"allow")",
                "2026-01-11T00:00:02Z"));
  project();
  EXPECT_THAT(ids({}), ElementsAre("low", "high"));
  EXPECT_THAT(ids({.state = ReviewState::kAssigned, .assignee = "bob"}), ElementsAre("high"));
  EXPECT_THAT(ids({.state = ReviewState::kDecided}), ElementsAre("urgent"));
  const auto queue = must(review_queue(*reader_, {}, now));
  EXPECT_EQ(queue.open, 1U);
  EXPECT_EQ(queue.assigned, 1U);
  EXPECT_EQ(queue.decided, 1U);
  EXPECT_EQ(queue.overdue, 0U);

  const auto decided = must(review_item(*reader_, "urgent")).value();
  EXPECT_EQ(decided.item.decision, "block");
  EXPECT_EQ(decided.item.decided_by, "bob");
  EXPECT_EQ(decided.item.seconded_by, "cy");
  EXPECT_EQ(decided.item.decided_at, at("2026-01-11T00:00:00Z"));
  EXPECT_EQ(decided.trail.size(), 3U);
  EXPECT_EQ(must(review_item(*reader_, "high")).value().trail.size(), 2U);
  EXPECT_EQ(must(review_item(*reader_, "high")).value().item.category, Category::kCbrn);
  EXPECT_FALSE(must(review_item(*reader_, "nothing")));

  log_->add(
      act("review_assigned", R"(,"event_id":"high","actor":"ann","assignee":"")", "2026-01-12T00:00:00Z"));
  project();
  EXPECT_EQ(must(review_item(*reader_, "high")).value().item.state, ReviewState::kOpen);
}

TEST_P(StoreTest, AReviewIsClaimedByOneAtATime) {
  EXPECT_TRUE(must(store_->claim_review("e", "ann", std::chrono::seconds(60))));
  EXPECT_TRUE(must(store_->claim_review("e", "ann", std::chrono::seconds(60))));
  EXPECT_FALSE(must(store_->claim_review("e", "bob", std::chrono::seconds(60))));
  EXPECT_TRUE(must(store_->claim_review("f", "bob", std::chrono::seconds(-1))));
  EXPECT_TRUE(must(store_->claim_review("f", "ann", std::chrono::seconds(60))));
}

TEST_P(StoreTest, ActsAreFoundByTypeSubjectActorAndTime) {
  log_->add(act("admin", R"(,"actor":"ann","subject":"key-1")"));
  log_->add(act("policy", R"(,"actor":"bob")", "2026-02-01T00:00:00Z"));
  log_->add(R"({"apiVersion":"0.0.2","kind":"dsse","spec":{}})");
  project();
  EXPECT_EQ(must(count_acts(*reader_, {})).count, 3U);
  EXPECT_EQ(must(count_acts(*reader_, {.types = {"admin", "dsse"}})).count, 2U);
  EXPECT_EQ(must(count_acts(*reader_, {.types = {}, .subject = "key-1"})).count, 1U);
  EXPECT_EQ(must(count_acts(*reader_, {.types = {}, .subject = {}, .actor = "bob"})).samples.at(0).type,
            "policy");
  ActFilter filter;
  filter.window.from = at("2026-01-15T00:00:00Z");
  const auto counted = must(count_acts(*reader_, filter));
  EXPECT_EQ(counted.count, 1U);
  EXPECT_EQ(counted.first, at("2026-02-01T00:00:00Z"));
}

TEST_P(StoreTest, ARebuiltStoreIsTheSame) {
  log_->add_some(0, 1'500);
  log_->add(act("review_decided", R"(,"event_id":"e-20","actor":"bob","decision":"block")"));
  must(catch_up(*store_, log_->reader(), {.max_entries = 71}));
  const auto before = must(digests(*reader_, origin()));
  must(store_->clear(origin()));
  EXPECT_EQ(must(totals(*reader_)).events, 0U);
  EXPECT_EQ(must(store_->position(origin())).next, 0U);
  project();
  const auto after = must(digests(*reader_, origin()));
  EXPECT_EQ(before, after);
  EXPECT_EQ(before.size(), 7U);
  log_->add(to_entry({.id = "one more"}));
  project();
  EXPECT_NE(must(digests(*reader_, origin())).at("events"), after.at("events"));
  EXPECT_EQ(must(digests(*reader_, origin())).at("acts"), after.at("acts"));
}

TEST_P(StoreTest, WhatTheLogNoLongerKeepsIsForgottenAndNoLongerCounted) {
  log_->add_some(0, 400);  // of 2026-01-10
  log_->add(to_entry({.id = "old", .review = true, .score = 0.9}));
  log_->add(act("review_decided", R"(,"event_id":"old","actor":"ann","decision":"allow")",
                "2026-01-10T12:00:02.000Z"));
  log_->add(act("policy", R"(,"actor":"ann")", "2026-01-10T12:00:03.000Z"));
  std::vector<std::string> newer;
  for (int i = 0; i < 300; ++i)
    newer.push_back(to_entry({.id = "kept-" + std::to_string(i), .time = "2026-03-01T00:00:00.000Z"}));
  log_->add_all(newer);
  project();
  const auto before = must(totals(*reader_));
  const auto day = std::chrono::hours(24);
  log_->prune({.keep = {{"decision", 10 * day}, {"review_decided", 10 * day}}}, at("2026-02-01T00:00:00Z"));
  project();
  const auto after = must(totals(*reader_));
  EXPECT_EQ(before.events, 693U);
  EXPECT_EQ(before.reviews, 21U);
  EXPECT_EQ(after.events, 300U);
  EXPECT_EQ(after.reviews, 0U);
  EXPECT_EQ(after.by_surface, (std::map<std::string, std::uint64_t>{{"api", 300}}));
  EXPECT_EQ(after.detections, (decltype(after.detections){}));
  EXPECT_FALSE(must(event(*reader_, "old")));
  EXPECT_FALSE(must(review_item(*reader_, "old")));
  EXPECT_EQ(must(count_acts(*reader_, {.types = {"review_decided"}})).count, 0U);
  EXPECT_EQ(must(count_acts(*reader_, {.types = {"prune"}})).count, 1U);
  const auto kept = must(digests(*reader_, origin()));
  must(store_->clear(origin()));
  project();
  EXPECT_EQ(must(digests(*reader_, origin())), kept);
}

TEST_P(StoreTest, AStoreOfAnotherLogIsRefused) {
  log_->add_some(0, 10);
  project();
  // The same name, and other entries.
  Log other(folder_.path() + "/other");
  other.add_some(5, 30);
  const auto refused = catch_up(*store_, other.reader());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kInvalid);
  EXPECT_THAT(refused.error().message, HasSubstr("plimsoll store rebuild"));
  // An older copy of it.
  Log older(folder_.path() + "/older");
  older.add_some(0, 3);
  EXPECT_THAT(catch_up(*store_, older.reader()).error().message, HasSubstr("has only 4"));
  // Another name: only a shared database may hold both.
  Log second(folder_.path() + "/second", "example.org/second");
  second.add_some(0, 5);
  const auto both = catch_up(*store_, second.reader());
  EXPECT_EQ(both.has_value(), GetParam() == Kind::kPostgres);
  if (!both) EXPECT_THAT(both.error().message, HasSubstr("another log"));
  EXPECT_EQ(must(totals(*reader_)).events, both ? 15U : 10U);
}

TEST_P(StoreTest, ADamagedEntryIsNamedAndNothingBehindItIsApplied) {
  log_->add_some(0, 5);
  const auto at = log_->add(R"({"type":"decision","time":"yesterday"})");
  const auto failed = catch_up(*store_, log_->reader());
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, HasSubstr("entry " + std::to_string(at)));
  EXPECT_EQ(must(store_->position(origin())).next, 0U);
}

TEST_P(StoreTest, TheProjectorKeepsUpAndSaysWhereItIs) {
  Projector projector(*store_, log_->reader(), {.max_entries = 50, .interval = std::chrono::milliseconds(5)});
  for (std::uint64_t n = 0; n < 300; n += 100) log_->add_some(n, n + 100);
  ASSERT_TRUE(projector.wait_for(303, std::chrono::seconds(30))) << projector.last_error();
  EXPECT_EQ(projector.lag(), 0U);
  EXPECT_EQ(projector.behind().count(), 0);
  EXPECT_FALSE(projector.failing());
  EXPECT_EQ(projector.last_error(), "");
  EXPECT_EQ(must(totals(*reader_)).events, 294U);
}

TEST_P(StoreTest, TheProjectorSaysWhyItCannotGoOnAndTriesAgain) {
  log_->add(R"(not an entry)");
  Projector projector(*store_, log_->reader(), {.retry_delay = std::chrono::milliseconds(1)});
  const auto begin = std::chrono::steady_clock::now();
  while (projector.failures() < 3) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_TRUE(projector.failing());
  const auto waited = std::chrono::floor<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  EXPECT_GE(projector.behind(), waited);
  EXPECT_THAT(projector.last_error(), HasSubstr("entry 0"));
  EXPECT_EQ(projector.position(), 0U);
  EXPECT_EQ(projector.lag(), 1U);
}

TEST_P(StoreTest, ReadersSeeWholeBatchesWhileOthersAreApplied) {
  std::jthread writer([&](const std::stop_token& stop) {
    for (ledger::Index i = 0; !stop.stop_requested(); i += 10) {
      Batch batch{.origin = "o", .first = i, .next = i + 10, .root = {}, .rows = {}};
      for (ledger::Index n = i; n < i + 10; ++n)
        must(read_entry(n, to_entry({.id = std::to_string(n)}), batch.rows));
      must(store_->apply(batch));
    }
  });
  for (std::uint64_t events = 0; events < 100;) {
    const Totals some = must(totals(*reader_, {.from = at("2026-01-10T11:30:00Z"), .until = {}}));
    EXPECT_EQ(some.events % 10, 0U);
    EXPECT_GE(some.events, events);
    events = some.events;
  }
}

TEST_P(StoreTest, ThePoolAnswersEachAndRefusesWhatItCannotTake) {
  log_->add_some(0, 100);
  project();
  std::atomic<int> right = 0;
  std::atomic<int> stopped = 0;
  int refused = 0;
  {
    Pool pool(*store_, 2, 4);
    for (int i = 0; i < 100; ++i)
      if (!pool.submit([&](Result<Reader*> reader) {
            if (!reader)
              ++stopped;
            else if (must(totals(**reader)).events == 98)
              ++right;
          }))
        ++refused;
  }
  EXPECT_EQ(right + stopped + refused, 100);
  EXPECT_GT(refused, 0);
  std::atomic<int> answered = 0;
  Pool pool(*store_, 1, 8);
  for (int i = 0; i < 4; ++i)
    EXPECT_TRUE(
        pool.submit([&](Result<Reader*> reader) { answered += must(logs(**reader)).size() == 1 ? 1 : 100; }));
  while (answered < 4) std::this_thread::yield();
}

TEST_P(StoreTest, AQueryThatTakesTooLongIsGivenUpAndTheNextIsAnswered) {
  reader_.reset();
  store_.reset();
  options_.query_timeout = std::chrono::milliseconds(50);
  store_ = must(open_store(options_));
  reader_ = must(store_->reader());
  Connection& connection = *must(reader_->connection());
  const auto slow = connection.query(
      "SELECT count(*) FROM generate_series(1, 200000) AS a, generate_series(1, 200000) AS b "
      "WHERE a <> b");
  ASSERT_FALSE(slow);
  EXPECT_EQ(slow.error().code, Code::kTimeout) << slow.error().message;
  EXPECT_EQ(must(totals(*reader_)).events, 0U);
}

class PostgreSqlTest : public StoreTest {};
INSTANTIATE_TEST_SUITE_P(Databases, PostgreSqlTest, ::testing::Values(Kind::kPostgres),
                         [](const auto&) { return "PostgreSql"; });

TEST_P(PostgreSqlTest, ReplicasShareOneQueueWhoseverLogAReviewIsIn) {
  add({.id = "mine", .review = true});
  project();
  Log second(folder_.path() + "/second", "example.org/second");
  second.add(to_entry({.id = "theirs", .occurred = "2026-01-10T13:00:00Z", .review = true}));
  second.add(act("review_decided", R"(,"event_id":"mine","actor":"bob","decision":"block")"));
  const auto other = must(open_store(options_));
  testing::catch_up(*other, second);
  const auto now = at("2026-01-10T14:00:00Z");
  const auto check = [&] {
    const auto queue = must(review_queue(*reader_, {}, now));
    ASSERT_EQ(queue.items.size(), 1U);
    EXPECT_EQ(queue.items[0].event_id, "theirs");
    EXPECT_EQ(queue.decided, 1U);
    EXPECT_EQ(must(review_item(*reader_, "mine")).value().item.decided_by, "bob");
    EXPECT_EQ(must(totals(*reader_)).events, 2U);
    EXPECT_EQ(must(logs(*reader_)).size(), 2U);
    const auto page = must(events(*reader_, {}, 1));
    EXPECT_EQ(must(events(*reader_, {}, 1, page.next)).events.at(0).event_id, "mine");
  };
  check();
  // One log made again: what was done in the other is still so.
  must(store_->clear(origin()));
  EXPECT_EQ(must(totals(*reader_)).events, 1U);
  project();
  check();
  EXPECT_TRUE(must(store_->claim_review("theirs", "ann", std::chrono::seconds(60))));
  EXPECT_FALSE(must(other->claim_review("theirs", "bob", std::chrono::seconds(60))));
}

TEST_P(PostgreSqlTest, ConnectionsThatWereLostAreMadeAgain) {
  add({.id = "a"});
  project();
  const auto other = must(open_store(options_));
  const auto killer = must(other->reader());
  (void)must(must(killer->connection())
                 ->query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
                         "current_database() AND pid <> "
                         "pg_backend_pid()"));
  EXPECT_EQ(totals(*reader_).error().code, Code::kUnavailable);
  EXPECT_EQ(must(totals(*reader_)).events, 1U);
  add({.id = "b"});
  EXPECT_EQ(catch_up(*store_, log_->reader()).error().code, Code::kUnavailable);
  project();
  EXPECT_EQ(must(totals(*reader_)).events, 2U);
}

TEST(OpenStore, SaysWhatIsWrong) {
  EXPECT_EQ(open_store({.database = ""}).error().code, Code::kInvalid);
  EXPECT_EQ(open_store({.database = "mysql://x"}).error().code, Code::kInvalid);
  EXPECT_THAT(Options({.database = "x", .memory_bytes = 1, .threads = 0}).problems(), ::testing::SizeIs(2));
  const auto nobody = open_store({.database = "postgresql://127.0.0.1:1/x?user=u&password=secret"});
  EXPECT_EQ(nobody.error().code, Code::kUnavailable);
  EXPECT_THAT(nobody.error().message, ::testing::Not(HasSubstr("secret")));
}

TEST(DuckDb, AFileBelongsToOneStoreAndReachesNothingElse) {
  if (const auto why = testing::missing(Kind::kDuckDb); !why.empty()) GTEST_SKIP() << "SKIPPED: " << why;
  const Folder folder;
  const auto options = fresh(Kind::kDuckDb, folder);
  const auto store = must(open_store(options));
  EXPECT_EQ(open_store(options).error().code, Code::kUnavailable);
  EXPECT_THAT(store->description(), HasSubstr("DuckDB v1."));
  const auto reader = must(store->reader());
  for (const char* statement :
       {"SELECT * FROM read_csv('/etc/passwd')", "COPY (SELECT 1) TO '/tmp/plimsoll-store-copied'",
        "ATTACH '/tmp/plimsoll-store-other.db'", "INSTALL httpfs", "LOAD httpfs",
        "SET enable_external_access = true", "SET memory_limit = '10GB'", "SELECT 1; SELECT 2"})
    EXPECT_FALSE(must(reader->connection())->query(statement)) << statement;
}

}  // namespace
}  // namespace plimsoll::store
