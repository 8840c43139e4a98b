#include "wire/completion.h"

#include <gmock/gmock.h>

#include "base/json.h"

namespace plimsoll::wire {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Completion, ARequestIsItsPromptAndTheContextStaysHere) {
  auto request = decode_completion_request(
      R"({"prompt":"hello","model":"m","context":{"lawful_basis":true},"max_tokens":5,"stop":["s"]})");
  ASSERT_TRUE(request) << request.error().message;
  const auto& conversation = request->document.conversation();
  ASSERT_EQ(conversation.segments.size(), 2U);
  EXPECT_EQ(conversation.segments[0].pointer, "/prompt");
  EXPECT_EQ(conversation.segments[1].pointer, "/stop/0");
  EXPECT_EQ(conversation.model, "m");
  EXPECT_EQ(conversation.surface, "proxy.completion");
  EXPECT_TRUE(request->context.at("lawful_basis").as_bool());
  EXPECT_EQ(request->document.body(), R"({"prompt":"hello","model":"m","max_tokens":5,"stop":["s"]})");
}

TEST(Completion, RefusesWhatItCannotUse) {
  const std::pair<const char*, const char*> cases[] = {{R"({})", "prompt"},
                                                       {R"({"prompt":["zq"]})", "prompt"},
                                                       {R"({"prompt":"a","model":7})", "model"},
                                                       {R"({"prompt":"a","max_tokens":"zq"})", "max_tokens"},
                                                       {R"({"prompt":"a","context":"zq"})", "context"},
                                                       {R"({"prompt":"a","stream":1})", "stream"},
                                                       {"[]", ""}};
  for (const auto& [body, param] : cases) {
    const auto request = decode_completion_request(body);
    ASSERT_FALSE(request) << body;
    EXPECT_EQ(request.error().param, param) << body;
    EXPECT_THAT(request.error().message, Not(HasSubstr("zq")));
  }
}

TEST(Completion, AnAnswerIsItsContentAndEveryOtherText) {
  const auto answer =
      decode_completion_response(R"({"content":"hi","model":"m","usage":{"n":1},"note":"x"})");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->conversation().direction, Direction::kOutput);
  ASSERT_EQ(answer->conversation().segments.size(), 2U);
  EXPECT_EQ(answer->conversation().segments[0].text, "hi");
  for (const char* body : {"", "[]", "{}", R"({"content":7})"})
    EXPECT_EQ(decode_completion_response(body).error().status, 502);
}

TEST(Completion, SafeModesPreambleStaysInFrontOfARedactedPrompt) {
  auto decoded = decode_completion_request(R"({"prompt":"my secret","temperature":1.5,"tools":[]})");
  auto& request = decoded->document;
  make_safe_completion(request, "Be careful.", 0.5);
  request.replace(0, "my ***");
  EXPECT_EQ(request.body(), R"({"prompt":"Be careful.\n\nmy ***","temperature":0.5})");
  EXPECT_EQ(request.conversation().segments[0].text, "my ***");
  EXPECT_EQ(completion_as_chat(request, true),
            R"({"messages":[{"role":"system","content":"Be careful."},{"role":"user","content":"my ***"}],)"
            R"("temperature":0.5,"stream":true})");
}

TEST(Completion, TravelsAsAChatAndComesBack) {
  const auto request =
      decode_completion_request(R"({"prompt":"hello","model":"m","max_tokens":5,"stream":true})");
  EXPECT_EQ(completion_as_chat(request->document, false),
            R"({"messages":[{"role":"user","content":"hello"}],"model":"m","max_tokens":5,"stream":false})");
  const auto answer = completion_from_chat(
      R"({"id":"c","model":"m2","choices":[{"message":{"role":"assistant","content":"hi"}}],"usage":{"total_tokens":2}})");
  EXPECT_EQ(answer->body(), R"({"content":"hi","model":"m2","usage":{"total_tokens":2}})");
  EXPECT_EQ(answer->conversation().segments[0].pointer, "/content");
  EXPECT_EQ(completion_from_chat(R"({"choices":[{"message":{"content":null,"refusal":"no"}}]})")->body(),
            R"({"content":"no","model":"","usage":{}})");
  EXPECT_EQ(completion_from_chat(R"({"choices":[]})").error().status, 502);
}

TEST(Completion, AnErrorCarriesTheVerdict) {
  EXPECT_EQ(completion_error("m", "t"), R"({"error":{"message":"m","type":"t"}})");
  Problem refused{
      .kind = ProblemKind::kRefused, .message = "m", .code = "content_filter", .param = {}, .inner = {}};
  refused.inner = json::object{{"action", "block"}, {"reasons", json::array{"r"}}, {"decision_id", "d"}};
  EXPECT_EQ(
      completion_problem(refused),
      R"({"allowed":false,"action":"block","reasons":["r"],"error":{"message":"m","type":"content_filter","decision_id":"d"}})");
}

}  // namespace
}  // namespace plimsoll::wire
