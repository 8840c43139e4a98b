#include "wire/document.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "wire/openai_chat.h"

namespace plimsoll::wire {
namespace {

TEST(Document, AReplacedSegmentChangesTheBodyAtItsPlace) {
  auto document = decode_chat_request(
      R"({"messages":[{"role":"user","content":"one"},{"role":"user","content":[{"type":"text","text":"two"}]}]})");
  document->replace(0, "ONE");
  document->replace(1, "TWO \"x\"");
  EXPECT_EQ(document->body(), R"({"messages":[{"role":"user","content":"ONE"},)"
                              R"({"role":"user","content":[{"type":"text","text":"TWO \"x\""}]}]})");
  EXPECT_EQ(document->conversation().segments[0].text, "ONE");
}

TEST(Document, FindsMembersWhoseNamesNeedEscaping) {
  auto document = decode_chat_request(
      R"({"messages":[{"role":"user","content":""}],"metadata":{"a/b":{"~c":["x"]},"":"y"}})");
  ASSERT_EQ(document->conversation().segments[0].pointer, "/metadata/a~1b/~0c/0");
  document->replace(0, "1");
  document->replace(1, "2");
  EXPECT_EQ(document->body(),
            R"({"messages":[{"role":"user","content":""}],"metadata":{"a/b":{"~c":["1"]},"":"2"}})");
}

TEST(Document, AnAttachmentThatIsReplacedBecomesAText) {
  auto document = decode_chat_request(
      R"({"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x.example/a b"}}]}]})");
  ASSERT_EQ(document->conversation().segments.size(), 2U);
  document->replace(0, "[removed]");
  document->replace(1, "nowhere to put this");
  EXPECT_EQ(document->body(),
            R"({"messages":[{"role":"user","content":[{"type":"text","text":"[removed]"}]}]})");
}

TEST(Document, SegmentsAreFoundAgainAfterSafeMode) {
  auto document =
      decode_chat_request(R"({"tools":[{"type":"function","function":{"name":"f","description":"d"}}],)"
                          R"("messages":[{"role":"user","content":"one"},{"role":"user","content":"two"}]})");
  make_safe(*document, "Be careful.", 0.2);
  for (std::size_t i = 0; i < document->conversation().segments.size(); ++i)
    document->replace(i, std::to_string(i));
  EXPECT_EQ(document->body(),
            R"({"messages":[{"role":"system","content":"Be careful."},{"role":"user","content":"2"},)"
            R"({"role":"user","content":"3"}],"temperature":0.2})");
}

TEST(Document, TextReplacedInAnAnswerTakesItsTokensWithIt) {
  auto document = decode_chat_response(
      R"({"choices":[{"message":{"content":"ab"},"logprobs":{"content":[{"token":"a"},{"token":"b"}]}},)"
      R"({"message":{"content":"c"},"logprobs":{"content":[{"token":"c"}]}}]})");
  document->replace(0, "*");
  EXPECT_EQ(document->body(), R"({"choices":[{"message":{"content":"*"},"logprobs":null},)"
                              R"({"message":{"content":"c"},"logprobs":{"content":[{"token":"c"}]}}]})");
}

}  // namespace
}  // namespace plimsoll::wire
