#include "deadlines.h"

#include <vector>

namespace plimsoll::net {

Deadlined::~Deadlined() {
  if (owner_ != nullptr) owner_->remove(*this);
}

Deadlines::Deadlines(asio::io_context& loop, std::chrono::milliseconds tick)
    : tick_(tick), timer_(loop.get_executor()) {}

Deadlines::~Deadlines() {
  for_each([this](Deadlined& item) { remove(item); });
}

void Deadlines::add(Deadlined& item) {
  item.owner_ = this;
  item.next_ = first_;
  item.previous_ = nullptr;
  if (first_ != nullptr) first_->previous_ = &item;
  first_ = &item;
  arm();
}

void Deadlines::remove(Deadlined& item) {
  (item.previous_ != nullptr ? item.previous_->next_ : first_) = item.next_;
  if (item.next_ != nullptr) item.next_->previous_ = item.previous_;
  item.owner_ = nullptr;
  item.next_ = item.previous_ = nullptr;
}

void Deadlines::arm() {
  if (armed_ || first_ == nullptr) return;
  armed_ = true;
  timer_.expires_after(tick_);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;  // cancelled with the loop: `this` may be gone
    armed_ = false;
    scan();
    arm();
  });
}

void Deadlines::scan() {
  const auto now = std::chrono::steady_clock::now();
  for_each([now](Deadlined& item) {
    if (item.deadline_ > now) return;
    item.never_expire();
    item.on_deadline();
  });
}

}  // namespace plimsoll::net
