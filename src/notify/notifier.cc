#include "notify/notifier.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "base/id.h"
#include "base/json.h"
#include "base/log.h"
#include "desk.h"
#include "net/wait.h"
#include "retry.h"
#include "sender.h"

namespace plimsoll::notify {
namespace {

namespace asio = boost::asio;
using net::kAwait;
using Clock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, net::Executor>;

constexpr std::size_t kEntriesAtOnce = 4'096;  // before the destinations get their turn
constexpr std::size_t kMostUnrecorded = 1'000;
constexpr auto kComplainAgain = std::chrono::minutes(5);
constexpr auto kGrace = std::chrono::seconds(1);  // for what is on its way when this stops

// What became of a notice, on its way into the log.
struct Ending {
  std::string entry, path;
  enum class State : std::uint8_t { kNew, kQueued, kRefused, kDone };
  std::shared_ptr<std::atomic<State>> state = std::make_shared<std::atomic<State>>(State::kNew);
};

std::string to_entry(const Item& item, std::string_view kind, std::string_view outcome, Time now) {
  return to_canonical_json(json::object{{"attempts", item.attempts},
                                        {"count", item.notice.count},
                                        {"destination", item.destination},
                                        {"event", to_string(item.notice.first.event)},
                                        {"kind", kind},
                                        {"notice_id", item.notice.id},
                                        {"outcome", outcome},
                                        {"state", item.notice.first.resolved ? "resolved" : "open"},
                                        {"status", item.status},
                                        {"subject", item.notice.first.subject},
                                        {"time", to_rfc3339_ms(now)},
                                        {"type", "notice"},
                                        {"v", 1}});
}

}  // namespace

std::vector<std::string> Options::problems() const {
  std::vector<std::string> out;
  if (destinations.size() > kMaxDestinations)
    out.push_back("at most " + std::to_string(kMaxDestinations) + " destinations");
  std::set<std::string> names;
  for (const auto& destination : destinations) {
    for (auto& problem : destination.problems()) out.push_back(std::move(problem));
    if (!names.insert(destination.name).second)
      out.push_back(destination.name + ": another destination has this name");
  }
  return out;
}

class Notifier::Impl {
 public:
  Impl(Options options, const ledger::LogReader& log, ledger::Sink& sink)
      : options_(std::move(options)), log_(log), sink_(sink) {
    for (const auto& destination : options_.destinations)
      status_.destinations.push_back({.name = destination.name});
  }
  ~Impl() {
    if (!thread_.joinable()) return;
    asio::co_spawn(loop_.get_executor(), wind_up(), asio::detached);
    thread_.join();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Result<void> start() {
    const auto checkpoint = log_.checkpoint();
    auto desk = Desk::open(options_.folder, options_.destinations,
                           {.origin = checkpoint.origin, .size = checkpoint.size},
                           std::chrono::system_clock::now(), files_);
    if (!desk) return std::unexpected(std::move(desk).error());
    desk_ = *std::move(desk);
    for (std::size_t i = 0; i < options_.destinations.size(); ++i) {
      senders_.push_back(std::make_unique<Sender>(loop_, options_.destinations[i]));
      asio::co_spawn(loop_.get_executor(), deliver(i), asio::detached);
    }
    asio::co_spawn(loop_.get_executor(), follow(), asio::detached);
    thread_ = std::thread([this] { loop_.run(); });
    return {};
  }

  Status status() const {
    const std::lock_guard lock(mutex_);
    return status_;
  }

 private:
  net::Task<> follow() {
    Timer timer(loop_.get_executor());
    for (;;) {
      const bool more = look();
      timer.expires_after(more ? std::chrono::milliseconds(0) : options_.interval);
      co_await timer.async_wait(kAwait);
    }
  }

  // Whether there is more to be read now.
  bool look() {
    const auto now = std::chrono::system_clock::now();
    const auto size = log_.checkpoint().size;
    const auto until = std::min<ledger::Index>(size, desk_->position() + kEntriesAtOnce);
    while (desk_->position() < until) {
      const auto first = desk_->position();
      const auto entries = log_.bundle(first);
      if (!entries) {
        complain("notices: the log cannot be read", entries.error().message);
        break;
      }
      for (const auto& entry : *entries)
        if (!entry.bytes.empty()) desk_->read(entry.index, entry.bytes);
      desk_->read_up_to(std::max(first + 1, first + entries->size()));
    }
    if (const auto settled = desk_->settle(now); !settled)
      complain("notices: what is gathered cannot be written down; trying again", settled.error().message);
    for (auto& item : desk_->outbox().dropped(options_.destinations)) finish(item, "dropped", now);
    record();
    show();
    return desk_->position() < size && until < size;
  }

  // What is on its way is waited for a little, and its end recorded: else it would be delivered twice.
  net::Task<> wind_up() {
    stopping_ = true;
    Timer timer(loop_.get_executor());
    for (const auto end = Clock::now() + kGrace; Clock::now() < end;) {
      record();
      if (on_their_way_ == 0 && endings_.empty()) break;
      timer.expires_after(std::chrono::milliseconds(5));
      co_await timer.async_wait(kAwait);
    }
    loop_.stop();
  }

  // One destination's notices, one after another.
  net::Task<> deliver(std::size_t i) {
    const auto& destination = options_.destinations[i];
    Timer timer(loop_.get_executor());
    unsigned failures = 0;  // in a row
    while (!stopping_) {
      const auto now = std::chrono::system_clock::now();
      const Item* next = desk_->outbox().next(destination.name, now);
      std::chrono::milliseconds pause = options_.interval;
      if (next != nullptr) {
        const Item item = *next;
        ++on_their_way_;
        auto outcome = co_await senders_[i]->send(item.notice, now);
        --on_their_way_;
        pause = settle(i, item, outcome, failures);
      }
      timer.expires_after(pause);
      co_await timer.async_wait(kAwait);
    }
  }

  // What an attempt led to; how long the destination is left alone.
  std::chrono::milliseconds settle(std::size_t i, const Item& tried, const Outcome& outcome,
                                   unsigned& failures) {
    const auto now = std::chrono::system_clock::now();
    auto& outbox = desk_->outbox();
    const auto& id = tried.notice.id;
    const bool kept = outbox.has(tried.destination, id);
    const bool late = now >= tried.created + kPatience;
    if (outcome.verdict == Verdict::kAgain) {
      ++failures;
      count(i, &Status::To::failed_attempts);
      auto pause = pause_after(failures, chance());
      if (outcome.retry_after) pause = std::max<std::chrono::milliseconds>(pause, *outcome.retry_after);
      complain("notices: a destination does not take notices; trying again",
               tried.destination + ": " + std::to_string(outcome.status) + " " + outcome.said);
      const auto item_pause = std::max(pause, pause_after(tried.attempts + 1, chance()));
      if (kept) outbox.failed(tried.destination, id, outcome.status, now + item_pause);
      if (kept && late) end(i, tried, outcome, "given_up", now);
      return pause;
    }
    failures = 0;
    if (kept) end(i, tried, outcome, outcome.verdict == Verdict::kDelivered ? "delivered" : "refused", now);
    return std::chrono::milliseconds(0);
  }

  void end(std::size_t i, const Item& tried, const Outcome& outcome, std::string_view what, Time now) {
    auto item = desk_->outbox().take(tried.destination, tried.notice.id);
    if (outcome.verdict != Verdict::kAgain) ++item.attempts;  // else it was counted
    item.status = outcome.status;
    if (what == "delivered") {
      count(i, &Status::To::delivered);
    } else {
      count(i, &Status::To::refused);
      log_error("notices: a notice was not delivered", {{"destination", item.destination},
                                                        {"notice", item.notice.id},
                                                        {"outcome", what},
                                                        {"status", outcome.status},
                                                        {"said", outcome.said}});
    }
    finish(item, what, now);
  }

  // Its file goes when the log has what became of it.
  void finish(const Item& item, std::string_view what, Time now) {
    const auto at = std::ranges::find(options_.destinations, item.destination, &Destination::name);
    if (what == "dropped") {
      log_error("notices: a notice was dropped",
                {{"destination", item.destination}, {"notice", item.notice.id}});
      if (at != options_.destinations.end())
        count(static_cast<std::size_t>(at - options_.destinations.begin()), &Status::To::dropped);
    }
    endings_.push_back(
        {.entry =
             to_entry(item, at != options_.destinations.end() ? to_string(at->kind) : "unknown", what, now),
         .path = desk_->outbox().path_of(item.destination, item.notice.id)});
    record();
  }

  void record() {
    using State = Ending::State;
    for (auto& ending : endings_) {
      const auto state = ending.state->load();
      if (state != State::kNew && state != State::kRefused) continue;
      *ending.state = State::kQueued;
      const auto queued = sink_.append(ending.entry, [to = ending.state](const Result<ledger::Index>& done) {
        *to = done ? State::kDone : State::kRefused;
      });
      if (!queued) *ending.state = State::kRefused;
    }
    std::erase_if(endings_, [&](const Ending& ending) {
      const bool done = *ending.state == State::kDone;
      if (done) files_.remove(ending.path);
      return done;
    });
    // While the log takes nothing, the oldest are let go: they will be delivered again rather than be forgotten.
    while (endings_.size() > kMostUnrecorded) endings_.pop_front();
  }

  void count(std::size_t i, std::uint64_t Status::To::* member) {
    const std::lock_guard lock(mutex_);
    ++(status_.destinations[i].*member);
  }
  void show() {
    const std::lock_guard lock(mutex_);
    for (auto& to : status_.destinations) to.waiting = desk_->outbox().size(to.name);
    status_.triggers = desk_->triggers();
    status_.position = desk_->position();
  }

  void complain(std::string_view what, const std::string& why) {
    auto& last = complained_[std::string(what) + why.substr(0, why.find(':'))];
    if (last != Clock::time_point() && Clock::now() - last < kComplainAgain) return;
    last = Clock::now();
    log_warn(what, {{"why", why}});
  }
  double chance() { return std::uniform_real_distribution<double>(0, 1)(random_); }

  const Options options_;
  const ledger::LogReader& log_;
  ledger::Sink& sink_;
  Files files_;
  asio::io_context loop_{1};
  // The thread's own.
  std::unique_ptr<Desk> desk_;
  std::vector<std::unique_ptr<Sender>> senders_;
  std::deque<Ending> endings_;
  std::size_t on_their_way_ = 0;
  bool stopping_ = false;
  std::map<std::string, Clock::time_point> complained_;
  std::minstd_rand random_{std::random_device()()};

  mutable std::mutex mutex_;
  Status status_;

  std::thread thread_;
};

Notifier::Notifier(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Notifier::~Notifier() = default;

Result<std::unique_ptr<Notifier>> Notifier::open(Options options, const ledger::LogReader& log,
                                                 ledger::Sink& sink) {
  if (const auto problems = options.problems(); !problems.empty())
    return fail(Code::kInvalid, problems.front());
  auto impl = std::make_unique<Impl>(std::move(options), log, sink);
  if (auto started = impl->start(); !started)
    return std::unexpected(std::move(started).error().in("notices"));
  return std::unique_ptr<Notifier>(new Notifier(std::move(impl)));
}

Notifier::Status Notifier::status() const {
  return impl_->status();
}

Result<std::string> send_test(const Destination& destination, Time now) {
  asio::io_context loop(1);
  Sender sender(loop, destination);
  Notice notice{.id = new_id(),
                .first = {.event = Event::kTest,
                          .severity = Severity::kInfo,
                          .asl = 0,
                          .resolved = false,
                          .time = now,
                          .subject = "test",
                          .summary = "A test of Plimsoll's notices",
                          .path = {},
                          .data = {},
                          .index = 0},
                .count = 1,
                .subjects = {"test"},
                .last = now,
                .origin = "test"};
  std::optional<Outcome> outcome;
  asio::co_spawn(loop, sender.send(std::move(notice), now),
                 [&](const std::exception_ptr& thrown, Outcome got) {
                   if (!thrown) outcome = std::move(got);
                   loop.stop();
                 });
  loop.run();
  if (!outcome) return fail(Code::kInternal, "the notice could not be sent");
  auto said = (outcome->status != 0 ? std::to_string(outcome->status) + " " : std::string()) + outcome->said;
  if (outcome->verdict != Verdict::kDelivered) return fail(Code::kUnavailable, said);
  return said;
}

}  // namespace plimsoll::notify
