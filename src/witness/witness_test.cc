#include "witness/witness.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/files.h"
#include "base/hash.h"

namespace plimsoll::witness {
namespace {

using ledger::Checkpoint;
using ledger::Index;

constexpr const char* kOrigin = "log.example.org/first";

// A log of at most 256 entries.
class SmallLog final : public ledger::TileSource {
 public:
  explicit SmallLog(Index size, std::string_view what = "entry") {
    for (Index i = 0; i < size; ++i)
      leaves_.push_back(ledger::leaf_hash(std::string(what) + std::to_string(i)));
  }
  Result<std::vector<Digest>> tile(unsigned, Index, unsigned width) const override {
    return std::vector<Digest>(leaves_.begin(), leaves_.begin() + width);
  }
  Checkpoint at(Index size) const {
    return {.origin = kOrigin,
            .size = size,
            .root = size == 0 ? ledger::empty_root() : ledger::root_of(std::span(leaves_).first(size))};
  }

 private:
  std::vector<Digest> leaves_;
};

class AWitness : public testing::Test {
 protected:
  AWitness()
      : folder_((std::filesystem::temp_directory_path() / ("witness_test." + std::to_string(::getpid())))
                    .string()) {
    std::filesystem::remove_all(folder_);
    start();
  }
  ~AWitness() override { std::filesystem::remove_all(folder_); }

  void start() {
    witness_.reset();
    auto opened =
        Witness::open({.folder = folder_, .name = "witness.example.org", .logs = {log_.verifier()}});
    ASSERT_TRUE(opened) << opened.error().message;
    witness_.emplace(*std::move(opened));
  }
  static std::string signed_by(const ledger::SigningKey& key, const Checkpoint& checkpoint) {
    ledger::Note note{.text = ledger::to_text(checkpoint), .signatures = {}};
    note.signatures.push_back(key.sign(note.text));
    return ledger::to_text(note);
  }
  Answer ask(Index from, const Checkpoint& to, ledger::Proof proof = {}) {
    return witness_->add_checkpoint(
        to_text({.old_size = from, .proof = std::move(proof), .note = signed_by(log_, to)}));
  }
  Answer grow(const SmallLog& log, Index from, Index to) {
    return ask(from, log.at(to), from == 0 ? ledger::Proof() : *ledger::consistency_proof(log, from, to));
  }

  std::string folder_;
  ledger::SigningKey log_ = ledger::SigningKey::generate(kOrigin);
  std::optional<Witness> witness_;
};

TEST_F(AWitness, SignsWhatGoesOnFromWhatItSigned) {
  const SmallLog log(200);
  Index from = 0;
  for (const Index to : {1, 7, 7, 64, 65, 200}) {
    const auto answer = grow(log, from, to);
    ASSERT_EQ(answer.status, 200) << answer.body;
    auto note = *ledger::parse_note(signed_by(log_, log.at(to)) + answer.body);
    const auto verified = ledger::verify_note(note, {&witness_->key(), 1});
    ASSERT_TRUE(verified);
    ASSERT_EQ(verified->size(), 1);
    EXPECT_GT(verified->front().time.value_or(0), 1'700'000'000U);
    from = to;
  }
}

TEST_F(AWitness, KeepsAnEmptyLogsCheckpointToo) {
  const SmallLog log(9);
  EXPECT_EQ(grow(log, 0, 0).status, 200);
  EXPECT_EQ(ask(0, log.at(9)).status, 200);
}

TEST_F(AWitness, RefusesALogThatShrinksOrForks) {
  const SmallLog log(100), fork(120, "other");
  ASSERT_EQ(grow(log, 0, 100).status, 200);
  const auto shrunk = ask(100, log.at(50));
  EXPECT_EQ(shrunk.status, 400) << shrunk.body;
  EXPECT_EQ(ask(50, log.at(50)).status, 409);
  EXPECT_EQ(ask(100, fork.at(100)).status, 422);
  EXPECT_EQ(ask(100, fork.at(120), *ledger::consistency_proof(fork, 100, 120)).status, 422);
  EXPECT_EQ(ask(100, fork.at(120)).status, 422);
}

TEST_F(AWitness, SaysWhichSizeItKnows) {
  const SmallLog log(100);
  ASSERT_EQ(grow(log, 0, 60).status, 200);
  const auto answer = grow(log, 30, 100);
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(answer.content_type, "text/x.tlog.size");
  EXPECT_EQ(answer.body, "60\n");
  EXPECT_EQ(grow(log, 60, 100).status, 200);
}

TEST_F(AWitness, RefusesWhatTheLogDidNotSign) {
  const SmallLog log(10);
  const auto stranger = ledger::SigningKey::generate(kOrigin);
  EXPECT_EQ(
      witness_->add_checkpoint(to_text({.old_size = 0, .proof = {}, .note = signed_by(stranger, log.at(5))}))
          .status,
      403);
  auto altered = signed_by(log_, log.at(5));
  altered.replace(altered.find("\n5\n"), 3, "\n6\n");
  EXPECT_EQ(witness_->add_checkpoint(to_text({.old_size = 0, .proof = {}, .note = altered})).status, 403);
  auto other = log.at(5);
  other.origin = "log.example.org/second";
  EXPECT_EQ(ask(0, other).status, 404);
  for (const char* body :
       {"", "old 0", "old 0\n", "old 01\n\n", "old -1\n\n", "old 0\nx\n\n", "old 0\n\nno note"})
    EXPECT_EQ(witness_->add_checkpoint(body).status, 400) << body;
}

TEST_F(AWitness, RemembersAcrossRestarts) {
  const SmallLog log(100), fork(100, "other");
  ASSERT_EQ(grow(log, 0, 80).status, 200);
  const auto key = witness_->key();
  start();
  EXPECT_EQ(witness_->key(), key);
  EXPECT_EQ(ask(0, fork.at(100)).status, 409);
  EXPECT_EQ(grow(log, 80, 100).status, 200);
  const auto hash = to_hex(sha256(kOrigin));
  const auto latest = witness_->checkpoint(hash);
  EXPECT_EQ(latest.status, 200);
  const auto keys = std::vector{log_.verifier(), key};
  EXPECT_EQ(ledger::verify_note(*ledger::parse_note(latest.body), keys)->size(), 2);
  EXPECT_EQ(witness_->checkpoint(std::string(64, '0')).status, 404);
}

TEST_F(AWitness, DoesNotStartOnAStateThatItDidNotSign) {
  const SmallLog log(10);
  ASSERT_EQ(grow(log, 0, 10).status, 200);
  const auto path = folder_ + "/" + to_hex(sha256(kOrigin));
  ASSERT_TRUE(replace_file(path, signed_by(log_, log.at(3))));
  const auto opened = Witness::open({.folder = folder_, .name = "", .logs = {log_.verifier()}});
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("restore"), std::string::npos) << opened.error().message;
}

TEST_F(AWitness, DoesNotSignWhatItCannotKeep) {
  const SmallLog log(10);
  std::filesystem::remove_all(folder_);
  EXPECT_EQ(grow(log, 0, 10).status, 500);
  std::filesystem::create_directories(folder_);
  EXPECT_EQ(grow(log, 0, 10).status, 200);
}

}  // namespace
}  // namespace plimsoll::witness
