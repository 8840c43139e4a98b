#include <gtest/gtest.h>

#include "fake_files.h"
#include "format.h"
#include "journal.h"
#include "ledger/proof.h"

namespace plimsoll::ledger {
namespace {

// A log of 100 entries in several segments.
class ReaderTest : public testing::Test {
 protected:
  void SetUp() override {
    auto journal = *Journal::open(files_, "log", 2048);
    while (journal.size() < 100) {
      if (journal.add("entry " + std::to_string(journal.size()))) {
        ASSERT_TRUE(journal.commit());
      } else {
        ASSERT_TRUE(journal.rotate());
      }
    }
  }

  // How many entries can be read from `from` on, and the error that ended it, if one did.
  std::pair<std::size_t, std::optional<Error>> read(Index from = 0) {
    auto reader = Reader::open("log", from, files_);
    if (!reader) return {0, reader.error()};
    for (std::size_t count = 0;; ++count) {
      const auto entry = reader->next();
      if (!entry) return {count, entry.error()};
      if (!*entry) return {count, std::nullopt};
      EXPECT_EQ((*entry)->index, from + count);
      EXPECT_EQ((*entry)->bytes, "entry " + std::to_string(from + count));
      EXPECT_EQ((*entry)->leaf_hash, leaf_hash((*entry)->bytes));
    }
  }

  std::vector<std::string> segments() {
    auto names = files_->names();
    std::erase_if(names, [](const auto& name) { return !name.ends_with(".seg"); });
    return names;
  }

  std::shared_ptr<FakeFiles> files_ = std::make_shared<FakeFiles>();
};

TEST_F(ReaderTest, GivesEveryEntryAcrossSegments) {
  EXPECT_GE(segments().size(), 3U);
  EXPECT_EQ(read().first, 100U);
  EXPECT_FALSE(read().second);
}

TEST_F(ReaderTest, BeginsWhereItIsTold) {
  for (Index from = 0; from <= 100; ++from) EXPECT_EQ(read(from).first, 100 - from);
  EXPECT_EQ(read(1000).first, 0U);
}

TEST_F(ReaderTest, NamesTheSegmentThatIsMissing) {
  const auto names = segments();
  ASSERT_TRUE(files_->remove(names[1]));
  const auto [count, error] = read();
  EXPECT_GT(count, 0U);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Code::kInvalid);
  EXPECT_TRUE(error->message.contains(names[0])) << error->message;
  ASSERT_TRUE(files_->remove(names[0]));
  EXPECT_EQ(read().second->code, Code::kInvalid);
}

TEST_F(ReaderTest, NoticesAnyByteThatChanged) {
  for (const auto& name : segments()) {
    auto& bytes = files_->content(name);
    const auto end = name == segments().back() ? bytes.size() - record_bytes(8) : bytes.size();
    for (std::size_t at = 0; at < end; at += 5) {
      bytes[at] = static_cast<char>(~bytes[at]);
      ASSERT_TRUE(read().second) << name << " " << at;
      bytes[at] = static_cast<char>(~bytes[at]);
    }
  }
}

TEST_F(ReaderTest, IgnoresWhatAFailedWriteLeftBeforeTheNextSegment) {
  files_->content(segments()[0]).append("half a record that was written again in the next segment");
  EXPECT_EQ(read().first, 100U);
  EXPECT_FALSE(read().second);
}

TEST_F(ReaderTest, EndsAtATornTail) {
  files_->content(segments().back()).append("half a record");
  EXPECT_EQ(read().first, 100U);
  EXPECT_FALSE(read().second);
}

TEST_F(ReaderTest, SaysThatThereIsNoLog) {
  EXPECT_EQ(Reader::open("elsewhere", 0, files_).error().code, Code::kNotFound);
  EXPECT_EQ(Reader::open("/nonexistent/log").error().code, Code::kNotFound);
}

}  // namespace
}  // namespace plimsoll::ledger
