#include <gmock/gmock.h>

#include <numeric>

#include "base/json.h"
#include "fake_filter.h"
#include "wire/openai_responses.h"
#include "wire/sse.h"

namespace plimsoll::wire {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string event(std::string_view type, std::string_view members) {
  std::string out;
  append_sse(out,
             R"({"type":")" + std::string(type) + R"(","sequence_number":77)" +
                 (members.empty() ? "" : "," + std::string(members)) + "}",
             type);
  return out;
}

std::string response(std::string_view state, std::string_view output = "[]") {
  return event(
      "response." + std::string(state),
      R"("response":{"id":"resp_1","object":"response","created_at":1,"status":")" +
          std::string(state == "created" ? "in_progress" : state) +
          R"(","error":null,"instructions":"be kind","model":"m","output":)" + std::string(output) +
          R"(,"tools":[{"type":"function","name":"f"}],"usage":{"total_tokens":3},"metadata":{"k":"v"}})");
}

std::string item(std::string_view state, std::string_view body, int index = 0) {
  return event("response.output_item." + std::string(state),
               R"("output_index":)" + std::to_string(index) + R"(,"item":)" + std::string(body));
}

std::string part(std::string_view state, std::string_view body, int index = 0, int number = 0) {
  return event("response.content_part." + std::string(state),
               R"("item_id":"i","output_index":)" + std::to_string(index) + R"(,"content_index":)" +
                   std::to_string(number) + R"(,"part":)" + std::string(body));
}

std::string text(std::string_view kind, std::string_view state, std::string_view piece, int index = 0,
                 std::string_view member = "delta", std::string_view number = R"("content_index":0)") {
  std::string members = R"("item_id":"i","output_index":)" + std::to_string(index) + "," +
                        std::string(number) + ",\"" + std::string(member) + "\":";
  append_json_string(members, piece);
  return event("response." + std::string(kind) + "." + std::string(state), members);
}

std::string delta(std::string_view piece, int index = 0) {
  return text("output_text", "delta", piece, index);
}

constexpr std::string_view kMessage =
    R"({"type":"message","id":"msg_1","status":"in_progress","role":"assistant","content":[]})";
constexpr std::string_view kPart = R"({"type":"output_text","text":"","annotations":[],"logprobs":[]})";

std::string message_begins() {
  return response("created") + response("in_progress") + item("added", kMessage) + part("added", kPart);
}

std::string message_ends(std::string_view said) {
  const std::string whole =
      R"({"type":"output_text","text":")" + std::string(said) + R"(","annotations":[],"logprobs":[]})";
  const std::string message =
      R"({"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[)" + whole + "]}";
  return text("output_text", "done", said, 0, "text") + part("done", whole) + item("done", message) +
         response("completed", "[" + message + "]");
}

std::string pass(FakeFilter& filter, std::string_view stream) {
  return run_stream([&] { return responses_stream(filter, "asked"); }, stream, {});
}

std::string pass(std::string_view stream, std::size_t delay = 0) {
  FakeFilter filter;
  filter.delay = delay;
  return pass(filter, stream);
}

std::vector<json::value> events_of(std::string_view stream) {
  std::vector<json::value> events;
  for (const auto& e : SseDecoder().feed(stream).value()) {
    events.push_back(parse_json(e.data).value());
    EXPECT_EQ(events.back().at("type").as_string(), e.name);
    EXPECT_EQ(events.back().at("sequence_number").as_int64(), std::ssize(events) - 1);
  }
  return events;
}

std::vector<std::string> types_of(std::string_view stream) {
  std::vector<std::string> types;
  for (const auto& e : events_of(stream)) types.emplace_back(e.at("type").as_string());
  return types;
}

