#include "frameworks.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "texts.h"

namespace plimsoll::control {
namespace {

TEST(Frameworks, NameOnlyKindsOfEvidenceThatAreExplained) {
  EXPECT_TRUE(parse_json(frameworks_text())) << "frameworks.json";
  for (const auto* name : {"iso42001", "nist-ai-rmf", "eu-ai-act", "soc2", "hipaa"}) {
    const auto* one = framework(name);
    ASSERT_NE(one, nullptr) << name;
    EXPECT_FALSE(one->title.empty());
    EXPECT_GE(one->controls.size(), 4U);
    for (const auto& control : one->controls) {
      EXPECT_FALSE(control.id.empty() || control.clause.empty() || control.name.empty()) << control.id;
      for (const auto& kind : control.evidence)
        EXPECT_TRUE(evidence_kinds().contains(kind)) << control.id << kind;
    }
  }
  EXPECT_EQ(framework("iso42001")->controls.front().id, "iso_9.2.1");
  EXPECT_EQ(framework("iso42001")->controls.size(), 5U + 38U) << "the clauses, and Annex A";
  EXPECT_EQ(framework("nist-ai-rmf")->controls.size(), 72U);
}

TEST(Frameworks, SayHowFarTheEvidenceGoes) {
  const Control control{.id = "x", .clause = "x", .name = "x", .evidence = {"decisions", "reviews"}};
  EXPECT_EQ(status_of(control, {}), "organisational only");
  EXPECT_EQ(status_of(control, {{"decisions", {.count = 3, .last = {}, .samples = {}}}}), "partly");
  EXPECT_EQ(status_of(control, {{"decisions", {.count = 3, .last = {}, .samples = {}}},
                                {"reviews", {.count = 1, .last = {}, .samples = {}}}}),
            "supported by live evidence");
  EXPECT_EQ(status_of({.id = "y", .clause = "y", .name = "y", .evidence = {}}, {}), "organisational only");
}

}  // namespace
}  // namespace plimsoll::control
