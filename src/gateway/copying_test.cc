#include "decide/copying.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "../decide/test_world.h"
#include "stream_guard.h"
#include "verbatim/corpus.h"

namespace plimsoll::gateway {
namespace {

// Of no language, so that no detector knows any. Six bytes each with the space.
std::string words(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) out.push_back(' ');
    for (const char* letters : {"bdgklmnprstvz", "aeiou", "zxqw", "aeiou", "xqz"})
      out.push_back(letters[random() % std::string_view(letters).size()]);
  }
  return out;
}

// One protected work.
struct Shelf {
  std::string work = words(600, 1);
  CorpusPtr corpus;

  Shelf() {
    const auto folder = std::filesystem::temp_directory_path() / ("copying-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "The Whale.txt") << work;
    const auto path = (folder / "works.plc").string();
    {
      auto made = verbatim::Corpus::open(path);
      EXPECT_TRUE((*made)->add({(folder / "The Whale.txt").string()}, "",
                               [](std::string_view, std::uint64_t, std::uint64_t) {}));
    }
    corpus = *verbatim::Index::open(path);
    std::filesystem::remove_all(folder);
  }
  static const Shelf& get() {
    static const Shelf shelf;
    return shelf;
  }
  std::string passage(std::size_t begin, std::size_t count) const {
    return work.substr(begin * 6, count * 6 - 1);
  }
};

Judgement judge_answer(const PolicyPtr& policy, const std::vector<std::string>& texts) {
  World& w = World::get();
  Conversation said{.direction = Direction::kOutput,
                    .surface = "chat.completions",
                    .model = "m",
                    .segments = {},
                    .tools = {}};
  for (const auto& text : texts)
    said.segments.push_back({.role = Role::kAssistant, .text = text, .pointer = "/0"});
  return judge(policy, *w.detector, *w.scratch, said, {}, {}, {}, Shelf::get().corpus);
}

struct Streamed {
  std::string text;
  Verdict verdict;
};

Streamed stream(const PolicyPtr& policy, const std::vector<std::string>& pieces) {
  World& w = World::get();
  const Conversation about{.surface = "chat.completions", .model = "m", .segments = {}, .tools = {}};
  const Caller caller;
  const policy::Context context;
  StreamGuard guard(policy, *w.detector, *w.scratch, wire::Protocol::kChat, about, caller, context, "key", {},
                    Shelf::get().corpus);
  EXPECT_FALSE(guard.must_gather());
  Streamed out;
  bool open = true;
  for (const auto& piece : pieces) open = open && guard.feed({}, piece, out.text);
  if (open) guard.finish({}, out.text);
  out.verdict = guard.judgement().verdict;
  return out;
}

TEST(Copying, AnAnswerIsJudgedByTheTextOfWhichMostIsCopied) {
  const Shelf& s = Shelf::get();
  const auto j = judge_answer(World::get().shipped, {words(100, 2), words(60, 3) + " " + s.passage(100, 40)});
  EXPECT_NEAR(j.scores[Category::kVerbatim], 0.4, 0.02);
  EXPECT_EQ(j.verdict.action, Action::kSummarize);
  ASSERT_EQ(j.found.findings.size(), 1U);
  EXPECT_EQ(j.found.findings[0].entity, "The Whale");
  EXPECT_EQ(j.found.findings[0].segment, 1U);
  EXPECT_EQ(judge_answer(World::get().shipped, {words(100, 2)}).verdict.action, Action::kAllow);
}

TEST(Copying, AStreamLosesTheSamePassagesWhereverItIsCut) {
  const Shelf& s = Shelf::get();
  const auto before = words(20, 4) + " ", copied = s.passage(200, 40), after = " " + words(20, 5);
  const auto text = before + copied + after;
  const auto whole = stream(World::get().shipped, {text});
  EXPECT_EQ(whole.verdict.action, Action::kSummarize);
  EXPECT_EQ(whole.text, before + std::string(kVerbatimCut) + after);
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    const auto parts = stream(World::get().shipped, {text.substr(0, cut), text.substr(cut)});
    ASSERT_EQ(parts.text, whole.text) << cut;
    ASSERT_EQ(parts.verdict.reasons, whole.verdict.reasons) << cut;
  }
  std::vector<std::string> bytes;
  for (const char c : text) bytes.emplace_back(1, c);
  EXPECT_EQ(stream(World::get().shipped, bytes).text, whole.text);
}

TEST(Copying, AStreamWithinTheLimitPassesAsItIs) {
  const auto text = words(100, 6) + " " + Shelf::get().passage(50, 25) + " " + words(100, 7);
  for (const std::size_t cut : {std::size_t{0}, std::size_t{5}, text.size() / 2, text.size() - 300}) {
    const auto out = stream(World::get().shipped, {text.substr(0, cut), text.substr(cut)});
    EXPECT_EQ(out.text, text);
    EXPECT_EQ(out.verdict.action, Action::kAllow);
  }
}

TEST(Copying, WhatIsHeldIsStillRedacted) {
  const Shelf& s = Shelf::get();
  const auto text =
      s.passage(300, 60) + " write to jane.roe@example.com " + s.passage(420, 60) + " and so on";
  std::vector<std::string> pieces;
  for (std::size_t at = 0; at < text.size(); at += 11) pieces.push_back(text.substr(at, 11));
  const auto out = stream(World::get().shipped, pieces);
  EXPECT_EQ(out.text.find("jane.roe"), std::string::npos) << out.text;
  EXPECT_EQ(out.text.find(s.passage(310, 2)), std::string::npos) << out.text;
  EXPECT_NE(out.text.find("write to "), std::string::npos) << out.text;
  EXPECT_TRUE(out.text.ends_with("and so on")) << out.text;
}

TEST(Copying, APolicyMayRefuseIt) {
  const auto strict = World::load(
      "rules:\n  - {id: r, when: output, condition: output.verbatim_ratio > 0.5, action: block, reason: "
      "copied}\n");
  const auto out = stream(strict, {Shelf::get().passage(0, 20), Shelf::get().passage(20, 100)});
  EXPECT_EQ(out.verdict.action, Action::kBlock);
  EXPECT_EQ(out.text, "");
}

}  // namespace
}  // namespace plimsoll::gateway
