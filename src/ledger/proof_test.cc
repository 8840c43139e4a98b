#include "ledger/proof.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/json.h"
#include "ledger/checkpoint.h"
#include "ledger/note.h"
#include "test_tiles.h"

namespace plimsoll::ledger {
namespace {

TEST(InclusionProof, HoldsForEveryEntryOfEverySizeAndForNoOther) {
  LeafTiles tiles(0);
  for (Index size = 1; size <= 70; ++size) {
    tiles.add(leaf_hash(std::to_string(size)));
    const auto root = tiles.tree.root();
    for (Index i = 0; i < size; ++i) {
      const auto proof = inclusion_proof(tiles, i, size);
      ASSERT_TRUE(proof) << proof.error().message;
      ASSERT_TRUE(verify_inclusion(tiles.leaves[i], i, size, *proof, root)) << i << " of " << size;
      EXPECT_FALSE(verify_inclusion(leaf_hash("other"), i, size, *proof, root));
      EXPECT_FALSE(verify_inclusion(tiles.leaves[i], i + 1, size, *proof, root));
      EXPECT_FALSE(verify_inclusion(tiles.leaves[i], i, size, *proof, leaf_hash("other")));
      auto longer = *proof;
      longer.push_back(root);
      EXPECT_FALSE(verify_inclusion(tiles.leaves[i], i, size, longer, root));
      if (!proof->empty()) {
        longer = *proof;
        longer.pop_back();
        EXPECT_FALSE(verify_inclusion(tiles.leaves[i], i, size, longer, root));
      }
    }
  }
}

TEST(ConsistencyProof, HoldsBetweenAnyTwoSizesAndForNoOtherTree) {
  const Index last = 70;
  const LeafTiles tiles(last);
  for (Index size = 1; size <= last; ++size) {
    const auto root = root_of(std::span(tiles.leaves).first(size));
    for (Index old = 0; old <= size; ++old) {
      const auto old_root = old == 0 ? empty_root() : root_of(std::span(tiles.leaves).first(old));
      const auto proof = consistency_proof(tiles, old, size);
      ASSERT_TRUE(proof) << proof.error().message;
      ASSERT_TRUE(verify_consistency(old, old_root, size, root, *proof)) << old << " to " << size;
      EXPECT_FALSE(verify_consistency(old, leaf_hash("x"), size, root, *proof)) << old << " to " << size;
      if (old != 0) {
        EXPECT_FALSE(verify_consistency(old, old_root, size, leaf_hash("x"), *proof));
      }
      if (old != 0 && old != size) {
        EXPECT_FALSE(verify_consistency(old, old_root, size, root, {}));
        EXPECT_FALSE(verify_consistency(old + 1, old_root, size, root, *proof) && old + 1 != size);
      }
    }
  }
}

TEST(Proofs, GoThroughTilesOfEveryLevel) {
  const Index size = 66'300;
  const LeafTiles tiles(size);
  const auto root = tiles.tree.root();
  EXPECT_EQ(root_at(tiles, size), root);
  for (const Index i : {0, 255, 256, 65'535, 65'536, 66'299}) {
    const auto proof = inclusion_proof(tiles, i, size);
    ASSERT_TRUE(proof);
    EXPECT_TRUE(verify_inclusion(tiles.leaves[i], i, size, *proof, root)) << i;
  }
  for (const Index old : {1, 255, 256, 257, 65'536, 65'792, 66'048}) {
    const auto old_root = root_of(std::span(tiles.leaves).first(old));
    EXPECT_EQ(root_at(tiles, old), old_root);
    const auto proof = consistency_proof(tiles, old, size);
    ASSERT_TRUE(proof);
    EXPECT_TRUE(verify_consistency(old, old_root, size, root, *proof)) << old;
  }
}

TEST(Proofs, OfWhatIsNotThereAreRefused) {
  const LeafTiles tiles(10);
  EXPECT_EQ(inclusion_proof(tiles, 10, 10).error().code, Code::kInvalid);
  EXPECT_EQ(consistency_proof(tiles, 11, 10).error().code, Code::kInvalid);
}

TEST(ProofFile, IsReadAsItWasWritten) {
  const ProofFile file{417, {leaf_hash("a"), leaf_hash("b")}, "origin\n1\nroot\n\n\u2014 name AAAA\n"};
  const auto read = parse_proof_file(to_text(file));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->index, 417U);
  EXPECT_EQ(read->proof, file.proof);
  EXPECT_EQ(read->checkpoint, file.checkpoint);
  for (const std::string_view bad :
       {"", "c2sp.org/tlog-proof@v1\nindex 01\n\nx", "c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\nx",
        "c2sp.org/tlog-proof@v2\nindex 1\n\nx", "c2sp.org/tlog-proof@v1\nindex 1\n"})
    EXPECT_FALSE(parse_proof_file(bad)) << bad;
}

// A log of 1,000 entries that another implementation made. Not part of this repository.
class ForeignLog : public testing::Test {
 protected:
  void SetUp() override {
    if (read("checkpoint").empty()) GTEST_SKIP() << "no examples here";
  }
  static std::string read(const std::string& name) {
    std::ifstream file(std::string(PLIMSOLL_SOURCE_DIR) + "/../shared/schemas/examples/tlog/" + name);
    std::stringstream bytes;
    bytes << file.rdbuf();
    return bytes.str();
  }
  static Checkpoint checkpoint(const std::string& name) {
    auto vkey = read("vkey.txt");
    while (vkey.ends_with('\n')) vkey.pop_back();
    const VerifierKey keys[] = {parse_verifier_key(vkey).value()};
    const auto note = parse_note(read(name)).value();
    EXPECT_EQ(verify_note(note, keys).value().size(), 1U);
    return parse_checkpoint(note.text).value();
  }
  static Digest digest(std::string_view base64) {
    Digest found{};
    const auto bytes = from_base64(base64).value();
    std::copy(bytes.begin(), bytes.end(), found.begin());
    return found;
  }
};

TEST_F(ForeignLog, IsVerified) {
  const auto now = checkpoint("checkpoint");
  const auto old = checkpoint("checkpoint.old");
  const auto proofs = parse_json(read("proofs.json")).value();
  const auto hashes = [&](std::string_view name) {
    Proof proof;
    for (const auto& hash : *find_array(proofs, name)) proof.push_back(digest(hash.as_string()));
    return proof;
  };
  const auto leaf = digest(find_string(proofs, "leaf_hash")->c_str());
  EXPECT_TRUE(verify_inclusion(leaf, 417, now.size, hashes("inclusion_proof"), now.root));
  EXPECT_TRUE(verify_consistency(old.size, old.root, now.size, now.root, hashes("consistency_proof")));

  const auto file = parse_proof_file(read("example.tlog-proof"));
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->checkpoint, read("checkpoint"));
  EXPECT_TRUE(verify_inclusion(leaf, file->index, now.size, file->proof, now.root));
  EXPECT_EQ(to_text(*file), read("example.tlog-proof"));
}

}  // namespace
}  // namespace plimsoll::ledger
