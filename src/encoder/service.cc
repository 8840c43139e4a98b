#include "encoder/service.h"

#include <utility>

namespace plimsoll::encoder {

Service::Service(Score score, unsigned threads, std::size_t waiting)
    : score_(std::move(score)), waiting_(waiting) {
  for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

Service::~Service() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  for (Job& job : jobs_) job.done(fail(Code::kUnavailable, "the service stops"));
}

bool Service::submit(std::shared_ptr<Ticket> ticket, std::string text, Clock::time_point deadline,
                     Done done) {
  {
    const std::scoped_lock lock(mutex_);
    // What nobody waits for any more takes no place.
    std::erase_if(jobs_, [](const Job& job) { return job.ticket->given_up.load(); });
    if (jobs_.size() >= waiting_ + idle_) return false;
    jobs_.push_back({std::move(ticket), std::move(text), deadline, std::move(done)});
  }
  wake_.notify_one();
  return true;
}

void Service::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    --idle_;
    if (stopping_) return;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job.done(score_(job.text, job.deadline, job.ticket->given_up));
    job = {};
    lock.lock();
  }
}

}  // namespace plimsoll::encoder
