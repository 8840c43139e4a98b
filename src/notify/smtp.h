// One message by SMTP (RFC 5321), as a machine that is fed what the server says; without I/O.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "notify/destination.h"

namespace plimsoll::notify {

inline constexpr std::size_t kMaxReplyBytes = 16U << 10U;  // of one reply, all its lines

// As DATA sends it: lines that begin with a dot get another, and a dot alone ends it. `message` has CRLF.
std::string stuffed(std::string_view message);

class SmtpSession {
 public:
  struct Envelope {
    std::string from;
    std::vector<std::string> to;
    std::string message;  // RFC 5322, CRLF
    Destination::StartTls starttls = Destination::StartTls::kIfOffered;
    // Whom to log in as (RFC 4954; PLAIN, else LOGIN), over TLS alone; empty: nobody.
    std::string user = {}, password = {};
  };
  explicit SmtpSession(Envelope envelope);

  enum class Want : std::uint8_t { kRead, kSend, kTls, kEnd };
  // What is to be done next; with kSend send(), then ask again. After kTls, over the new connection, call secured().
  Want want() const { return want_; }
  const std::string& send() const { return send_; }
  void sent();
  void secured();
  // What arrived, in pieces of any size.
  void feed(std::string_view bytes);

  // At the end: the code that decided, and what happened in words. 0: the server said nothing that can be understood.
  int code() const { return code_; }
  const std::string& said() const { return said_; }   // one line, printable, at most 200 bytes
  std::size_t accepted() const { return accepted_; }  // recipients

 private:
  enum class Step : std::uint8_t {
    kGreeting,
    kHello,
    kStartTls,
    kLogin,
    kLoginUser,
    kLoginPassword,
    kFrom,
    kTo,
    kData,
    kMessage,
    kQuit
  };
  bool take_line(std::string_view line);
  void reply(int code);
  void command(Step step, std::string text);
  void end(int code, std::string_view said);
  void log_in();
  void next_recipient();

  Envelope envelope_;
  Step step_ = Step::kGreeting;
  Want want_ = Want::kRead;
  std::string send_, input_;
  std::vector<std::string> lines_;  // of the reply so far, without codes
  std::size_t reply_bytes_ = 0;
  int reply_code_ = 0;
  std::size_t recipient_ = 0, accepted_ = 0;
  bool secure_ = false;
  int code_ = 0;
  int refused_ = 0;  // the last recipient's refusal
  std::string said_;
};

}  // namespace plimsoll::notify
