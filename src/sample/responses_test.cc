#include <gmock/gmock.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/json.h"
#include "replies.h"
#include "wire/sse.h"

namespace plimsoll::sample {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Reply ask(std::string_view request) {
  return make_reply(Protocol::kResponses, parse_json(request).value(), "default");
}

std::vector<json::value> events_of(const Reply& reply) {
  std::vector<json::value> all;
  wire::SseDecoder decoder;
  for (const auto& f : reply.frames)
    for (const auto& event : decoder.feed(f).value()) {
      all.push_back(parse_json(event.data).value());
      EXPECT_EQ(all.back().at("type").as_string(), event.name);
      EXPECT_EQ(all.back().at("sequence_number").to_number<std::size_t>(), all.size() - 1);
    }
  return all;
}

std::vector<std::string> types_of(const std::vector<json::value>& events) {
  std::vector<std::string> all;
  all.reserve(events.size());
  for (const auto& event : events) all.emplace_back(event.at("type").get_string());
  return all;
}

const std::string kTools =
    R"("tools":[{"type":"function","name":"f","parameters":{"properties":{"q":{"type":"string"}}}}])";

TEST(Responses, RepeatTheLastUserMessageAndWhatWasAskedFor) {
  const auto body = parse_json(ask(R"({"model":"m","instructions":"be brief","input":"hi"})").body).value();
  EXPECT_EQ(body.at("object"), "response");
  EXPECT_EQ(body.at("instructions"), "be brief");
  EXPECT_EQ(body.at("output").at(0).at("content").at(0).at("text"), "You said: hi");
  EXPECT_EQ(body.at("usage").at("input_tokens"), 3);
  EXPECT_THAT(ask(R"({"input":[{"role":"user","content":[{"type":"input_text","text":"yo"}]},
      {"type":"message","role":"assistant","content":[{"type":"output_text","text":"x"}]}]})")
                  .body,
              HasSubstr("You said: yo"));
}

TEST(Responses, AStreamHasTheWholeSequenceOfNumberedEvents) {
  const auto events = events_of(ask(R"({"stream":true,"input":"hi"})"));
  EXPECT_THAT(
      types_of(events),
      ElementsAre("response.created", "response.in_progress", "response.output_item.added",
                  "response.content_part.added", "response.output_text.delta", "response.output_text.delta",
                  "response.output_text.delta", "response.output_text.done", "response.content_part.done",
                  "response.output_item.done", "response.completed"));
  EXPECT_EQ(to_json(events.back().at("response")), ask(R"({"stream":true,"input":"hi"})").body);
  EXPECT_EQ(events.front().at("response").at("status"), "in_progress");
}

TEST(Responses, CallToolsAndTellTheirResults) {
  const auto request = "{" + kTools + R"(,"stream":true,"input":"[[args: {\"q\":1}]]"})";
  const auto body = parse_json(ask(request).body).value();
  EXPECT_EQ(body.at("output").at(0).at("type"), "function_call");
  EXPECT_EQ(body.at("output").at(0).at("arguments"), R"({"q":1})");
  EXPECT_THAT(types_of(events_of(ask(request))),
              ElementsAre("response.created", "response.in_progress", "response.output_item.added",
                          "response.function_call_arguments.delta", "response.function_call_arguments.done",
                          "response.output_item.done", "response.completed"));
  EXPECT_THAT(ask("{" + kTools + R"(,"input":[{"role":"user","content":"call the tool"},
      {"type":"function_call","call_id":"c","name":"f","arguments":"{}"},
      {"type":"function_call_output","call_id":"c","output":"42"}]})")
                  .body,
              HasSubstr("The tool said: 42"));
}

TEST(Responses, ReasonBeforeTheyAnswer) {
  const auto request = R"({"stream":true,"input":"[[think: hm hm]] hi"})";
  const auto body = parse_json(ask(request).body).value();
  EXPECT_EQ(body.at("output").at(0).at("summary").at(0).at("text"), "hm hm");
  EXPECT_EQ(body.at("usage").at("output_tokens_details").at("reasoning_tokens"), 2);
  const auto events = events_of(ask(request));
  EXPECT_EQ(events.at(4).at("type"), "response.reasoning_summary_text.delta");
  EXPECT_EQ(events.at(9).at("output_index"), 1);
}

TEST(Responses, CutByALimitAreIncomplete) {
  const auto events = events_of(ask(R"({"stream":true,"max_output_tokens":2,"input":"one two"})"));
  EXPECT_EQ(events.back().at("type"), "response.incomplete");
  EXPECT_EQ(events.back().at("response").at("incomplete_details").at("reason"), "max_output_tokens");
}

TEST(Responses, AnswerWithJsonThatSatisfiesASchema) {
  EXPECT_THAT(ask(R"({"input":"hi","text":{"format":{"type":"json_schema","name":"x","schema":
      {"properties":{"a":{"type":"integer"},"b":{"type":"string"}}}}}})")
                  .body,
              HasSubstr(R"("text":"{\"a\":1,\"b\":\"You said: hi\"}")"));
}

}  // namespace
}  // namespace plimsoll::sample
