#include "encoder/encoder.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "test_onnx.h"

// ONNX Runtime keeps a few bytes of its own for ever.
extern "C" const char* __lsan_default_suppressions() {  // NOLINT: LeakSanitizer's name
  return "leak:libonnxruntime";
}

namespace plimsoll::encoder {
namespace {

constexpr const char* kVocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\nhello\nworld\nbad\nworse\n";

// By piece: what it says for "none", jailbreak and toxicity.
const std::vector<std::vector<float>>& rows() {
  static const std::vector<std::vector<float>> all = {{0, -9, -9}, {0, -9, -9}, {0, -9, -9}, {0, -9, -9},
                                                      {0, -9, -9}, {0, -9, -9}, {0, 3, -9},  {0, -9, 4}};
  return all;
}

// Files of its own, gone afterwards. What needs ONNX Runtime is skipped where it is neither installed
// nor fetched by scripts/setup test.
class EncoderTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("plimsoll-encoder-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    options_.vocabulary = write("vocab.txt", kVocabulary);
    options_.model = write("model.onnx", make_onnx(rows()));
    options_.labels = {std::nullopt, Category::kJailbreak, Category::kToxicity};
    const std::string fetched = PLIMSOLL_SOURCE_DIR "/build/onnxruntime/libonnxruntime.so.1";
    if (std::filesystem::exists(fetched)) options_.runtime = fetched;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& bytes) const {
    const auto path = (folder_ / name).string();
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  bool has_runtime() const {
    const auto opened = Encoder::open(options_);
    return opened || opened.error().message.find("not installed") == std::string::npos;
  }
  Scores score(const std::string& text) const {
    const auto encoder = Encoder::open(options_);
    EXPECT_TRUE(encoder) << encoder.error().message;
    if (!encoder) return {};
    const auto scores = (*encoder)->score(text, Clock::now() + std::chrono::seconds(60), never_);
    EXPECT_TRUE(scores);
    return scores ? *scores : Scores();
  }
  Error refusal() const {
    const auto opened = Encoder::open(options_);
    EXPECT_FALSE(opened);
    return opened ? Error{} : opened.error();
  }

  Options options_;
  std::filesystem::path folder_;
  std::atomic<bool> never_ = false;
};

TEST_F(EncoderTest, GivesTheProbabilitiesOfItsLabels) {
  if (!has_runtime()) GTEST_SKIP() << "no ONNX Runtime here";
  EXPECT_LT(score("hello world")[Category::kJailbreak], 0.001);
  const double expected = std::exp(3.0) / (1 + std::exp(3.0) + std::exp(-9.0));
  EXPECT_NEAR(score("hello bad world")[Category::kJailbreak], expected, 1e-6);
  EXPECT_GT(score("worse")[Category::kToxicity], 0.9);
  EXPECT_LT(score("")[Category::kToxicity], 0.001);
}

TEST_F(EncoderTest, LabelsOfOneCategoryAddUpWhereOneIsRight) {
  if (!has_runtime()) GTEST_SKIP() << "no ONNX Runtime here";
  options_.labels = {std::nullopt, Category::kToxicity, Category::kToxicity};
  const double both = std::exp(3.0) + std::exp(4.0);
  EXPECT_NEAR(score("bad worse")[Category::kToxicity], both / (1 + both), 1e-6);
  options_.exclusive = false;
  EXPECT_NEAR(score("bad worse")[Category::kToxicity], 1 / (1 + std::exp(-4.0)), 1e-6);
}

TEST_F(EncoderTest, ReadsALongTextToItsEnd) {
  if (!has_runtime()) GTEST_SKIP() << "no ONNX Runtime here";
  options_.max_tokens = 16;
  std::string text;
  for (int i = 0; i < 1'000; ++i) text += "hello ";
  EXPECT_LT(score(text)[Category::kJailbreak], 0.001);
  EXPECT_GT(score(text + "bad")[Category::kJailbreak], 0.9);
  EXPECT_GT(score("bad " + text)[Category::kJailbreak], 0.9);
  EXPECT_GT(score(text + "bad " + text)[Category::kJailbreak], 0.9);
}

TEST_F(EncoderTest, StopsWhenItIsTooLateOrNobodyWaits) {
  if (!has_runtime()) GTEST_SKIP() << "no ONNX Runtime here";
  const auto encoder = Encoder::open(options_);
  ASSERT_TRUE(encoder);
  const auto late = (*encoder)->score("hello", Clock::now(), never_);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Code::kTimeout);
  const std::atomic<bool> given_up = true;
  EXPECT_FALSE((*encoder)->score("hello", Clock::now() + std::chrono::seconds(60), given_up));
}

TEST_F(EncoderTest, AFileThatIsNoModelIsRefusedByName) {
  if (!has_runtime()) GTEST_SKIP() << "no ONNX Runtime here";
  const std::string whole = make_onnx(rows());
  std::string flipped = whole;
  flipped[40] = static_cast<char>(flipped[40] ^ 0x55);
  for (const std::string& bytes :
       {std::string(), std::string("\x89PNG\r\n\x1a\n"), std::string(1'000, '\0'),
        std::string("PLRM risk model"), whole.substr(0, whole.size() / 2), flipped}) {
    options_.model = write("model.onnx", bytes);
    const auto error = refusal();
    EXPECT_EQ(error.code, Code::kInvalid) << bytes.size();
    EXPECT_NE(error.message.find("model.onnx: not a model that can be used"), std::string::npos)
        << error.message;
  }
}

TEST_F(EncoderTest, AModelOfAnotherShapeIsRefusedWithWhatIsWrong) {
  if (!has_runtime()) GTEST_SKIP() << "no ONNX Runtime here";
  options_.model = write("model.onnx", make_onnx(rows(), {"pixels"}));
  EXPECT_NE(refusal().message.find("wants the input 'pixels'"), std::string::npos) << refusal().message;
  options_.model = write("model.onnx", make_onnx({rows().begin(), rows().begin() + 4}));
  EXPECT_NE(refusal().message.find("cannot score"), std::string::npos) << refusal().message;
  options_.model = write("model.onnx", make_onnx(rows()));
  options_.labels.pop_back();
  EXPECT_NE(refusal().message.find("has 3 outputs, and 'labels' names 2"), std::string::npos)
      << refusal().message;
}

TEST_F(EncoderTest, TakesTheInputsThatTheModelHasInItsOrder) {
  if (!has_runtime()) GTEST_SKIP() << "no ONNX Runtime here";
  options_.model = write("model.onnx", make_onnx(rows(), {"input_ids", "token_type_ids", "attention_mask"}));
  EXPECT_GT(score("bad")[Category::kJailbreak], 0.9);
  options_.model = write("model.onnx", make_onnx(rows(), {"input_ids"}));
  EXPECT_GT(score("bad")[Category::kJailbreak], 0.9);
}

TEST_F(EncoderTest, ALibraryThatIsNotThereOrAnotherIsRefusedByName) {
  options_.runtime = (folder_ / "nowhere.so").string();
  EXPECT_EQ(refusal().code, Code::kNotFound);
  EXPECT_NE(refusal().message.find("nowhere.so: there is no such file"), std::string::npos)
      << refusal().message;
  options_.runtime = write("text.so", "no library");
  EXPECT_EQ(refusal().code, Code::kInvalid);
  options_.runtime = "libc.so.6";
  for (const char* path : {"/lib/x86_64-linux-gnu/libm.so.6", "/lib/aarch64-linux-gnu/libm.so.6"})
    if (std::filesystem::exists(path)) {
      options_.runtime = path;
      EXPECT_NE(refusal().message.find("not ONNX Runtime"), std::string::npos) << refusal().message;
    }
}

TEST_F(EncoderTest, FilesThatAreMissingOrTooLargeAreRefusedBeforeTheyAreRead) {
  options_.model = (folder_ / "missing.onnx").string();
  EXPECT_EQ(refusal().code, Code::kNotFound);
  options_.model = write("large.onnx", "");
  std::filesystem::resize_file(options_.model, Encoder::kMaxModelBytes + 1);  // sparse
  EXPECT_EQ(refusal().code, Code::kTooLarge);
  options_.vocabulary = write("vocab.txt", "hello\n");
  EXPECT_NE(refusal().message.find("vocab.txt: not a WordPiece vocabulary"), std::string::npos);
}

}  // namespace
}  // namespace plimsoll::encoder
