// What the tests of this module share: policies from text, and facts in one line.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/json.h"
#include "policy/policy.h"
#include "policy/shipped.h"

namespace plimsoll::policy {

inline std::shared_ptr<const Policy> parsed(std::string_view yaml) {
  auto policy = Policy::parse(yaml, "p.yaml");
  if (policy) return *policy;
  for (const Problem& problem : policy.error()) ADD_FAILURE() << to_string(problem);
  return nullptr;
}

inline const Policy& shipped() {
  static const auto policy = parsed(shipped_yaml());
  return *policy;
}

// Everything wrong with a text, one line each, without the file: "3:5: unknown key …".
inline std::vector<std::string> problems_of(std::string_view yaml) {
  const auto policy = Policy::parse(yaml, "p");
  std::vector<std::string> out;
  if (!policy)
    for (const Problem& problem : policy.error()) out.push_back(to_string(problem).substr(2));
  return out;
}

// A world to decide on.
struct World {
  Conversation conversation{
      .direction = Direction::kPrompt,
      .surface = "filter.prompt",
      .model = "m",
      .segments = {{.role = Role::kUser, .kind = SegmentKind::kText, .text = "test", .pointer = "/prompt"}},
      .tools = {}};
  Inspection found;
  Caller caller;
  json::value raw = json::object();
  Scores reported;

  World& output() {
    conversation.direction = Direction::kOutput;
    return *this;
  }
  World& says(std::string_view context) {
    raw = *parse_json(context);
    return *this;
  }
  World& tier(Tier tier) {
    caller.tier = tier;
    return *this;
  }
  World& score(Category category, double value) {
    found.scores.set(category, value);
    return *this;
  }
  World& finds(Category category, std::string_view entity = "X") {
    Finding finding;
    finding.category = category;
    finding.entity = entity;
    found.findings.push_back(finding);
    return *this;
  }
  Verdict decide(const Policy& policy) const {
    const auto context = read_context(raw.get_object());
    EXPECT_TRUE(context) << (context ? "" : context.error().message);
    return policy.decide({conversation, found, caller, *context, reported});
  }
  boost::json::value explain(const Policy& policy) const {
    const auto context = read_context(raw.get_object());
    return policy.explain({conversation, found, caller, *context, reported});
  }
};

}  // namespace plimsoll::policy