// Every place of a stream that tells the text, which must be the same everywhere: the deltas joined, the text,
// the part, the item and the response.
std::vector<std::string> tellings(std::string_view stream) {
  std::vector<std::string> said(5);
  for (const auto& e : events_of(stream)) {
    const auto type = std::string(e.at("type").as_string());
    if (type == "response.output_text.delta") said[0] += e.at("delta").as_string();
    if (type == "response.output_text.done") said[1] += e.at("text").as_string();
    if (type == "response.content_part.done") said[2] += e.at("part").at("text").as_string();
    if (type == "response.output_item.done")
      said[3] += e.at("item").at("content").at(0).at("text").as_string();
    if (type == "response.completed" || type == "response.incomplete")
      said[4] += e.at("response").at("output").at(0).at("content").at(0).at("text").as_string();
  }
  return said;
}

TEST(ResponsesStream, AnUntouchedStreamPassesEventByEvent) {
  const auto stream = message_begins() + delta("Hel") + delta("lo") + message_ends("Hello");
  const auto passed = pass(stream);
  EXPECT_THAT(types_of(passed),
              ElementsAre("response.created", "response.in_progress", "response.output_item.added",
                          "response.content_part.added", "response.output_text.delta",
                          "response.output_text.delta", "response.output_text.done",
                          "response.content_part.done", "response.output_item.done", "response.completed"));
  EXPECT_THAT(tellings(passed), ElementsAre("Hello", "Hello", "Hello", "Hello", "Hello"));
  const auto last = events_of(passed).back();
  EXPECT_EQ(last.at("response").at("status"), "completed");
  EXPECT_EQ(to_json(last.at("response").at("usage")), R"({"total_tokens":3})");
  EXPECT_EQ(last.at("response").at("id"), "resp_1");
}

TEST(ResponsesStream, EveryRepetitionTellsWhatTheFilterLetGo) {
  const auto stream =
      message_begins() + delta("a sec") + delta("ret") + delta("!") + message_ends("a secret!");
  for (const std::size_t delay : {4, 6, 100}) {
    const auto passed = pass(stream, delay);
    EXPECT_THAT(tellings(passed), ElementsAre("a ***!", "a ***!", "a ***!", "a ***!", "a ***!")) << delay;
    EXPECT_THAT(passed, Not(HasSubstr("secret")));
  }
}

TEST(ResponsesStream, WhatTheRequestSaidIsNotRepeated) {
  const auto passed = pass(message_begins() + message_ends(""));
  EXPECT_THAT(passed, Not(HasSubstr("be kind")));
  EXPECT_THAT(passed, HasSubstr(R"("instructions":null)"));
  EXPECT_THAT(passed, HasSubstr(R"("tools":[])"));
}

TEST(ResponsesStream, AWithheldStreamEndsIncomplete) {
  FakeFilter filter;
  filter.delay = 20;
  const auto codec = responses_stream(filter, "m");
  std::string out;
  const auto state = codec->feed(
      message_begins() + delta("this was let go before ......") + delta("forbidden") + delta("more"), out);
  EXPECT_EQ(state, StreamCodec::State::kWithheld);
  EXPECT_THAT(
      types_of(out),
      ElementsAre("response.created", "response.in_progress", "response.output_item.added",
                  "response.content_part.added", "response.output_text.delta", "response.output_text.done",
                  "response.content_part.done", "response.output_item.done", "response.incomplete"));
  EXPECT_THAT(tellings(out), testing::Each("this was "));
  const auto events = events_of(out);
  EXPECT_EQ(events[7].at("item").at("status"), "incomplete");
  const auto& last = events.back().at("response");
  EXPECT_EQ(last.at("status"), "incomplete");
  EXPECT_EQ(last.at("incomplete_details").at("reason"), "content_filter");
  const auto size = out.size();
  EXPECT_EQ(codec->feed(delta("more"), out), StreamCodec::State::kWithheld);
  codec->fail("late", out);
  EXPECT_EQ(codec->close(out), StreamCodec::State::kWithheld);
  EXPECT_EQ(out.size(), size);
}

