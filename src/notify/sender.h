// Sends a notice to one destination.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "net/client.h"
#include "notify/destination.h"
#include "retry.h"

namespace plimsoll::notify {

struct Outcome {
  Verdict verdict = Verdict::kAgain;
  int status = 0;    // HTTP's or SMTP's; 0: none came
  std::string said;  // why not, or what the other side said: one line, printable, at most 200 bytes
  std::optional<std::chrono::seconds> retry_after;
};

inline constexpr std::chrono::seconds kSendPatience{10};  // to connect, and for each answer
inline constexpr std::chrono::seconds kMailPatience{30};  // for all of one message

// One loop's. Never follows a redirect; connects to public addresses alone unless the destination says otherwise.
class Sender {
 public:
  // The destination outlives it.
  Sender(boost::asio::io_context& loop, const Destination& destination);
  ~Sender();

  net::Task<Outcome> send(Notice notice, Time now);

 private:
  net::Task<Outcome> send_http(Notice notice, Time now);
  net::Task<Outcome> send_mail(Notice notice, Time now);

  boost::asio::io_context& loop_;
  const Destination& destination_;
  Target target_;
  std::unique_ptr<net::Client> client_;
};

}  // namespace plimsoll::notify
