#include "store/rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/event.h"

namespace plimsoll::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Time at(const char* text) {
  return *from_rfc3339(text);
}

Rows read(std::string_view entry, ledger::Index index = 7) {
  Rows rows;
  const auto done = read_entry(index, entry, rows);
  EXPECT_TRUE(done) << done.error().message;
  return rows;
}

TEST(ReadEntry, ADecisionAsTheGatewayRecordsItIsAnEvent) {
  Event event;
  event.decision_id = "d-1";
  event.request_id = "r-1";
  event.time = at("2026-01-02T03:04:05.678Z");
  event.policy_version = "sha256:p";
  event.detector_revision = "det";
  event.caller = {.user = "somebody", .org = "acme", .tier = Tier::kEnterprise, .authenticated = true};
  event.verdict.action = Action::kEscalate;
  event.verdict.asl_level = 3;
  event.verdict.review = true;
  event.verdict.reasons = {"ASL-3 trigger: biological"};
  event.verdict.rules = {{"asl_triggers.biological", Action::kEscalate, false, false},
                         {"secrets", Action::kRedact, true, false}};
  event.scores.set(Category::kCbrn, 0.23456);
  event.findings.resize(2);
  for (Finding& finding : event.findings) finding.entity = "EMAIL_ADDRESS";
  event.micros = 12;
  event.surface = "chat_completions";
  event.model = "m";
  event.instance = "i";
  const auto rows = read(to_log_entry(event, "key"));

  ASSERT_EQ(rows.events.size(), 1U);
  const EventRow& row = rows.events[0];
  EXPECT_EQ(row.index, 7U);
  EXPECT_EQ(row.event_id, "d-1");
  EXPECT_EQ(row.time, event.time);
  EXPECT_EQ(row.occurred, event.time);
  EXPECT_EQ(row.direction, "prompt");
  EXPECT_EQ(row.tier, "enterprise");
  EXPECT_EQ(row.user.size(), 64U);
  EXPECT_EQ(row.action, Action::kEscalate);
  EXPECT_EQ(row.review_due, event.time + std::chrono::hours(24));
  EXPECT_EQ(row.scores[Category::kCbrn], 0.2346);
  EXPECT_THAT(row.rules, ElementsAre("asl_triggers.biological"));
  EXPECT_THAT(row.entities, ElementsAre("EMAIL_ADDRESS"));
  EXPECT_EQ(row.findings, 2U);
  EXPECT_EQ(review_priority(row), 32346);
}

constexpr std::string_view kIngested =
    R"({"action":"block","asl":0,"caller":{"authenticated":false,"lawful_basis":false,"org":"o","tier":null,)"
    R"("user":null},"content":{"complete":true,"kept":"full","parts":[]},"decision_id":"d","direction":"exchange",)"
    R"("event_id":"e","occurred":"2025-12-31T23:59:59Z","review":true,"review_due":"2026-01-05T00:00:00Z",)"
    R"("scores":{"cbrn":0.2,"new_kind":1},"session":"s","surface":"api","tags":["a\nb","","c","c"],)"
    R"("time":"2026-01-01T00:00:01.5Z","type":"decision","v":1})";

TEST(ReadEntry, WhatIngestAddsIsRead) {
  const EventRow row = read(kIngested).events.at(0);
  EXPECT_EQ(row.event_id, "e");
  EXPECT_EQ(row.occurred, at("2025-12-31T23:59:59Z"));
  EXPECT_EQ(row.time, at("2026-01-01T00:00:01.5Z"));
  EXPECT_EQ(row.review_due, at("2026-01-05T00:00:00Z"));
  EXPECT_EQ(row.tier, "untiered");
  EXPECT_EQ(row.session, "s");
  EXPECT_THAT(row.tags, ElementsAre("a b", "c"));
  EXPECT_EQ(row.content, R"({"complete":true,"kept":"full","parts":[]})");
  EXPECT_EQ(row.scores[Category::kCbrn], 0.2);
}

