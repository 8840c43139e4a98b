#include "encoder/service.h"

#include <gtest/gtest.h>

#include <future>
#include <latch>
#include <thread>

namespace plimsoll::encoder {
namespace {

using Ticket = Service::Ticket;

Clock::time_point soon() {
  return Clock::now() + std::chrono::seconds(60);
}

// Scores only once it may.
struct Gate {
  std::latch open{1};
  std::latch entered{1};
  Service::Score score() {
    return [this](std::string_view, Clock::time_point, const std::atomic<bool>&) -> Result<Scores> {
      entered.count_down();
      open.wait();
      Scores out;
      out.set(Category::kCbrn, 0.7);
      return out;
    };
  }
};

TEST(Service, AnswersEachTextOnce) {
  std::atomic<int> answers = 0;
  {
    Service service(
        [](std::string_view text, Clock::time_point, const std::atomic<bool>&) -> Result<Scores> {
          Scores out;
          out.set(Category::kCbrn, static_cast<double>(text.size()) / 100);
          return out;
        },
        3, 100);
    std::latch all(100);
    for (std::size_t i = 0; i < 100; ++i)
      ASSERT_TRUE(service.submit(std::make_shared<Ticket>(), std::string(i, 'x'), soon(),
                                 [&, i](Result<Scores> scores) {
                                   if (scores && (*scores)[Category::kCbrn] == static_cast<double>(i) / 100)
                                     ++answers;
                                   all.count_down();
                                 }));
    all.wait();
  }
  EXPECT_EQ(answers, 100);
}

TEST(Service, TakesNoMoreThanMayWait) {
  Gate gate;
  std::atomic<int> answers = 0;
  {
    Service service(gate.score(), 1, 2);
    const auto ask = [&](const std::shared_ptr<Ticket>& ticket) {
      return service.submit(ticket, "x", soon(),
                            [&](const Result<Scores>& scores) { answers += scores ? 1 : 100; });
    };
    ASSERT_TRUE(ask(std::make_shared<Ticket>()));
    gate.entered.wait();
    const auto second = std::make_shared<Ticket>();
    EXPECT_TRUE(ask(second));
    EXPECT_TRUE(ask(std::make_shared<Ticket>()));
    EXPECT_FALSE(ask(std::make_shared<Ticket>()));
    second->given_up = true;  // makes room
    EXPECT_TRUE(ask(std::make_shared<Ticket>()));
    gate.open.count_down();
    while (answers < 3) std::this_thread::yield();
  }
  EXPECT_EQ(answers, 3);
}

TEST(Service, TellsThoseWhoStillWaitThatItStops) {
  Gate gate;
  std::promise<Code> told;
  std::thread opener;
  {
    Service service(gate.score(), 1, 2);
    ASSERT_TRUE(service.submit(std::make_shared<Ticket>(), "x", soon(), [](const Result<Scores>&) {}));
    gate.entered.wait();
    ASSERT_TRUE(service.submit(std::make_shared<Ticket>(), "x", soon(), [&](const Result<Scores>& scores) {
      told.set_value(scores ? Code::kInternal : scores.error().code);
    }));
    // The first is let go while the service is already being stopped.
    opener = std::thread([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      gate.open.count_down();
    });
  }
  opener.join();
  EXPECT_EQ(told.get_future().get(), Code::kUnavailable);
}

}  // namespace
}  // namespace plimsoll::encoder
