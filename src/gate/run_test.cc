#include "gate/run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/json.h"

namespace plimsoll::gate {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class GateTest : public testing::Test {
 protected:
  GateTest() {
    std::string name = (fs::temp_directory_path() / "gate-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
    args_.sources.artifacts = directory_.string();
  }
  ~GateTest() override { fs::remove_all(directory_); }

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(directory_ / name, std::ios::binary) << text;
    return (directory_ / name).string();
  }
  void write_good() const {
    write("eval_quality.json", R"({"pass_at_5":0.84})");
    write("eval_fairness.json", R"({"subgroup_delta":0.03})");
    write("eval_safety.json", R"({"harmful_rate":0.002})");
    write("eval_drift.json", R"({"psi":0.08})");
  }
  int run() {
    out_.str("");
    err_.str("");
    return gate::run(args_, out_, err_);
  }

  fs::path directory_;
  GateArgs args_;
  std::ostringstream out_, err_;
};

TEST_F(GateTest, PassesTheDocumentsExample) {
  write_good();
  EXPECT_EQ(run(), 0);
  EXPECT_THAT(out_.str(), HasSubstr("✅ Governance Gate PASSED"));
  EXPECT_EQ(err_.str(), "");
}

TEST_F(GateTest, FailsWhereTheCardLacksWhatThePolicyRequires) {
  write_good();
  args_.policy =
      write("policy.yaml",
            "thresholds: {quality: {pass_at_5: {target_min: 0.82}}}\ncard_required: [owners, limitations]\n");
  EXPECT_EQ(run(), 1) << err_.str();
  EXPECT_THAT(out_.str(),
              HasSubstr("- card.owners missing (required)\n- card.limitations missing (required)"));
  const auto card = [](const std::string& fields) {
    return R"({"artifactType":"model_card","modelVersion":"m","contentRef":"r","metadata":{)" + fields + "}}";
  };
  const auto path = write("model_card.json", card(R"("owners":["A team"])"));
  EXPECT_EQ(run(), 1) << err_.str();
  EXPECT_THAT(out_.str(), Not(HasSubstr("card.owners")));
  args_.cards = {path, write("more.json", card(R"("limitations":["Short texts"])"))};
  EXPECT_EQ(run(), 0) << out_.str() << err_.str();
  args_.policy = write("policy.yaml",
                       "thresholds: {quality: {pass_at_5: {target_min: 0.82}}}\ncard_required: [owner]\n");
  EXPECT_EQ(run(), 2);
  EXPECT_THAT(err_.str(), HasSubstr("no card has a field 'owner'; there are "));
}

TEST_F(GateTest, FailsTheDocumentsExample) {
  write_good();
  write("eval_fairness.json", R"({"subgroup_delta":0.08})");
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(
      out_.str(),
      "❌ Governance Gate FAILED\n- fairness.subgroup_delta 0.08 > max 0.05\nFix required before merge\n");
}

TEST_F(GateTest, AMissingFileIsAViolationAndAMissingDirectoryBadInput) {
  write_good();
  fs::remove(directory_ / "eval_drift.json");
  EXPECT_EQ(run(), 1);
  EXPECT_THAT(out_.str(), HasSubstr("- drift.psi missing (required)"));
  args_.sources.artifacts = (directory_ / "none").string();
  EXPECT_EQ(run(), 2);
  EXPECT_THAT(err_.str(), HasSubstr("none: does not exist; expected a directory with eval_quality.json"));
}

TEST_F(GateTest, AnEmptyDirectoryIsBadInput) {
  EXPECT_EQ(run(), 2);
  EXPECT_THAT(err_.str(), HasSubstr("no evaluation results; expected eval_quality.json"));
}

TEST_F(GateTest, OneFileMayHoldAllCategories) {
  args_.sources.artifacts = write(
      "all.json",
      R"({"quality":{"pass_at_5":0.84},"fairness":{"subgroup_delta":0.03},"safety":{"harmful_rate":0.002},
                "drift":{"psi":0.08},"privacy":{"reid_risk":0.5}})");
  EXPECT_EQ(run(), 1);
  EXPECT_THAT(out_.str(), HasSubstr("- privacy.reid_risk 0.5 > max 0.001"));
}

TEST_F(GateTest, AFilePerCategoryTakesPrecedence) {
  write_good();
  args_.sources.files["drift"] = write("later.json", R"({"drift":{"psi":0.5}})");
  EXPECT_EQ(run(), 1);
  EXPECT_THAT(out_.str(), HasSubstr("- drift.psi 0.5 > max 0.2"));
  args_.sources.artifacts.clear();
  EXPECT_EQ(run(), 1);
  EXPECT_THAT(out_.str(), HasSubstr("- quality.pass_at_5 missing (required)"));
}

TEST_F(GateTest, BadInputNamesTheFileAndWhatWasExpected) {
  write_good();
  const auto error = [&](const std::string& text) {
    write("eval_drift.json", text);
    EXPECT_EQ(run(), 2) << text;
    EXPECT_EQ(out_.str(), "");
    return err_.str();
  };
  EXPECT_THAT(error("{\"psi\":0.08"), HasSubstr("eval_drift.json: "));
  EXPECT_THAT(error("{\"psi\":NaN}"), HasSubstr("eval_drift.json: "));
  EXPECT_THAT(error("{\"psi\":0.1,\"psi\":0.1}"), HasSubstr("duplicate key"));
  EXPECT_THAT(error("{\"psi\":\"0.08\"}"), HasSubstr("drift.psi: must be a finite number; found text"));
  EXPECT_THAT(error("[0.08]"), HasSubstr("eval_drift.json: expected an object of metrics"));
  EXPECT_THAT(error("{\"quality\":{\"pass_at_5\":1}}"),
              HasSubstr("'quality' must be a number; expected the drift"));
  EXPECT_THAT(error(std::string(2U << 20U, ' ')), HasSubstr("eval_drift.json: larger than 1 MiB"));
}

TEST_F(GateTest, ABadPolicyOrFormatIsBadConfiguration) {
  write_good();
  args_.policy = write("policy.yaml", "thresholds: 1\n");
  EXPECT_EQ(run(), 2);
  EXPECT_THAT(err_.str(), HasSubstr("policy.yaml:1:13: 'thresholds' must be a mapping"));
  args_.policy.clear();
  args_.format = "xml";
  EXPECT_EQ(run(), 2);
  EXPECT_THAT(err_.str(), HasSubstr("unknown format 'xml'"));
}

TEST_F(GateTest, SpeaksJsonToMachines) {
  write_good();
  args_.format = "json";
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(parse_json(out_.str())->at("status"), "pass");
}

}  // namespace
}  // namespace plimsoll::gate
