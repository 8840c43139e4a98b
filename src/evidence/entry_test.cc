#include "evidence/entry.h"

#include <gtest/gtest.h>

#include "base/hash.h"

namespace plimsoll::evidence {
namespace {

const Time kNow{std::chrono::milliseconds(1'800'000'000'123)};

Submission sample(std::string_view metadata = "{}") {
  return *read_submission(
      std::string(R"({"artifactType":"dpia","modelVersion":"m","contentRef":"r","metadata":)") +
      std::string(metadata) + "}");
}

TEST(Entry, HoldsTheVeryTextThatTheEvidenceHashIsOf) {
  const auto submission = sample(R"({"é":1.0})");
  const auto entry = to_entry(submission, {.authenticated = true, .org = "acme", .user = "ab"}, "id-1", kNow);
  ASSERT_TRUE(entry);
  const auto stored = read_entry(*entry);
  ASSERT_TRUE(stored);
  const auto& artifact = std::get<Artifact>(stored->content);
  EXPECT_EQ("sha256:" + to_hex(sha256(artifact.submitted)), artifact.evidence_hash);
  EXPECT_EQ(stored->submitter.org, "acme");
  EXPECT_EQ(stored->time, kNow);
  EXPECT_EQ(to_canonical_json(*parse_json(*entry)), *entry);
}

TEST(Entry, DiffersForIdenticalSubmissions) {
  const auto a = to_entry(sample(), {}, "id-1", kNow);
  const auto b = to_entry(sample(), {}, "id-2", kNow);
  EXPECT_NE(id_of(*a), id_of(*b));
  EXPECT_TRUE(is_id(id_of(*a)));
}

TEST(Entry, IsRefusedWhereTheLogCouldNotHoldIt) {
  const auto entry = to_entry(sample(R"({"x":")" + std::string(60'000, 'x') + R"("})"), {}, "e", kNow);
  ASSERT_TRUE(entry);  // 60,000 fit
  std::string umlauts;
  for (int i = 0; i < 15'000; ++i) umlauts += "ä";
  const auto large = to_entry(sample(R"({"x":")" + umlauts + R"("})"), {}, "e", kNow);
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().kind, Problem::Kind::kTooLarge);
  EXPECT_EQ(large.error().field, "metadata");
}

TEST(Entry, OfAnIncidentIsReadBack) {
  const auto report = read_incident(R"({"severity":"sev2","description":"x","refs":["a"]})");
  ASSERT_TRUE(report);
  const auto opened = to_entry(*report, {}, "e", kNow);
  auto change = read_incident_change(R"({"status":"INVESTIGATING","note":"on it"})");
  ASSERT_TRUE(change);
  change->incident = id_of(opened);
  const auto stored = read_entry(to_entry(*change, {}, "e2", kNow));
  ASSERT_TRUE(stored);
  EXPECT_EQ(std::get<IncidentChange>(stored->content).incident, id_of(opened));
  EXPECT_EQ(std::get<IncidentReport>(read_entry(opened)->content).severity, 2);
}

TEST(Entry, OfAnIncidentNamesTheFieldThatIsWrong) {
  EXPECT_EQ(read_incident(R"({"severity":"sev5","description":"x"})").error().field, "severity");
  EXPECT_EQ(read_incident(R"({"severity":"sev1"})").error().field, "description");
  EXPECT_EQ(read_incident(R"({"severity":"sev1","description":"x","refs":"a"})").error().field, "refs");
  EXPECT_EQ(read_incident(R"({"severity":"sev1","description":"x","who":"a"})").error().field, "who");
  EXPECT_EQ(read_incident_change(R"({"status":"DONE"})").error().field, "status");
}

TEST(Entry, OfAnotherKindIsNotRead) {
  EXPECT_FALSE(read_entry(R"({"type":"decision","time":"2026-01-01T00:00:00Z"})"));
  EXPECT_FALSE(read_entry(R"({"a":{"type":"evidence"},"time":"2026-01-01T00:00:00Z","type":"decision"})"));
  EXPECT_FALSE(read_entry("no JSON \"type\":\"evidence\""));
}

}  // namespace
}  // namespace plimsoll::evidence
