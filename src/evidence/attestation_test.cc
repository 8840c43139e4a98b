#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "base/hash.h"
#include "evidence/bundle.h"
#include "evidence/statement.h"

namespace plimsoll::evidence {
namespace {

const Time kNow{std::chrono::seconds(1'800'000'000)};

PrivateKey key(std::uint8_t fill) {
  std::array<std::uint8_t, 32> seed{};
  seed.fill(fill);
  return PrivateKey(seed);
}

std::vector<std::string> statements(std::string_view metadata, std::string_view reference = "r") {
  const auto submission =
      read_submission(R"({"artifactType":"ci_evidence","modelVersion":"m","contentRef":")" +
                      std::string(reference) + R"(","metadata":)" + std::string(metadata) + "}");
  const auto entry = to_entry(*submission, {}, "e", kNow);
  return statements_of(id_of(*entry), *read_entry(*entry));
}

TEST(Dsse, SignsTheEncodingOfTheSpecification) {
  EXPECT_EQ(pre_authentication_encoding("http://example.com/HelloWorld", "hello world"),
            "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
}

TEST(Dsse, WhatIsSignedVerifiesAndNothingElseDoes) {
  const auto envelope =
      parse_envelope(to_json(json::value(to_object(sign("hello", kInTotoPayload, key(1))))));
  ASSERT_TRUE(envelope);
  const std::vector<PublicKey> keys{key(2).public_key(), key(1).public_key(), key(1).public_key()};
  EXPECT_EQ(verify(*envelope, keys).value(), "hello");
  EXPECT_FALSE(verify(*envelope, keys, 2)) << "the same key counts once";
  EXPECT_FALSE(verify(*envelope, std::vector{key(2).public_key()}));
  auto changed = *envelope;
  changed.payload = "hellp";
  EXPECT_FALSE(verify(changed, keys));
  changed = *envelope;
  changed.payload_type += "x";
  EXPECT_FALSE(verify(changed, keys));
}

TEST(Dsse, NamesWhatIsWrongWithAnEnvelope) {
  EXPECT_FALSE(parse_envelope("{}"));
  EXPECT_FALSE(parse_envelope(R"({"payload":"!","payloadType":"t","signatures":[{"sig":""}]})"));
  EXPECT_FALSE(parse_envelope(R"({"payload":"","payloadType":"t","signatures":[]})"));
  EXPECT_TRUE(
      parse_envelope(R"({"payload":"-_8","payloadType":"t","signatures":[{"sig":"AA=="}],"more":1})"));
}

TEST(PrivateKeyFile, IsMadeOnceAndForItsOwnerOnly) {
  const auto path =
      (std::filesystem::temp_directory_path() / ("plimsoll-key-" + std::to_string(::getpid()))).string();
  std::filesystem::remove(path);
  const auto made = PrivateKey::load_or_create(path);
  const auto again = PrivateKey::load_or_create(path);
  ASSERT_TRUE(made && again);
  EXPECT_EQ(made->sign("x"), again->sign("x"));
  EXPECT_EQ(std::filesystem::status(path).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  std::filesystem::resize_file(path, 30);
  EXPECT_EQ(PrivateKey::load_or_create(path).error().code, Code::kInvalid);
  std::filesystem::remove(path);
}

TEST(Statement, OfAnEvaluationHasTheSubmissionAndItsContentAsSubjects) {
  const std::string digest(64, 'a');
  const auto made = statements(R"({"quality":{"pass_at_5":0.84}})", "sha256:" + digest);
  ASSERT_EQ(made.size(), 1);
  const auto value = *parse_json(made[0]);
  EXPECT_EQ(to_canonical_json(value), made[0]);
  EXPECT_EQ(*find_string(value, "predicateType"),
            "https://plimsoll.example/attestation/model-evaluation/v0.1");
  const auto& subjects = *find_array(value, "subject");
  ASSERT_EQ(subjects.size(), 2);
  EXPECT_EQ(*find_string(*find(subjects[1], "digest"), "sha256"), digest);
  EXPECT_EQ(to_json(*find(*find(value, "predicate"), "measures")), R"({"quality.pass_at_5":0.84})");
}

TEST(Statement, OfAGateRunIsATestResultAndAVerificationResultOnlyWhereItPassed) {
  const auto passed = statements(R"({"status":"pass","violations":[],"rows":[{"name":"drift.psi"}]})");
  ASSERT_EQ(passed.size(), 2);
  EXPECT_NE(passed[0].find(R"("result":"PASSED")"), std::string::npos);
  EXPECT_NE(passed[0].find(R"("passedTests":["drift.psi"])"), std::string::npos);
  EXPECT_NE(passed[1].find(kSimpleVerificationResult), std::string::npos);
  const auto failed =
      statements(R"({"status":"fail","violations":["drift.psi"],"rows":[{"name":"drift.psi"}]})");
  ASSERT_EQ(failed.size(), 1);
  EXPECT_NE(failed[0].find(R"("failedTests":["drift.psi"],"passedTests":[])"), std::string::npos);
  EXPECT_EQ(statements(R"({"status":"pass","violations":["drift.psi"]})").size(), 1)
      << "it lists a violation";
}

// A log of entries in memory, with its own key.
class Tree final : public ledger::TileSource {
 public:
  std::vector<Digest> leaves;
  ledger::SigningKey key = ledger::SigningKey::generate("log.example/evidence");

  Result<std::vector<Digest>> tile(unsigned level, ledger::Index index, unsigned width) const override {
    if (level > 0 || index * 256 + width > leaves.size()) return fail(Code::kNotFound, "no such tile");
    const auto first = leaves.begin() + static_cast<std::ptrdiff_t>(index * 256);
    return std::vector<Digest>(first, first + width);
  }
  ledger::ProofFile prove(ledger::Index index) const {
    const std::string text = to_text(ledger::Checkpoint{
        .origin = "log.example/evidence", .size = leaves.size(), .root = ledger::root_of(leaves)});
    return {.index = index,
            .proof = *ledger::inclusion_proof(*this, index, leaves.size()),
            .checkpoint = to_text(ledger::Note{.text = text, .signatures = {key.sign(text)}})};
  }
};

class BundleTest : public testing::Test {
 protected:
  BundleTest() {
    for (int i = 0; i < 9; ++i) tree.leaves.push_back(ledger::leaf_hash("entry " + std::to_string(i)));
    tree.leaves.push_back(ledger::leaf_hash(entry));
  }
  Tree tree;
  std::string payload = statements("{}").at(0);
  std::string entry = to_log_entry(sign(payload, kInTotoPayload, key(1)), key(1).public_key());
};

TEST_F(BundleTest, HoldsStatementEntryAndProof) {
  const auto bundle = make_bundle(payload, kInTotoPayload, entry, tree.prove(9), tree.key.verifier());
  ASSERT_TRUE(bundle) << bundle.error().message;
  const json::value whole(*bundle);
  const auto envelope = parse_envelope(to_json(*find(whole, "dsseEnvelope")));
  EXPECT_EQ(verify(*envelope, std::vector{key(1).public_key()}).value(), payload);
}

TEST_F(BundleTest, IsRefusedWhereAnythingIsNotWhatTheLogHas) {
  const auto log = tree.key.verifier();
  EXPECT_FALSE(make_bundle(payload + " ", kInTotoPayload, entry, tree.prove(9), log));
  EXPECT_FALSE(make_bundle(payload, kInTotoPayload, entry, tree.prove(8), log));
  auto proof = tree.prove(9);
  proof.proof.at(0)[0] ^= 1U;
  EXPECT_FALSE(make_bundle(payload, kInTotoPayload, entry, proof, log));
  EXPECT_FALSE(make_bundle(payload, kInTotoPayload, entry, tree.prove(9), Tree().key.verifier()));
  EXPECT_FALSE(make_bundle(payload, kInTotoPayload, "{}", tree.prove(9), log));
}

TEST_F(BundleTest, TheLogsEntryIsReadBack) {
  const auto logged = parse_log_entry(entry);
  ASSERT_TRUE(logged);
  EXPECT_EQ(logged->signer, key(1).public_key());
  EXPECT_EQ(logged->payload_digest, sha256(payload));
  EXPECT_EQ(to_canonical_json(*parse_json(entry)), entry);
}

}  // namespace
}  // namespace plimsoll::evidence
