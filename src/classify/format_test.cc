#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>

#include "base/hash.h"
#include "classify/model.h"
#include "test_models.h"

namespace plimsoll::classify {
namespace {

std::string seal(std::string bytes) {
  const Digest digest = sha256(std::string_view(bytes).substr(0, bytes.size() - sizeof(Digest)));
  bytes.replace(bytes.size() - sizeof(Digest), sizeof(Digest), bytes_of(digest));
  return bytes;
}

// The file with `from` in its header replaced, lengths and checksum made right again.
std::string with_header(std::string bytes, const std::string& from, const std::string& to) {
  const auto at = bytes.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  bytes.replace(at, from.size(), to);
  std::uint32_t size = 0;
  std::memcpy(&size, bytes.data() + 12, sizeof size);
  size += static_cast<std::uint32_t>(to.size() - from.size());
  std::memcpy(bytes.data() + 12, &size, sizeof size);
  return seal(bytes);
}

std::string refusal(const std::string& bytes) {
  const auto model = Model::parse(bytes);
  return model ? "accepted" : model.error().message;
}

TEST(ModelFile, ReadsBackAsItWasWritten) {
  const Model model(random_parameters(1));
  const std::string bytes = model.serialize();
  const auto again = Model::parse(bytes);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->serialize(), bytes);
  EXPECT_EQ(again->version(), model.version());
  Scratch scratch;
  const std::string text = "please make a cake. " + std::string(200, 'q');
  EXPECT_EQ(again->assess(text, scratch).logits, model.assess(text, scratch).logits);
}

TEST(ModelFile, IsRefusedWhenAnyByteIsChanged) {
  const std::string bytes = Model(random_parameters(2)).serialize();
  for (std::size_t i = 0; i < bytes.size(); i += i < 2000 || i + 40 > bytes.size() ? 1 : 997) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(Model::parse(changed)) << "byte " << i;
  }
}

TEST(ModelFile, IsRefusedWhenCutShortOrLonger) {
  const std::string bytes = Model(random_parameters(3)).serialize();
  for (std::size_t size = 0; size < bytes.size(); size += size < 100 ? 1 : 1013)
    EXPECT_FALSE(Model::parse(bytes.substr(0, size))) << size;
  EXPECT_EQ(refusal(bytes + "x"), "checksum does not match: damaged or cut short");
  EXPECT_EQ(refusal(std::string(Model::kMaxBytes + 1, 'x')), "larger than a model file may be (8 MB)");
}

TEST(ModelFile, SaysWhatAForeignFileIsNot) {
  EXPECT_EQ(refusal("GGUF" + std::string(100, '\0')), "not a risk model file");
  std::string newer = Model(random_parameters(4)).serialize();
  newer[8] = 9;
  EXPECT_EQ(refusal(seal(newer)), "format version 9, this program reads version 1");
}

TEST(ModelFile, IsRefusedWhenItsHeaderMakesNoSense) {
  const std::string bytes = Model(random_parameters(5)).serialize();
  EXPECT_NE(refusal(with_header(bytes, "\"row_bits\":12", "\"row_bits\":13")).find("bytes of weights"),
            std::string::npos);
  EXPECT_EQ(refusal(with_header(bytes, "\"row_bits\":12", "\"row_bits\":60")),
            "header: 'row_bits' is out of range");
  EXPECT_EQ(refusal(with_header(bytes, "\"row_bits\":12", "\"row_bits\":12.5")),
            "header: 'row_bits' is not a whole number");
  EXPECT_EQ(refusal(with_header(bytes, "\"cbrn\"", "\"cats\"")),
            "header: 'heads' are not this program's: retrain the model");
  EXPECT_EQ(refusal(with_header(bytes, "\"features\":\"v3-", "\"features\":\"v2-")),
            "header: 'features' are not this program's: retrain the model");
  EXPECT_EQ(refusal(with_header(bytes, "\"width\":64", "\"width\":65")),
            "header: 'width' or 'hidden' is not a multiple of a lane");
  EXPECT_EQ(refusal(with_header(bytes, "\"shrink\":4", "\"shrink\":-4")), "header: 'shrink' is out of range");
  EXPECT_EQ(refusal(with_header(bytes, "\"training\":{}", "\"training\":[]")),
            "header: 'training' is missing");
  EXPECT_NE(refusal(with_header(bytes, "{\"bias\"", "[\"bias\"")), "accepted");
}

TEST(ModelFile, IsRefusedWithWeightsThatAreNoNumbers) {
  Parameters p = random_parameters(6);
  p.out[3] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(refusal(write_parameters(p)), "a weight is not a number in range");
  p = random_parameters(6);
  p.word_keys[1] = p.word_keys[0];
  EXPECT_EQ(refusal(write_parameters(p)), "a word is listed twice");
}

TEST(ModelFile, NamesThePathThatCannotBeRead) {
  const auto model = Model::load("/nowhere/risk.bin");
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().message, "/nowhere/risk.bin: cannot be opened");
}

}  // namespace
}  // namespace plimsoll::classify