TEST(ReadEntry, WhatAddsUpOverTimeIsKept) {
  const EventRow row =
      read(
          R"({"accumulated":[{"count":3,"id":"slow","noticed":true,"per":"session","score":0.1,"sum":0.3},{"id":"x"},7],)"
          R"("action":"allow","decision_id":"d","direction":"prompt","script":"kana","segments":[{"bytes":12},{"bytes":30}],)"
          R"("surface":"api","time":"2026-01-01T00:00:00Z","type":"decision"})")
          .events.at(0);
  EXPECT_EQ(row.script, "kana");
  EXPECT_EQ(row.bytes, 42U);
  const auto kept = read_accumulated(row.accumulated);
  ASSERT_EQ(kept.size(), 1U) << "elements that make no sense are left out";
  EXPECT_EQ(
      kept[0].fact(),
      (Accumulated{.id = "slow", .per = Per::kSession, .score = .1, .count = 3, .sum = .3, .noticed = true}));
  EXPECT_TRUE(read_accumulated("").empty());
  EXPECT_TRUE(read_accumulated("{").empty());
}

constexpr std::string_view kEvaluation =
    R"({"actor":"","as_of":"2025-12-01T00:00:00Z","crossed":true,"decision_maker":"officer","due":"2026-01-02T00:00:00Z",)"
    R"("evaluation_id":"ev","evaluator":"red team","framework":"rsp","high":0.5,"low":0.3,"method":"m","model_version":"m-2",)"
    R"("n":120,"score":0.375,"status":"cannot_rule_out","threat":"biological","threshold":0.4,"threshold_id":"CBRN-3",)"
    R"("time":"2026-01-01T00:00:00Z","type":"capability_evaluation","v":1,"version":"2.2"})";

TEST(ReadEntry, CapabilityEvaluationsAreRowsAndActs) {
  const auto rows = read(kEvaluation);
  ASSERT_EQ(rows.evaluations.size(), 1U);
  const auto& row = rows.evaluations[0];
  EXPECT_EQ(row.model, "m-2");
  EXPECT_EQ(row.score, .375);
  EXPECT_EQ(row.threshold, .4);
  EXPECT_EQ(row.due, at("2026-01-02T00:00:00Z"));
  EXPECT_TRUE(row.crossed);
  EXPECT_EQ(rows.acts.at(0).subject, "ev");
  std::string wrong(kEvaluation);
  wrong.replace(wrong.find("0.375"), 5, "1.375");
  Rows none;
  EXPECT_FALSE(read_entry(3, wrong, none));
  EXPECT_TRUE(none.acts.empty() && none.evaluations.empty());
}

TEST(ReadEntry, EverythingElseIsAnAct) {
  const auto evidence =
      read(
          R"({"event_id":"x","model_version":"m-2","submitter":{"authenticated":true,"org":"acme","user":null},)"
          R"("time":"2026-01-01T00:00:00Z","type":"evidence","v":1})")
          .acts.at(0);
  EXPECT_EQ(evidence.type, "evidence");
  EXPECT_EQ(evidence.actor, "acme");
  EXPECT_EQ(evidence.subject, "m-2");
  EXPECT_EQ(evidence.time, at("2026-01-01T00:00:00Z"));

  const auto statement = read(R"({"apiVersion":"0.0.2","kind":"dsse","spec":{}})").acts.at(0);
  EXPECT_EQ(statement.type, "dsse");
  EXPECT_FALSE(statement.time);

  EXPECT_EQ(read(R"({"type":"of a later version","time":3,"actor":[1]})").acts.at(0).type,
            "of a later version");
  EXPECT_EQ(read("{}").acts.at(0).type, "unknown");
}

