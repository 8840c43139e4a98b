#include "anchor/anchors.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <filesystem>
#include <future>
#include <thread>

#include "base/files.h"
#include "ledger/ledger.h"
#include "net/server.h"
#include "witness/witness.h"

namespace plimsoll::anchor {
namespace {

namespace asio = boost::asio;

// A witness behind HTTP, on a thread of its own.
class RunningWitness {
 public:
  RunningWitness(const std::string& folder, std::string name, std::vector<ledger::VerifierKey> logs)
      : witness_(
            *witness::Witness::open({.folder = folder, .name = std::move(name), .logs = std::move(logs)})) {
    auto listening = net::Server::listen(loop_, {}, [this](net::Exchange& exchange) -> net::Task<> {
      auto answer = exchange.request().path == "/w/add-checkpoint"
                        ? witness_.add_checkpoint(exchange.request().body)
                        : witness::Answer{.status = 404, .content_type = "text/plain", .body = "?"};
      net::Response response{.status = answer.status, .headers = {}, .body = std::move(answer.body)};
      response.headers.add("Content-Type", answer.content_type);
      co_await exchange.respond(std::move(response));
    });
    EXPECT_TRUE(listening);
    server_ = *std::move(listening);
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~RunningWitness() {
    asio::post(loop_, [this] {
      server_->close();
      loop_.stop();
    });
    thread_.join();
  }
  Options::Witness target() const {
    return {.key = witness_.key(), .url = "http://127.0.0.1:" + std::to_string(server_->port()) + "/w"};
  }

 private:
  asio::io_context loop_{1};
  witness::Witness witness_;
  std::unique_ptr<net::Server> server_;
  std::thread thread_;
};

class TheAnchors : public testing::Test {
 protected:
  TheAnchors()
      : folder_((std::filesystem::temp_directory_path() / ("anchors_test." + std::to_string(::getpid())))
                    .string()) {
    std::filesystem::remove_all(folder_);
    options_.folder = folder_ + "/anchors";
    options_.interval = std::chrono::milliseconds(10);
    options_.patience = std::chrono::milliseconds(500);
  }
  ~TheAnchors() override {
    anchors_.reset();
    log_.reset();
    std::filesystem::remove_all(folder_);
  }
  void open_log(const std::string& name = "log") {
    ledger::Options options;
    options.directory = folder_ + "/" + name;
    options.segment_bytes = ledger::kMinSegmentBytes;
    options.origin = "log.example.org/anchored";
    options.checkpoint_interval = std::chrono::milliseconds(5);
    log_ = *ledger::Ledger::open(options);
  }
  std::vector<ledger::VerifierKey> log_keys() const {
    std::vector<ledger::VerifierKey> keys;
    const auto lines = log_->reader().verifier_keys();
    for (std::size_t at = 0; at < lines.size();) {
      const auto end = lines.find('\n', at);
      keys.push_back(*ledger::parse_verifier_key(lines.substr(at, end - at)));
      at = end + 1;
    }
    return keys;
  }
  void add(int entries, const std::string& entry = "{}") {
    for (int i = 0; i < entries; ++i) {
      std::promise<void> kept;
      ASSERT_TRUE(log_->append(entry, [&](Result<ledger::Index>) { kept.set_value(); }));
      kept.get_future().wait();
    }
  }
  void start() {
    auto opened = Anchors::open(options_, log_->reader());
    ASSERT_TRUE(opened) << opened.error().message;
    anchors_ = *std::move(opened);
  }
  template <class F>
  bool eventually(F holds) {
    for (int i = 0; i < 1'000 && !holds(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return holds();
  }

  std::string folder_;
  Options options_;
  std::unique_ptr<ledger::Ledger> log_;
  std::unique_ptr<Anchors> anchors_;
};

TEST_F(TheAnchors, HoldTheLatestCheckpointThatAllWitnessesSigned) {
  open_log();
  RunningWitness first(folder_ + "/first", "first.example.org", log_keys());
  RunningWitness second(folder_ + "/second", "second.example.org", log_keys());
  options_.witnesses = {first.target(), second.target()};
  start();
  for (int round = 1; round <= 3; ++round) {
    add(300);
    ASSERT_TRUE(eventually([&] { return anchors_->status().cosigned_size == 300U * round; }))
        << anchors_->status().cosigned_size;
  }
  const auto note = *ledger::parse_note(anchors_->cosigned());
  auto keys = log_keys();
  keys.push_back(first.target().key);
  keys.push_back(second.target().key);
  EXPECT_EQ(ledger::verify_note(note, keys)->size(), 3);
  EXPECT_EQ(*read_file(options_.folder + "/cosigned", 1U << 20U), anchors_->cosigned());

  // It goes on where it was.
  const auto before = anchors_->cosigned();
  anchors_.reset();
  start();
  EXPECT_EQ(anchors_->cosigned(), before);
  add(1);
  ASSERT_TRUE(eventually([&] { return anchors_->status().cosigned_size == 901; }));
  EXPECT_EQ(anchors_->status().witnesses[0].refusals, 0);
}

TEST_F(TheAnchors, AreContentWithAQuorum) {
  open_log();
  RunningWitness first(folder_ + "/first", "first.example.org", log_keys());
  const auto absent = ledger::SigningKey::generate("absent.example.org").cosigner();
  options_.witnesses = {first.target(), {.key = absent, .url = "http://127.0.0.1:9"}};
  options_.quorum = [](std::span<const ledger::Verified> all) { return !all.empty(); };
  start();
  add(5);
  ASSERT_TRUE(eventually([&] { return anchors_->status().cosigned_size == 5; }));
  EXPECT_GT(anchors_->status().witnesses[1].failures, 0);
}

TEST_F(TheAnchors, TellOfALogThatWasCutOrReplaced) {
  open_log();
  RunningWitness witness(folder_ + "/witness", "witness.example.org", log_keys());
  options_.witnesses = {witness.target()};
  start();
  add(20);
  ASSERT_TRUE(eventually([&] { return anchors_->status().cosigned_size == 20; }));
  anchors_.reset();
  // The operator begins again, with the same key.
  std::filesystem::create_directories(folder_ + "/other");
  std::filesystem::copy(folder_ + "/log/keys", folder_ + "/other/keys",
                        std::filesystem::copy_options::recursive);
  log_.reset();
  open_log("other");
  std::filesystem::remove_all(options_.folder);
  start();
  add(10, "[]");
  ASSERT_TRUE(eventually([&] { return anchors_->status().witnesses[0].refusals > 0; }));
  add(20, "[]");
  const auto refusals = anchors_->status().witnesses[0].refusals;
  ASSERT_TRUE(eventually([&] { return anchors_->status().witnesses[0].refusals > refusals; }));
  EXPECT_EQ(anchors_->status().cosigned_size, 0);
}

TEST(AnchorOptions, SayWhatIsWrong) {
  Options options;
  options.witnesses = {{.key = ledger::SigningKey::generate("w").verifier(), .url = "ftp://x"}};
  options.stamp_url = "http://tsa.example.org";
  EXPECT_EQ(options.problems().size(), 3);
}

}  // namespace
}  // namespace plimsoll::anchor
