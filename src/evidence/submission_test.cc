#include "evidence/submission.h"

#include <gtest/gtest.h>

#include "base/hash.h"

namespace plimsoll::evidence {
namespace {

constexpr std::string_view kWhole =
    R"({"artifactType":"ci_evidence","modelVersion":"m-1","metadata":{"quality":{"pass_at_5":0.84}},"contentRef":"s3://b/k"})";

std::string refusal(std::string_view body) {
  const auto read = read_submission(body);
  return read ? "accepted" : read.error().field + "|" + read.error().message;
}

TEST(Submission, IsHashedAsPythonWritesIt) {
  const auto read = read_submission(kWhole);
  ASSERT_TRUE(read);
  EXPECT_EQ(
      read->text,
      R"({"artifactType": "ci_evidence", "contentRef": "s3://b/k", "metadata": {"quality": {"pass_at_5": 0.84}}, )"
      R"("modelVersion": "m-1"})");
  EXPECT_EQ(read->hash(), "sha256:" + to_hex(sha256(read->text)));
  EXPECT_EQ(read->measured[Measure::kPassAt5], 0.84);
}

TEST(Submission, IsReadInBothSpellings) {
  const auto read = read_submission(R"({"artifact_type":"dpia","model_version":"m","content_ref":"r"})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->artifact_type, "dpia");
  EXPECT_EQ(read->text, R"({"artifact_type": "dpia", "content_ref": "r", "model_version": "m"})");
}

TEST(Submission, NamesTheFieldThatIsWrong) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {R"({"artifactType":"a","modelVersion":"m"})", "contentRef|contentRef: is missing"},
      {R"({"artifactType":1,"modelVersion":"m","contentRef":"r"})",
       "artifactType|artifactType: expected a string"},
      {R"({"artifactType":"a/b","modelVersion":"m","contentRef":"r"})",
       "artifactType|artifactType: expected letters, digits, '_', '-' and '.', such as ci_evidence"},
      {R"({"artifactType":"a","artifact_type":"a","modelVersion":"m","contentRef":"r"})",
       "artifactType|artifactType: is given twice, in both spellings"},
      {R"({"artifactType":"a","modelVersion":"m","contentRef":"r","metadata":[]})",
       "metadata|metadata: expected an object"},
      {R"({"artifactType":"a","modelVersion":"m","contentRef":"r","metadata":{"psi":"low"}})",
       "metadata.psi|metadata.psi: expected a number that is not negative"},
      {R"({"artifactType":"a","modelVersion":"m","contentRef":"r","metadata":{"safety":{"harmful_rate":2}}})",
       "metadata.safety.harmful_rate|metadata.safety.harmful_rate: expected a number from 0 to 1"},
      {R"({"artifactType":"a","modelVersion":"m","contentRef":"r","metadata":{"psi":0.1,"metrics":{"drift.psi":0.2}}})",
       "metadata.metrics.drift.psi|metadata.metrics.drift.psi: is given twice, with different values"},
      {R"({"artifactType":"a","modelVersion":"m","contentRef":"r","extra":1})",
       "extra|extra: is not known here; expected artifactType, modelVersion, contentRef and metadata"},
      {"[]", "|expected a JSON object"},
      {"{\"artifactType\":\"a\xFF\"}", "|invalid JSON at byte 18: syntax error"},
      {R"({"artifactType":"a","modelVersion":"a\u0000","contentRef":"r"})",
       "modelVersion|modelVersion: expected 1 to 200 bytes of text without control characters"},
  };
  for (const auto& [body, expected] : cases) {
    const auto said = refusal(body);
    if (expected.starts_with("|invalid"))
      EXPECT_TRUE(said.starts_with("|invalid JSON")) << said;
    else
      EXPECT_EQ(said, expected) << body;
  }
}

TEST(Submission, TakesAMeasurementFromWhereverItMayStand) {
  for (const std::string_view metadata :
       {R"({"quality":{"pass_at_5":0.5}})", R"({"quality.pass_at_5":0.5})", R"({"pass_at_5":0.5})",
        R"({"metrics":{"pass_at_5":{"value":0.5,"n":164}}})"}) {
    const auto value = parse_json(metadata);
    const auto measured = read_measures(value->get_object());
    ASSERT_TRUE(measured) << metadata;
    EXPECT_EQ((*measured)[Measure::kPassAt5], 0.5) << metadata;
    EXPECT_FALSE((*measured)[Measure::kPsi]) << metadata;
  }
}

TEST(Submission, IsLimitedInSizeAndDepth) {
  std::string deep = R"({"artifactType":"a","modelVersion":"m","contentRef":"r","metadata":{"x":)";
  deep += std::string(40, '[') + std::string(40, ']') + "}}";
  EXPECT_TRUE(refusal(deep).starts_with("|invalid JSON"));
  EXPECT_TRUE(refusal(std::string(70'000, ' ')).starts_with("|the submission is larger than"));
}

}  // namespace
}  // namespace plimsoll::evidence
