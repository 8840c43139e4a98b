// The triggers, and the automaton of open matches, must never miss what the patterns match.
#include <gtest/gtest.h>

#include <array>
#include <random>

#include "reference.h"
#include "samples.h"

namespace plimsoll::detect {
namespace {

TEST(Scan, FindsWhatThePatternsAloneFindInSamples) {
  const auto detector = *Detector::create();
  const auto scratch = detector->make_scratch();
  for (const auto& sample : samples())
    for (const auto& text : {sample.found, sample.not_found, sample.not_found + " " + sample.found})
      ASSERT_EQ(scan_with_triggers(*detector, *scratch, text), scan_with_patterns(*detector, text)) << text;
}

// A trigger that asked for more than its pattern, as a fuzzer found.
TEST(Scan, FindsWhatThePatternsAloneFindInNumbersDialledFromAbroad) {
  const auto detector = *Detector::create();
  const auto scratch = detector->make_scratch();
  for (const char* text : {"@\n\026000)004551516000)", "reference 0045 51 51 60 00 tonight",
                           "fax 011 44 20 7946 0958", "0044 (0)20 7946 0958", "+(44) 20 7946 0958"}) {
    const auto expected = scan_with_patterns(*detector, text);
    EXPECT_EQ(scan_with_triggers(*detector, *scratch, text), expected) << text;
    EXPECT_NE(expected.find("pii.phone_international"), std::string::npos) << text << ": " << expected;
  }
}

// What is found by its digits has six of them close to each other.
TEST(Scan, FindsWhatThePatternsAloneFindInFewDigits) {
  const auto detector = *Detector::create();
  const auto scratch = detector->make_scratch();
  const std::string close = "SKabcdefabc2d4e6f8a1b3c5defabcdefa",
                    apart = "SK2abcde4fabcd6efabc8defab1cdefa3b";
  for (const auto& key : {close, apart}) {
    const auto expected = scan_with_patterns(*detector, "key " + key + " end");
    EXPECT_EQ(scan_with_triggers(*detector, *scratch, "key " + key + " end"), expected);
    EXPECT_EQ(expected.contains("secret.twilio_key"), key == close) << expected;
  }
}

// Bytes of a character are no letters of Latin-1, whose case could be another.
TEST(Scan, FindsWhatThePatternsAloneFindInBrokenCharacters) {
  const auto detector = *Detector::create();
  const auto scratch = detector->make_scratch();
  for (const char* text : {"\xE6\x88\x91\xE5\x89\xB2\xC8\x85\x95", "\xC6\x88\x91\xC5\x89\xB2\xE8\x85\x95",
                           "0838/4/8455\xD0\xCA%2\x32\x86\x80J"})
    EXPECT_EQ(scan_with_triggers(*detector, *scratch, text), scan_with_patterns(*detector, text)) << text;
}

TEST(Scan, FindsWhatThePatternsAloneFindInMixtures) {
  const auto detector = *Detector::create();
  const auto scratch = detector->make_scratch();
  const auto all = samples();
  std::mt19937 random(5);
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (std::size_t i = 0; i < 1 + random() % 6; ++i) {
      auto piece =
          random() % 3 == 0 ? all[random() % all.size()].not_found : all[random() % all.size()].found;
      if (random() % 3 == 0) piece[random() % piece.size()] = "\n \t.aX7-"[random() % 8];
      if (random() % 4 == 0) piece.resize(random() % piece.size());
      text += piece + std::array{"", " ", "\n", ", ", "é", ":"}[random() % 6];
    }
    ASSERT_EQ(scan_with_triggers(*detector, *scratch, text), scan_with_patterns(*detector, text)) << text;
  }
}

}  // namespace
}  // namespace plimsoll::detect
