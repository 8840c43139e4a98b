// On a store that is made for it, in DuckDB.
#include "watch/report.h"

#include <gmock/gmock.h>
#include <stdlib.h>

#include <cmath>
#include <filesystem>

#include "base/json.h"
#include "evidence/entry.h"
#include "policy/shipped.h"
#include "store/store.h"

namespace plimsoll::watch {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::IsEmpty;

const char* const kLibrary = PLIMSOLL_SOURCE_DIR "/build/duckdb/libduckdb.so";
// Two days into a window that began on a Thursday, as 1970 did.
const Time kNow = *from_rfc3339("2026-01-31T00:00:00Z");

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

class WatchTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kLibrary)) GTEST_SKIP() << "SKIPPED: run scripts/setup test";
    std::string name = testing::TempDir() + "plimsoll-watch-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    store_ = must(store::open_store({.database = folder_ + "/store.duckdb", .duckdb_library = kLibrary}));
    reader_ = must(store_->reader());
  }
  void TearDown() override {
    reader_.reset();
    store_.reset();
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  }

  // `each`: how many of a day's 400 events are blocked, 35 days to the past.
  void fill(const std::function<void(store::EventRow&, int day, int number)>& shape) {
    for (int day = 0; day < 35; ++day)
      for (int n = 0; n < 400; ++n) {
        store::EventRow row;
        row.index = next_++;
        row.event_id = row.decision_id = "e" + std::to_string(row.index);
        row.occurred = row.time = kNow - std::chrono::days(day) - 1s - n * 3min;
        row.surface = "api";
        row.direction = "prompt";
        row.tier = "general";
        row.script = "latin";
        row.bytes = static_cast<std::uint64_t>(50 + n);
        row.action = n % 20 == 0 ? Action::kBlock : Action::kAllow;
        row.scores.set(Category::kToxicity, n % 10 == 0 ? .4 : .02);
        shape(row, day, n);
        rows_.events.push_back(std::move(row));
      }
  }
  void evidence(const std::string& metadata) {
    store::ActRow act;
    act.index = next_++;
    act.type = "evidence";
    act.time = kNow - 1h;
    const auto submission = evidence::read_submission(
        R"({"artifactType":"eval_pack","modelVersion":"m-2","contentRef":"x","metadata":)" + metadata + "}");
    act.body = *evidence::to_entry(*submission, {}, "e", kNow - 1h);
    rows_.acts.push_back(act);
  }
  Report report() {
    store::Batch batch{.origin = "log", .first = 0, .next = next_, .root = {}, .rows = std::move(rows_)};
    must(store_->apply(batch));
    return must(look(*reader_, policy(), kNow));
  }
  static const policy::Policy& policy() {
    static const auto shipped = *policy::Policy::parse(policy::shipped_yaml(), "shipped");
    return *shipped;
  }
  static std::vector<std::string> ids(const Report& report) {
    std::vector<std::string> out;
    for (const auto& alert : alerts_of(report)) out.push_back(alert.id);
    return out;
  }

  std::string folder_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<store::Reader> reader_;
  store::Rows rows_;
  ledger::Index next_ = 0;
};

const DriftRow& drift(const Report& report, std::string_view feature) {
  return *std::ranges::find(report.drift, feature, &DriftRow::feature);
}

TEST_F(WatchTest, SaysNothingWhereNothingHasChanged) {
  fill([](store::EventRow&, int, int) {});
  const auto found = report();
  EXPECT_THAT(ids(found), IsEmpty());
  for (const char* feature :
       {"score.toxicity", "prompt_length", "script", "action", "tier", "surface", "score.cbrn"})
    EXPECT_EQ(drift(found, feature).psi.drift, Drift::kStable) << feature;
  EXPECT_EQ(drift(found, "action").psi.n_current, 7U * 400U);
  EXPECT_EQ(drift(found, "action").psi.n_reference, 28U * 400U);
  EXPECT_THAT(drift(found, "action").bins, testing::ElementsAre("allow", "block"));
}

