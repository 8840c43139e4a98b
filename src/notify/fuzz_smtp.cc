#include <cstdint>
#include <string_view>

#include "smtp.h"

// A server that says anything, in pieces: the session ends, and what it says stays within bounds.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::notify;
  SmtpSession session({.from = "a@b",
                       .to = {"c@d", "e@f"},
                       .message = "\r\n.\r\n",
                       .starttls = Destination::StartTls::kIfOffered,
                       .user = size % 2 == 0 ? "u" : "",
                       .password = "p"});
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  while (session.want() != SmtpSession::Want::kEnd) {
    if (session.want() == SmtpSession::Want::kSend) {
      session.sent();
    } else if (session.want() == SmtpSession::Want::kTls) {
      session.secured();
    } else {
      if (bytes.empty()) break;
      const auto piece = bytes.substr(0, 1 + static_cast<unsigned char>(bytes.front()) % 64);
      session.feed(piece);
      bytes.remove_prefix(piece.size());
    }
  }
  if (session.said().size() > 200 || session.accepted() > 2) __builtin_trap();
  return 0;
}
