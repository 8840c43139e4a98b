#include "net/client.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include "test_server.h"

namespace plimsoll::net {
namespace {

std::atomic<int> disconnects{0};

Task<> upstream(Exchange& exchange) {
  const std::string path = exchange.request().path;
  if (path == "/stall") {
    exchange.on_disconnect([] { ++disconnects; });
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>,
                               Executor>
        timer(co_await asio::this_coro::executor, std::chrono::seconds(2));
    co_await timer.async_wait(asio::use_awaitable_t<Executor>{});
  }
  if (path == "/stream" || path == "/cut") {
    co_await exchange.begin_stream(200, {});
    co_await exchange.write("one");
    co_await exchange.write("two");
    if (path == "/stream") co_await exchange.end_stream();
    co_return;
  }
  Response response{
      .status = 200, .headers = {}, .body = exchange.request().method + exchange.request().body};
  response.headers.add("X-Host", std::string(exchange.request().headers.get("host")));
  co_await exchange.respond(std::move(response));
}

struct Seen {
  Result<std::string> body = fail(Code::kInternal, "unset");
  std::string host;
};

Task<Seen> ask(Client& client, Origin origin, std::string path, std::string body) {
  Seen seen;
  Headers headers;
  auto answer = co_await client.send(origin, "POST", std::move(path), std::move(headers), std::move(body));
  if (!answer) {
    seen.body = std::unexpected(answer.error());
    co_return seen;
  }
  seen.host = (*answer)->headers().get("x-host");
  seen.body = co_await (*answer)->read_all(1'000);
  co_return seen;
}

class ClientTest : public testing::Test {
 protected:
  Seen run(const std::string& url, std::string path, std::string body = {}) {
    auto asked = asio::co_spawn(loop, ask(*client, *parse_origin(url), std::move(path), std::move(body)),
                                asio::use_future);
    loop.restart();
    while (asked.wait_for(std::chrono::seconds(0)) != std::future_status::ready) loop.run_one();
    return asked.get();
  }
  static ClientOptions options() {
    ClientOptions o;
    o.response_timeout = std::chrono::milliseconds(300);
    return o;
  }
  asio::io_context loop{1};
  std::unique_ptr<Client> client = Client::create(loop, options());
};

TEST_F(ClientTest, SendsAndReads) {
  TestServer server(upstream);
  const auto seen = run(server.url() + "/base", "/x", "hello");
  EXPECT_EQ(seen.body, "POSThello");
  EXPECT_EQ(seen.host, "127.0.0.1:" + std::to_string(server.port()));
}

TEST_F(ClientTest, ConnectsToPublicAddressesAloneWhereItIsTold) {
  TestServer server(upstream);
  auto careful = options();
  careful.public_only = true;
  client = Client::create(loop, careful);
  const auto port = ":" + std::to_string(server.port());
  for (const char* host :
       {"http://127.0.0.1", "http://localhost", "http://[::ffff:127.0.0.1]", "http://0.0.0.0"}) {
    const auto seen = run(host + port, "/x");
    ASSERT_FALSE(seen.body) << host;
    EXPECT_EQ(seen.body.error().code, Code::kUnavailable);
    EXPECT_NE(seen.body.error().message.find("no public address"), std::string::npos) << host;
  }
  EXPECT_EQ(server.server().connections(), 0U);
}

TEST_F(ClientTest, UsesOneConnectionAgain) {
  TestServer server(upstream);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(run(server.url(), "/x", "a").body, "POSTa");
  EXPECT_EQ(server.server().connections(), 1U);
}

TEST_F(ClientTest, ReplacesAConnectionThatDiedInThePool) {
  std::optional<TestServer> server;
  server.emplace(upstream);
  const auto port = server->port();
  EXPECT_TRUE(run(server->url(), "/x").body);
  server.reset();
  ServerOptions same;
  same.port = port;
  server.emplace(upstream, same);
  EXPECT_TRUE(run(server->url(), "/x").body);
}

TEST_F(ClientTest, ReadsStreamsAndNoticesWhenTheyAreCut) {
  TestServer server(upstream);
  EXPECT_EQ(run(server.url(), "/stream").body, "onetwo");
  const auto cut = run(server.url(), "/cut");
  ASSERT_FALSE(cut.body);
  EXPECT_EQ(cut.body.error().code, Code::kUnavailable);
}

TEST_F(ClientTest, GivesUpAtItsDeadlineAndTheServerNotices) {
  TestServer server(upstream);
  disconnects = 0;
  const auto seen = run(server.url(), "/stall");
  ASSERT_FALSE(seen.body);
  EXPECT_EQ(seen.body.error().code, Code::kTimeout);
  for (int i = 0; i < 100 && disconnects == 0; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(disconnects, 1);
}

TEST_F(ClientTest, SaysThatNobodyListens) {
  std::string url;
  {
    url = TestServer(upstream).url();
  }
  const auto seen = run(url, "/x");
  ASSERT_FALSE(seen.body);
  EXPECT_EQ(seen.body.error().code, Code::kUnavailable);
}

TEST_F(ClientTest, SaysThatAnUpstreamClosedWithoutAWord) {
  asio::io_context other;
  asio::ip::tcp::acceptor listener(other, {asio::ip::make_address("127.0.0.1"), 0});
  std::thread closer([&] {
    asio::ip::tcp::socket socket(other);
    listener.accept(socket);
    std::array<char, 1'024> request{};
    boost::system::error_code ignored;
    socket.read_some(asio::buffer(request), ignored);
  });
  const auto seen = run("http://127.0.0.1:" + std::to_string(listener.local_endpoint().port()), "/x");
  closer.join();
  ASSERT_FALSE(seen.body);
  EXPECT_EQ(seen.body.error().code, Code::kUnavailable);
}

TEST_F(ClientTest, DoesNotSpeakTlsWithAStranger) {
  TestServer server(upstream);
  const auto seen = run("https://127.0.0.1:" + std::to_string(server.port()), "/x");
  ASSERT_FALSE(seen.body);
}

TEST_F(ClientTest, BoundsWhatItReads) {
  TestServer server(upstream);
  EXPECT_EQ(run(server.url(), "/x", std::string(2'000, 'x')).body.error().code, Code::kTooLarge);
}

}  // namespace
}  // namespace plimsoll::net
