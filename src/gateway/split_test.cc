// Every secret, cut everywhere, through every API that streams: nothing of it leaves, and the verdict is that of
// the text as a whole.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <numeric>
#include <set>

#include "../decide/test_world.h"
#include "../detect/samples.h"
#include "act.h"
#include "base/hash.h"
#include "base/json.h"
#include "stream_guard.h"
#include "wire/completion.h"
#include "wire/sse.h"
#include "wire/surfaces.h"

namespace plimsoll::gateway {
namespace {

using wire::CompletionUpstream;
using wire::Protocol;

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define PLIMSOLL_SANITIZED 1
#endif
#endif
#ifdef PLIMSOLL_SANITIZED
constexpr std::size_t kStride = 11;
#else
constexpr std::size_t kStride = 1;
#endif
constexpr std::size_t kByteStride = 149 * kStride;

std::string as_json(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string event(std::string_view data, std::string_view name = {}) {
  std::string out;
  wire::append_sse(out, data, name);
  return out;
}

// One of the texts that an API streams, as its upstream sends it and as its client reads it.
struct Lane {
  std::string_view name;
  Protocol protocol;
  bool arguments;
  std::string (*upstream)(const std::vector<std::string>& pieces);
  std::string (*text)(const wire::SseEvent& received);  // what a client appends
  CompletionUpstream from = CompletionUpstream::kChat;

  std::unique_ptr<wire::StreamCodec> codec(wire::TextFilter& filter) const {
    if (protocol == Protocol::kCompletion) return wire::completion_stream(filter, from);
    return wire::surface(protocol).stream(filter, "m");
  }
};

std::string joined(const std::vector<std::string>& pieces) {
  std::string all;
  for (const auto& piece : pieces) all += piece;
  return all;
}

// The string at a path of an event's JSON, or nothing.
std::string at(const wire::SseEvent& received, std::string_view pointer) {
  const auto parsed = parse_json(received.data);
  if (!parsed) return {};
  boost::system::error_code none;
  const auto* found = parsed->find_pointer({pointer.data(), pointer.size()}, none);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

std::string chat(const std::vector<std::string>& pieces, bool arguments) {
  const auto chunk = [](const std::string& delta, std::string_view finish) {
    return event(
        R"({"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,)"
        R"("delta":)" +
        delta + R"(,"finish_reason":)" + std::string(finish) + "}]}");
  };
  std::string out = chunk(
      arguments
          ? R"({"role":"assistant","tool_calls":[{"index":0,"id":"t","type":"function","function":{"name":"f","arguments":""}}]})"
          : R"({"role":"assistant","content":""})",
      "null");
  for (const auto& piece : pieces)
    out += chunk(arguments ? R"({"tool_calls":[{"index":0,"function":{"arguments":)" + as_json(piece) + "}}]}"
                           : R"({"content":)" + as_json(piece) + "}",
                 "null");
  return out + chunk("{}", arguments ? R"("tool_calls")" : R"("stop")") + event("[DONE]");
}

std::string messages(const std::vector<std::string>& pieces, bool arguments) {
  std::string out = event(
      R"({"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}})",
      "message_start");
  out += event(R"({"type":"content_block_start","index":0,"content_block":)" +
                   std::string(arguments ? R"({"type":"tool_use","id":"t","name":"f","input":{}})"
                                         : R"({"type":"text","text":""})") +
                   "}",
               "content_block_start");
  for (const auto& piece : pieces)
    out += event(R"({"type":"content_block_delta","index":0,"delta":)" +
                     std::string(arguments ? R"({"type":"input_json_delta","partial_json":)"
                                           : R"({"type":"text_delta","text":)") +
                     as_json(piece) + "}}",
                 "content_block_delta");
  return out + event(R"({"type":"content_block_stop","index":0})", "content_block_stop") +
         event(
             R"({"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{}})",
             "message_delta") +
         event(R"({"type":"message_stop"})", "message_stop");
}