TEST(ResponsesStream, FunctionCallsPassWithTheirArgumentsFilteredAsTheToolWillReadThem) {
  FakeFilter filter;
  filter.delay = 3;
  const auto call = [](std::string_view arguments) {
    std::string out = R"({"type":"function_call","id":"fc_1","call_id":"call_1","name":"f","arguments":)";
    append_json_string(out, arguments);
    return out + R"(,"status":"in_progress"})";
  };
  const auto said = R"({"q":"s\u0065cret"})";
  const auto passed =
      pass(filter, response("created") + item("added", call("")) +
                       text("function_call_arguments", "delta", R"({"q":"s\u00)", 0, "delta", R"("x":0)") +
                       text("function_call_arguments", "delta", R"(65cret"})", 0, "delta", R"("x":0)") +
                       text("function_call_arguments", "done", said, 0, "arguments", R"("x":0)") +
                       item("done", call(said)) + response("completed", "[" + call(said) + "]"));
  EXPECT_EQ(filter.seen.size(), 1U);
  EXPECT_EQ(filter.seen.begin()->second, R"({"q":"secret"})");
  const auto events = events_of(passed);
  std::string joined;
  for (const auto& e : events)
    if (e.at("type") == "response.function_call_arguments.delta") joined += e.at("delta").as_string();
  const std::string kept = R"({"q":"***"})";
  EXPECT_EQ(joined, kept);
  EXPECT_EQ(events.at(events.size() - 3).at("arguments"), json::string(kept));
  EXPECT_EQ(events.at(events.size() - 2).at("item").at("arguments"), json::string(kept));
  EXPECT_EQ(events.back().at("response").at("output").at(0).at("arguments"), json::string(kept));
  EXPECT_EQ(events.back().at("response").at("output").at(0).at("name"), "f");
}

TEST(ResponsesStream, EveryKindOfTextIsAChannelOfItsOwn) {
  FakeFilter filter;
  filter.delay = 3;
  const std::string reasoning = R"({"type":"reasoning","id":"rs_1","summary":[]})";
  const std::string custom = R"({"type":"custom_tool_call","id":"c_1","call_id":"k","name":"n","input":""})";
  const std::string code = R"({"type":"code_interpreter_call","id":"ci","code":"","container_id":"cntr_1"})";
  const std::string mcp = R"({"type":"mcp_call","id":"m_1","server_label":"s","name":"n","arguments":""})";
  const std::string shell = R"({"type":"shell_call","id":"s_1","call_id":"k","action":{"commands":[]}})";
  const auto passed = pass(
      filter,
      response("created") + item("added", reasoning, 0) +
          event(
              "response.reasoning_summary_part.added",
              R"("item_id":"rs_1","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":""})") +
          text("reasoning_summary_text", "delta", "summary", 0, "delta", R"("summary_index":0)") +
          text("reasoning_text", "delta", "reasoning", 0) + item("added", kMessage, 1) + delta("content", 1) +
          text("refusal", "delta", "refusal", 1, "delta", R"("content_index":1)") + item("added", custom, 2) +
          text("custom_tool_call_input", "delta", "input", 2, "delta", R"("x":0)") + item("added", code, 3) +
          text("code_interpreter_call_code", "delta", "code", 3, "delta", R"("x":0)") +
          item("added", mcp, 4) + text("mcp_call_arguments", "delta", "{}", 4, "delta", R"("x":0)") +
          item("added", shell, 5) +
          text("shell_call_command", "delta", "ls", 5, "delta", R"("command_index":0)") +
          text("shell_call_command", "delta", "df", 5, "delta", R"("command_index":1)") +
          response("completed"));
  using Key = std::tuple<std::uint32_t, SegmentKind, std::uint32_t>;
  const auto kText = SegmentKind::kText;
  const auto kArguments = SegmentKind::kToolArguments;
  EXPECT_THAT(filter.seen,
              testing::UnorderedElementsAre(
                  std::pair(Key(0, kText, 3), "summary"), std::pair(Key(0, kText, 2), "reasoning"),
                  std::pair(Key(1, kText, 0), "content"), std::pair(Key(1, kText, 5), "refusal"),
                  std::pair(Key(2, kArguments, 0), "input"), std::pair(Key(3, kArguments, 0), "code"),
                  std::pair(Key(4, kArguments, 0), "{}"), std::pair(Key(5, kArguments, 1), "ls"),
                  std::pair(Key(5, kArguments, 2), "df")));
  const auto last = events_of(passed).back();
  const auto& output = last.at("response").at("output").as_array();
  ASSERT_EQ(output.size(), 6U);
  EXPECT_EQ(output[0].at("summary").at(0).at("text"), "summary");
  EXPECT_EQ(output[0].at("content").at(0).at("text"), "reasoning");
  EXPECT_EQ(output[1].at("content").at(0).at("text"), "content");
  EXPECT_EQ(output[1].at("content").at(1).at("refusal"), "refusal");
  EXPECT_EQ(output[2].at("input"), "input");
  EXPECT_EQ(output[3].at("code"), "code");
  EXPECT_EQ(output[4].at("arguments"), "{}");
  EXPECT_EQ(to_json(output[5].at("action").at("commands")), R"(["ls","df"])");
}

