#include "wire/sse.h"

#include <gmock/gmock.h>

namespace plimsoll::wire {
namespace {

using testing::ElementsAre;

std::vector<SseEvent> decode(std::string_view stream) {
  SseDecoder decoder;
  return decoder.feed(stream).value();
}

TEST(Sse, ReadsEveryLineEndAByteOrderMarkAndComments) {
  const std::vector<SseEvent> expected = {{"", "a"}, {"x", "b\nc"}, {"", ""}};
  for (const std::string end : {"\n", "\r", "\r\n"}) {
    std::string stream = "\xEF\xBB\xBF";
    for (const char* line : {"data: a", "", ": comment", "event: x", "data:b", "id: 7", "data: c", "", "",
                             "data", "", "event: dropped", "", "data: unfinished"})
      stream.append(line).append(end);
    EXPECT_EQ(decode(stream), expected);
  }
}

TEST(Sse, GivesTheSameEventsWhereverTheStreamIsCut) {
  const std::string_view stream =
      "\xEF\xBB\xBF"
      "data: a\r\n\r\nevent: e\rdata:  b\rdata: c\r\rdata: [DONE]\n\n";
  const auto whole = decode(stream);
  ASSERT_EQ(whole.size(), 3U);
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    SseDecoder decoder;
    auto events = decoder.feed(stream.substr(0, cut)).value();
    const auto rest = decoder.feed(stream.substr(cut)).value();
    events.insert(events.end(), rest.begin(), rest.end());
    EXPECT_EQ(events, whole) << "cut at " << cut;
    EXPECT_TRUE(decoder.idle());
  }
}

TEST(Sse, StripsOneSpaceOnly) {
  EXPECT_THAT(decode("data:  two\n\n"), ElementsAre(SseEvent{"", " two"}));
}

TEST(Sse, AnEventBeyondTheLimitIsAnErrorFromThenOnAndWhatCameBeforeIsKept) {
  SseDecoder decoder(8);
  std::vector<SseEvent> events;
  EXPECT_EQ(decoder.feed("data: a\n\ndata: abcdefgh\n\n", events).error().code, Code::kTooLarge);
  EXPECT_THAT(events, ElementsAre(SseEvent{"", "a"}));
  EXPECT_FALSE(decoder.feed("\n\n"));
}

TEST(Sse, ManyDataLinesCountTogether) {
  SseDecoder decoder(64);
  std::string stream;
  for (int i = 0; i < 20; ++i) stream += "data: abc\n";
  EXPECT_FALSE(decoder.feed(stream));
}

TEST(Sse, KnowsWhetherAnEventIsUnfinished) {
  SseDecoder decoder;
  EXPECT_TRUE(decoder.idle());
  EXPECT_TRUE(decoder.feed("data: a\n"));
  EXPECT_FALSE(decoder.idle());
  EXPECT_TRUE(decoder.feed("\n"));
  EXPECT_TRUE(decoder.idle());
}

TEST(Sse, NoContentBreaksTheFraming) {
  for (const char* text : {"", "a", " a", "a\n\nevent: x\ndata: b", "a\rb\r\nc", "\n", ":"}) {
    std::string written;
    append_sse(written, text, "name");
    std::string joined;
    for (const char* c = text; *c != '\0'; ++c) {
      if (*c == '\r' && c[1] == '\n') ++c;
      joined += *c == '\r' ? '\n' : *c;
    }
    EXPECT_THAT(decode(written), ElementsAre(SseEvent{"name", joined}));
  }
}

}  // namespace
}  // namespace plimsoll::wire
