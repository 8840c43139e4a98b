// A guard that runs in this process: an encoder on threads of its own.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "base/log.h"
#include "second_opinions.h"

namespace plimsoll::gateway {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, net::Executor>;
using Outcome = route::Breaker::Outcome;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable_t<net::Executor>{});

// How answers come from the encoder's threads to the loop's. The encoder's threads own nothing of the loop's, so it
// does not matter which of them goes first.
class Mailbox {
 public:
  explicit Mailbox(asio::io_context& loop) : loop_(&loop) {}

  // On the loop's thread.
  struct Awaited {
    Timer* timer;
    std::optional<Result<Scores>>* answer;
  };
  std::uint64_t expect(Awaited awaited) {
    awaited_.emplace(++last_, awaited);
    return last_;
  }
  void forget(std::uint64_t number) { awaited_.erase(number); }
  void close() {
    const std::scoped_lock lock(mutex_);
    loop_ = nullptr;
  }

  // On any thread.
  static void deliver(const std::shared_ptr<Mailbox>& box, std::uint64_t number, Result<Scores> answer) {
    const std::scoped_lock lock(box->mutex_);
    if (box->loop_ == nullptr) return;
    asio::post(*box->loop_,
               [box, number, answer = std::move(answer)]() mutable { box->open(number, std::move(answer)); });
  }

 private:
  void open(std::uint64_t number, Result<Scores> answer) {
    const auto found = awaited_.find(number);
    if (found == awaited_.end()) return;
    *found->second.answer = std::move(answer);
    found->second.timer->cancel();
  }

  std::mutex mutex_;
  asio::io_context* loop_;
  std::map<std::uint64_t, Awaited> awaited_;
  std::uint64_t last_ = 0;
};

class EncoderGuard : public Guard {
 public:
  EncoderGuard(asio::io_context& loop, const GuardServer& server)
      : loop_(loop), server_(server), mailbox_(std::make_shared<Mailbox>(loop)), breaker_(server.breaker) {}
  EncoderGuard(const EncoderGuard&) = delete;
  EncoderGuard& operator=(const EncoderGuard&) = delete;
  ~EncoderGuard() override { mailbox_->close(); }

  const std::string& name() const override { return server_.name; }

  net::Task<OpinionRecord> ask(opinion::Question question) override {
    OpinionRecord record{.guard = server_.name, .outcome = "busy", .micros = 0, .scores = {}};
    const auto start = Clock::now();
    if (question.text.size() > server_.max_text_bytes) {
      record.outcome = "too_long";
      co_return record;
    }
    if (!breaker_.allows(start)) {
      record.outcome = "resting";
      co_return record;
    }
    const auto mailbox = mailbox_;
    const auto ticket = std::make_shared<encoder::Service::Ticket>();
    Timer timer(loop_.get_executor());
    timer.expires_after(server_.deadline);
    std::optional<Result<Scores>> answer;
    const auto number = mailbox->expect({&timer, &answer});
    const auto deliver = [mailbox, number](Result<Scores> scores) {
      Mailbox::deliver(mailbox, number, std::move(scores));
    };
    if (!server_.service->submit(ticket, std::string(question.text), start + server_.deadline, deliver)) {
      mailbox->forget(number);
      co_return record;
    }
    breaker_.begin(start);
    co_await timer.async_wait(kAwait);
    mailbox->forget(number);
    ticket->given_up = true;
    record.outcome = read(answer, record.scores);
    breaker_.record(record.outcome == "answered" ? Outcome::kGood : Outcome::kBad, Clock::now());
    record.micros = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start).count());
    co_return record;
  }

 private:
  std::string_view read(const std::optional<Result<Scores>>& answer, Scores& scores) const {
    if (!answer) return "late";
    if (*answer) {
      scores = **answer;
      return "answered";
    }
    const Error& error = answer->error();
    if (error.code == Code::kTimeout) return "late";
    log_warn("a guard gave no verdict", {{"guard", server_.name}, {"error", error.message}});
    return error.code == Code::kInvalid ? "unreadable" : "unavailable";
  }

  asio::io_context& loop_;
  const GuardServer& server_;
  const std::shared_ptr<Mailbox> mailbox_;
  route::Breaker breaker_;
};

}  // namespace

std::unique_ptr<Guard> make_encoder_guard(asio::io_context& loop, const GuardServer& server) {
  return std::make_unique<EncoderGuard>(loop, server);
}

}  // namespace plimsoll::gateway