TEST(ReadEntry, ReviewsAreStepsAndActs) {
  const auto rows = read(
      R"({"actor":"ann","category":"cbrn","decision":"block","event_id":"e","new_threshold":0.12,"notes":"n",)"
      R"("old_threshold":0.15,"time":"2026-01-01T00:00:00Z","type":"review_decided","v":1})");
  ASSERT_EQ(rows.reviews.size(), 1U);
  EXPECT_EQ(rows.reviews[0].kind, ReviewStep::Kind::kDecided);
  EXPECT_EQ(rows.reviews[0].decision, "block");
  EXPECT_EQ(rows.reviews[0].new_threshold, 0.12);
  EXPECT_EQ(rows.acts.at(0).subject, "e");
  EXPECT_EQ(rows.acts.at(0).actor, "ann");

  const auto note = read(R"({"actor":"ann","event_id":"e","note":"n","time":"2026-01-01T00:00:00Z",)"
                         R"("type":"review_note"})");
  EXPECT_TRUE(note.reviews.empty());
  EXPECT_EQ(note.acts.size(), 1U);
}

TEST(ReadEntry, WhatIsDamagedIsNamedByItsIndexAndNotQuoted) {
  const auto replaced = [](std::string_view from, std::string_view to) {
    std::string entry(kIngested);
    entry.replace(entry.find(from), from.size(), to);
    return entry;
  };
  for (const auto& [entry, expected] : std::vector<std::pair<std::string, const char*>>{
           {"", "entry 7: "},
           {"\x01\x02 secret", "entry 7: "},
           {"[1]", "no JSON object"},
           {std::string(65, '[') + std::string(65, ']'), "entry 7: "},
           {R"({"type":"decision"})", "decision_id: is missing"},
           {R"({"a":1,"a":2})", "entry 7: "},
           {replaced(R"("action":"block")", R"("action":"secret")"), "action: is none that is known"},
           {replaced(R"("action":"block",)", ""), "action: is missing"},
           {replaced(R"("asl":0)", R"("asl":-1)"), "asl: is not a number it can be"},
           {replaced(R"("asl":0)", R"("asl":3.5)"), "asl: is not a number it can be"},
           {replaced(R"("cbrn":0.2)", R"("cbrn":1.01)"), "scores: a score is not between 0 and 1"},
           {replaced(R"("cbrn":0.2)", R"("cbrn":"secret")"), "scores: a score is not between 0 and 1"},
           {replaced(R"("org":"o")", R"("org":[])"), "caller: org: is not a text"},
           {replaced(R"("2025-12-31T23:59:59Z")", R"("2025-02-30T00:00:00Z")"), "occurred: is not a time"},
           {replaced(R"("2025-12-31T23:59:59Z")", R"("9999-12-31T23:59:59Z")"), "occurred: is not a time"},
           {replaced(R"("tags":["a\nb")", R"("tags":[5)"), "tags: has an element of another kind"},
           {replaced(R"("tags":["a\nb","","c","c"])", R"("tags":{})"), "tags: is not a list"},
           {R"({"type":"review_decided","event_id":"e","decision":"secret","time":"2026-01-01T00:00:00Z"})",
            "decision: is not allow, block or redact"},
           {R"({"type":"review_assigned","time":"2026-01-01T00:00:00Z"})", "event_id: is missing"}}) {
    Rows rows;
    const auto done = read_entry(7, entry, rows);
    ASSERT_FALSE(done) << entry;
    EXPECT_EQ(done.error().code, Code::kInvalid);
    EXPECT_THAT(done.error().message, HasSubstr(expected)) << entry;
    EXPECT_TRUE(done.error().message.starts_with("entry 7: ")) << done.error().message;
    EXPECT_THAT(done.error().message, testing::Not(HasSubstr("secret")));
    EXPECT_TRUE(rows.events.empty() && rows.acts.empty() && rows.reviews.empty()) << entry;
  }
}

TEST(ReadEntry, NoTextHoldsANulByte) {
  std::string entry(kIngested);
  entry.replace(entry.find(R"("org":"o")"), 9, R"("org":"a\u0000b")");
  EXPECT_EQ(read(entry).events.at(0).org,
            "a\xEF\xBF\xBD"
            "b");
  const auto act = read(R"({"type":"x\u0000"})").acts.at(0);
  EXPECT_EQ(act.type, "x\xEF\xBF\xBD");
  EXPECT_EQ(act.body.find('\0'), std::string::npos);
}

}  // namespace
}  // namespace plimsoll::store