TEST_F(WatchTest, SeesWhatHasDriftedAndNothingElse) {
  fill([](store::EventRow& row, int day, int n) {
    if (day >= 7) return;
    row.scores.set(Category::kToxicity, n % 2 == 0 ? .8 : .02);
    row.script = n % 3 == 0 ? "cyrillic" : "latin";
    row.bytes = static_cast<std::uint64_t>(5'000 + n);
  });
  EXPECT_THAT(ids(report()), testing::UnorderedElementsAre("drift/score.toxicity/2026-01-29T00:00:00Z",
                                                           "drift/script/2026-01-29T00:00:00Z",
                                                           "drift/prompt_length/2026-01-29T00:00:00Z"));
}

TEST_F(WatchTest, AlarmsWhereARateHasRisenAndSaysSinceWhen) {
  fill([](store::EventRow& row, int day, int n) {
    if (day < 2) row.action = n % 6 == 0 ? Action::kBlock : Action::kAllow;
  });
  const auto found = report();
  EXPECT_THAT(ids(found), Contains("rate_rise/block_rate.general/2026-01-29T00:00:00Z"));
  EXPECT_THAT(ids(found), testing::Not(Contains(testing::HasSubstr("rate_fall"))));
  const auto row = *std::ranges::find_if(
      found.rates, [](const RateRow& r) { return r.rate == "block_rate" && r.side == Side::kRise; });
  EXPECT_GE(row.since, kNow - 48h);
  EXPECT_LT(row.since, kNow - 24h) << "within a day";
  EXPECT_EQ(row.reference_events, 28U * 400U);
  EXPECT_GT(row.bound, .05);
}

TEST_F(WatchTest, AlarmsWhereARateHasFallen) {
  fill([](store::EventRow& row, int day, int n) {
    row.action = n % 4 == 0 && day >= 2 ? Action::kBlock : Action::kAllow;
  });
  EXPECT_THAT(ids(report()), Contains("rate_fall/block_rate.general/2026-01-29T00:00:00Z"));
}

TEST_F(WatchTest, HoldsWhatWasSubmittedAgainstThePolicyTheNewestOfEachModel) {
  evidence(R"({"safety":{"harmful_rate":0.5},"fairness":{"subgroup_delta":0.2}})");
  evidence(R"({"safety":{"harmful_rate":0.001}})");
  const auto found = report();
  EXPECT_EQ(found.measures.size(), 2U);
  const auto alerts = alerts_of(found);
  ASSERT_EQ(alerts.size(), 1U);
  EXPECT_EQ(alerts[0].subject, "fairness.subgroup_delta m-2");
  EXPECT_EQ(alerts[0].limit, .05);
}

TEST_F(WatchTest, RemindsOfCrossingsThatNobodyHasDecidedInTime) {
  for (const auto& [id, due] : {std::pair("late", kNow - 1s), {"in time", kNow + 1h}}) {
    store::EvaluationRow row;
    row.index = next_++;
    row.evaluation_id = id;
    row.time = row.as_of = kNow - 25h;
    row.model = "m-2";
    row.threat = "biological";
    row.status = "ruled_in";
    row.crossed = true;
    row.due = due;
    row.decision_maker = "officer";
    rows_.evaluations.push_back(row);
  }
  EXPECT_THAT(ids(report()), testing::ElementsAre("capability_overdue/late"));
}

TEST_F(WatchTest, TooFewSayNothing) {
  const auto found = report();
  EXPECT_THAT(ids(found), IsEmpty());
  for (const auto& row : found.drift) EXPECT_EQ(row.psi.drift, Drift::kInsufficient) << row.feature;
  EXPECT_TRUE(parse_json(plimsoll::to_json(to_object(found))));
}

TEST_F(WatchTest, KnowsWhatIsOnRecord) {
  const Alert alert{.id = "drift/script/2026-01-29T00:00:00Z",
                    .kind = "drift",
                    .subject = "script",
                    .metric = "script",
                    .value = .3,
                    .limit = .2,
                    .text = "t",
                    .time = kNow};
  store::Rows rows;
  must(store::read_entry(0, to_entry(alert), rows));
  rows_.acts = rows.acts;
  next_ = 1;
  (void)report();
  EXPECT_TRUE(must(is_recorded(*reader_, alert)));
  auto other = alert;
  other.id = "drift/script/2026-02-05T00:00:00Z";
  EXPECT_FALSE(must(is_recorded(*reader_, other)));
}

}  // namespace
}  // namespace plimsoll::watch
