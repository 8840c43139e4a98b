#include "smtp.h"

#include <algorithm>
#include <sstream>

#include "base/hash.h"

namespace plimsoll::notify {
namespace {

constexpr std::size_t kMaxSaid = 200;

std::string printable(std::string_view text) {
  std::string out(text.substr(0, kMaxSaid));
  std::ranges::replace_if(out, [](char c) { return c < 0x20 || c >= 0x7F; }, '?');
  return out;
}

bool is_keyword(std::string_view line, std::string_view keyword) {
  return line.size() == keyword.size() && std::ranges::equal(line, keyword, [](char a, char b) {
           return (a >= 'a' && a <= 'z' ? a - 32 : a) == b;
         });
}

// What `AUTH PLAIN LOGIN`, a line of the answer to EHLO, names.
bool offers_login(const std::vector<std::string>& lines, std::string_view mechanism) {
  return std::ranges::any_of(lines, [&](const std::string& line) {
    std::istringstream words(line);
    std::string word;
    if (!(words >> word) || !is_keyword(word, "AUTH")) return false;
    while (words >> word)
      if (is_keyword(word, mechanism)) return true;
    return false;
  });
}

}  // namespace

std::string stuffed(std::string_view message) {
  std::string out;
  out.reserve(message.size() + 64);
  for (std::size_t at = 0; at < message.size();) {
    const auto end = message.find("\r\n", at);
    const auto line = message.substr(at, end == std::string_view::npos ? end : end - at);
    if (line.starts_with('.')) out += '.';
    out.append(line).append("\r\n");
    at = end == std::string_view::npos ? message.size() : end + 2;
  }
  return out + ".\r\n";
}

SmtpSession::SmtpSession(Envelope envelope) : envelope_(std::move(envelope)) {}

void SmtpSession::command(Step step, std::string text) {
  step_ = step;
  send_ = std::move(text) + "\r\n";
  want_ = Want::kSend;
}

void SmtpSession::sent() {
  send_.clear();
  want_ = step_ == Step::kQuit ? Want::kEnd : Want::kRead;
}

void SmtpSession::secured() {
  secure_ = true;
  input_.clear();  // what came before TLS was nobody's to say (RFC 3207, 5)
  command(Step::kHello, "EHLO " + envelope_.from.substr(envelope_.from.find('@') + 1));
}

void SmtpSession::end(int code, std::string_view said) {
  code_ = code;
  said_ = printable(said);
  // A server that is left without a word may think that the message was not meant.
  command(Step::kQuit, "QUIT");
}

void SmtpSession::feed(std::string_view bytes) {
  if (want_ != Want::kRead) return;
  input_ += bytes;
  while (want_ == Want::kRead) {
    const auto line_end = input_.find('\n');
    if (line_end == std::string::npos) {
      if (input_.size() + reply_bytes_ > kMaxReplyBytes) end(0, "the server's reply is too long");
      return;
    }
    std::string line = input_.substr(0, line_end);
    input_.erase(0, line_end + 1);
    if (line.ends_with('\r')) line.pop_back();
    reply_bytes_ += line.size();
    if (reply_bytes_ > kMaxReplyBytes) return end(0, "the server's reply is too long");
    if (!take_line(line)) return end(0, "the server does not speak SMTP");
  }
}

bool SmtpSession::take_line(std::string_view line) {
  const auto digit = [&](std::size_t i) { return line[i] >= '0' && line[i] <= '9'; };
  if (line.size() < 3 || !digit(0) || !digit(1) || !digit(2) || line[0] < '2' || line[0] > '5') return false;
  if (line.size() > 3 && line[3] != ' ' && line[3] != '-') return false;
  const int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  if (!lines_.empty() && code != reply_code_) return false;
  reply_code_ = code;
  lines_.emplace_back(line.substr(std::min<std::size_t>(4, line.size())));
  if (line.size() > 3 && line[3] == '-') return true;
  reply(code);
  lines_.clear();
  reply_bytes_ = 0;
  return true;
}

void SmtpSession::log_in() {
  if (!secure_) return end(0, "the password is not sent without TLS");
  if (offers_login(lines_, "PLAIN")) {
    const std::string nul(1, '\0');
    return command(Step::kLogin, "AUTH PLAIN " + to_base64(nul + envelope_.user + nul + envelope_.password));
  }
  if (offers_login(lines_, "LOGIN")) return command(Step::kLoginUser, "AUTH LOGIN");
  end(0, "the server offers neither AUTH PLAIN nor AUTH LOGIN");
}

void SmtpSession::next_recipient() {
  if (recipient_ < envelope_.to.size())
    return command(Step::kTo, "RCPT TO:<" + envelope_.to.at(recipient_) + ">");
  if (accepted_ == 0) return end(refused_, "no recipient was accepted: " + said_);
  command(Step::kData, "DATA");
}

void SmtpSession::reply(int code) {
  const std::string said = std::to_string(code) + " " + lines_.front();
  const bool good = code / 100 == 2;
  switch (step_) {
    case Step::kGreeting:
      if (!good) return end(code, said);
      return command(Step::kHello, "EHLO " + envelope_.from.substr(envelope_.from.find('@') + 1));
    case Step::kHello: {
      if (!good) return end(code, said);
      using enum Destination::StartTls;
      const bool offered =
          std::ranges::any_of(lines_, [](const auto& l) { return is_keyword(l, "STARTTLS"); });
      if (!secure_ && envelope_.starttls != kNever && offered) return command(Step::kStartTls, "STARTTLS");
      if (!secure_ && envelope_.starttls == kRequired) return end(0, "the server offers no STARTTLS");
      if (!envelope_.user.empty()) return log_in();
      return command(Step::kFrom, "MAIL FROM:<" + envelope_.from + ">");
    }
    case Step::kStartTls:
      if (!good) return end(code, said);
      want_ = Want::kTls;
      return;
    // Who may not log in is told again later: a password is set right, a notice is not forgotten.
    case Step::kLoginUser:
      if (code != 334) return end(0, "not logged in: " + said);
      return command(Step::kLoginPassword, to_base64(envelope_.user));
    case Step::kLoginPassword:
      if (code != 334) return end(0, "not logged in: " + said);
      return command(Step::kLogin, to_base64(envelope_.password));
    case Step::kLogin:
      if (!good) return end(0, "not logged in: " + said);
      return command(Step::kFrom, "MAIL FROM:<" + envelope_.from + ">");
    case Step::kFrom:
      if (!good) return end(code, said);
      return next_recipient();
    case Step::kTo:
      if (good) {
        ++accepted_;
      } else {
        // What may be accepted another time is tried again, whatever is said of the others.
        refused_ = refused_ / 100 == 4 ? refused_ : code;
        said_ = printable(said);
      }
      ++recipient_;
      return next_recipient();
    case Step::kData:
      if (code != 354) return end(good ? 0 : code, said);
      step_ = Step::kMessage;
      send_ = stuffed(envelope_.message);
      want_ = Want::kSend;
      return;
    case Step::kMessage:
      return end(code, said);
    case Step::kQuit:
      return;
  }
}

}  // namespace plimsoll::notify
