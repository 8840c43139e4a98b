#include "http2.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "http2_peer.h"

namespace plimsoll::net {
namespace {

using namespace std::chrono_literals;

// A server without a network: it answers when it is told to.
class World final : public Http2::Events {
 public:
  explicit World(ServerOptions o = {}) : options(std::move(o)), http2(options, *this, now) {}

  // False: the server wants no more.
  bool send(std::string_view bytes) {
    const bool sound = http2.feed(bytes, now);
    hear();
    return sound && !http2.is_over();
  }
  void hear() {
    for (std::string out;; out.clear()) {
      http2.produce(out, 65'536, now);
      if (out.empty()) break;
      heard.add(out);
    }
  }
  void pass(std::chrono::seconds time) {
    now += time;
    http2.expire(now);
    hear();
  }
  void answer(Http2::Id id, std::string body, int status = 200) {
    Response response{.status = status, .headers = {}, .body = {}};
    response.headers.add("Content-Type", "text/plain");
    response.headers.add("Connection", "close");
    http2.respond(id, response, std::move(body), now);
    hear();
  }
  void answer_and_release(Http2::Id id, std::string body) {
    answer(id, std::move(body));
    http2.release(id);
    hear();
  }

  void on_request(Http2::Id id, Request request, std::optional<Refusal> refused, bool routed) override {
    if (refused) {
      refusals[id] = *refused;
      auto response = to_response(*refused);
      std::string body = std::move(response.body);
      http2.respond(id, response, std::move(body), now);
      http2.release(id);
    } else {
      EXPECT_TRUE(routed);
      requests[id] = std::move(request);
    }
  }
  void on_closed(Http2::Id id, bool whole) override { closed[id] = whole; }
  void on_drained(Http2::Id id) override { drained.push_back(id); }

  ServerOptions options;
  Http2::Time now{};
  Http2 http2;
  Heard heard;
  std::map<Http2::Id, Request> requests;
  std::map<Http2::Id, Refusal> refusals;
  std::map<Http2::Id, bool> closed;
  std::vector<Http2::Id> drained;
};

TEST(Http2, GivesARequestAsHttp11Would) {
  const std::string sent =
      hello() + headers(1, post_fields("/a%20b?q=%20") + Fields{{"x-a", "1"}, {"te", "trailers"}}) +
      data(1, "he") + data(1, "llo", kEnd);
  for (const std::size_t piece : {1UZ, 7UZ, sent.size()}) {
    World world;
    for (std::size_t at = 0; at < sent.size(); at += piece)
      world.send(std::string_view(sent).substr(at, piece));
    ASSERT_EQ(world.requests.size(), 1U);
    const Request& request = world.requests[1];
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.path, "/a b");
    EXPECT_EQ(request.query, "q=%20");
    EXPECT_EQ(request.headers.get("Host"), "h");
    EXPECT_EQ(request.headers.get("X-A"), "1");
    EXPECT_FALSE(request.headers.has("te"));
    EXPECT_EQ(request.body, "hello");
    world.answer(1, "hi");
    EXPECT_EQ(world.heard.status(1), 200);
    EXPECT_EQ(world.heard.field(1, "content-type"), "text/plain");
    EXPECT_EQ(world.heard.field(1, "content-length"), "2");
    EXPECT_EQ(world.heard.field(1, "connection"), "");
    EXPECT_EQ(world.heard.body(1), "hi");
    EXPECT_TRUE(world.heard.ended(1));
    EXPECT_TRUE(world.closed[1]);
  }
}

TEST(Http2, AnswersWhoeverIsReadyFirst) {
  World world;
  world.send(hello() + headers(1, get_fields("/1"), kEnd) + headers(3, get_fields("/3"), kEnd));
  world.answer(3, "three");
  EXPECT_EQ(world.heard.body(3), "three");
  EXPECT_EQ(world.heard.status(1), 0);
  world.answer(1, "one");
  EXPECT_EQ(world.heard.body(1), "one");
}

TEST(Http2, AnswersHeadWithoutABody) {
  World world;
  Fields head = get_fields("/");
  head[0].second = "HEAD";
  world.send(hello() + headers(1, head, kEnd) + headers(3, head, kEnd));
  world.answer(1, "hello");
  EXPECT_EQ(world.heard.field(1, "content-length"), "5");
  EXPECT_TRUE(world.heard.ended(1));
  world.http2.begin(3, 200, {});
  world.http2.write(3, "unseen", world.now);
  world.http2.end(3);
  world.hear();
  EXPECT_TRUE(world.heard.ended(3));
  EXPECT_EQ(world.heard.body_bytes, 0U);
}

TEST(Http2, RefusesRequestsThatTwoServersWouldReadDifferently) {
  const std::pair<const char*, Fields> bad[] = {
      {"connection", get_fields("/") + Fields{{"connection", "close"}}},
      {"keep-alive", get_fields("/") + Fields{{"keep-alive", "timeout=5"}}},
      {"proxy-connection", get_fields("/") + Fields{{"proxy-connection", "close"}}},
      {"transfer-encoding", get_fields("/") + Fields{{"transfer-encoding", "chunked"}}},
      {"upgrade", get_fields("/") + Fields{{"upgrade", "websocket"}}},
      {"te", get_fields("/") + Fields{{"te", "gzip"}}},
      {"upper case", get_fields("/") + Fields{{"X-A", "b"}}},
      {"a space in a name", get_fields("/") + Fields{{"x a", "b"}}},
      {"a colon in a name", get_fields("/") + Fields{{"x:a", "b"}}},
      {"an empty name", get_fields("/") + Fields{{"", "b"}}},
      {"a line feed in a value", get_fields("/") + Fields{{"x-a", "b\nhost: c"}}},
      {"a NUL in a value", get_fields("/") + Fields{{"x-a", std::string("b\0c", 3)}}},
      {"a pseudo-header twice", get_fields("/") + Fields{{":path", "/b"}}},
      {"a pseudo-header late", Fields{{":method", "GET"}, {":scheme", "http"}, {"x", "y"}, {":path", "/"}}},
      {"an unknown pseudo-header", get_fields("/") + Fields{{":status", "200"}}},
      {"no method", Fields{{":scheme", "http"}, {":authority", "h"}, {":path", "/"}}},
      {"no path", Fields{{":method", "GET"}, {":scheme", "http"}, {":authority", "h"}}},
      {"no scheme", Fields{{":method", "GET"}, {":authority", "h"}, {":path", "/"}}},
      {"no host", Fields{{":method", "GET"}, {":scheme", "http"}, {":path", "/"}}},
      {"another host", get_fields("/") + Fields{{"host", "g"}}},
      {"two hosts", get_fields("/") + Fields{{"host", "h"}, {"host", "h"}}},
      {"a host with a slash",
       Fields{{":method", "GET"}, {":scheme", "http"}, {":authority", "h/x"}, {":path", "/"}}},
      {"a user", Fields{{":method", "GET"}, {":scheme", "http"}, {":authority", "u@h"}, {":path", "/"}}},
      {"a target that is no path", get_fields("http://h/")},
      {"an asterisk", get_fields("*")},
      {"a fragment", get_fields("/a#b")},
      {"a broken escape", get_fields("/%zz")},
      {"an escaped NUL", get_fields("/%00")},
      {"an escaped slash", get_fields("/a%2Fb")},
      {"CONNECT", Fields{{":method", "CONNECT"}, {":authority", "h:1"}}},
      {"a length that is no number", get_fields("/") + Fields{{"content-length", "abc"}}},
      {"two lengths", get_fields("/") + Fields{{"content-length", "0"}, {"content-length", "0"}}},
      {"a signed length", get_fields("/") + Fields{{"content-length", "+0"}}},
      {"a length without a body", get_fields("/") + Fields{{"content-length", "5"}}},
  };
  for (const auto& [name, fields] : bad) {
    World world;
    world.send(hello() + headers(1, fields, kEnd));
    EXPECT_TRUE(world.requests.empty()) << name;
    EXPECT_TRUE(world.heard.status(1) / 100 == 4 || world.heard.reset(1) == NGHTTP2_PROTOCOL_ERROR ||
                world.heard.goaway() > 0)
        << name << ": " << world.heard.status(1) << ' ' << world.heard.reset(1);
  }
}

TEST(Http2, RefusesABodyOfAnotherLengthThanStated) {
  for (const char* body : {"hell", "hello!"}) {
    World world;
    world.send(hello() + headers(1, post_fields("/") + Fields{{"content-length", "5"}}) +
               data(1, body, kEnd));
    EXPECT_TRUE(world.requests.empty());
    EXPECT_EQ(world.heard.reset(1), NGHTTP2_PROTOCOL_ERROR);
  }
}

TEST(Http2, KeepsTrailersOutOfTheHeaders) {
  World world;
  world.send(hello() + headers(1, post_fields("/")) + data(1, "a") + headers(1, {{"x-late", "1"}}, kEnd));
  ASSERT_EQ(world.requests.size(), 1U);
  EXPECT_FALSE(world.requests[1].headers.has("x-late"));
  EXPECT_EQ(world.requests[1].body, "a");
}

TEST(Http2, JoinsCookiesThatWereSplit) {
  World world;
  world.send(hello() + headers(1, get_fields("/") + Fields{{"cookie", "a=1"}, {"cookie", "b=2"}}, kEnd));
  EXPECT_EQ(world.requests[1].headers.get("cookie"), "a=1; b=2");
}

TEST(Http2, TellsAClientThatWaitsToGoOn) {
  World world;
  world.send(hello() + headers(1, post_fields("/") + Fields{{"expect", "100-continue"}}));
  EXPECT_EQ(world.heard.field(1, ":status"), "100");
  world.send(data(1, "a", kEnd));
  world.answer(1, "b");
  EXPECT_EQ(world.heard.status(1), 200);
}

TEST(Http2, BoundsHeadersAndBodies) {
  ServerOptions options;
  options.max_header_bytes = 1'024;
  options.max_body_bytes = 100;
  World world(options);
  world.send(hello() + headers(1, get_fields("/") + Fields{{"x-a", std::string(1'000, 'a')}}, kEnd));
  EXPECT_EQ(world.heard.status(1), 431);
  Fields many = get_fields("/");
  for (int i = 0; i < 40; ++i) many.emplace_back("x", "");
  world.send(headers(3, many, kEnd));
  EXPECT_EQ(world.heard.status(3), 431);
  world.send(headers(5, post_fields("/") + Fields{{"content-length", "101"}}));
  EXPECT_EQ(world.heard.status(5), 413);
  world.send(headers(7, post_fields("/")) + data(7, std::string(101, 'a')));
  EXPECT_EQ(world.heard.status(7), 413);
  world.send(headers(9, post_fields("/")) + data(9, std::string(100, 'a'), kEnd));
  EXPECT_EQ(world.requests.size(), 1U);
}

// Many clients read an answer only when they have sent all of their request.
TEST(Http2, LetsTheRestOfARefusedBodyInForAWhile) {
  ServerOptions options;
  options.max_body_bytes = 100'000;
  World world(options);
  world.send(hello() + window_update(0, 1U << 20U));
  for (const Http2::Id id : {1, 3, 5}) {
    world.send(headers(id, post_fields("/") + Fields{{"content-length", "10000000"}}));
    EXPECT_EQ(world.heard.status(id), 413);
    EXPECT_TRUE(world.heard.ended(id));
  }
  const std::string piece(10'000, 'a');
  for (int i = 0; i < 9; ++i) world.send(data(1, piece) + data(3, piece));
  EXPECT_EQ(world.heard.reset(1), -1);
  for (int i = 0; i < 2; ++i) world.send(data(1, piece));
  EXPECT_EQ(world.heard.reset(1), NGHTTP2_NO_ERROR);
  EXPECT_EQ(world.heard.reset(3), -1);
  world.pass(6s);
  EXPECT_EQ(world.heard.reset(3), NGHTTP2_NO_ERROR);
  EXPECT_EQ(world.heard.reset(5), NGHTTP2_NO_ERROR);
  EXPECT_TRUE(world.http2.is_idle());
}

TEST(Http2, UndoesCompression) {
  std::string packed(200, '\0');
  uLongf size = packed.size();
  compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>("hello"), 5);
  packed.resize(size);
  World world;
  const Fields fields = post_fields("/") + Fields{{"content-encoding", "deflate"}};
  world.send(hello() + headers(1, fields) + data(1, packed, kEnd) + headers(3, fields) +
             data(3, packed + "x", kEnd));
  EXPECT_EQ(world.requests[1].body, "hello");
  EXPECT_FALSE(world.requests[1].headers.has("content-encoding"));
  EXPECT_EQ(world.refusals[3].status, 400);
}

TEST(Http2, SendsNoMoreThanTheClientHasRoomFor) {
  World world;
  world.send(hello() + headers(1, get_fields("/"), kEnd));
  world.answer(1, std::string(1'000'000, 'a'));
  EXPECT_EQ(world.heard.body_bytes, 65'535U);
  EXPECT_EQ(world.http2.unsent(1), 1'000'000U - 65'535U);
  world.send(window_update(0, 100'000) + window_update(1, 1'000));
  EXPECT_EQ(world.heard.body_bytes, 66'535U);
  EXPECT_TRUE(world.drained.empty());
  world.send(window_update(0, 1'000'000) + window_update(1, 1'000'000));
  EXPECT_EQ(world.heard.body_bytes, 1'000'000U);
  EXPECT_THAT(world.drained, testing::ElementsAre(1));
  EXPECT_TRUE(world.heard.ended(1));
}

TEST(Http2, StreamsInPiecesAndNeverMakesACutStreamLookWhole) {
  World world;
  world.send(hello() + headers(1, get_fields("/"), kEnd) + headers(3, get_fields("/"), kEnd));
  for (const Http2::Id id : {1, 3}) {
    world.http2.begin(id, 200, {});
    for (const char* piece : {"one ", "two "}) {
      world.http2.write(id, piece, world.now);
      world.hear();
    }
  }
  EXPECT_EQ(world.heard.body(1), "one two ");
  EXPECT_FALSE(world.heard.ended(1));
  world.http2.end(1);
  world.http2.reset(3);
  world.hear();
  EXPECT_TRUE(world.heard.ended(1));
  EXPECT_FALSE(world.heard.ended(3));
  EXPECT_EQ(world.heard.reset(3), NGHTTP2_INTERNAL_ERROR);
  EXPECT_TRUE(world.closed[1]);
  EXPECT_FALSE(world.closed[3]);
}

TEST(Http2, TellsWhenAClientGivesUp) {
  World world;
  world.send(hello() + headers(1, get_fields("/"), kEnd) + rst(1));
  ASSERT_TRUE(world.closed.contains(1));
  EXPECT_FALSE(world.closed[1]);
  world.answer_and_release(1, "too late");
  EXPECT_EQ(world.heard.status(1), 0);
  EXPECT_TRUE(world.http2.is_idle());
}

TEST(Http2, HoldsNoMoreOfBodiesTogetherThanIsAllowedAndAllComeToAnEnd) {
  ServerOptions options;
  options.max_body_bytes = 2U << 20U;
  options.max_connection_body_bytes = 1U << 20U;
  World world(options);
  world.send(hello());
  // Ten clients' bodies of a megabyte each, a frame of each in turn, as far as their windows go.
  constexpr std::size_t kBody = 1U << 20U;
  constexpr std::size_t kFrame = 16'384;
  constexpr std::size_t kWindow = 65'535;
  std::map<Http2::Id, std::size_t> sent;
  std::size_t most = 0;
  std::size_t finished = 0;
  for (Http2::Id id = 1; id < 20; id += 2) {
    world.send(headers(id, post_fields("/")));
    sent[id] = 0;
  }
  const auto window = [&](Http2::Id id) {
    std::size_t bytes = kWindow;
    for (const Frame& f : world.heard.frames)
      if (f.type == NGHTTP2_WINDOW_UPDATE && f.stream == id) bytes += f.number(0);
    return bytes;
  };
  for (bool going = true; going;) {
    going = false;
    for (auto& [id, count] : sent) {
      if (count == kBody || window(id) < count + kFrame) continue;
      going = true;
      count += kFrame;
      world.send(data(id, std::string(kFrame, 'a'), count == kBody ? kEnd : 0));
      std::size_t held = 0;
      for (const auto& [other, bytes] : sent)
        if (!world.closed.contains(other)) held += bytes;
      most = std::max(most, held);
      if (world.requests.contains(id)) {
        EXPECT_EQ(world.requests[id].body.size(), kBody);
        world.answer_and_release(id, "ok");
        ++finished;
      }
    }
  }
  EXPECT_EQ(finished, 10U);
  EXPECT_LE(most, options.max_connection_body_bytes + 10 * kWindow + kBody);
}

TEST(Http2, RefusesMoreRequestsAtOnceThanItSaid) {
  ServerOptions options;
  options.max_concurrent_streams = 4;
  World world(options);
  world.send(hello() + frame(NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK, 0, ""));
  for (Http2::Id id = 1; id <= 9; id += 2) world.send(headers(id, get_fields("/"), kEnd));
  EXPECT_EQ(world.requests.size(), 4U);
  EXPECT_GT(world.heard.goaway() > 0 || world.heard.reset(9) > 0, 0);
}

// Requests that were given up while somebody still works for them count.
TEST(Http2, RefusesMoreRequestsThanItCanWorkFor) {
  ServerOptions options;
  options.max_concurrent_streams = 4;
  World world(options);
  world.send(hello());
  for (Http2::Id id = 1; id < 100; id += 2) world.send(headers(id, get_fields("/"), kEnd) + rst(id));
  EXPECT_EQ(world.requests.size(), 8U);
  for (Http2::Id id = 1; id < 16; id += 2) world.http2.release(id);
  world.send(headers(101, get_fields("/"), kEnd));
  EXPECT_TRUE(world.requests.contains(101));
}

TEST(Http2, EndsConnectionsThatAreFlooded) {
  Http2::Id id = 1;
  const std::string settings = frame(NGHTTP2_SETTINGS, 0, 0, "");
  const std::string ping = frame(NGHTTP2_PING, 0, 0, "12345678");
  const std::string priority = frame(NGHTTP2_PRIORITY, 0, 1, std::string(5, '\0'));
  const std::pair<const char*, std::function<std::string()>> floods[] = {
      {"settings", [&] { return settings; }},
      {"ping", [&] { return ping; }},
      {"priority", [&] { return priority; }},
      {"empty data", [&] { return data(1, ""); }},
      {"window updates", [&] { return window_update(0, 1); }},
      {"rapid reset",
       [&] {
         id += 2;
         return headers(id, get_fields("/"), kEnd) + rst(id);
       }},
      {"resets on our side",
       [&] {
         id += 2;
         return headers(id, get_fields("/"), kEnd) + window_update(id, 0x7FFFFFFF);
       }},
  };
  for (const auto& [name, next] : floods) {
    World world;
    id = 1;
    ASSERT_TRUE(world.send(hello() + headers(1, post_fields("/"))));
    int rounds = 0;
    while (rounds < 5'000 && world.send(next())) {
      ++rounds;
      for (const auto& [request, unused] : world.requests) world.http2.release(request);
      world.requests.clear();
    }
    EXPECT_GE(rounds, 400) << name;
    EXPECT_LE(rounds, 1'100) << name;
    EXPECT_EQ(world.heard.goaway(), NGHTTP2_ENHANCE_YOUR_CALM) << name;
    EXPECT_TRUE(world.http2.is_over()) << name;
  }
}

TEST(Http2, DoesNotMistakeAPatientClientForAFlood) {
  World world;
  world.send(hello());
  for (int i = 0; i < 10'000; ++i) {
    world.now += 10ms;
    ASSERT_TRUE(world.send(frame(NGHTTP2_PING, 0, 0, "12345678"))) << i;
  }
  Http2::Id id = 1;
  for (int i = 0; i < 10'000; ++i, id += 2) {
    ASSERT_TRUE(world.send(headers(id, get_fields("/"), kEnd))) << i;
    world.answer_and_release(id, "hello");
    ASSERT_TRUE(world.send(window_update(0, 5))) << i;
  }
}

TEST(Http2, EndsHeadersThatNeverEnd) {
  World world;
  world.send(hello() + frame(NGHTTP2_HEADERS, kEnd, 1, header_block(get_fields("/"))));
  int rounds = 0;
  while (rounds < 1'000 && world.send(frame(NGHTTP2_CONTINUATION, 0, 1, header_block({{"x", "y"}}))))
    ++rounds;
  EXPECT_LE(rounds, 10);
  EXPECT_TRUE(world.requests.empty());
}

TEST(Http2, EndsAConnectionThatDawdles) {
  {
    World world;  // the preface, and then nothing
    world.send(kHttp2Preface);
    world.pass(9s);
    EXPECT_FALSE(world.http2.is_over());
    world.pass(2s);
    EXPECT_TRUE(world.http2.is_over());
  }
  {
    World world;  // headers begun
    world.send(hello() + frame(NGHTTP2_HEADERS, 0, 1, header_block(get_fields("/"))));
    world.pass(11s);
    EXPECT_TRUE(world.http2.is_over());
  }
  {
    World world;  // idle
    world.send(hello() + headers(1, get_fields("/"), kEnd));
    world.answer_and_release(1, "a");
    world.pass(119s);
    EXPECT_FALSE(world.http2.is_over());
    world.pass(2s);
    EXPECT_TRUE(world.http2.is_over());
    EXPECT_EQ(world.heard.goaway(), NGHTTP2_NO_ERROR);
  }
  {
    World world;  // a body begun: that request alone
    world.send(hello() + headers(1, post_fields("/")) + headers(3, get_fields("/"), kEnd));
    world.pass(121s);
    EXPECT_EQ(world.heard.reset(1), NGHTTP2_CANCEL);
    EXPECT_EQ(world.heard.reset(3), -1);
    world.answer(3, "took its time");
    EXPECT_EQ(world.heard.status(3), 200);
  }
  {
    World world;  // an answer that is not read
    world.send(hello() + headers(1, get_fields("/"), kEnd));
    world.answer(1, std::string(100'000, 'a'));
    world.pass(50s);
    world.send(window_update(0, 10) + window_update(1, 10));
    world.pass(50s);
    EXPECT_EQ(world.heard.reset(1), -1);
    world.pass(11s);
    EXPECT_EQ(world.heard.reset(1), NGHTTP2_CANCEL);
    EXPECT_FALSE(world.closed[1]);
  }
}

TEST(Http2, TakesWhatIsUnderWayBeforeItEnds) {
  World world;
  world.send(hello() + headers(1, get_fields("/1"), kEnd));
  world.http2.wind_up(world.now);
  world.hear();
  EXPECT_EQ(world.heard.goaway(), NGHTTP2_NO_ERROR);
  world.send(headers(3, get_fields("/3"), kEnd));  // sent before the client had heard
  const auto ping = std::ranges::find(world.heard.frames, NGHTTP2_PING, &Frame::type);
  ASSERT_NE(ping, world.heard.frames.end());
  world.send(frame(NGHTTP2_PING, NGHTTP2_FLAG_ACK, 0, ping->payload));
  EXPECT_EQ(world.heard.count(NGHTTP2_GOAWAY), 2U);
  world.send(headers(5, get_fields("/5"), kEnd));  // after it had
  EXPECT_FALSE(world.requests.contains(5));
  world.answer_and_release(1, "one");
  EXPECT_FALSE(world.http2.is_over());
  world.answer_and_release(3, "three");
  EXPECT_EQ(world.heard.body(3), "three");
  EXPECT_TRUE(world.http2.is_over());
}

TEST(Http2, EndsAllTheSameWhenNobodyAnswersThePing) {
  World world;
  world.send(hello());
  world.http2.wind_up(world.now);
  world.pass(2s);
  EXPECT_TRUE(world.http2.is_over());
}

TEST(Http2, SaysWhyItEndsAConnectionThatMakesNoSense) {
  const std::string nonsense[] = {
      std::string(kHttp2Preface) + "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
      std::string(kHttp2Preface) + frame(NGHTTP2_PING, 0, 0, "12345678"),  // before the settings
      hello() + data(1, "no such stream"),
      hello() + headers(2, get_fields("/"), kEnd),  // an id of the server's
      hello() + frame(NGHTTP2_PING, 0, 0, "short"),
      hello() + frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | kEnd, 1, "\xff\xff\xff\xff"),
      hello() + frame(NGHTTP2_SETTINGS, 0, 0, "12345"),
      hello() + window_update(0, 0),
      hello() + frame(NGHTTP2_PUSH_PROMISE, 0, 1, "1234"),
      hello() + frame(NGHTTP2_DATA, 0, 0, "a"),
  };
  for (const std::string& sent : nonsense) {
    World world;
    EXPECT_FALSE(world.send(sent)) << testing::PrintToString(sent);
    EXPECT_GT(world.heard.goaway(), 0) << testing::PrintToString(sent);
    EXPECT_TRUE(world.requests.empty());
  }
}

}  // namespace
}  // namespace plimsoll::net