// Says everything up to four times, as this API does.
std::string responses(const std::vector<std::string>& pieces, bool arguments) {
  int number = 0;
  const auto next = [&number](std::string_view type, const std::string& members) {
    const std::string name = "response." + std::string(type);
    return event(
        R"({"type":")" + name + R"(","sequence_number":)" + std::to_string(number++) + "," + members + "}",
        name);
  };
  const auto response = [](std::string_view status, const std::string& output) {
    return R"("response":{"id":"r","object":"response","created_at":1,"model":"m","status":")" +
           std::string(status) + R"(","output":[)" + output + "]}";
  };
  const auto item = [arguments](const std::string& text) {
    return arguments ? R"({"type":"function_call","id":"i","call_id":"c","name":"f","arguments":)" +
                           as_json(text) + R"(,"status":"completed"})"
                     : R"({"type":"message","id":"i","role":"assistant","status":"completed","content":[)" +
                           text + "]}";
  };
  const auto part = [](const std::string& text) {
    return R"({"type":"output_text","annotations":[],"text":)" + as_json(text) + "}";
  };
  const std::string place = R"("item_id":"i","output_index":0,"content_index":0,)";
  const std::string kind = arguments ? "function_call_arguments" : "output_text";
  const std::string all = joined(pieces);
  const std::string whole = arguments ? item(all) : item(part(all));
  std::string out = next("created", response("in_progress", ""));
  out += next("output_item.added", R"("output_index":0,"item":)" + item(""));
  if (!arguments) out += next("content_part.added", place + R"("part":)" + part(""));
  for (const auto& piece : pieces) out += next(kind + ".delta", place + R"("delta":)" + as_json(piece));
  out += next(kind + ".done", place + (arguments ? R"("arguments":)" : R"("text":)") + as_json(all));
  if (!arguments) out += next("content_part.done", place + R"("part":)" + part(all));
  out += next("output_item.done", R"("output_index":0,"item":)" + whole);
  return out + next("completed", response("completed", whole));
}

std::string completions(const std::vector<std::string>& pieces) {
  const auto chunk = [](const std::string& text, std::string_view finish) {
    return event(
        R"({"id":"c","object":"text_completion","created":1,"model":"m","choices":[{"index":0,"text":)" +
        as_json(text) + R"(,"logprobs":null,"finish_reason":)" + std::string(finish) + "}]}");
  };
  std::string out;
  for (const auto& piece : pieces) out += chunk(piece, "null");
  return out + chunk("", R"("stop")") + event("[DONE]");
}

std::string completion(const std::vector<std::string>& pieces) {
  std::string out;
  for (const auto& piece : pieces) out += event(R"({"content":)" + as_json(piece) + "}");
  return out + event("[DONE]");
}

using Pieces = std::vector<std::string>;
using Got = wire::SseEvent;

std::string delta_of(const Got& e, std::string_view type) {
  return e.name == type ? at(e, "/delta") : std::string();
}

const std::array<Lane, 9> kLanes = {{
    {"chat text", Protocol::kChat, false, [](const Pieces& p) { return chat(p, false); },
     [](const Got& e) { return at(e, "/choices/0/delta/content"); }},
    {"chat arguments", Protocol::kChat, true, [](const Pieces& p) { return chat(p, true); },
     [](const Got& e) { return at(e, "/choices/0/delta/tool_calls/0/function/arguments"); }},
    {"messages text", Protocol::kMessages, false, [](const Pieces& p) { return messages(p, false); },
     [](const Got& e) { return at(e, "/delta/text"); }},
    {"messages input", Protocol::kMessages, true, [](const Pieces& p) { return messages(p, true); },
     [](const Got& e) { return at(e, "/delta/partial_json"); }},
    {"responses text", Protocol::kResponses, false, [](const Pieces& p) { return responses(p, false); },
     [](const Got& e) { return delta_of(e, "response.output_text.delta"); }},
    {"responses arguments", Protocol::kResponses, true, [](const Pieces& p) { return responses(p, true); },
     [](const Got& e) { return delta_of(e, "response.function_call_arguments.delta"); }},
    {"completions", Protocol::kCompletions, false, completions,
     [](const Got& e) { return at(e, "/choices/0/text"); }},
    {"completion", Protocol::kCompletion, false, completion,
     [](const Got& e) { return e.name.empty() ? e.data : std::string(); }, CompletionUpstream::kCompletion},
    {"completion of chat", Protocol::kCompletion, false, [](const Pieces& p) { return chat(p, false); },
     [](const Got& e) { return e.name.empty() ? e.data : std::string(); }},
}};

