// Facts written down: for `policy explain --facts` and for test cases.
//
//   prompt: Email me at user@example.com      # or `output`; a list of texts makes several segments
//   context: { lawful_basis: false }
//   findings: [{ category: pii, entity: EMAIL_ADDRESS }]
//   scores: { jailbreak: 0.9 }                # the detectors' own
//   reported: { cbrn: 0.2 }                   # an event's risk_scores
//   accumulated: [{ id: slow-biology, per: user, score: 0.1, count: 12, sum: 1.4, noticed: false }]
//   caller: { tier: general, org: acme, authenticated: true, lawful_basis: false }
//   model: m
//   surface: chat.completions
//   tools: [shell]
#pragma once

#include <boost/json/value.hpp>
#include <deque>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/facts.h"
#include "policy/policy.h"

namespace plimsoll::policy {

// Owns everything that its facts borrow.
class Fixture {
 public:
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;

  // Valid as long as the fixture.
  Facts facts() const { return {conversation_, found_, caller_, context_, reported_, accumulated_}; }

 private:
  friend class FixtureReader;
  Fixture() = default;

  Conversation conversation_;
  Inspection found_;
  Caller caller_;
  boost::json::object raw_;
  Context context_;
  Scores reported_;
  std::vector<Accumulated> accumulated_;
  std::deque<std::string> names_;  // entities and detectors of findings, ids of what is accumulated
};

// kInvalid, with everything that is wrong, for another shape.
Result<std::unique_ptr<const Fixture>> facts_from_json(const boost::json::value& facts);

// The same from a file's text, JSON or YAML.
std::expected<std::unique_ptr<const Fixture>, std::vector<Problem>> facts_from_text(std::string_view text,
                                                                                    std::string file);

}  // namespace plimsoll::policy