TEST(ResponsesStream, WhatArrivesWholeIsFilteredWhole) {
  FakeFilter filter;
  const auto passed = pass(
      filter,
      response("created") +
          item("added", R"({"type":"web_search_call","id":"ws_1","status":"in_progress"})") +
          event("response.web_search_call.searching", R"("item_id":"ws_1","output_index":0)") +
          item(
              "done",
              R"({"type":"web_search_call","id":"ws_1","status":"completed","action":{"type":"search","query":"my secret"}})") +
          item(
              "done",
              R"({"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gAAAsecret=","status":null})",
              1) +
          item("done", R"({"type":"image_generation_call","id":"ig","result":"AAAAsecret"})", 2) +
          item("done", R"({"type":"vendor_call","id":"vc","said":["a secret",{"deep":"a secret"}]})", 3) +
          response("completed"));
  EXPECT_THAT(passed, HasSubstr(R"("query":"my ***")"));
  EXPECT_THAT(passed, HasSubstr("response.web_search_call.searching"));
  EXPECT_THAT(passed, HasSubstr(R"("encrypted_content":"gAAAsecret=")"));
  EXPECT_THAT(passed, HasSubstr(R"("result":null)"));
  EXPECT_THAT(passed, HasSubstr(R"("said":["a ***",{"deep":"a ***"}])"));
  EXPECT_EQ(filter.seen.size(), 2U);  // a string is filtered once
}

TEST(ResponsesStream, AnnotationsAreFilteredAndRepeated) {
  const auto passed = pass(
      message_begins() + delta("cited") +
      event(
          "response.output_text.annotation.added",
          R"("item_id":"i","output_index":0,"content_index":0,"annotation_index":0,"annotation":{"type":"url_citation","title":"a secret","url":"u u","start_index":0,"end_index":5})") +
      message_ends("cited"));
  const std::string annotation =
      R"({"type":"url_citation","title":"a ***","url":"u u","start_index":0,"end_index":5})";
  std::size_t times = 0;
  for (auto at = passed.find(annotation); at != std::string::npos; at = passed.find(annotation, at + 1))
    ++times;
  EXPECT_EQ(times, 4U);
  EXPECT_THAT(passed, Not(HasSubstr("secret")));
}

TEST(ResponsesStream, WhatTheUpstreamForgetsToAnnounceOrToCloseIsAddedHere) {
  const std::string whole =
      R"([{"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[{"type":"output_text","text":"a secret"}]}])";
  const std::vector<std::string> every = {
      "response.created",           "response.output_item.added", "response.content_part.added",
      "response.output_text.delta", "response.output_text.done",  "response.content_part.done",
      "response.output_item.done",  "response.completed"};
  const auto only_whole = pass(response("created") + response("completed", whole));
  EXPECT_EQ(types_of(only_whole), every);
  EXPECT_THAT(tellings(only_whole), testing::Each("a ***"));
  const auto unclosed =
      pass(response("created") + item("added", kMessage) + delta("a secret") + response("completed"));
  EXPECT_EQ(types_of(unclosed), every);
  EXPECT_THAT(tellings(unclosed), testing::Each("a ***"));
  EXPECT_THAT(unclosed, HasSubstr(R"("status":"completed")"));
}