// What is found and decided, in comparable words.
std::string account(const Judgement& j) {
  std::string out(to_string(j.verdict.action));
  for (const auto& reason : j.verdict.reasons) out.append(", ").append(reason);
  if (j.verdict.action == Action::kBlock) return out;  // before everything was seen
  std::multiset<std::string> found;
  for (const Finding& f : j.found.findings)
    if (!f.continuation) found.emplace(f.entity);
  for (const auto& entity : found) out.append("; ").append(entity);
  return out;
}

struct Passed {
  std::string bytes;  // what the client was sent
  std::string text;   // what it makes of them
  std::string account;
  std::vector<std::string> secrets;  // of a whole text: what was found in it
};

class Split : public testing::Test {
 protected:
  World& w = World::get();
  const Caller caller;
  const policy::Context context;
  const PolicyPtr redacting = World::load(
      "rules:\n  - {id: r, when: output, condition: contains_pii or contains_secrets, action: redact,"
      " redact: [pii, secret], reason: personal}\n");
  const PolicyPtr blocking = World::load(
      "rules:\n  - {id: r, when: output, condition: contains_pii or contains_secrets, action: block,"
      " reason: personal}\n");
  std::size_t runs = 0;

  Passed pass(const Lane& lane, const PolicyPtr& policy, std::string_view upstream,
              const std::vector<std::size_t>& cuts = {}) {
    ++runs;
    const Conversation about{.direction = Direction::kOutput,
                             .surface = std::string(wire::surface(lane.protocol).name),
                             .model = "m",
                             .segments = {},
                             .tools = {},
                             .stream = true};
    StreamGuard guard(policy, *w.detector, *w.scratch, lane.protocol, about, caller, context, "key");
    const auto codec = lane.codec(guard);
    Passed passed;
    std::size_t from = 0;
    auto state = wire::StreamCodec::State::kOpen;
    const auto feed = [&](std::size_t to) {
      if (state != wire::StreamCodec::State::kOpen) return;
      auto fed = codec->feed(upstream.substr(from, to - from), passed.bytes);
      EXPECT_TRUE(fed) << lane.name;
      if (fed) state = *fed;
      from = to;
    };
    for (const auto cut : cuts) feed(cut);
    feed(upstream.size());
    if (state == wire::StreamCodec::State::kOpen) codec->close(passed.bytes);
    for (const auto& received : wire::SseDecoder().feed(passed.bytes).value())
      if (received.data != "[DONE]") passed.text += lane.text(received);
    passed.account = account(guard.judgement());
    return passed;
  }

  // The text as a whole: decided at once, redacted at once.
  Passed whole(const std::string& text, const PolicyPtr& policy, bool arguments) {
    Conversation said{
        .direction = Direction::kOutput, .surface = "s", .model = "m", .segments = {}, .tools = {}};
    said.segments.push_back({.role = Role::kAssistant,
                             .kind = arguments ? SegmentKind::kToolArguments : SegmentKind::kText,
                             .text = text,
                             .pointer = {}});
    const auto j = judge(policy, *w.detector, *w.scratch, said, caller, context);
    Placeholders final_ones(policy->settings().redaction, false);
    std::vector<std::string> secrets;
    secrets.reserve(j.found.findings.size());
    for (const Finding& f : j.found.findings)
      secrets.push_back(text.substr(f.span.begin, f.span.end - f.span.begin));
    return {.bytes = {},
            .text = redact(text, j.found.findings, 0, j.verdict.redact, final_ones),
            .account = account(j),
            .secrets = std::move(secrets)};
  }
};

