#include "wire/text_completions.h"

#include <gmock/gmock.h>

#include "base/json.h"
#include "wire/embeddings.h"

namespace plimsoll::wire {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> places(const Decoded<Document>& document) {
  if (!document) return {"refused: " + document.error().message};
  std::vector<std::string> found;
  for (const auto& s : document->conversation().segments)
    found.push_back(s.pointer + " " + std::string(to_string(s.role)) + " " + std::string(to_string(s.kind)) +
                    " " + s.text);
  return found;
}

TEST(TextCompletions, EveryTextOfARequestIsASegment) {
  const auto request = decode_text_completion_request(
      R"({"model":"m","prompt":["one","","two"],"suffix":"after","stop":["s"],"user":"a@b.example","n":2,
      "stream":true,"logit_bias":{"5":-100},"vendor":{"deep":["x"]},"stream_options":{"include_usage":true}})");
  EXPECT_THAT(places(request), ElementsAre("/prompt/0 user text one", "/prompt/2 user text two",
                                           "/suffix user text after", "/stop/0 user text s",
                                           "/user user text a@b.example", "/vendor/deep/0 user text x"));
  EXPECT_EQ(request->conversation().surface, "completions");
  EXPECT_EQ(request->conversation().model, "m");
  EXPECT_TRUE(request->conversation().stream);
  EXPECT_THAT(places(decode_text_completion_request(R"({"model":"m","prompt":"all","user":"u-1"})")),
              ElementsAre("/prompt user text all"));
}

TEST(TextCompletions, WhatIsGivenAsTokensOrVectorsCannotBeInspectedAndSaysSo) {
  EXPECT_THAT(places(decode_text_completion_request(R"({"prompt":[1,2,50256]})")),
              ElementsAre("/prompt user attachment "));
  EXPECT_THAT(
      places(decode_text_completion_request(R"({"prompt":[[1,2],"x",[3]]})")),
      ElementsAre("/prompt/0 user attachment ", "/prompt/1 user text x", "/prompt/2 user attachment "));
  EXPECT_THAT(places(decode_text_completion_request(R"({"prompt":null,"prompt_embeds":"QUJD"})")),
              ElementsAre("/prompt_embeds user attachment "));
  EXPECT_THAT(places(decode_text_completion_request(R"({"prompt":null,"prompt_embeds":null})")),
              ElementsAre());
}

TEST(TextCompletions, RefusesWhatItCannotUseWithoutQuotingIt) {
  std::string many = R"({"stream":true,"n":2,"prompt":["a")";
  for (int i = 0; i < 64; ++i) many += R"(,"a")";
  const std::pair<std::string, const char*> cases[] = {
      {"{}", "prompt"},
      {"[]", ""},
      {"zq", ""},
      {R"({"prompt":7})", "prompt"},
      {R"({"prompt":[]})", "prompt"},
      {R"({"prompt":["zq",{"zq":1}]})", "prompt[1]"},
      {R"({"prompt":["zq",1]})", "prompt[1]"},
      {R"({"prompt":[1,1.5]})", "prompt[0]"},
      {R"({"prompt":[["zq"]]})", "prompt[0]"},
      {R"({"prompt":"a","n":0})", "n"},
      {R"({"prompt":"a","best_of":"zq"})", "best_of"},
      {R"({"prompt":"a","suffix":["zq"]})", "suffix"},
      {R"({"prompt":"a","stream":"zq"})", "stream"},
      {R"({"prompt":"a","stream_options":"zq"})", "stream_options"},
      {R"({"prompt":"a","model":["zq"]})", "model"},
      {many + "]}", "prompt"}};
  for (const auto& [body, param] : cases) {
    const auto request = decode_text_completion_request(body);
    ASSERT_FALSE(request) << body;
    EXPECT_EQ(request.error().param, param) << body;
    EXPECT_EQ(request.error().status, 400);
    EXPECT_THAT(request.error().message, Not(HasSubstr("zq")));
  }
}

TEST(TextCompletions, SafeModesPreambleStandsBeforeEveryPrompt) {
  auto one = decode_text_completion_request(R"({"prompt":"my secret","temperature":2,"n":4,"tools":[]})");
  make_text_completion_safe(*one, "Be careful.", 0.5);
  one->replace(0, "my ***");
  EXPECT_EQ(one->body(), R"({"prompt":"Be careful.\n\nmy ***","temperature":0.5,"n":1})");

  auto several = decode_text_completion_request(R"({"prompt":["a secret",[1,2],""]})");
  several->replace(0, "a ***");
  make_text_completion_safe(*several, "Be careful.", 0.5);
  EXPECT_EQ(several->body(),
            R"({"prompt":["Be careful.\n\na ***",[1,2],"Be careful.\n\n"],"temperature":0.5})");
}

TEST(TextCompletions, EveryTextOfAnAnswerIsASegment) {
  const auto answer = decode_text_completion_response(
      R"({"id":"cmpl-1","object":"text_completion","created":1,"model":"m","choices":[
      {"text":"said","index":0,"logprobs":null,"finish_reason":"stop","note":"x"},
      {"text":"","index":1,"finish_reason":"two words"}],"usage":{"total_tokens":3},"extra":"y"})");
  EXPECT_THAT(places(answer),
              ElementsAre("/choices/0/text assistant text said", "/choices/0/note assistant text x",
                          "/choices/1/finish_reason assistant text two words", "/extra assistant text y"));
  EXPECT_EQ(answer->conversation().direction, Direction::kOutput);
  EXPECT_EQ(answer->conversation().model, "m");
}

