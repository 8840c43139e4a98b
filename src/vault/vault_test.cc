#include "vault/vault.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "base/files.h"
#include "base/hash.h"
#include "record.h"

namespace plimsoll::vault {
namespace {

class AVault : public testing::Test {
 protected:
  AVault()
      : folder_((std::filesystem::temp_directory_path() / ("vault_test." + std::to_string(::getpid())))
                    .string()) {
    std::filesystem::remove_all(folder_);
    options_.folder = folder_;
    options_.master.fill(7);
    options_.gather = std::chrono::milliseconds(1);
  }
  ~AVault() override {
    vault_.reset();
    std::filesystem::remove_all(folder_);
  }
  void start() {
    vault_.reset();
    auto opened = Vault::open(options_);
    ASSERT_TRUE(opened) << opened.error().message;
    vault_ = *std::move(opened);
  }
  Place put(std::string_view subject, std::string_view name, std::string_view text) {
    std::promise<Result<void>> kept;
    auto place = vault_->put(subject, name, text, [&](Result<void> r) { kept.set_value(std::move(r)); });
    EXPECT_TRUE(place) << place.error().message;
    EXPECT_TRUE(kept.get_future().get());
    return *place;
  }
  // Every byte of every file.
  std::string disk() const {
    std::string all;
    for (const auto& entry : std::filesystem::directory_iterator(folder_))
      all += *read_file(entry.path().string(), 1U << 30U);
    return all;
  }

