#include "store/pool.h"

#include <utility>

namespace plimsoll::store {

Pool::Pool(Store& store, unsigned threads, std::size_t waiting) : store_(store), waiting_(waiting) {
  for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

Pool::~Pool() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  for (Job& job : jobs_) job(fail(Code::kUnavailable, "the store's queries are being stopped"));
}

bool Pool::submit(Job job) {
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_ || jobs_.size() >= waiting_ + idle_) return false;
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

void Pool::work() {
  std::unique_ptr<Reader> reader;
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    --idle_;
    if (stopping_) return;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    Result<Reader*> given = reader.get();
    if (reader == nullptr) {
      auto opened = store_.reader();
      if (opened)
        given = (reader = *std::move(opened)).get();
      else
        given = std::unexpected(std::move(opened).error());
    }
    job(given);
    job = {};
    lock.lock();
  }
}

}  // namespace plimsoll::store
