#include "second_opinions.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <utility>

#include "base/log.h"

namespace plimsoll::gateway {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, net::Executor>;
using Outcome = route::Breaker::Outcome;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable_t<net::Executor>{});
constexpr std::size_t kMostAnswerBytes = 1U << 20U;

// All calls about one text. Shared, because a call may outlive whoever waited for it. On the loop's thread only.
struct Round {
  explicit Round(const net::Executor& executor) : timer(executor) {}
  struct Call {
    net::Abort abort;
    std::optional<Result<std::string>> body;
  };
  Timer timer;  // doubles as the deadline and the wake-up
  std::vector<std::unique_ptr<Call>> calls;
  std::size_t open = 0;
};

// A model behind an HTTP server. There is no queue.
class ServedGuard : public Guard {
 public:
  ServedGuard(asio::io_context& loop, const GuardServer& server)
      : loop_(loop),
        server_(server),
        client_(net::Client::create(loop, server.client)),
        breaker_(server.breaker) {}

  const std::string& name() const override { return server_.name; }

  net::Task<OpinionRecord> ask(opinion::Question question) override {
    OpinionRecord record{.guard = server_.name, .outcome = "busy", .micros = 0, .scores = {}};
    const auto start = Clock::now();
    if (question.text.size() > server_.max_text_bytes) {
      record.outcome = "too_long";
      co_return record;
    }
    question.prompt = question.prompt.substr(0, server_.max_text_bytes);
    if (!breaker_.allows(start)) {
      record.outcome = "resting";
      co_return record;
    }
    auto calls = opinion::calls(server_.kind, server_.model, question);
    if (on_their_way_ + calls.size() > server_.max_concurrent) co_return record;
    breaker_.begin(start);
    auto round = std::make_shared<Round>(loop_.get_executor());
    round->open = calls.size();
    round->timer.expires_after(server_.deadline);
    for (auto& call : calls) {
      round->calls.push_back(std::make_unique<Round::Call>());
      ++on_their_way_;
      asio::co_spawn(loop_.get_executor(), one(round, round->calls.size() - 1, std::move(call)),
                     asio::detached);
    }
    if (round->open > 0) co_await round->timer.async_wait(kAwait);
    if (round->open > 0)
      for (auto& call : round->calls) call->abort.now();
    record.outcome = read(*round, record.scores);
    breaker_.record(record.outcome == "answered" ? Outcome::kGood : Outcome::kBad, Clock::now());
    record.micros = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start).count());
    co_return record;
  }

 private:
  net::Task<> one(std::shared_ptr<Round> round, std::size_t number, opinion::Call call) {
    auto body = co_await fetch(*round->calls[number], std::move(call));
    --on_their_way_;
    round->calls[number]->body = std::move(body);
    if (--round->open == 0) round->timer.cancel();
  }

  net::Task<Result<std::string>> fetch(Round::Call& state, opinion::Call call) {
    net::Headers headers;
    headers.add("Content-Type", "application/json");
    if (!server_.api_key.empty()) headers.add("Authorization", "Bearer " + server_.api_key);
    auto answer = co_await client_->send(server_.origin, "POST", std::move(call.path), std::move(headers),
                                         std::move(call.body), &state.abort);
    if (!answer) co_return std::unexpected(std::move(answer).error());
    if ((*answer)->status() != 200)
      co_return fail(Code::kUnavailable, "HTTP status " + std::to_string((*answer)->status()));
    auto body = co_await (*answer)->read_all(kMostAnswerBytes);
    co_return body;
  }

  std::string_view read(const Round& round, Scores& scores) const {
    if (round.open > 0) return "late";
    Scores all;
    for (std::size_t i = 0; i < round.calls.size(); ++i) {
      const auto& body = *round.calls[i]->body;
      if (!body) {
        log_warn("a guard could not be asked", {{"guard", server_.name}, {"error", body.error().message}});
        return body.error().code == Code::kTimeout ? "late" : "unavailable";
      }
      const auto one = opinion::read_answer(server_.kind, i, *body);
      if (!one) {
        log_warn("a guard gave no verdict", {{"guard", server_.name}, {"error", one.error().message}});
        return "unreadable";
      }
      all.raise(*one);
    }
    scores = all;
    return "answered";
  }

  asio::io_context& loop_;
  const GuardServer& server_;
  std::unique_ptr<net::Client> client_;
  route::Breaker breaker_;
  std::size_t on_their_way_ = 0;
};

}  // namespace

SecondOpinions::SecondOpinions(asio::io_context& loop, const std::vector<GuardServer>& servers) {
  for (const GuardServer& server : servers) {
    if (!server.encoder)
      guards_.push_back(std::make_unique<ServedGuard>(loop, server));
    else if (server.service)
      guards_.push_back(make_encoder_guard(loop, server));
  }
}
SecondOpinions::~SecondOpinions() = default;

Guard* SecondOpinions::find(std::string_view name) const {
  const auto found = std::ranges::find_if(guards_, [&](const auto& guard) { return guard->name() == name; });
  return found == guards_.end() ? nullptr : found->get();
}

net::Task<bool> SecondOpinions::ask(Judgement& j, const Conversation& conversation, std::string_view prompt) {
  bool changed = false;
  const Scores detected = j.found.scores;
  const std::string text = text_of(conversation);
  for (const policy::SecondOpinion& wish : j.policy->settings().second_opinions) {
    if (!wish.judges(conversation.direction) || !wish.wanted(detected) || text.empty()) continue;
    if (!j.verdict.allowed() && !wish.replace) continue;  // it can only get stricter
    OpinionRecord record{.guard = wish.guard, .outcome = "unknown", .micros = 0, .scores = {}};
    if (Guard* guard = find(wish.guard)) {
      const opinion::Question question{conversation.direction, text, prompt};
      record = co_await guard->ask(question);
    }
    if (record.outcome != "answered") {
      j.unanswered.push_back(&wish);
      changed = true;
    }
    for (std::size_t i = 0; i < kCategoryCount && record.outcome == "answered"; ++i) {
      const auto category = static_cast<Category>(i);
      const double score = record.scores[category];
      if (wish.replace && wish.in_band(category, detected[category]))
        j.found.scores.set(category, score), j.latest.set(category, score);
      else
        j.found.scores.raise(category, score), j.latest.raise(category, score);
      changed = changed || j.found.scores[category] != detected[category];
    }
    j.opinions.push_back(std::move(record));
  }
  co_return changed;
}

std::string text_of(const Conversation& conversation) {
  std::string text;
  const std::size_t turn = conversation.direction == Direction::kPrompt ? latest_turn(conversation) : 0;
  for (std::size_t i = turn; i < conversation.segments.size(); ++i) {
    const Segment& s = conversation.segments[i];
    if (s.role == Role::kSystem || s.text.empty()) continue;
    if (!text.empty()) text += "\n\n";
    text += s.text;
  }
  return text;
}

}  // namespace plimsoll::gateway
