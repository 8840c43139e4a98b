#include "identity/key_source.h"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <mutex>
#include <thread>

#include "net/server.h"
#include "test_issuer.h"

namespace plimsoll::identity {
namespace {

using namespace std::chrono_literals;

// Publishes keys on a thread of its own.
class Publisher {
 public:
  Publisher() {
    auto listening = net::Server::listen(loop_, {}, [this](net::Exchange& exchange) -> net::Task<> {
      net::Response response{.status = 404, .headers = {}, .body = {}};
      if (exchange.request().path == "/realm/keys") {
        ++asked;
        const std::lock_guard guard(mutex_);
        response.status = status_;
        response.body = body_;
      }
      co_await exchange.respond(std::move(response));
    });
    EXPECT_TRUE(listening);
    server_ = *std::move(listening);
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~Publisher() {
    net::asio::post(loop_, [this] {
      server_->close();
      loop_.stop();
    });
    thread_.join();
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()) + "/realm/keys"; }
  void answer(int status, std::string body) {
    const std::lock_guard guard(mutex_);
    status_ = status;
    body_ = std::move(body);
  }
  std::atomic<int> asked{0};

 private:
  net::asio::io_context loop_{1};
  std::mutex mutex_;
  int status_ = 500;
  std::string body_;
  std::unique_ptr<net::Server> server_;
  std::thread thread_;
};

KeySourceOptions from(std::string url, std::chrono::milliseconds least_interval = 1ms) {
  KeySourceOptions out;
  out.url = std::move(url);
  out.refresh = 1h;
  out.least_interval = least_interval;
  return out;
}

bool eventually(const std::function<bool()>& holds) {
  for (int i = 0; i < 2'000; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(5ms);
  }
  return false;
}

TEST(KeySource, FetchesLooksAgainAndKeepsTheLastGoodSet) {
  const TestIssuer one(Algorithm::kEdDsa), two(Algorithm::kEdDsa);
  Publisher publisher;
  publisher.answer(200, one.jwks("one"));
  const auto source = *KeySource::open(from(publisher.url(), 1h));
  ASSERT_TRUE(eventually([&] { return source->keys() != nullptr; }));
  ASSERT_TRUE(eventually([&] { return source->status().looks == 1; }));
  EXPECT_NE(source->keys()->find("one", Algorithm::kEdDsa), nullptr);
  EXPECT_FALSE(source->look_again()) << "it has just looked";
  EXPECT_EQ(publisher.asked, 1);
}

TEST(KeySource, LooksAgainForAnUnknownKeyAndKeepsWhatWasGood) {
  const TestIssuer one(Algorithm::kEdDsa), two(Algorithm::kEdDsa);
  Publisher publisher;
  publisher.answer(200, one.jwks("one"));
  const auto source = *KeySource::open(from(publisher.url(), 1ms));
  ASSERT_TRUE(eventually([&] { return source->keys() != nullptr; }));
  const auto before = source->keys();
  ASSERT_TRUE(eventually([&] { return source->look_again() && publisher.asked >= 2; }));
  EXPECT_EQ(source->keys(), before) << "the same set keeps what was verified under it";
  for (const auto& [status, body] : {std::pair(500, std::string()),
                                     {200, std::string("{")},
                                     {200, R"({"keys":[]})"},
                                     {200, std::string(kMaxKeySetBytes + 1, ' ')}}) {
    publisher.answer(status, body);
    const auto failures = source->status().failures;
    ASSERT_TRUE(eventually([&] {
      (void)source->look_again();  // after a good look the next is an hour away
      return source->status().failures > failures;
    }));
    EXPECT_EQ(source->keys(), before);
  }
  publisher.answer(200, two.jwks("two"));
  ASSERT_TRUE(eventually([&] {
    (void)source->look_again();
    return source->keys() != before;
  }));
  EXPECT_EQ(source->keys()->find("one", Algorithm::kEdDsa), nullptr);
  EXPECT_NE(source->keys()->find("two", Algorithm::kEdDsa), nullptr);
}

TEST(KeySource, IsAskedOverAWayThatNobodyCanChange) {
  EXPECT_TRUE(from("https://issuer.example/keys").problems().empty());
  EXPECT_TRUE(from("http://127.0.0.1:9/keys").problems().empty());
  EXPECT_FALSE(from("http://issuer.example/keys").problems().empty());
  EXPECT_FALSE(from("keys").problems().empty());
  auto both = from("https://issuer.example/keys");
  both.file = "keys.json";
  EXPECT_FALSE(both.problems().empty());
  KeySourceOptions nowhere;
  nowhere.file = "/nowhere/keys.json";
  EXPECT_FALSE(KeySource::open(nowhere));
}

}  // namespace
}  // namespace plimsoll::identity
