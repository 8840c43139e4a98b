#include "wire/embeddings.h"

#include <gmock/gmock.h>

namespace plimsoll::wire {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::vector<std::string> places(const Decoded<Document>& document) {
  if (!document) return {"refused: " + document.error().message};
  std::vector<std::string> found;
  for (const auto& s : document->conversation().segments)
    found.push_back(s.pointer + " " + std::string(to_string(s.kind)) + " " + s.text);
  return found;
}

TEST(Embeddings, EveryTextOfARequestIsASegment) {
  const auto request = decode_embedding_request(
      R"({"model":"m","input":["one","two"],"encoding_format":"float","dimensions":64,"user":"Ann B","task":"x"})");
  EXPECT_THAT(places(request),
              ElementsAre("/input/0 text one", "/input/1 text two", "/user text Ann B", "/task text x"));
  EXPECT_EQ(request->conversation().surface, "embeddings");
  EXPECT_EQ(request->conversation().model, "m");
  EXPECT_THAT(places(decode_embedding_request(R"({"input":"all"})")), ElementsAre("/input text all"));
}

TEST(Embeddings, TokenIdsCannotBeInspectedAndSaySo) {
  EXPECT_THAT(places(decode_embedding_request(R"({"input":[1,2]})")), ElementsAre("/input attachment "));
  EXPECT_THAT(places(decode_embedding_request(R"({"input":[[1,2],[]]})")),
              ElementsAre("/input/0 attachment ", "/input/1 attachment "));
}

TEST(Embeddings, RefusesWhatItCannotUseWithoutQuotingIt) {
  std::string many = R"({"input":["a")";
  for (int i = 0; i < 2'048; ++i) many += R"(,"a")";
  const std::pair<std::string, const char*> cases[] = {{"{}", "input"},
                                                       {"zq", ""},
                                                       {R"({"input":null})", "input"},
                                                       {R"({"input":[]})", "input"},
                                                       {R"({"input":[{"text":"zq"}]})", "input[0]"},
                                                       {R"({"input":"a","model":7})", "model"},
                                                       {many + "]}", "input"}};
  for (const auto& [body, param] : cases) {
    const auto request = decode_embedding_request(body);
    ASSERT_FALSE(request) << body;
    EXPECT_EQ(request.error().param, param) << body;
    EXPECT_THAT(request.error().message, Not(HasSubstr("zq")));
  }
}

TEST(Embeddings, VectorsAreNoText) {
  EXPECT_THAT(places(decode_embedding_response(
                  R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.1,-2,3e-5]},
      {"object":"embedding","index":1,"embedding":"AACAPwAAAL8="}],"model":"m","usage":{"prompt_tokens":1}})")),
              IsEmpty());
}

TEST(Embeddings, AnyOtherStringInAnAnswerIsInspected) {
  EXPECT_THAT(
      places(decode_embedding_response(
          R"({"data":[{"embedding":"my secret","note":"a"},{"embedding":["b",1]},{"embedding":{"c":"d"}},
      {"embedding":"AKIAIOSFODNN7EXAMPLE"},{"embedding":"AACAfw=="},{"embedding":""}],"model":"two words","extra":["e"]})")),
      ElementsAre("/data/0/embedding text my secret", "/data/0/note text a", "/data/1/embedding/0 text b",
                  "/data/2/embedding/c text d", "/data/3/embedding text AKIAIOSFODNN7EXAMPLE",
                  "/data/4/embedding text AACAfw==", "/model text two words", "/extra/0 text e"));
}

TEST(Embeddings, AnAnswerThatIsNoneIsTheUpstreamsFault) {
  for (const char* body : {"", "[]", "{}", R"({"data":7})", R"({"data":[7]})", R"({"data":[{}]})"})
    EXPECT_EQ(decode_embedding_response(body).error().status, 502) << body;
}

}  // namespace
}  // namespace plimsoll::wire
