// What became of an attempt, and what follows.
#include <charconv>
#include <random>

#include "impl.h"

namespace plimsoll::route {
namespace {

using std::chrono::milliseconds;

constexpr unsigned kMostTries = 8;
constexpr milliseconds kFirstPause{100};

// Answers that say "not now", or that nobody is there: 529 is Anthropic's "overloaded".
bool is_away(int status) {
  return status == 502 || status == 503 || status == 504 || status == 529;
}

// In seconds. nullopt: a date, or nonsense.
std::optional<milliseconds> read_retry_after(std::string_view text) {
  unsigned seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || seconds > 86'400) return std::nullopt;
  return std::chrono::seconds(seconds);
}

double some_chance() {
  thread_local std::mt19937_64 generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(generator);
}

Surroundings completed(Surroundings s) {
  if (!s.clock) s.clock = [] { return std::chrono::steady_clock::now(); };
  if (!s.wall) s.wall = [] { return std::chrono::system_clock::now(); };
  if (!s.chance) s.chance = some_chance;
  return s;
}

}  // namespace

Router::Impl::Impl(const Table& all, Surroundings surroundings)
    : table(*all.impl_), around(completed(std::move(surroundings))) {
  for (const auto& one : table.settings.upstreams) breakers.emplace_back(one.breaker);
}

Router::Impl::~Impl() {
  for (std::size_t i = 0; i < breakers.size(); ++i)
    if (!breakers[i].closed()) counts(i).open_now.fetch_sub(1, std::memory_order_relaxed);
}

void Router::Impl::record(std::size_t i, Breaker::Outcome outcome) {
  Breaker& breaker = breakers[i];
  const bool before = breaker.closed();
  breaker.record(outcome, around.clock());
  if (before == breaker.closed()) return;
  if (before) {
    counts(i).opened.add();
    counts(i).open_now.fetch_add(1, std::memory_order_relaxed);
  } else {
    counts(i).open_now.fetch_sub(1, std::memory_order_relaxed);
  }
}

std::optional<Next> Router::Impl::follow(Plan& plan, std::size_t i, std::optional<milliseconds> here) {
  if (++plan.tries >= kMostTries) return std::nullopt;
  const auto now = around.clock();
  const std::size_t at = plan.attempts[i].upstream;
  if (here && plan.repeats < upstream(at).retries && breakers[at].allows(now)) {
    ++plan.repeats;
    counts(at).retried.add();
    return Next{i, *here};
  }
  for (std::size_t next = i + 1; next < plan.attempts.size(); ++next) {
    if (!breakers[plan.attempts[next].upstream].allows(now)) continue;
    plan.repeats = 0;
    counts(at).retried.add();
    return Next{next};
  }
  return std::nullopt;
}

Router::Router(const Table& table, Surroundings surroundings)
    : impl_(std::make_unique<Impl>(table, std::move(surroundings))) {}
Router::~Router() = default;

std::optional<Next> Router::answered(Plan& plan, std::size_t i, int status, std::string_view retry_after) {
  const std::size_t at = plan.attempts[i].upstream;
  const Upstream& upstream = impl_->upstream(at);
  Counts& counts = impl_->counts(at);
  if (status == 429) {
    counts.limited.add();
    // Where the client shows its own credentials the limit is the client's, and says nothing of the server.
    impl_->record(at, upstream.pass_authorization ? Breaker::Outcome::kGood : Breaker::Outcome::kStrained);
  } else if (is_away(status)) {
    counts.failed.add();
    impl_->record(at, Breaker::Outcome::kBad);
  } else if (status >= 500) {
    counts.failed.add();
    impl_->record(at, Breaker::Outcome::kStrained);
    return std::nullopt;
  } else {
    counts.answered.add();
    impl_->record(at, Breaker::Outcome::kGood);
    return std::nullopt;
  }

  // Half of the pause by chance, so that those who failed together do not come back together.
  const double jitter = 0.5 + 0.5 * impl_->around.chance();
  std::optional<milliseconds> here = milliseconds(
      static_cast<int>(static_cast<double>((kFirstPause * (1U << plan.repeats)).count()) * jitter));
  if (!retry_after.empty()) here = read_retry_after(retry_after);
  if (here && *here > upstream.retry_after_most) here.reset();
  return impl_->follow(plan, i, here);
}

std::optional<Next> Router::failed(Plan& plan, std::size_t i, const Error& error) {
  const std::size_t at = plan.attempts[i].upstream;
  Counts& counts = impl_->counts(at);
  switch (error.code) {
    case Code::kUnavailable:
      counts.unreachable.add();
      impl_->record(at, Breaker::Outcome::kBad);
      return impl_->follow(plan, i, kFirstPause * (1U << plan.repeats));
    case Code::kTimeout:
      counts.timed_out.add();
      impl_->record(at, Breaker::Outcome::kBad);
      return impl_->follow(plan, i, std::nullopt);
    default:  // an answer that is none, or our own doing: the same would come again
      counts.failed.add();
      impl_->record(at, Breaker::Outcome::kStrained);
      return std::nullopt;
  }
}

void Router::broke_off(const Attempt& attempt, const Error& error) {
  Counts& counts = impl_->counts(attempt.upstream);
  if (error.code == Code::kTimeout)
    counts.timed_out.add();
  else if (error.code == Code::kUnavailable)
    counts.unreachable.add();
  else
    counts.failed.add();
  const bool away = error.code == Code::kTimeout || error.code == Code::kUnavailable;
  impl_->record(attempt.upstream, away ? Breaker::Outcome::kBad : Breaker::Outcome::kStrained);
}

}  // namespace plimsoll::route
