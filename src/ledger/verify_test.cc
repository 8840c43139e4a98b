// A log is tampered with in every way we know of, by somebody who knows its format and rewrites what he can.
#include "ledger/verify.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/log.h"
#include "ledger/checkpoint.h"
#include "ledger/keys.h"
#include "ledger/log_reader.h"

namespace plimsoll::ledger {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::stringstream bytes;
  bytes << stream.rdbuf();
  return bytes.str();
}

void write(const fs::path& path, const std::string& bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

class VerifiedLog : public testing::Test {
 protected:
  VerifiedLog() {
    set_log_level(LogLevel::kError);
    std::string name = testing::TempDir() + "plimsoll-verify-XXXXXX";
    root_ = ::mkdtemp(name.data());
    log_ = root_ + "/log";
    for (Index i = 0; i < 1000; ++i) entries_.push_back("entry " + std::to_string(i));
    make(log_, entries_);
    policy_ = parse_trust_policy("log " + read(fs::path(log_) / "vkey") + "quorum none\n").value();
  }
  ~VerifiedLog() override {
    fs::remove_all(root_);
    set_log_level(LogLevel::kInfo);
  }

  // Whoever has the log's keys, or makes new ones, writes a log of these entries.
  void make(const std::string& directory, const std::vector<std::string>& entries) const {
    auto ledger = Ledger::open({.directory = directory,
                                .segment_bytes = kMinSegmentBytes,
                                .origin = "example.org/log",
                                .checkpoint_interval = std::chrono::milliseconds(1)});
    ASSERT_TRUE(ledger) << ledger.error().message;
    for (const auto& entry : entries) ASSERT_TRUE((*ledger)->append(entry));
  }

  // The true checkpoint, and with it the tiles if they are kept, over other entries.
  std::string altered(const std::vector<std::string>& entries, bool true_tiles = true) {
    const auto to = root_ + "/altered";
    fs::remove_all(to);
    make(to, entries);
    for (const std::string name : {"checkpoint", "vkey"})
      fs::copy_file(log_ + "/" + name, to + "/" + name, fs::copy_options::overwrite_existing);
    if (true_tiles) {
      fs::remove_all(to + "/tile");
      fs::copy(log_ + "/tile", to + "/tile", fs::copy_options::recursive);
    }
    return to;
  }

  Report verify(const std::string& directory, std::vector<VerifyOptions::Older> older = {}) const {
    const auto source = open_directory(directory);
    EXPECT_TRUE(source) << source.error().message;
    const auto report = verify_log(**source, {policy_, std::move(older)});
    EXPECT_TRUE(report) << report.error().message;
    return *report;
  }

  // What the failed check says; empty if it passed.
  static std::string failed(const Report& report, std::string_view name) {
    for (const auto& check : report.checks)
      if (check.name == name && !check.passed) return check.detail;
    return {};
  }

  std::string root_;
  std::string log_;
  std::vector<std::string> entries_;
  TrustPolicy policy_;
};

TEST_F(VerifiedLog, PassesWhenNothingWasDoneToIt) {
  const auto first = read(log_ + "/checkpoint");
  make(log_, {"one more", "and another"});
  const auto report = verify(log_, {{"first", first}});
  for (const auto& check : report.checks) EXPECT_TRUE(check.passed) << check.name << ": " << check.detail;
  EXPECT_EQ(report.checks.size(), 6U);
}

TEST_F(VerifiedLog, PassesAsACopyForWebServers) {
  const auto copy = root_ + "/copy";
  EXPECT_EQ(export_log(log_, copy), 1000U);
  EXPECT_TRUE(fs::exists(copy + "/tile/entries/003.p/232"));
  EXPECT_TRUE(fs::exists(copy + "/tile/1/000.p/3"));
  const auto report = verify(copy);
  for (const auto& check : report.checks) EXPECT_TRUE(check.passed) << check.name << ": " << check.detail;
  EXPECT_FALSE(export_log(log_, copy)) << "into a directory that is not empty";
  auto bundle = read(copy + "/tile/entries/001");
  bundle[5] ^= 1;
  write(copy + "/tile/entries/001", bundle);
  EXPECT_TRUE(failed(verify(copy), "tiles").starts_with("entry 256 was edited"))
      << failed(verify(copy), "tiles");
  fs::remove(copy + "/tile/entries/002");
  EXPECT_TRUE(failed(verify(copy), "entries").starts_with("entries from 512 on are missing"));
}

TEST_F(VerifiedLog, TellsAnEditedRecord) {
  auto bytes = read(log_ + "/00000000000000000000.seg");
  bytes[bytes.find("entry 417") + 6] = '5';
  write(log_ + "/00000000000000000000.seg", bytes);
  const auto report = verify(log_);
  // Where all were written in one batch, the record looks like one that was never finished.
  const auto said = failed(report, "entries") + failed(report, "size");
  EXPECT_TRUE(said.contains("entry 417 ")) << said;
  EXPECT_FALSE(report.passed());
}

TEST_F(VerifiedLog, TellsAnEditedEntry) {
  entries_[417] = "entry 517";
  auto report = verify(altered(entries_));
  EXPECT_TRUE(failed(report, "tiles").starts_with("entry 417 was edited")) << failed(report, "tiles");
  EXPECT_FALSE(failed(report, "root").empty());
  report = verify(altered(entries_, false));
  EXPECT_TRUE(failed(report, "tiles").empty());
  EXPECT_TRUE(failed(report, "root").contains("entries were altered")) << failed(report, "root");
  entries_[417] = "entry 417";
  entries_[999] = "in the tile that is not full";
  EXPECT_FALSE(failed(verify(altered(entries_)), "root").empty());
}

TEST_F(VerifiedLog, TellsEntriesThatWereReordered) {
  std::swap(entries_[3], entries_[700]);
  auto report = verify(altered(entries_));
  EXPECT_EQ(failed(report, "tiles"), "entries were reordered: 3, 700");
  EXPECT_FALSE(failed(report, "root").empty());
  std::swap(entries_[3], entries_[700]);
  std::swap(entries_[3], entries_[4]);
  EXPECT_EQ(failed(verify(altered(entries_)), "tiles"), "entries were reordered: 3, 4");
}

TEST_F(VerifiedLog, TellsADeletedAndAnInsertedEntry) {
  entries_.erase(entries_.begin() + 300);
  auto report = verify(altered(entries_));
  EXPECT_TRUE(failed(report, "tiles").starts_with("entry 300 was deleted")) << failed(report, "tiles");
  EXPECT_TRUE(failed(report, "size").contains("covers 1000 entries and 999 can be read"));
  entries_.insert(entries_.begin() + 300, "entry 300");
  entries_.insert(entries_.begin() + 20, "from nowhere");
  report = verify(altered(entries_));
  EXPECT_TRUE(failed(report, "tiles").starts_with("an entry was inserted at 20")) << failed(report, "tiles");
}

TEST_F(VerifiedLog, TellsATruncatedLog) {
  entries_.resize(900);
  const auto report = verify(altered(entries_));
  EXPECT_TRUE(failed(report, "size").contains("covers 1000 entries and 900 can be read"));
  EXPECT_FALSE(report.passed());
}

TEST_F(VerifiedLog, TellsACheckpointThatWasAlteredOrReSigned) {
  const auto note = parse_note(read(log_ + "/checkpoint")).value();
  const auto other = SigningKey::generate("example.org/log");
  write(log_ + "/checkpoint", to_text(Note{note.text, {other.sign(note.text)}}));
  EXPECT_TRUE(failed(verify(log_), "signature").contains("re-signed")) << failed(verify(log_), "signature");
  auto changed = note;
  changed.text.replace(changed.text.find("1000"), 4, "1001");
  write(log_ + "/checkpoint", to_text(changed));
  EXPECT_TRUE(failed(verify(log_), "signature").contains("was altered"));
  write(log_ + "/checkpoint", "nothing");
  EXPECT_TRUE(failed(verify(log_), "signature").contains("cannot be read"));
}

// The operator himself, with the true keys: only who kept a checkpoint can tell.
TEST_F(VerifiedLog, TellsAForkAndARollbackByAnOlderCheckpoint) {
  const auto old = read(log_ + "/checkpoint");
  const auto fork = root_ + "/fork";
  fs::create_directories(fork);
  fs::copy(log_ + "/keys", fork + "/keys", fs::copy_options::recursive);
  entries_[5] = "another story";
  entries_.emplace_back("and on");
  make(fork, entries_);
  EXPECT_TRUE(verify(fork).passed()) << "the fork is whole in itself";
  EXPECT_TRUE(failed(verify(fork, {{"old", old}}), "consistency").contains("forked"));

  const auto back = root_ + "/back";
  fs::create_directories(back);
  fs::copy(log_ + "/keys", back + "/keys", fs::copy_options::recursive);
  entries_[5] = "entry 5";
  entries_.resize(600);
  make(back, entries_);
  EXPECT_TRUE(verify(back).passed());
  EXPECT_TRUE(failed(verify(back, {{"old", old}}), "consistency").contains("truncated"));

  const auto other = SigningKey::generate("example.org/log");
  const auto note = parse_note(old).value();
  const auto forged = to_text(Note{note.text, {other.sign(note.text)}});
  EXPECT_TRUE(failed(verify(log_, {{"forged", forged}}), "consistency").contains("not trusted"));
}

TEST_F(VerifiedLog, TellsTilesThatAreMissingOrWrong) {
  auto tile = read(log_ + "/tile/0/001");
  fs::remove(log_ + "/tile/0/001");
  EXPECT_EQ(failed(verify(log_), "tiles"), "tile/0/001 is missing");
  write(log_ + "/tile/0/001", tile.substr(32));
  EXPECT_TRUE(failed(verify(log_), "tiles").contains("8192 bytes"));
}

TEST_F(VerifiedLog, NeedsTheQuorumOfThePolicy) {
  const auto witness = make_verifier_key("w", KeyType::kCosignature, {1, 2, 3});
  policy_ =
      parse_trust_policy("log " + read(log_ + "/vkey") + "witness W " + to_text(witness) + "\nquorum W\n")
          .value();
  EXPECT_EQ(failed(verify(log_), "witnesses"), "the quorum has not signed");
}

}  // namespace
}  // namespace plimsoll::ledger
