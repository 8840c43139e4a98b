#include "net/server.h"

#include <gtest/gtest.h>

#include <atomic>

#include "test_server.h"

namespace plimsoll::net {
namespace {

// Answers with what it was asked.
Task<> echo(Exchange& exchange) {
  const auto& r = exchange.request();
  if (r.path == "/throw") throw std::runtime_error("as asked");
  if (r.path == "/silent") co_return;
  if (r.path == "/stream") {
    Headers headers;
    headers.add("Content-Type", "text/event-stream");
    co_await exchange.begin_stream(200, std::move(headers));
    co_await exchange.write("data: one\n\n");
    co_await exchange.write("data: two\n\n");
    if (r.query != "cut") co_await exchange.end_stream();
    co_return;
  }
  Response response;
  response.body = r.method + " " + r.path + "?" + r.query + " " + r.body;
  co_await exchange.respond(std::move(response));
}

std::string get(std::string_view path) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
}

int status_of(std::string_view answer) {
  return answer.starts_with("HTTP/1.1 ") ? std::stoi(std::string(answer.substr(9, 3))) : 0;
}

TEST(Server, GivesTheHandlerWhatWasSent) {
  TestServer server(echo);
  EXPECT_NE(server.exchange(get("/a%20b?q=%20")).find("\r\n\r\nGET /a b?q=%20 "), std::string::npos);
  EXPECT_NE(
      server
          .exchange("POST /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
          .find("POST /x? abcde"),
      std::string::npos);
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  TestServer server(echo);
  const auto answer = server.exchange("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n" + get("/2"));
  const auto first = answer.find("GET /1");
  EXPECT_NE(first, std::string::npos);
  EXPECT_NE(answer.find("GET /2", first), std::string::npos);
}

TEST(Server, RefusesRequestsThatTwoServersWouldReadDifferently) {
  TestServer server(echo);
  const char* const bad[] = {
      "GET / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a/health\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +3\r\n\r\nabc",
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3, 3\r\n\r\nabc",
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n",
      "GET / HTTP/1.1\r\nHost : h\r\n\r\n",
      "GET / HTTP/1.1\nHost: h\n\n\r\n\r\n",
      "GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET /%00 HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET http://other/ HTTP/1.1\r\nHost: h\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
      "\x16\x03\x01\x02 nonsense\r\n\r\n",
  };
  for (const char* request : bad) {
    const auto answer = server.exchange(request);
    EXPECT_EQ(status_of(answer), 400) << request << "\n-> " << answer;
    EXPECT_NE(answer.find("Connection: close"), std::string::npos) << request;
  }
}

TEST(Server, KeepsTrailersOutOfTheHeaders) {
  TestServer server([](Exchange& exchange) -> Task<> {
    Response response;
    response.body = exchange.request().headers.has("x-late") ? "late" : "clean";
    co_await exchange.respond(std::move(response));
  });
  const auto answer = server.exchange(
      "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: "
      "chunked\r\n\r\n1\r\na\r\n0\r\nX-Late: 1\r\n\r\n");
  EXPECT_NE(answer.find("clean"), std::string::npos) << answer;
}

TEST(Server, BoundsHeadersAndBodies) {
  ServerOptions options;
  options.max_header_bytes = 1'024;
  options.max_body_bytes = 100;
  TestServer server(echo, options);
  EXPECT_EQ(
      status_of(server.exchange("GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(4'000, 'x') + "\r\n\r\n")),
      431);
  EXPECT_EQ(status_of(server.exchange("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 101\r\n\r\n")), 413);
  EXPECT_EQ(
      status_of(server.exchange("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n" +
                                std::string(255, 'x') + "\r\n0\r\n\r\n")),
      413);
}

class CountingSink final : public BodySink {
 public:
  explicit CountingSink(std::atomic<int>& alive) : alive_(alive) { ++alive_; }
  ~CountingSink() override { --alive_; }
  std::uint64_t max_bytes() const override { return 1'000'000; }
  std::optional<Refusal> write(std::string_view bytes) override {
    if (bytes.contains('!')) return Refusal{507, "full", "full"};
    size += bytes.size();
    return std::nullopt;
  }
  std::size_t size = 0;

 private:
  std::atomic<int>& alive_;
};

TEST(Server, GivesABodyToASinkAsItArrives) {
  std::atomic<int> alive = 0;
  ServerOptions options;
  options.max_body_bytes = 100;
  options.open_sink = [&](const Request& head) -> std::expected<std::shared_ptr<BodySink>, Refusal> {
    if (head.path == "/no") return std::unexpected(Refusal{503, "not now", "busy"});
    if (head.path != "/sink") return nullptr;
    return std::make_shared<CountingSink>(alive);
  };
  {
    TestServer server(
        [](Exchange& exchange) -> Task<> {
          const auto* sink = dynamic_cast<CountingSink*>(exchange.request().sink.get());
          Response response;
          response.body = sink == nullptr ? "none" : std::to_string(sink->size);
          co_await exchange.respond(std::move(response));
        },
        options);
    const auto post = [&](std::string_view path, const std::string& body, std::string_view more = {}) {
      return server.exchange("POST " + std::string(path) + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n" +
                             std::string(more) + "Content-Length: " + std::to_string(body.size()) +
                             "\r\n\r\n" + body);
    };
    EXPECT_TRUE(post("/sink", std::string(300'000, 'a')).ends_with("\r\n\r\n300000"));
    EXPECT_TRUE(post("/other", "a").ends_with("none"));
    EXPECT_EQ(status_of(post("/other", std::string(101, 'a'))), 413);
    EXPECT_EQ(status_of(post("/no", "a")), 503);
    EXPECT_EQ(status_of(post("/sink", std::string(1'000'001, 'a'))), 413);
    EXPECT_EQ(status_of(post("/sink", std::string(50'000, 'a') + "!")), 507);
    EXPECT_EQ(status_of(post("/sink", "a", "Content-Encoding: gzip\r\n")), 415);
  }
  EXPECT_EQ(alive, 0);
}

TEST(Server, StreamsInChunks) {
  TestServer server(echo);
  const auto answer = server.exchange(get("/stream"));
  EXPECT_NE(answer.find("b\r\ndata: one\n\n\r\nb\r\ndata: two\n\n\r\n0\r\n\r\n"), std::string::npos)
      << answer;
}

TEST(Server, NeverMakesACutStreamLookWhole) {
  TestServer server(echo);
  const auto answer = server.exchange(get("/stream?cut"));
  EXPECT_EQ(answer.find("0\r\n\r\n"), std::string::npos);
}

TEST(Server, AnswersForAHandlerThatThrowsOrForgets) {
  TestServer server(echo);
  EXPECT_EQ(status_of(server.exchange(get("/throw"))), 500);
  EXPECT_EQ(status_of(server.exchange(get("/silent"))), 500);
}

TEST(Server, ClosesConnectionsThatDawdle) {
  ServerOptions options;
  options.header_timeout = std::chrono::seconds(1);
  options.idle_timeout = std::chrono::seconds(1);
  TestServer server(echo, options);
  EXPECT_EQ(server.exchange(""), "");
  EXPECT_EQ(server.exchange("GET / HTTP/1.1\r\nHost:"), "");
}

TEST(Server, SaysWhichAddressItCannotBind) {
  TestServer server(echo);
  asio::io_context loop;
  // The port is taken by a listener of another kind (no SO_REUSEPORT).
  asio::ip::tcp::acceptor other(loop, {asio::ip::make_address("127.0.0.1"), 0}, false);
  ServerOptions options;
  options.port = other.local_endpoint().port();
  const auto second = Server::listen(loop, options, echo);
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find(std::to_string(options.port)), std::string::npos);
}

TEST(Server, DrainsWithoutLosingARequest) {
  TestServer server(echo);
  asio::io_context io;
  asio::ip::tcp::socket socket(io);
  socket.connect({asio::ip::make_address("127.0.0.1"), server.port()});
  asio::write(socket,
              asio::buffer(std::string_view("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\na")));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  asio::post(server.loop(), [&] { server.server().drain(); });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  asio::write(socket, asio::buffer(std::string_view("b")));
  std::string answer;
  boost::system::error_code ignored;
  asio::read(socket, asio::dynamic_buffer(answer), ignored);
  EXPECT_NE(answer.find("POST /x? ab"), std::string::npos);
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
}

}  // namespace
}  // namespace plimsoll::net
