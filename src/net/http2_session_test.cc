#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <future>

#include "http2.h"
#include "http2_peer.h"
#include "test_server.h"
#include "wakeup.h"

namespace plimsoll::net {
namespace {

using namespace std::chrono_literals;

// What the handlers below have seen; they run on the server's thread.
struct Seen {
  std::atomic<int> begun = 0;
  std::atomic<int> given_up = 0;
  std::atomic<int> ended = 0;
  std::atomic<std::size_t> written = 0;
};

bool comes_true(const std::function<bool()>& holds) {
  for (int i = 0; i < 1'000; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(5ms);
  }
  return false;
}

Task<> answer(Exchange& exchange, Seen& seen) {
  const auto path = exchange.request().path;
  ++seen.begun;
  if (path == "/throw") throw std::runtime_error("as asked");
  if (path == "/silent") co_return;
  if (path == "/wait") {  // until the client goes
    const auto executor = co_await asio::this_coro::executor;
    Wakeup gone(executor);
    exchange.on_disconnect([&gone, &seen] {
      ++seen.given_up;
      gone.notify();
    });
    co_await gone.wait();
    ++seen.ended;
    co_return;
  }
  if (path == "/endless" || path == "/cut") {
    co_await exchange.begin_stream(200, {});
    const std::string piece(10'000, 'a');
    for (int i = 0; path == "/endless" || i < 1; ++i) {
      auto sent = co_await exchange.write(piece);
      if (!sent) break;
      seen.written += piece.size();
    }
    ++seen.ended;
    co_return;
  }
  Response response;
  response.body = path == "/large" ? std::string(1'000'000, 'a')
                                   : exchange.request().method + " " + path + " " + exchange.request().body;
  auto sent = co_await exchange.respond(std::move(response));
  if (!sent) ++seen.given_up;
  ++seen.ended;
}

class Http2SessionTest : public testing::Test {
 protected:
  explicit Http2SessionTest(ServerOptions options = {})
      : server([this](Exchange& exchange) { return answer(exchange, seen); }, std::move(options)) {}

  // A connection of a client that does exactly what it is told.
  class Client {
   public:
    explicit Client(std::uint16_t port) : socket_(io_) {
      socket_.connect({asio::ip::make_address("127.0.0.1"), port});
    }
    void send(std::string_view bytes) {
      boost::system::error_code ignored;
      asio::write(socket_, asio::buffer(bytes), ignored);
    }
    // Reads until it holds; false: the server closed before.
    bool read_until(const std::function<bool()>& holds) {
      std::string buffer(65'536, '\0');
      while (!holds()) {
        boost::system::error_code error;
        const auto size = socket_.read_some(asio::buffer(buffer), error);
        if (error) return false;
        heard.add(std::string_view(buffer).substr(0, size));
      }
      return true;
    }
    void close() { socket_.close(); }

    Heard heard;

   private:
    asio::io_context io_;
    asio::ip::tcp::socket socket_;
  };

  Seen seen;
  TestServer server;
};

TEST_F(Http2SessionTest, AnswersManyRequestsOfOneConnection) {
  Client client(server.port());
  client.send(hello());
  for (std::int32_t id = 1; id < 100; id += 2)
    client.send(headers(id, post_fields("/" + std::to_string(id))) + data(id, "body", kEnd));
  EXPECT_TRUE(client.read_until([&] { return client.heard.count(NGHTTP2_DATA) == 50; }));
  EXPECT_EQ(client.heard.body(7), "POST /7 body");
}

TEST_F(Http2SessionTest, TheFirstBytesDecideWhereverTheyAreCut) {
  const std::string sent = hello() + headers(1, get_fields("/x"), kEnd);
  for (const std::size_t cut : {1UZ, 3UZ, 15UZ, 18UZ, 23UZ, 24UZ, 30UZ}) {
    Client client(server.port());
    client.send(sent.substr(0, cut));
    std::this_thread::sleep_for(2ms);
    client.send(sent.substr(cut));
    EXPECT_TRUE(client.read_until([&] { return client.heard.ended(1); })) << cut;
  }
  EXPECT_TRUE(
      server.exchange("PUT / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").starts_with("HTTP/1.1 200"));
  EXPECT_TRUE(server.exchange("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n").starts_with("HTTP/1.1 400"));
  // Only the first.
  EXPECT_NE(
      server.exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n" + std::string(kHttp2Preface)).find("HTTP/1.1 400"),
      std::string::npos);
}

TEST_F(Http2SessionTest, AnswersForAHandlerThatThrowsOrForgets) {
  Client client(server.port());
  client.send(hello() + headers(1, get_fields("/throw"), kEnd) + headers(3, get_fields("/silent"), kEnd) +
              headers(5, get_fields("/cut"), kEnd) + headers(7, get_fields("/fine"), kEnd));
  EXPECT_TRUE(client.read_until([&] {
    return client.heard.ended(1) && client.heard.ended(3) && client.heard.reset(5) >= 0 &&
           client.heard.ended(7);
  }));
  EXPECT_EQ(client.heard.status(1), 500);
  EXPECT_EQ(client.heard.status(3), 500);
  EXPECT_FALSE(client.heard.ended(5));
  EXPECT_EQ(client.heard.status(7), 200);
}

TEST_F(Http2SessionTest, TellsTheHandlerThatTheClientGaveUpTheRequest) {
  Client client(server.port());
  client.send(hello() + headers(1, get_fields("/wait"), kEnd) + headers(3, get_fields("/wait"), kEnd));
  EXPECT_TRUE(comes_true([&] { return seen.begun == 2; }));
  client.send(rst(1));
  EXPECT_TRUE(comes_true([&] { return seen.ended == 1; }));
  EXPECT_EQ(seen.given_up, 1);
  client.close();
  EXPECT_TRUE(comes_true([&] { return seen.ended == 2; }));
  EXPECT_TRUE(comes_true([&] { return server.server().connections() == 0; }));
}

TEST_F(Http2SessionTest, WaitsForAClientThatReadsSlowly) {
  Client client(server.port());
  client.send(hello() + headers(1, get_fields("/endless"), kEnd));
  EXPECT_TRUE(client.read_until([&] { return client.heard.body_bytes == 65'535; }));
  std::this_thread::sleep_for(50ms);
  EXPECT_LE(seen.written, 65'535 + Http2::kSendAhead + 20'000);
  client.send(window_update(0, 1U << 20U) + window_update(1, 100'000));
  EXPECT_TRUE(client.read_until([&] { return client.heard.body_bytes == 165'535; }));
  EXPECT_LE(seen.written, 165'535 + Http2::kSendAhead + 20'000);
  client.send(rst(1));
  EXPECT_TRUE(comes_true([&] { return seen.ended == 1; }));
}

// The kernel takes a few megabytes; after that nothing is gathered for a client that does not read at all.
TEST_F(Http2SessionTest, WaitsForAClientThatDoesNotReadAtAll) {
  Client client(server.port());
  const std::string wide = big_endian(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 2) + big_endian(0x7FFFFFFF, 4);
  client.send(hello(wide) + window_update(0, 0x7FFFFFFF - 65'535) + headers(1, get_fields("/endless"), kEnd));
  std::size_t before = 1;
  EXPECT_TRUE(comes_true([&] {
    std::this_thread::sleep_for(50ms);
    return std::exchange(before, seen.written.load()) == seen.written;
  }));
  EXPECT_LE(seen.written, 32U << 20U);
  client.close();
  EXPECT_TRUE(comes_true([&] { return seen.ended == 1; }));
}

TEST_F(Http2SessionTest, SendsALargeAnswerAsRoomIsMade) {
  Client client(server.port());
  client.send(hello() + headers(1, get_fields("/large"), kEnd));
  std::size_t given = 0;
  EXPECT_TRUE(client.read_until([&] {
    if (client.heard.body_bytes > given + 30'000) {
      client.send(window_update(0, 30'000) + window_update(1, 30'000));
      given += 30'000;
    }
    return client.heard.ended(1);
  }));
  EXPECT_EQ(client.heard.body_bytes, 1'000'000U);
  EXPECT_TRUE(comes_true([&] { return seen.ended == 1; }));
  EXPECT_EQ(seen.given_up, 0);
}

TEST_F(Http2SessionTest, DrainsWithoutLosingARequest) {
  Client idle(server.port());
  idle.send(hello());
  Client client(server.port());
  client.send(hello() + headers(1, post_fields("/x")) + data(1, "a"));
  EXPECT_TRUE(client.read_until([&] { return client.heard.count(NGHTTP2_SETTINGS) == 2; }));
  EXPECT_TRUE(idle.read_until([&] { return idle.heard.count(NGHTTP2_SETTINGS) == 2; }));
  asio::post(server.loop(), [&] { server.server().drain(); });
  EXPECT_FALSE(idle.read_until([] { return false; }));  // closed, a second later: it did not answer the PING
  EXPECT_EQ(idle.heard.goaway(), NGHTTP2_NO_ERROR);
  client.send(data(1, "b", kEnd));
  EXPECT_FALSE(client.read_until([] { return false; }));
  EXPECT_EQ(client.heard.body(1), "POST /x ab");
  idle.close();
  client.close();
  EXPECT_TRUE(comes_true([&] { return server.server().connections() == 0; }));
}

TEST_F(Http2SessionTest, SaysWhyBeforeItCloses) {
  Client client(server.port());
  client.send(hello() + "GET / HTTP/1.1\r\nHost: x\r\n\r\n" + std::string(1U << 20U, 'x'));
  EXPECT_FALSE(client.read_until([] { return false; }));
  EXPECT_GT(client.heard.goaway(), 0);
}

TEST(Http2Off, LeavesThePrefaceToHttp11) {
  ServerOptions options;
  options.http2 = false;
  Seen seen;
  TestServer server([&seen](Exchange& exchange) { return answer(exchange, seen); }, options);
  EXPECT_TRUE(server.exchange(kHttp2Preface).starts_with("HTTP/1.1 400"));
}

}  // namespace
}  // namespace plimsoll::net
