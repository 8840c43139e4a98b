// What is published, what a log that was tampered with does at its next start, and what its reader shows.
#include "publication.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/log.h"
#include "fake_files.h"
#include "ledger/log_reader.h"

namespace plimsoll::ledger {
namespace {

namespace fs = std::filesystem;

class PublishedLog : public testing::Test {
 protected:
  PublishedLog() {
    set_log_level(LogLevel::kError);
    std::string name = testing::TempDir() + "plimsoll-published-XXXXXX";
    root_ = ::mkdtemp(name.data());
    options_.directory = root_ + "/log";
    options_.origin = "example.org/log";
    options_.segment_bytes = kMinSegmentBytes;
    options_.checkpoint_interval = std::chrono::milliseconds(1);
  }
  ~PublishedLog() override {
    ledger_.reset();
    fs::remove_all(root_);
    set_log_level(LogLevel::kInfo);
  }

  void open() {
    ledger_.reset();
    auto ledger = Ledger::open(options_);
    ASSERT_TRUE(ledger) << ledger.error().message;
    ledger_ = *std::move(ledger);
  }
  std::string refusal() {
    ledger_.reset();
    auto ledger = Ledger::open(options_);
    return ledger ? "not refused" : ledger.error().message;
  }
  void append(int count) {
    for (int i = 0; i < count; ++i, ++next_)
      ASSERT_TRUE(ledger_->append("entry " + std::to_string(next_) + std::string(1 + next_ % 40, '.')));
  }
  void close() { ledger_.reset(); }
  bool covered(Index size) {
    for (int i = 0; i < 5'000 && ledger_->reader().checkpoint().size < size; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return ledger_->reader().checkpoint().size == size;
  }
  std::string file(const std::string& name) {
    std::ifstream stream(options_.directory + "/" + name, std::ios::binary);
    std::stringstream bytes;
    bytes << stream.rdbuf();
    return bytes.str();
  }
  void put_file(const std::string& name, const std::string& bytes) {
    std::ofstream(options_.directory + "/" + name, std::ios::binary | std::ios::trunc) << bytes;
  }

  std::string root_;
  Options options_;
  std::unique_ptr<Ledger> ledger_;
  Index next_ = 0;
};

TEST_F(PublishedLog, CoversEveryEntryWithASignedCheckpointThatLeadsToIt) {
  open();
  append(3000);
  ASSERT_TRUE(covered(3000));
  const auto& reader = ledger_->reader();
  auto line = reader.verifier_keys();
  ASSERT_TRUE(line.ends_with('\n'));
  line.pop_back();
  const VerifierKey keys[] = {parse_verifier_key(line).value()};
  const auto note = parse_note(reader.signed_checkpoint()).value();
  EXPECT_EQ(verify_note(note, keys).value().size(), 1U);
  const auto checkpoint = parse_checkpoint(note.text).value();
  EXPECT_EQ(checkpoint.origin, "example.org/log");
  for (const Index i : {0, 1, 255, 256, 2559, 2560, 2999}) {
    const auto entry = reader.entry(i);
    ASSERT_TRUE(entry) << entry.error().message;
    EXPECT_TRUE(entry->bytes.starts_with("entry " + std::to_string(i) + "."));
    const auto proof = parse_proof_file(reader.proof_file(i).value()).value();
    EXPECT_TRUE(verify_inclusion(leaf_hash(entry->bytes), i, checkpoint.size, proof.proof, checkpoint.root));
  }
  EXPECT_EQ(reader.entry(3000).error().code, Code::kNotFound);
  EXPECT_EQ(reader.proof_file(3000).error().code, Code::kNotFound);
  EXPECT_EQ(reader.bundle(2990)->size(), 10U);
  EXPECT_EQ(file("checkpoint"), reader.signed_checkpoint());
  EXPECT_EQ(file("vkey"), reader.verifier_keys());
}

TEST_F(PublishedLog, ShowsTilesAndBundlesUnderTheirNames) {
  open();
  append(600);
  ASSERT_TRUE(covered(600));
  const auto& reader = ledger_->reader();
  const auto bytes = [&](std::string_view path) { return reader.read(path).value().bytes; };
  EXPECT_EQ(bytes("/checkpoint"), reader.signed_checkpoint());
  EXPECT_FALSE(reader.read("checkpoint")->immutable);
  EXPECT_EQ(bytes("/tile/0/000").size(), kTileBytes);
  EXPECT_TRUE(bytes("/tile/0/000") == file("tile/0/000"));
  EXPECT_TRUE(reader.read("tile/0/000")->immutable);
  EXPECT_EQ(bytes("tile/0/002.p/88").size(), 88U * 32);
  EXPECT_TRUE(bytes("tile/0/002.p/8") == bytes("tile/0/002.p/88").substr(0, 8UL * 32));
  EXPECT_TRUE(bytes("tile/0/000.p/8") == bytes("tile/0/000").substr(0, 8UL * 32));
  EXPECT_EQ(bytes("tile/1/000.p/2").size(), 64U);
  const auto bundle = bytes("tile/entries/001");
  const auto entries = parse_bundle(bundle, 256);
  ASSERT_TRUE(entries);
  EXPECT_TRUE(entries->front().starts_with("entry 256."));
  EXPECT_TRUE(parse_bundle(bytes("tile/entries/002.p/88"), 88));
  for (const auto* path :
       {"", "/", "tile/0/003", "tile/0/002", "tile/0/002.p/89", "tile/1/000", "tile/2/000.p/1", "tile/63/000",
        "tile/entries/003.p/1", "keys/keys.json", "tile/0/../../keys/keys.json"})
    EXPECT_EQ(reader.read(path).error().code, Code::kNotFound) << path;
}

TEST_F(PublishedLog, KeepsItsNameKeyAndPromisesAcrossStarts) {
  open();
  append(700);
  ASSERT_TRUE(covered(700));
  const auto old = ledger_->reader().checkpoint();
  const auto keys = ledger_->reader().verifier_keys();
  options_.origin.clear();
  open();
  EXPECT_EQ(ledger_->reader().verifier_keys(), keys);
  EXPECT_EQ(ledger_->reader().checkpoint(), old);
  append(900);
  ASSERT_TRUE(covered(1600));
  const auto now = ledger_->reader().checkpoint();
  const auto proof = ledger_->reader().consistency(old.size, now.size);
  ASSERT_TRUE(proof);
  EXPECT_TRUE(verify_consistency(old.size, old.root, now.size, now.root, *proof));
  close();
  auto alone = LogReader::open(options_.directory);
  ASSERT_TRUE(alone) << alone.error().message;
  EXPECT_EQ((*alone)->checkpoint(), now);
  EXPECT_EQ((*alone)->entry(699)->bytes.substr(0, 9), "entry 699");
  options_.origin = "example.org/other";
  EXPECT_TRUE(refusal().contains("cannot change its name")) << refusal();
}

TEST_F(PublishedLog, FindsEntriesWithoutTheirNotedPositionsAndWithWrongOnes) {
  open();
  append(2000);
  ASSERT_TRUE(covered(2000));
  const auto first = [&](Index i) { return ledger_->reader().entry(i).value().bytes.substr(0, 10); };
  put_file("positions", std::string(16 * 8, '\7'));
  EXPECT_EQ(first(1999), "entry 1999");
  fs::remove(options_.directory + "/positions");
  EXPECT_EQ(first(1024), "entry 1024");
}

TEST_F(PublishedLog, MakesLostTilesAgain) {
  open();
  append(1000);
  close();
  const auto tile = file("tile/0/001");
  fs::remove_all(options_.directory + "/tile");
  open();
  EXPECT_TRUE(file("tile/0/001") == tile);
}

TEST_F(PublishedLog, IsNotOpenedWhenAnOlderCopyOfTheEntriesWasPutBack) {
  open();
  append(10);
  close();
  const auto copy = root_ + "/copy";
  fs::copy(options_.directory, copy, fs::copy_options::recursive);
  open();
  append(10);
  close();
  const auto checkpoint = file("checkpoint");
  fs::remove_all(options_.directory);
  fs::copy(copy, options_.directory, fs::copy_options::recursive);
  put_file("checkpoint", checkpoint);
  EXPECT_TRUE(refusal().contains("promises 20 entries and the log has 10")) << refusal();
}

TEST_F(PublishedLog, IsNotOpenedWhenItsEntriesAreOthers) {
  open();
  append(1000);
  close();
  const auto checkpoint = file("checkpoint");
  const auto vkey = file("vkey");
  const auto keys = file("keys/keys.json");
  fs::remove_all(options_.directory);
  open();
  append(4);
  next_ = 5;  // entry 4 is left out
  append(996);
  close();
  const auto tile = file("tile/0/000");
  put_file("checkpoint", checkpoint);
  put_file("keys/keys.json", keys);
  EXPECT_TRUE(refusal().contains("has another root than the first 1000 entries")) << refusal();
  EXPECT_EQ(file("checkpoint"), checkpoint);
  EXPECT_TRUE(file("tile/0/000") == tile);
}

TEST_F(PublishedLog, IsNotOpenedWithACheckpointThatItsKeysDidNotSign) {
  open();
  append(10);
  close();
  const auto right = file("checkpoint");
  auto wrong = right;
  wrong[wrong.find("\n10\n") + 2] = '1';
  put_file("checkpoint", wrong);
  EXPECT_TRUE(refusal().contains("is wrong")) << refusal();
  const auto note = parse_note(right).value();
  put_file("checkpoint", to_text(Note{note.text, {SigningKey::generate("example.org/log").sign(note.text)}}));
  EXPECT_TRUE(refusal().contains("not signed by a key of this log")) << refusal();
  put_file("checkpoint", right);
  open();
}

TEST_F(PublishedLog, RotatesItsKeyWhileItRuns) {
  open();
  append(10);
  ASSERT_TRUE(covered(10));
  const auto old = ledger_->reader().verifier_keys();
  const auto files = posix_files();
  EXPECT_EQ(KeyRing::rotate(*files, options_.directory, std::chrono::seconds(1)).error().code,
            Code::kInvalid);
  ASSERT_TRUE(KeyRing::rotate(*files, options_.directory, std::chrono::hours(1)));
  EXPECT_FALSE(KeyRing::rotate(*files, options_.directory, std::chrono::hours(1))) << "twice, not logged yet";
  ASSERT_TRUE(covered(11));
  const auto signatures = [&] {
    return parse_note(ledger_->reader().signed_checkpoint()).value().signatures.size();
  };
  for (int i = 0; i < 5000 && signatures() < 2; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(signatures(), 2U);
  const auto entry = ledger_->reader().entry(10).value().bytes;
  EXPECT_TRUE(entry.contains(R"("type":"key_rotated")")) << entry;
  const auto lines = ledger_->reader().verifier_keys();
  EXPECT_TRUE(lines.ends_with(old));
  EXPECT_TRUE(entry.contains(lines.substr(0, lines.find('\n')))) << "the entry names the new key";
  EXPECT_TRUE(entry.contains(old.substr(0, old.size() - 1))) << "and the one that ends";
  close();
  open();
  EXPECT_EQ(signatures(), 2U);
  EXPECT_EQ(ledger_->size(), 11U) << "logged once";
}

TEST(KeyRing, ForgetsASecretWhoseTimeIsOverAndItsKeyNoLongerSigns) {
  FakeFiles files;
  auto ring = KeyRing::open(files, "log", "example.org/log").value();
  const auto now = std::chrono::system_clock::now();
  ring = KeyRing::rotate(files, "log", std::chrono::minutes(1)).value();
  EXPECT_EQ(ring.sign("text\n", now + std::chrono::hours(1)).size(), 1U)
      << "an old key signs until a new one is logged";
  ring = KeyRing::logged(files, "log", ring.keys()[1].verifier).value();
  EXPECT_EQ(ring.sign("text\n", now).size(), 2U);
  EXPECT_EQ(ring.sign("text\n", now + std::chrono::hours(1)).size(), 1U);
  ring = KeyRing::retire(files, "log", now + std::chrono::hours(1)).value();
  EXPECT_FALSE(ring.keys()[0].secret);
  EXPECT_TRUE(ring.keys()[1].secret);
  EXPECT_EQ(ring.verifiers().size(), 2U) << "its signatures are still verified";
  EXPECT_EQ(KeyRing::load(files, "other").error().code, Code::kNotFound);
}

}  // namespace
}  // namespace plimsoll::ledger
