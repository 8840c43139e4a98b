// Asks other models what they make of what was judged, when the policy wants it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string_view>
#include <vector>

#include "decide/judge.h"
#include "gateway/guard_server.h"

namespace plimsoll::gateway {

using namespace decide;

// One that is asked: with a deadline, a circuit breaker and a bound on what is on its way.
class Guard {
 public:
  virtual ~Guard() = default;
  virtual const std::string& name() const = 0;
  virtual net::Task<OpinionRecord> ask(opinion::Question question) = 0;
};
// `server` must outlive it; has a service.
std::unique_ptr<Guard> make_encoder_guard(boost::asio::io_context& loop, const GuardServer& server);

// One per worker.
class SecondOpinions {
 public:
  SecondOpinions(boost::asio::io_context& loop, const std::vector<GuardServer>& servers);
  ~SecondOpinions();

  // Asks every guard that the policy wants asked about these scores, and puts what they say into the judgement:
  // its scores, its opinions, and what failed. True: something changed, and the verdict must be made again.
  // `prompt`: with an output, what it answers; empty when not known.
  net::Task<bool> ask(Judgement& judgement, const Conversation& conversation, std::string_view prompt);

 private:
  Guard* find(std::string_view name) const;
  std::vector<std::unique_ptr<Guard>> guards_;
};

// The texts of the latest turn, without the system's own.
std::string text_of(const Conversation& conversation);

}  // namespace plimsoll::gateway
