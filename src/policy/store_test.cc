#include "policy/store.h"

#include <filesystem>
#include <fstream>
#include <thread>

#include "support_test.h"

namespace plimsoll::policy {
namespace {

namespace fs = std::filesystem;

class StoreTest : public testing::Test {
 protected:
  StoreTest() {
    std::string name = (fs::temp_directory_path() / "policy-store-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
  }
  ~StoreTest() override { fs::remove_all(directory_); }

  std::string path(const std::string& name = "policy.yaml") const { return (directory_ / name).string(); }
  void write(const std::string& text, const std::string& name = "policy.yaml") const {
    fs::create_directories(fs::path(path(name)).parent_path());
    std::ofstream(path(name), std::ios::binary) << text;
  }
  static std::string policy(std::string_view action) {
    return "rules: [{id: r, condition: disguised, action: " + std::string(action) + "}]";
  }

  fs::path directory_;
};

TEST_F(StoreTest, OpensTheShippedPolicyWhereNoPathIsGiven) {
  const auto store = Store::open("");
  ASSERT_TRUE(store);
  EXPECT_EQ((*store)->current()->version(), shipped().version());
  EXPECT_FALSE((*store)->reload_if_changed());
  EXPECT_TRUE((*store)->reload().empty());
}

TEST_F(StoreTest, RefusesToOpenABadPolicyAndSaysEverythingThatIsWrong) {
  write("rules: 3\nx: 1\n");
  const auto store = Store::open(path());
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().size(), 2U);
  EXPECT_EQ(store.error()[0].file, path());
  EXPECT_FALSE(Store::open(path("none.yaml")));
}

TEST_F(StoreTest, PutsAChangedFileInForce) {
  write(policy("block"));
  const auto store = *Store::open(path());
  const auto before = store->current()->version();
  EXPECT_FALSE(store->reload_if_changed()) << "nothing changed";
  write(policy("redact"));
  const auto problems = store->reload_if_changed();
  ASSERT_TRUE(problems);
  EXPECT_TRUE(problems->empty());
  EXPECT_NE(store->current()->version(), before);
  EXPECT_EQ(store->counts().replaced, 1U);
}

TEST_F(StoreTest, KeepsTheLastGoodPolicyWhateverBecomesOfTheFile) {
  write(policy("block"));
  const auto store = *Store::open(path());
  const auto before = store->current();
  write("rules: [");
  EXPECT_EQ(store->reload_if_changed()->size(), 1U);
  EXPECT_EQ(store->current(), before);
  EXPECT_EQ(store->last_problems().size(), 1U);
  EXPECT_FALSE(store->reload_if_changed()) << "the same bad file is not read again";
  fs::remove(path());
  EXPECT_EQ(store->reload_if_changed()->front().message, "no such file");
  EXPECT_EQ(store->current(), before);
  write(policy("redact"));
  EXPECT_TRUE(store->reload_if_changed()->empty());
  EXPECT_TRUE(store->last_problems().empty());
  EXPECT_EQ(store->counts().refused, 2U);
}

TEST_F(StoreTest, ADifferentSpellingOfTheSamePolicyChangesNothing) {
  write(policy("redact"));
  const auto store = *Store::open(path());
  const auto before = store->current();
  write("# reviewed\n" + policy("mask"));
  EXPECT_TRUE(store->reload_if_changed()->empty());
  EXPECT_EQ(store->current(), before);
  EXPECT_EQ(store->counts().unchanged, 1U);
}

// A ConfigMap is mounted as policy.yaml -> ..data/policy.yaml with ..data -> ..<timestamp>, and updated by
// renaming a new link over ..data.
TEST_F(StoreTest, SeesTheLinksOfAConfigMapBeingSwapped) {
  write(policy("block"), "..one/policy.yaml");
  write(policy("escalate"), "..two/policy.yaml");
  fs::create_directory_symlink("..one", directory_ / "..data");
  fs::create_symlink("..data/policy.yaml", path());
  const auto store = *Store::open(path());
  fs::create_directory_symlink("..two", directory_ / "..tmp");
  fs::rename(directory_ / "..tmp", directory_ / "..data");
  EXPECT_TRUE(store->reload_if_changed()->empty());
  EXPECT_EQ(store->counts().replaced, 1U);
}

TEST_F(StoreTest, ReadersGoOnWhileThePolicyIsReplaced) {
  write(policy("block"));
  const auto store = *Store::open(path());
  std::jthread reader([&](const std::stop_token& stop) {
    Snapshot<Policy>::Reader snapshot(store->snapshot());
    while (!stop.stop_requested()) EXPECT_EQ(snapshot.current()->version().size(), 64U);
  });
  for (int i = 0; i < 50; ++i) {
    write(policy(i % 2 == 0 ? "redact" : "block"));
    store->reload();
  }
  EXPECT_EQ(store->counts().replaced, 50U);
}

}  // namespace
}  // namespace plimsoll::policy
