#include "ledger/trust_policy.h"

#include <gtest/gtest.h>

namespace plimsoll::ledger {
namespace {

VerifierKey key(const std::string& name, KeyType type) {
  std::array<std::uint8_t, 32> bytes{};
  bytes[0] = static_cast<std::uint8_t>(name.size());
  bytes[1] = static_cast<std::uint8_t>(name.back());
  return make_verifier_key(name, type, bytes);
}
const VerifierKey kLog = key("example.org/log", KeyType::kEd25519);
const VerifierKey kA = key("a", KeyType::kCosignature);
const VerifierKey kB = key("b", KeyType::kCosignature);
const VerifierKey kC = key("c", KeyType::kCosignature);

std::string log_line() {
  return "log " + to_text(kLog) + " https://example.org/log\n";
}
std::string witnesses() {
  return "witness A " + to_text(kA) + "\nwitness B " + to_text(kB) + " https://b.example\nwitness C " +
         to_text(kC) + "\n";
}
bool quorum(const std::string& text, std::initializer_list<const VerifierKey*> signed_by) {
  const auto policy = parse_trust_policy(text);
  EXPECT_TRUE(policy) << policy.error().message;
  std::vector<Verified> verified;
  for (const auto* signer : signed_by) verified.push_back({signer, std::nullopt});
  return policy && policy->has_quorum(verified);
}

TEST(TrustPolicy, CountsWitnessesByGroups) {
  const auto two = "# who is trusted\n\n" + log_line() + witnesses() + "group two 2 A B C\nquorum two\n";
  EXPECT_FALSE(quorum(two, {&kLog, &kA}));
  EXPECT_TRUE(quorum(two, {&kC, &kA}));
  const auto nested = log_line() + witnesses() + "group bc any B C\ngroup both all A bc\nquorum both\n";
  EXPECT_FALSE(quorum(nested, {&kB, &kC}));
  EXPECT_TRUE(quorum(nested, {&kA, &kC}));
  EXPECT_TRUE(quorum(log_line() + "quorum none\n", {}));
  EXPECT_FALSE(quorum(log_line() + witnesses() + "quorum A\n", {&kB}));
}

TEST(TrustPolicy, ThatIsWrongIsRefusedWithItsLine) {
  const auto refused = [](const std::string& text) { return parse_trust_policy(text).error().message; };
  EXPECT_EQ(refused(log_line() + "wittness A\n"),
            "trust policy: line 2: begins with none of log, witness, group and quorum");
  EXPECT_TRUE(refused("quorum none\n").contains("no log"));
  EXPECT_TRUE(refused(log_line()).contains("no quorum"));
  for (const std::string& lines : std::initializer_list<std::string>{
           "quorum A\n", "quorum none\nquorum none\n", "group g 1 A\n", "group g 4 A B C\n", "group g 0 A\n",
           "group g 1x A\n", "group g all A A\n", "group A all B\n", "witness A " + to_text(kB) + "\n",
           "witness none " + to_text(kA) + "\n", "witness D " + to_text(kLog) + "\n",
           "log " + to_text(kA) + "\n", "log nothing\n", "group g any\n", "quorum\n"})
    EXPECT_FALSE(parse_trust_policy(
        log_line() + (lines.contains("quorum") || lines == "group g 1 A\n" ? "" : witnesses()) + lines +
        (lines.contains("quorum") ? "" : "quorum none\n")))
        << lines;
}

}  // namespace
}  // namespace plimsoll::ledger
