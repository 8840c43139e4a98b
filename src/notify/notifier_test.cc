#include "notify/notifier.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <thread>

#include "base/id.h"
#include "base/json.h"
#include "sender.h"
#include "test_support.h"

namespace plimsoll::notify {
namespace {

using std::chrono::milliseconds;

// Takes connections and whatever comes on them, and says what it is told; nothing: it keeps silent.
class Listener {
 public:
  explicit Listener(std::string says) : says_(std::move(says)) {
    socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&at), size), 0);
    EXPECT_EQ(::listen(socket_, 16), 0);
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&at), &size);
    port = ntohs(at.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~Listener() {
    ::shutdown(socket_, SHUT_RDWR);
    thread_.join();
    ::close(socket_);
    for (const int client : clients_) ::close(client);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  std::uint16_t port = 0;
  std::atomic<int> connections{0};

 private:
  void serve() {
    for (int client = ::accept(socket_, nullptr, nullptr); client >= 0;
         client = ::accept(socket_, nullptr, nullptr)) {
      ++connections;
      clients_.push_back(client);
      if (says_.empty()) continue;
      std::array<char, 65'536> request{};
      if (::recv(client, request.data(), request.size(), 0) > 0)
        (void)::send(client, says_.data(), says_.size(), MSG_NOSIGNAL);
    }
  }
  std::string says_;
  int socket_ = -1;
  std::vector<int> clients_;
  std::thread thread_;
};

class NotifierTest : public testing::Test {
 protected:
  NotifierTest() : folder(testing::TempDir() + "notifier-" + new_id()) {
    log = *ledger::Ledger::open({.directory = folder + "/log", .segment_bytes = ledger::kMinSegmentBytes});
  }
  ~NotifierTest() override {
    log.reset();
    std::filesystem::remove_all(folder);
  }
  std::unique_ptr<Notifier> open(std::vector<Destination> destinations) {
    auto out = Notifier::open(
        {.folder = folder + "/notices", .destinations = std::move(destinations), .interval = milliseconds(5)},
        log->reader(), *log);
    EXPECT_TRUE(out) << out.error().message;
    return *std::move(out);
  }
  static Destination local(const std::string& name, std::uint16_t port) {
    auto to = webhook(name);
    to.url = "http://127.0.0.1:" + std::to_string(port) + "/in";
    to.allow_private = true;
    return to;
  }
  static bool eventually(const std::function<bool()>& check) {
    for (int i = 0; i < 2'000; ++i) {
      if (check()) return true;
      std::this_thread::sleep_for(milliseconds(5));
    }
    return false;
  }

  std::string folder;
  std::unique_ptr<ledger::Ledger> log;
};

TEST_F(NotifierTest, DeliversAndRecordsThatItDid) {
  Listener receiver("HTTP/1.1 204 No Content\r\n\r\n");
  const auto notifier = open({local("ops", receiver.port)});
  ASSERT_TRUE(log->append(decision("a", "block", 0)));
  ASSERT_TRUE(eventually([&] { return log->reader().checkpoint().size >= 2; }));
  const auto entry = log->reader().entry(1);
  ASSERT_TRUE(entry);
  const auto value = *parse_json(entry->bytes);
  EXPECT_EQ(value.at("type"), "notice");
  EXPECT_EQ(value.at("outcome"), "delivered");
  EXPECT_EQ(value.at("status"), 204);
  EXPECT_EQ(value.at("subject"), "a");
  const auto file =
      folder + "/notices/outbox/ops/" + std::string(value.at("notice_id").as_string()) + ".json";
  EXPECT_TRUE(eventually([&] { return !std::filesystem::exists(file); })) << "once that is on record";
}

TEST_F(NotifierTest, EndsInTheMiddleOfAnything) {
  Listener silent("");
  auto mail = webhook("mail");
  mail.kind = Kind::kEmail;
  mail.secrets.clear();
  mail.host = "127.0.0.1";
  mail.port = silent.port;
  mail.from = "a@example.org";
  mail.to = {"b@example.org"};
  mail.allow_private = true;
  auto notifier = open({local("hook", silent.port), mail});
  ASSERT_TRUE(log->append(decision("a", "block", 0)));
  ASSERT_TRUE(eventually([&] { return silent.connections == 2; }));
  const auto begun = std::chrono::steady_clock::now();
  notifier.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, kSendPatience / 2)
      << "no attempt is waited for to its end";
  std::size_t kept = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder + "/notices/outbox"))
    kept += entry.path().extension() == ".json" ? 1U : 0U;
  EXPECT_EQ(kept, 2U) << "both are tried again at the next start";
}

TEST_F(NotifierTest, GoesOnWhereOneIsSilent) {
  Listener silent(""), receiver("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  const auto notifier = open({local("slow", silent.port), local("fast", receiver.port)});
  ASSERT_TRUE(log->append(decision("a", "block", 0)));
  EXPECT_TRUE(eventually([&] { return notifier->status().destinations.at(1).delivered == 1; }));
  EXPECT_EQ(notifier->status().destinations.at(0).delivered, 0U);
}

TEST_F(NotifierTest, IsNotOpenedWithWhatCannotBeUsed) {
  auto twice = std::vector<Destination>{webhook(), webhook()};
  const auto opened = Notifier::open({.folder = folder + "/n", .destinations = twice}, log->reader(), *log);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::kInvalid);
}

}  // namespace
}  // namespace plimsoll::notify
