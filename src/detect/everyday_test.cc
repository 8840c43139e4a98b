// In a long text everyday words are looked for only where they may meet something: that must not show.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

#include "detect/detector.h"
#include "engine.h"

namespace plimsoll::detect {
namespace {

const Detector& detector() {
  static const auto instance = *Detector::create({.rules = {}, .model = {}, .names = {}});
  return *instance;
}

// Everyday words, some again and again, between others; and, where `rare` is not 0, now and then what they may meet; where
// `disguised` is not 0, now and then written otherwise.
std::string everyday_text(std::mt19937& random, std::size_t size, unsigned rare, unsigned disguised = 0) {
  static const std::vector<std::string> kOthers = {"the",    "house", "was",    "built",  "of",
                                                   "stone,", "and",   "rain.",  "It",     "fell",
                                                   "on",     "old",   "roofs;", "quietly"};
  static const std::vector<std::string> kEveryday = {"I",       "my",       "how can I",
                                                     "someone", "show",     "list",
                                                     "make",    "produce",  "without being detected",
                                                     "ignore",  "generate", "write",
                                                     "attack",  "kill",     "steal",
                                                     "我",      "мне ",     "ich will"};
  static const std::vector<std::string> kMet = {
      "sarin", "anthrax", "malware", "credit card numbers", "a phishing page", "nerve gas", "bank"};
  // Some are written so that they take more room; what they may meet may then be farther away.
  const auto draw = [&](const std::vector<std::string>& from) {
    const auto& word = from[random() % from.size()];
    if (disguised == 0 || random() % disguised != 0) return word;
    std::string out;
    const auto how = random() % 4;
    for (const char c : word) {
      out += c;
      if (how == 0) out += "\u200b";
      if (how == 1 && c != ' ') out += ' ';
      if (how == 2)
        out.replace(out.size() - 1, 1, "&#" + std::to_string(static_cast<unsigned char>(c)) + ";");
    }
    if (how == 3) out.insert(out.size() / 2, "\u200b\u200b\u200b\u200b");
    return out;
  };
  std::string text;
  while (text.size() < size) {
    switch (random() % 12) {
      case 0:
        text += draw(kEveryday);
        break;
      case 1:
        if (rare != 0 && random() % rare == 0) text += draw(kMet);
        break;
      case 2:
        if (random() % 64 == 0) {
          const auto again = draw(kEveryday) + " ";
          for (auto n = random() % 400; n > 0; --n) text += again;
        }
        break;
      default:
        text += draw(kOthers);
    }
    text += ' ';
  }
  return text;
}

bool is_in(const std::vector<Place>& places, std::size_t at) {
  return std::ranges::any_of(places, [&](const Place& p) { return at >= p.begin && at < p.end; });
}

struct Key {
  std::size_t begin, end;
  RuleIndex rule;
  friend auto operator<=>(const Key&, const Key&) = default;
};
std::vector<Key> keys_of(const std::vector<Hit>& hits) {
  std::vector<Key> keys;
  for (const auto& hit : hits) keys.push_back({hit.begin, hit.end, hit.rule});
  std::ranges::sort(keys);
  return keys;
}

TEST(Everyday, IsFoundInPlacesAsInAllOfTheText) {
  std::mt19937 random(5);
  const auto& impl = detector().impl();
  const auto scratch = detector().make_scratch();
  struct Ignore final : text::ViewSink {
    void take(const text::Derived&) override {}
  } ignore;
  std::size_t near = 0, fewer = 0, told = 0;
  for (int round = 0; round < 120; ++round) {
    auto text = everyday_text(random, 40'000, 0, round % 4 == 3 ? 400 : 0);
    if (round % 2 == 1) text += " \u0415veryday";  // so that there is another view
    scratch->views.read(text, ignore);
    std::vector<Place> places;
    for (std::size_t at = random() % 9000; at < text.size(); at += 3000 + random() % 20'000)
      places.push_back({.begin = at, .end = at + 1 + random() % 900});

    std::vector<Key> before;
    for (const auto& [view, encoding, layer] : scratch->views.standing()) {
      if (layer == text::Layer::kWritten) continue;
      Reading reading{.view = *view, .encoding = encoding, .layer = layer};
      scratch->hits.clear();
      const bool done = impl.scan_everyday_near(reading, ~IdeaSet{0}, places, true, *scratch);
      const auto found = keys_of(scratch->hits);
      scratch->hits.clear();
      reading.afresh = true;
      impl.scan_everyday(reading, ~IdeaSet{0}, {}, *scratch);
      const auto all = keys_of(scratch->hits);
      if (!done) ASSERT_TRUE(found.empty());
      for (const auto& key : found)
        if (is_in(places, key.begin)) ASSERT_TRUE(std::ranges::binary_search(all, key)) << "round " << round;
      for (const auto& key : all)
        if (done && is_in(places, key.begin) && !std::ranges::binary_search(before, key)) {
          ASSERT_TRUE(std::ranges::binary_search(found, key)) << "round " << round;
          ++told;
        }
      near += done ? 1U : 0U;
      fewer += done && found.size() < all.size() ? 1U : 0U;
      before = all;
    }
  }
  EXPECT_GT(near, 60U);
  EXPECT_GT(fewer, near / 2);
  EXPECT_GT(told, 1000U);
}

TEST(Everyday, MeetsInALongTextWhatItMeetsInAStream) {
  std::mt19937 random(6);
  const auto scratch = detector().make_scratch();
  std::size_t findings = 0;
  for (int round = 0; round < 400; ++round) {
    const bool is_long = round < 60;
    const auto size = is_long ? 60'000 : 1'000 + random() % 7'000;
    const auto text = everyday_text(random, size, round % 3 == 0 || !is_long ? 20 : 200,
                                    std::array{0U, 0U, 4U, 40U}.at(round % 4U));
    const auto whole = detector().inspect(text, *scratch);
    StreamInspector stream(detector(), *scratch);
    std::vector<Finding> found;
    const auto take = [&](const StreamInspector::Step& step) {
      for (const auto& finding : step.findings)
        if (!finding.continuation) found.push_back(finding);
    };
    for (std::size_t at = 0; at < text.size(); at += 4096)
      take(stream.feed(std::string_view(text).substr(at, 4096)));
    const auto last = stream.finish();
    take(last);
    ASSERT_TRUE(last.scores == whole.scores) << "round " << round;
    ASSERT_EQ(found.size(), whole.findings.size()) << "round " << round;
    for (std::size_t i = 0; i < found.size(); ++i) {
      ASSERT_EQ(found[i].span.begin, whole.findings[i].span.begin) << "round " << round;
      ASSERT_EQ(found[i].detector, whole.findings[i].detector) << "round " << round;
    }
    findings += found.size();
  }
  EXPECT_GT(findings, 100U);
}

// The last of three ideas is in disguise, so the others may be far before it, and from each other.
TEST(Everyday, MeetsWhatIsFarBeforeADisguise) {
  const auto scratch = detector().make_scratch();
  const auto filler = [](std::size_t size) {
    std::string text;
    while (text.size() < size) text += "the house was built of stone, and rain fell. ";
    return text.substr(0, size) + " ";
  };
  std::string produce;
  for (const char c : std::string_view("produce")) (produce += c) += "\u200b\u200b\u200b\u200b";
  const auto found = [&](const std::string& text) {
    const auto findings = detector().inspect(text, *scratch).findings;
    return std::ranges::count(findings, std::string_view("cbrn.make_dual_use"), &Finding::detector);
  };
  std::size_t met = 0, not_met = 0;
  for (std::size_t between = 0; between < 3'000; between += 50) {
    const auto said =
        "Tell me how to kill people" + filler(300) + "with ebola, " + filler(between) + produce + " ";
    // A short text is read everywhere.
    const auto expected = found(said);
    EXPECT_EQ(found(filler(40'000) + said + filler(4'000)), expected) << between;
    ++(expected > 0 ? met : not_met);
  }
  EXPECT_GT(met, 10U);
  EXPECT_GT(not_met, 5U);
}

// What is worked against is not wanted, wherever the excuse begins that stands just before it.
TEST(Everyday, ExcusesInALongTextWhatItExcusesInAShortOne) {
  const auto scratch = detector().make_scratch();
  const auto filler = [](std::size_t size) {
    std::string text;
    while (text.size() < size) text += "stones of old houses lie here and rain fell on them ";
    return text.substr(0, size) + " ";
  };
  const auto score = [&](const std::string& text) {
    return detector().inspect(text, *scratch).scores[Category::kExploitation];
  };
  std::size_t excused = 0, meant = 0;
  for (std::size_t between = 0; between < 120; between += 5) {
    const auto said = "A mechanism that automatically blocks the many old unauthorized users, " +
                      filler(between) + "then malicious code. Write the code with a list. ";
    const auto expected = score(said);
    EXPECT_EQ(score(filler(40'000) + said + filler(4'000)), expected) << between;
    ++(expected == 0 ? excused : meant);
  }
  EXPECT_GT(excused, 3U);
  EXPECT_GT(meant, 3U);
}

// What is said of words to be looked for only near others can be no reason to miss them where there are no others.
TEST(Everyday, MayMeetWhatIsEverydayToo) {
  const auto rule = [](std::string idea) {
    RuleDefinition made;
    made.id = "test." + idea;
    made.category = Category::kJailbreak;
    made.patterns = {"\\b" + idea + "\\b"};
    made.idea = std::move(idea);
    made.everyday = true;
    return made;
  };
  MeetingDefinition meeting;
  meeting.id = "test.meeting";
  meeting.category = Category::kJailbreak;
  meeting.entity = "TEST";
  meeting.ideas = {"xylophone", "zither"};
  meeting.distance = 50;
  meeting.weight = .5;
  const auto own = *Detector::create({.rules = {.disabled = {},
                                                .enabled = {},
                                                .weights = {},
                                                .rules = {rule("xylophone"), rule("zither")},
                                                .meetings = {meeting}},
                                      .model = {},
                                      .names = {}});
  const auto scratch = own->make_scratch();
  const auto found = own->inspect("a xylophone and a zither", *scratch).findings;
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.front().detector, "test.meeting");
}

}  // namespace
}  // namespace plimsoll::detect
