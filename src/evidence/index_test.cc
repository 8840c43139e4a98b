#include "evidence/index.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <future>

#include "evidence/log_entries.h"

namespace plimsoll::evidence {
namespace {

Time at(std::int64_t seconds) {
  return Time{std::chrono::seconds(1'800'000'000 + seconds)};
}

// A log in a directory of its own, and what the service does with it.
class IndexTest : public testing::Test {
 protected:
  IndexTest() {
    directory_ = std::filesystem::temp_directory_path() /
                 ("plimsoll-index-" + std::to_string(::getpid()) + "-" +
                  testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(directory_);
    log_ =
        *ledger::Ledger::open({.directory = directory_.string(), .segment_bytes = ledger::kMinSegmentBytes});
  }
  ~IndexTest() override {
    log_.reset();
    std::filesystem::remove_all(directory_);
  }

  ledger::Index append(const std::string& entry) {
    std::promise<Result<ledger::Index>> done;
    auto index = done.get_future();
    EXPECT_TRUE(log_->append(entry, [&](Result<ledger::Index> i) { done.set_value(std::move(i)); }));
    return *index.get();
  }
  std::string submit(std::string_view type, std::string_view model, std::string_view metadata,
                     std::int64_t second) {
    const auto submission = read_submission(
        R"({"artifactType":")" + std::string(type) + R"(","modelVersion":")" + std::string(model) +
        R"(","contentRef":"r","metadata":)" + std::string(metadata) + "}");
    return add(*to_entry(*submission, {}, "e" + std::to_string(count_++), at(second)));
  }
  std::string add(const std::string& entry) {
    const auto index = append(entry);
    index_.add(index, id_of(entry), *read_entry(entry));
    return id_of(entry);
  }

  std::filesystem::path directory_;
  std::unique_ptr<ledger::Ledger> log_;
  Index index_;
  int count_ = 0;
};

TEST_F(IndexTest, FindsEveryArtifactAgainByItsId) {
  std::vector<std::string> ids;
  for (int i = 0; i < 3'000; ++i) {
    ids.push_back(submit("eval_pack", "m", "{}", i));
    if (i % 7 == 0) append("{\"type\":\"decision\"}");
  }
  LogEntries entries(directory_.string(), 10'000);
  for (int i = 0; i < 3'000; i += 299) {
    const auto found = index_.find_artifact(ids[i]);
    ASSERT_EQ(found.size(), 1);
    EXPECT_EQ(id_of(*entries.read(found[0])), ids[i]);
  }
  EXPECT_TRUE(index_.find_artifact(std::string(64, 'f')).empty());
}

TEST_F(IndexTest, IsTheSameAfterARebuild) {
  submit("a", "m1", R"({"psi":0.1})", 1);
  submit("b", "m2", R"({"psi":0.2,"eu_ai_act_tier":"high"})", 2);
  submit("a", "m1", R"({"pass_at_5":0.9})", 3);
  const auto opened =
      add(to_entry(*read_incident(R"({"severity":"sev1","description":"x"})"), {}, "i", at(4)));
  auto change = *read_incident_change(R"({"status":"INVESTIGATING"})");
  change.incident = opened;
  add(to_entry(change, {}, "c", at(5)));

  Index again;
  ASSERT_TRUE(again.rebuild(directory_.string()));
  for (const Index* index : std::initializer_list<const Index*>{&index_, &again}) {
    EXPECT_EQ(index->artifacts(), 3);
    const auto snapshot = index->snapshot("m1");
    EXPECT_EQ(snapshot.values[Measure::kPsi], 0.1);
    EXPECT_EQ(snapshot.values[Measure::kPassAt5], 0.9);
    EXPECT_FALSE(snapshot.values[Measure::kHarmfulRate]);
    EXPECT_EQ(snapshot.latest, 2);
    EXPECT_EQ(index->snapshot("").model_version, "m1");
    EXPECT_EQ(index->snapshot("m2").values.eu_ai_act_tier, "high");
    EXPECT_FALSE(index->snapshot("m3").latest);
    EXPECT_EQ(index->incident(3)->state, IncidentState::kInvestigating);
  }
}

TEST_F(IndexTest, PagesHoldEveryMatchOnce) {
  for (int i = 0; i < 100; ++i) submit(i % 3 == 0 ? "a" : "b", i % 2 == 0 ? "m" : "n", "{}", i);
  for (const bool newest : {true, false}) {
    Index::Query query{
        .type = "a", .model = "m", .from = {}, .until = {}, .after = {}, .newest_first = newest, .limit = 4};
    std::vector<ledger::Index> all;
    for (;;) {
      const auto page = index_.list(query);
      all.insert(all.end(), page.entries.begin(), page.entries.end());
      if (!page.more) break;
      query.after = page.entries.back();
    }
    ASSERT_EQ(all.size(), 17) << newest;  // 0, 6, 12, … 96
    for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i], newest ? 96 - 6 * i : 6 * i);
  }
  EXPECT_EQ(
      index_.list({.type = {}, .model = {}, .from = at(10), .until = at(20), .after = {}}).entries.size(),
      10);
  EXPECT_TRUE(index_.list({.type = "c", .model = {}, .from = {}, .until = {}, .after = {}}).entries.empty());
}

TEST_F(IndexTest, AnIncidentTakesOneStepAtATimeAndOneClaimAtATime) {
  add(to_entry(*read_incident(R"({"severity":"sev3","description":"x"})"), {}, "i", at(0)));
  EXPECT_FALSE(index_.claim(0, IncidentState::kMitigated));
  EXPECT_TRUE(index_.claim(0, IncidentState::kOpen));
  EXPECT_FALSE(index_.claim(0, IncidentState::kOpen));
  index_.settle(0);
  EXPECT_TRUE(index_.claim(0, IncidentState::kOpen));
  EXPECT_EQ(index_.incident_counts()[0][2], 1);
}

TEST_F(IndexTest, EntriesAreReadFromASegmentThatIsStillGrowing) {
  LogEntries entries(directory_.string(), 0);
  for (int i = 0; i < 40; ++i) {
    const std::string entry = std::to_string(i) + std::string(9'000, 'x');
    append(entry);
    EXPECT_EQ(*entries.read(static_cast<ledger::Index>(i)), entry);
    EXPECT_EQ(entries.read(static_cast<ledger::Index>(i / 2))->substr(0, 1),
              std::to_string(i / 2).substr(0, 1));
  }
  EXPECT_EQ(entries.read(40).error().code, Code::kNotFound);
}

}  // namespace
}  // namespace plimsoll::evidence