  std::string folder_;
  Options options_;
  std::unique_ptr<Vault> vault_;
};

TEST_F(AVault, GivesBackWhatWasPutAndShowsNothingOnTheDisk) {
  start();
  const auto a = put("jane@example.org", "decision 1", "the prompt of Jane");
  const auto b = put("joe@example.org", "decision 2", std::string(100'000, 'x'));
  EXPECT_EQ(*vault_->get(a, "decision 1"), "the prompt of Jane");
  EXPECT_EQ(vault_->get(b, "decision 2")->size(), 100'000);
  EXPECT_EQ(vault_->get(a, "decision 2").error().code, Code::kInvalid);
  EXPECT_EQ(vault_->get({.file = 9, .offset = 0}, "x").error().code, Code::kNotFound);
  const auto bytes = disk();
  for (const char* secret : {"Jane", "jane@example.org", "xxxxxxxx"})
    EXPECT_FALSE(bytes.contains(secret)) << secret;
}

TEST_F(AVault, RemembersAcrossRestarts) {
  start();
  const auto place = put("jane", "1", "text");
  const auto key = *vault_->commitment_key("jane");
  start();
  EXPECT_EQ(*vault_->get(place, "1"), "text");
  EXPECT_EQ(*vault_->commitment_key("jane"), key);
  EXPECT_NE(*vault_->commitment_key("joe"), key);
  const auto other = put("jane", "2", "more");
  EXPECT_NE(other, place);
  EXPECT_EQ(*vault_->get(place, "1"), "text");
}

TEST_F(AVault, ErasesASubject) {
  start();
  const auto jane = put("jane", "1", "text of jane"), joe = put("joe", "1", "text of joe");
  const auto key = *vault_->commitment_key("jane");
  const auto sealed_before = disk();
  const auto erased = vault_->erase("jane");
  ASSERT_TRUE(erased) << erased.error().message;
  EXPECT_TRUE(erased->known);
  EXPECT_EQ(erased->records, 1);
  EXPECT_EQ(vault_->get(jane, "1").error().code, Code::kNotFound);
  EXPECT_EQ(*vault_->get(joe, "1"), "text of joe");
  EXPECT_NE(*vault_->commitment_key("jane"), key);

  // Neither the sealed text nor the wrapped key is left in any file.
  start();
  const auto file = *read_file(folder_ + "/" + file_name(0), 1U << 20U);
  const auto header = *decode_header(file);
  EXPECT_EQ(file.substr(kRecordHeader, header.sealed), std::string(header.sealed, '\0'));
  EXPECT_FALSE(vault_->erase("nobody")->known);
}

TEST_F(AVault, LeavesNoWrappedKeyBehind) {
  start();
  put("jane", "1", "text");
  vault_.reset();
  std::string wrapped;
  Tag tag{};
  {
    const auto file = *read_file(folder_ + "/" + file_name(0), 1U << 20U);
    tag = decode_header(file)->tag;
    const auto table = *KeyTable::open(folder_ + "/keys.db");
    wrapped = **table->find(tag);
  }
  ASSERT_TRUE(disk().contains(wrapped));
  start();
  ASSERT_TRUE(vault_->erase("jane")->known);
  EXPECT_FALSE(disk().contains(wrapped));
  EXPECT_FALSE(disk().contains(wrapped.substr(12, 16)));
}

TEST_F(AVault, DoesNotOpenWithAnotherMasterKey) {
  start();
  vault_.reset();
  options_.master.fill(8);
  const auto opened = Vault::open(options_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::kInvalid);
}

TEST_F(AVault, BelongsToOneProcess) {
  start();
  EXPECT_EQ(Vault::open(options_).error().code, Code::kUnavailable);
}

TEST_F(AVault, MayBeReadBesideItsOwner) {
  start();
  const auto place = put("jane", "1", "text");
  options_.read_only = true;
  const auto reading = *Vault::open(options_);
  EXPECT_EQ(*reading->get(place, "1"), "text");
  EXPECT_EQ(reading->put("jane", "2", "text").error().code, Code::kUnavailable);
  EXPECT_EQ(reading->erase("jane").error().code, Code::kUnavailable);
}

TEST_F(AVault, ClosesFilesAndPrunesThem) {
  options_.file_bytes = 1'000;
  start();
  std::vector<Place> places;
  for (int i = 0; i < 10; ++i) places.push_back(put("jane", std::to_string(i), std::string(300, 'x')));
  EXPECT_GT(places.back().file, places.front().file);
  EXPECT_EQ(*vault_->prune(std::chrono::hours(1)), 0);
  const auto pruned = *vault_->prune(std::chrono::seconds(0));
  EXPECT_EQ(pruned, places.back().file - places.front().file);
  EXPECT_EQ(vault_->get(places.front(), "0").error().code, Code::kNotFound);
  EXPECT_TRUE(vault_->get(places.back(), "9"));
}

TEST_F(AVault, RefusesWhatItCannotHold) {
  options_.max_queued_bytes = 1'000;
  start();
  EXPECT_EQ(vault_->put("jane", "1", std::string(kMaxText + 1, 'x')).error().code, Code::kTooLarge);
  EXPECT_EQ(vault_->put("jane", "1", std::string(2'000, 'x')).error().code, Code::kUnavailable);
  EXPECT_EQ(vault_->put("", "1", "x").error().code, Code::kInvalid);
  EXPECT_EQ(vault_->put(std::string(2'000, 'j'), "1", "x").error().code, Code::kInvalid);
}

TEST_F(AVault, ServesManyThreadsAndForgetsSubjectsThatAreStored) {
  options_.cached_subjects = 8;
  start();
  std::vector<std::thread> threads;
  std::vector<std::vector<Place>> places(4);
  for (std::size_t t = 0; t < places.size(); ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i)
        places[t].push_back(
            *vault_->put("subject " + std::to_string(i % 50), "n", "text " + std::to_string(i)));
    });
  for (auto& thread : threads) thread.join();
  put("last", "n", "so that all before is on disk");
  for (const auto& own : places)
    for (std::size_t i = 0; i < own.size(); ++i)
      ASSERT_EQ(*vault_->get(own[i], "n"), "text " + std::to_string(i));
}

// Threads that look for the key of a subject which another has just made, and which is no longer remembered.
TEST_F(AVault, MakesOneKeyOfASubjectThatManyAreTheFirstToName) {
  options_.cached_subjects = 1;
  options_.gather = std::chrono::milliseconds(0);
  start();
  std::vector<std::thread> threads;
  std::vector<std::vector<Place>> places(16);
  for (auto& own : places)
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        const auto place = vault_->put("subject " + std::to_string(i), "n", "text " + std::to_string(i));
        if (!place) return;
        own.push_back(*place);
      }
    });
  for (auto& thread : threads) thread.join();
  for (const auto& own : places) ASSERT_EQ(own.size(), 200U);
  put("last", "n", "so that all before is on disk");
  for (const auto& own : places)
    for (std::size_t i = 0; i < own.size(); ++i)
      ASSERT_EQ(*vault_->get(own[i], "n"), "text " + std::to_string(i));
}

TEST_F(AVault, ErasesWhileOthersPut) {
  start();
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    while (!stop) {
      (void)vault_->put("jane", "n", "text");
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
  });
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(vault_->erase("jane"));
  stop = true;
  writer.join();
  const auto place = put("jane", "n", "the last");
  EXPECT_EQ(*vault_->get(place, "n"), "the last");
}

TEST(MasterKey, ComesFromTheEnvironmentACommandOrAFile) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("master_key_test." + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  const MasterKeySource source{.environment = "VAULT_TEST_KEY", .command = {}, .file = folder / "master.key"};
  const auto made = read_master_key(source);
  ASSERT_TRUE(made);
  EXPECT_EQ(*read_master_key(source), *made);
  const auto other = to_base64(std::string(32, 'k'));
  EXPECT_EQ(read_master_key({.environment = "", .command = "echo " + other, .file = ""})->front(), 'k');
  EXPECT_FALSE(read_master_key({.environment = "", .command = "echo short", .file = ""}));
  EXPECT_FALSE(read_master_key({.environment = "", .command = "exit 3", .file = ""}));
  ::setenv("VAULT_TEST_KEY", other.c_str(), 1);
  EXPECT_EQ(read_master_key(source)->back(), 'k');
  ::unsetenv("VAULT_TEST_KEY");
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace plimsoll::vault