// Pieces of the secrets, by which a leak would be seen; but for those that `harmless` has, too.
std::vector<std::string> pieces_of(const std::vector<std::string>& secrets, std::string_view harmless) {
  constexpr std::size_t kSize = 5;
  std::vector<std::string> all;
  for (const auto& secret : secrets)
    for (std::size_t i = 0; i + kSize <= secret.size(); i += kSize - 2)
      if (harmless.find(secret.substr(i, kSize)) == std::string_view::npos)
        all.push_back(secret.substr(i, kSize));
  return all;
}

std::string seen(const std::vector<std::string>& pieces, std::string_view bytes) {
  for (const auto& piece : pieces)
    if (bytes.find(piece) != std::string_view::npos) return piece;
  return {};
}

bool begins_character(std::string_view text, std::size_t place) {
  return place >= text.size() || (static_cast<unsigned char>(text[place]) & 0xC0U) != 0x80U;
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Of ASCII, since they are cut and escaped byte by byte; their neighbours are not.
std::vector<std::string> texts() {
  std::vector<std::string> all;
  for (const auto& sample : detect::samples())
    if ((sample.rule.starts_with("pii.") || sample.rule.starts_with("secret.")) && is_ascii(sample.found))
      all.push_back(sample.found);
  std::string body;  // longer than what a stream holds back
  for (std::size_t i = 0; i < 600; ++i) body += i % 65 == 64 ? '\n' : "Kx7Qm2Zt9Wb4Vn8Rp1Ls6Yd3"[i * i % 24];
  all.push_back(
      "-----BEGIN PRIVATE"
      " KEY-----\n" +
      body +
      "\n-----END PRIVATE"
      " KEY-----");
  all.push_back("cards 5555 5555 5555 4444, 378282246310005 and DE89370400440532013000");
  return all;
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kNeighbours = {
    {{"So: ", " - and on."}, {"é ", " é"}, {"漢字", "漢字"}, {"😀", "😀"}, {"e\u0301 ", " e\u0301"}}};

TEST_F(Split, NothingOfASecretLeavesWhereverTextAndBytesAreCut) {
  std::size_t cases = 0;
  const auto all = texts();
  for (std::size_t t = 0; t < all.size(); ++t)
    for (std::size_t l = 0; l < kLanes.size(); ++l)
      for (const std::size_t n : {std::size_t{0}, 1 + (t + l) % (kNeighbours.size() - 1)}) {
        ++cases;
        const Lane& lane = kLanes.at(l);
        const auto& [before, after] = kNeighbours.at(n);
        std::string text = std::string(before) + all[t] + std::string(after);
        if (lane.arguments) text = R"({"to":)" + as_json(text) + "}";
        SCOPED_TRACE(std::string(lane.name) + ": " + text);
        const auto expected = whole(text, redacting, lane.arguments);
        const auto hidden =
            pieces_of(expected.secrets, pass(lane, redacting, lane.upstream({expected.text})).bytes);
        ASSERT_FALSE(hidden.empty());
        for (std::size_t cut = (t + n) % kStride; cut <= text.size(); cut += kStride) {
          if (!begins_character(text, cut)) continue;
          const auto passed = pass(lane, redacting, lane.upstream({text.substr(0, cut), text.substr(cut)}));
          ASSERT_EQ(passed.text, expected.text) << "cut at " << cut;
          ASSERT_EQ(passed.account, expected.account) << "cut at " << cut;
          ASSERT_EQ(seen(hidden, passed.bytes), "") << "cut at " << cut;
        }
        const auto upstream = lane.upstream({text});
        const auto uncut = pass(lane, redacting, upstream).bytes;
        std::vector<std::size_t> everywhere(upstream.size());
        std::iota(everywhere.begin(), everywhere.end(), std::size_t{0});
        ASSERT_EQ(pass(lane, redacting, upstream, everywhere).bytes, uncut) << "byte by byte";
        for (std::size_t cut = (t * 7 + n) % kByteStride; cut < upstream.size(); cut += kByteStride)
          ASSERT_EQ(pass(lane, redacting, upstream, {cut}).bytes, uncut) << "bytes cut at " << cut;
      }
  std::cout << "split: " << all.size() << " secrets and identifiers x " << kLanes.size()
            << " texts of streams x plain and multi-byte neighbours = " << cases << " cases, " << runs
            << " streams, 0 bytes leaked\n";
}

// As a tool would read them, so escapes hide nothing: "\u0041" for each character.
TEST_F(Split, EscapesInArgumentsHideNothing) {
  const auto all = texts();
  for (std::size_t t = 0; t < all.size(); ++t)
    for (const Lane& lane : kLanes) {
      if (!lane.arguments) continue;
      const std::string text = R"({"to":)" + as_json("é " + all[t]) + "}";
      std::string sent = R"({"to":"\u00e9 )";
      for (const char c : all[t]) sent += "\\u00" + to_hex(std::string_view(&c, 1));
      sent += "\"}";
      SCOPED_TRACE(std::string(lane.name) + ": " + sent);
      const auto expected = whole(text, redacting, true);
      for (std::size_t cut = t % 5; cut <= sent.size(); cut += 5 * kStride) {
        const auto passed = pass(lane, redacting, lane.upstream({sent.substr(0, cut), sent.substr(cut)}));
        ASSERT_EQ(passed.text, expected.text) << "cut at " << cut;
        ASSERT_EQ(passed.account, expected.account) << "cut at " << cut;
      }
    }
}

// A line break or a quotation mark in arguments is an escape: two letters that must not become part of a word.
TEST_F(Split, ALineBreakInArgumentsHidesNothingAndWhatLeavesIsStillJson) {
  for (const auto& found : texts())
    for (const std::string around : {"\n", "\t", "\"", "\\", "\r\n"}) {
      const std::string said = "a" + around + found + around + "b";
      const std::string text = R"({"to":)" + as_json(said) + "}";
      SCOPED_TRACE(text);
      const auto expected = whole(text, redacting, true);
      ASSERT_EQ(expected.account, whole(said, redacting, false).account);
      for (const Lane& lane : kLanes) {
        if (!lane.arguments) continue;
        const auto cut = text.size() / 2;
        const auto passed = pass(lane, redacting, lane.upstream({text.substr(0, cut), text.substr(cut)}));
        ASSERT_EQ(passed.text, expected.text) << lane.name;
        ASSERT_EQ(passed.account, expected.account) << lane.name;
        ASSERT_TRUE(parse_json(passed.text)) << lane.name << ": " << passed.text;
      }
    }
}

TEST_F(Split, ARefusalEndsTheStreamBeforeAnythingOfItLeaves) {
  for (const auto& found : texts())
    for (const Lane& lane : kLanes) {
      std::string text = "Before, " + found + " and after.";
      if (lane.arguments) text = R"({"to":)" + as_json(text) + "}";
      SCOPED_TRACE(std::string(lane.name) + ": " + text);
      const auto expected = whole(text, blocking, lane.arguments);
      const auto hidden = pieces_of(expected.secrets, "");
      for (std::size_t cut = 0; cut <= text.size(); cut += 3 * kStride) {
        if (!begins_character(text, cut)) continue;
        const auto passed = pass(lane, blocking, lane.upstream({text.substr(0, cut), text.substr(cut)}));
        ASSERT_EQ(passed.account, expected.account) << "cut at " << cut;
        ASSERT_EQ(seen(hidden, passed.bytes), "") << "cut at " << cut;
        ASSERT_EQ(passed.bytes.find("and after"), std::string::npos) << "cut at " << cut;
      }
    }
}

}  // namespace
}  // namespace plimsoll::gateway