TEST(TextCompletions, ProbabilitiesStayOnlyWhereTheyRepeatTheText) {
  const auto passed = [](std::string_view logprobs) {
    const auto answer = decode_text_completion_response(R"({"choices":[{"text":"a b","index":0,"logprobs":)" +
                                                        std::string(logprobs) + "}]}");
    return !answer->json().at("choices").at(0).at("logprobs").is_null();
  };
  EXPECT_TRUE(passed(
      R"({"tokens":["a"," b"],"token_logprobs":[-1,null],"top_logprobs":[{"a":-1},null],"text_offset":[0,1]})"));
  EXPECT_FALSE(passed(R"({"tokens":["a"," c"]})"));
  EXPECT_FALSE(passed(R"({"tokens":["a"," b",7]})"));
  EXPECT_FALSE(passed(R"({"tokens":["a"," b"],"other":"secret"})"));
  EXPECT_FALSE(passed(R"({"token_logprobs":[-1]})"));
  EXPECT_FALSE(passed(R"("a b")"));

  auto answer = decode_text_completion_response(
      R"({"choices":[{"text":"a b","logprobs":{"tokens":["a"," b"]},"token_ids":[1,2],"prompt_logprobs":[{"9":{"decoded_token":"zq"}}]}]})");
  answer->replace(0, "***");
  EXPECT_EQ(answer->body(),
            R"({"choices":[{"text":"***","logprobs":null,"token_ids":null,"prompt_logprobs":null}]})");
}

TEST(TextCompletions, AnAnswerThatIsNoneIsTheUpstreamsFault) {
  for (const char* body : {"", "[]", "{}", R"({"choices":7})", R"({"choices":[7]})", R"({"choices":[{}]})",
                           R"({"choices":[{"text":7}]})"})
    EXPECT_EQ(decode_text_completion_response(body).error().status, 502) << body;
}

TEST(TextCompletions, AWithheldAnswerKeepsNoTextAtAll) {
  auto answer = decode_text_completion_response(
      R"({"id":"cmpl-1","model":"two words","choices":[{"text":"zq","index":0,"finish_reason":"stop"},{"text":"zq"}],
      "usage":{"total_tokens":3},"zq":"zq"})");
  withhold_text_completion(*answer);
  EXPECT_EQ(
      answer->body(),
      R"({"id":"cmpl-1","choices":[{"text":"","index":0,"logprobs":null,"finish_reason":"content_filter"},{"text":"","index":1,"logprobs":null,"finish_reason":"content_filter"}],"usage":{"total_tokens":3}})");

  auto talkative = decode_text_completion_response(R"({"choices":[],"usage":{"note":"zq"}})");
  withhold_text_completion(*talkative);
  EXPECT_THAT(talkative->body(), Not(HasSubstr("zq")));
}

TEST(TextCompletions, ProblemsHaveTheShapeThatTheSdksKnow) {
  Problem refused{.kind = ProblemKind::kRefused,
                  .message = "no",
                  .code = "content_filter",
                  .param = "prompt",
                  .inner = json::object{{"code", "ResponsibleAIPolicyViolation"}}};
  EXPECT_EQ(
      text_completion_error(refused),
      R"({"error":{"message":"no","type":"invalid_request_error","param":"prompt","code":"content_filter","innererror":{"code":"ResponsibleAIPolicyViolation"}}})");
  const std::pair<ProblemKind, const char*> types[] = {
      {ProblemKind::kInvalid, "invalid_request_error"}, {ProblemKind::kUndecided, "server_error"},
      {ProblemKind::kStranger, "authentication_error"}, {ProblemKind::kLimited, "rate_limit_error"},
      {ProblemKind::kUpstream, "upstream_error"},       {ProblemKind::kTimeout, "upstream_error"},
      {ProblemKind::kInternal, "server_error"}};
  for (const auto& [kind, type] : types)
    EXPECT_EQ(text_completion_error({.kind = kind, .message = "m", .code = {}, .param = {}, .inner = {}}),
              R"({"error":{"message":"m","type":")" + std::string(type) + R"(","param":null,"code":null}})");
}

TEST(TextCompletions, FitTheTableOfSurfaces) {
  constexpr Surface kCompletions{.name = "completions",
                                 .protocol = Protocol::kCompletions,
                                 .decode_request = decode_text_completion_request,
                                 .decode_response = decode_text_completion_response,
                                 .stream = text_completion_stream,
                                 .make_safe = make_text_completion_safe,
                                 .withhold = withhold_text_completion,
                                 .error = text_completion_error};
  constexpr Surface kEmbeddings{.name = "embeddings",
                                .protocol = Protocol::kEmbeddings,
                                .decode_request = decode_embedding_request,
                                .decode_response = decode_embedding_response,
                                .stream = nullptr,
                                .make_safe = nullptr,
                                .withhold = nullptr,
                                .error = text_completion_error};
  EXPECT_EQ(kCompletions.decode_request(R"({"prompt":"a"})")->conversation().surface, kCompletions.name);
  EXPECT_EQ(kEmbeddings.decode_request(R"({"input":"a"})")->conversation().surface, kEmbeddings.name);
}

}  // namespace
}  // namespace plimsoll::wire
