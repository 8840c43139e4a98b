// Threads that ask an encoder, so that those who wait for it can do something else meanwhile.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "encoder/encoder.h"

namespace plimsoll::encoder {

class Service {
 public:
  // What is asked in place of an encoder in tests has the same shape.
  using Score = std::function<Result<Scores>(std::string_view text, Clock::time_point deadline,
                                             const std::atomic<bool>& given_up)>;

  // `waiting`: how many texts may wait for a thread.
  Service(Score score, unsigned threads, std::size_t waiting);
  // Waits for what is being scored; what still waits is told kUnavailable.
  ~Service();

  struct Ticket {
    std::atomic<bool> given_up = false;
  };
  using Done = std::function<void(Result<Scores>)>;
  // False: as many wait as may. Else `done` is called once, on a thread of the service, unless the ticket is given up
  // before its turn comes. Any thread.
  bool submit(std::shared_ptr<Ticket> ticket, std::string text, Clock::time_point deadline, Done done);

 private:
  struct Job {
    std::shared_ptr<Ticket> ticket;
    std::string text;
    Clock::time_point deadline;
    Done done;
  };
  void work();

  const Score score_;
  const std::size_t waiting_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  unsigned idle_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace plimsoll::encoder