TEST(ResponsesStream, TextThatCannotBeFilteredPieceByPieceDoesNotPass) {
  const auto passed = pass(
      message_begins() + event("response.audio.delta", R"("delta":"leak")") +
      event("response.audio.transcript.delta", R"("delta":"leak")") +
      event("response.vendor.report", R"("deep":[{"x":"leak"}])") +
      event("response.vendor.progress", R"("percent":7)") + event("keepalive", "") +
      event("response.image_generation_call.partial_image",
            R"("output_index":0,"partial_image_b64":"leak")") +
      event(
          "response.output_text.delta",
          R"("output_index":0,"content_index":0,"delta":"a","logprobs":[{"token":"leak"}],"obfuscation":"leak")") +
      message_ends("a"));
  EXPECT_THAT(passed, Not(HasSubstr("leak")));
  EXPECT_THAT(passed, HasSubstr("response.vendor.progress"));
  EXPECT_THAT(passed, HasSubstr("keepalive"));
}

TEST(ResponsesStream, AnUpstreamThatStopsEarlyIsAnErrorAndNothingHeldLeaves) {
  const auto begun = message_begins() + delta("abc");
  for (const auto& stream :
       {std::string(), begun, begun + "data: [DONE]\n\n", begun + "data: not json\n\n",
        begun + "data: []\n\n", begun + "data: {}\n\n", begun + event("two words", ""), begun + delta("x", 1),
        begun + delta("x", -1), begun + delta("x", 5'000), begun + item("added", kMessage),
        begun + item("added", "7", 1), begun + item("added", R"({"id":"x"})", 1),
        begun + part("added", R"({"text":"x"})", 0, 1), begun + part("added", kPart, 0, 2),
        begun + text("function_call_arguments", "delta", "x"), begun + event("response.created", ""),
        begun + text("output_text", "done", "abc") + delta("x"),
        begun + event("response.completed", R"("response":{"output":[7]})")}) {
    const auto passed = pass(stream, 20);
    const auto last = events_of(passed).back();
    EXPECT_EQ(last.at("type"), "error") << stream;
    EXPECT_EQ(last.at("error").at("type"), "server_error");
    if (!stream.contains(".done")) EXPECT_THAT(passed, Not(HasSubstr("abc"))) << stream;
  }
}

TEST(ResponsesStream, AnUpstreamsErrorPassesWithoutItsWords) {
  for (const auto& error :
       {event("error", R"("code":"rate_limit_exceeded","message":"bad prompt: my secret","param":null)"),
        event("error", R"("error":{"code":"rate_limit_exceeded","message":"bad prompt: my secret"})"),
        std::string("data: {\"error\":{\"code\":\"rate_limit_exceeded\",\"message\":\"my secret\"}}\n\n")}) {
    const auto passed = pass(message_begins() + delta("held") + error, 10);
    const auto last = events_of(passed).back();
    EXPECT_EQ(last.at("type"), "error");
    EXPECT_EQ(last.at("code"), "rate_limit_exceeded");
    EXPECT_THAT(passed, Not(HasSubstr("secret")));
  }
  const auto failed = pass(
      message_begins() + delta("said") +
      event(
          "response.failed",
          R"("response":{"id":"resp_1","status":"failed","error":{"code":"server_error","message":"my secret"}})"));
  const auto last = events_of(failed).back();
  EXPECT_EQ(last.at("type"), "response.failed");
  EXPECT_EQ(last.at("response").at("error").at("code"), "server_error");
  EXPECT_THAT(failed, Not(HasSubstr("secret")));
}

TEST(ResponsesStream, WithholdingClosesEveryCallThatIsOpen) {
  const auto call =
      R"({"type":"function_call","id":"fc_1","call_id":"c","name":"f","arguments":"","status":"in_progress"})";
  const auto passed = pass(response("created") + item("added", call) +
                           text("function_call_arguments", "delta", R"({"q":)", 0, "delta", R"("x":0)") +
                           item("added", kMessage, 1) + delta("forbidden", 1));
  const auto events = events_of(passed);
  const auto& last = events.back();
  EXPECT_EQ(last.at("type"), "response.incomplete");
  EXPECT_EQ(last.at("response").at("output").at(0).at("arguments"), R"({"q":)");
  for (const auto& output : last.at("response").at("output").as_array())
    EXPECT_EQ(output.at("status"), "incomplete");
}

TEST(ResponsesStream, AnItemWhoseNameIsWithheldIsNeverAnnounced) {
  const auto passed = pass(
      response("created") +
      item(
          "added",
          R"({"type":"function_call","id":"fc_1","call_id":"c","name":"the forbidden one","arguments":""})"));
  EXPECT_THAT(types_of(passed), ElementsAre("response.created", "response.incomplete"));
  EXPECT_THAT(passed, Not(HasSubstr("forbidden")));
}

TEST(ResponsesStream, APartMayBeAnnouncedAsAnotherKind) {
  const auto passed =
      pass(response("created") + item("added", R"({"type":"reasoning","id":"rs","summary":[]})") +
           part("added", kPart) + text("reasoning_text", "delta", "hm") + response("completed"));
  EXPECT_EQ(to_json(events_of(passed).back().at("response").at("output").at(0).at("content")),
            R"([{"type":"reasoning_text","text":"hm"}])");
}

TEST(ResponsesStream, AnAnswerThatIsTooLongToBeRepeatedIsMalformed) {
  FakeFilter filter;
  const auto codec = responses_stream(filter, "m");
  std::string out;
  ASSERT_TRUE(codec->feed(message_begins(), out));
  const auto much = delta(std::string(1'000'000, 'x'));
  std::size_t fed = 0;
  while (fed < 20 && codec->feed(much, out)) {
    ++fed;
    out.clear();
    filter.seen.clear();
  }
  EXPECT_EQ(fed, 16U);
}

TEST(ResponsesStream, IdsThatAreNoIdsAreReplaced) {
  const auto passed = pass(
      response("created") +
      item("added",
           R"({"type":"message","id":"two words","status":"in_progress","role":"assistant","content":[]})") +
      delta("x") + response("completed"));
  EXPECT_THAT(passed, Not(HasSubstr("two words")));
  EXPECT_THAT(passed, HasSubstr(R"("item_id":"item_0")"));
}

TEST(ResponsesStream, TheOutputDoesNotDependOnHowTheInputWasCut) {
  const auto call =
      R"({"type":"function_call","id":"fc_1","call_id":"c","name":"f","arguments":"","status":"in_progress"})";
  const auto good = message_begins() + ": comment\n\n" + delta("é a sec") + delta("ret 😀") +
                    item("added", call, 1) +
                    text("function_call_arguments", "delta", "{\"\\u00e9\":1}", 1, "delta", R"("x":0)");
  const auto ending = message_ends("é a secret 😀");
  const auto bad = message_begins() + delta("a forbid") + delta("den word");
  for (const std::size_t delay : {0, 3, 64}) {
    for (const auto& stream : {good + ending, good, good.substr(0, 700), bad, good + "data: {\n\n"}) {
      const auto run = [&](std::span<const std::size_t> cuts) {
        FakeFilter filter;
        filter.delay = delay;
        return run_stream([&] { return responses_stream(filter, "m"); }, stream, cuts);
      };
      const auto whole = run({});
      EXPECT_TRUE(is_utf8(whole));
      std::vector<std::size_t> every(stream.size());
      std::iota(every.begin(), every.end(), 1U);
      ASSERT_EQ(run(every), whole) << "byte by byte";
      for (std::size_t cut = 0; delay == 3 && cut <= stream.size(); ++cut)
        ASSERT_EQ(run({&cut, 1}), whole) << "cut at " << cut;
    }
  }
}

}  // namespace
}  // namespace plimsoll::wire
