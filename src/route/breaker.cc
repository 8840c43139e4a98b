#include "route/breaker.h"

#include <algorithm>

namespace plimsoll::route {

Breaker::Breaker(BreakerOptions options) : options_(options), pause_(options.pause) {
  options_.window = std::clamp<unsigned>(options_.window, 1, kMost);
}

std::chrono::milliseconds Breaker::wait(Clock::time_point now) const {
  if (allows(now)) return std::chrono::milliseconds(0);
  return std::chrono::ceil<std::chrono::milliseconds>(until_ - now);
}

void Breaker::begin(Clock::time_point now) {
  if (state_ == State::kClosed || now < until_) return;
  state_ = State::kProbing;
  until_ = now + pause_;
}

void Breaker::record(Outcome outcome, Clock::time_point now) {
  switch (state_) {
    case State::kOpen:
      return;  // of a request that was on its way before: the probe decides
    case State::kProbing:
      if (outcome == Outcome::kGood) return close();
      if (outcome == Outcome::kBad) pause_ = std::min(pause_ * 2, options_.longest_pause);
      return open(now);
    case State::kClosed:
      break;
  }
  if (options_.failures == 0) return;
  row_ = outcome == Outcome::kBad ? row_ + 1 : 0;
  remember(outcome != Outcome::kGood);
  const bool many = seen_ == options_.window &&
                    static_cast<double>(share_.count()) >= options_.share * static_cast<double>(seen_);
  if (row_ >= options_.failures || many) open(now);
}

void Breaker::remember(bool failed) {
  share_[next_] = failed;
  next_ = (next_ + 1) % options_.window;
  seen_ = std::min<std::size_t>(seen_ + 1, options_.window);
}

void Breaker::open(Clock::time_point now) {
  state_ = State::kOpen;
  until_ = now + pause_;
}

void Breaker::close() {
  state_ = State::kClosed;
  pause_ = options_.pause;
  row_ = 0;
  seen_ = next_ = 0;
  share_.reset();
}

}  // namespace plimsoll::route
