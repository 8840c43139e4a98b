#include "smtp.h"

#include <gmock/gmock.h>

namespace plimsoll::notify {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

SmtpSession::Envelope envelope() {
  return {.from = "p@example.org",
          .to = {"a@x", "b@x"},
          .message = "Subject: s\r\n\r\n.dot\r\ntext\r\n",
          .starttls = Destination::StartTls::kIfOffered};
}

// What the client says to these replies, and where it ends.
struct Talk {
  std::vector<std::string> said;
  int code = 0;
  std::string why;
  std::size_t accepted = 0;
};
Talk talk(std::vector<std::string> replies, SmtpSession::Envelope with = envelope(),
          std::size_t piece = 1'000) {
  SmtpSession session(std::move(with));
  Talk out;
  std::size_t next = 0;
  while (session.want() != SmtpSession::Want::kEnd) {
    if (session.want() == SmtpSession::Want::kSend) {
      out.said.push_back(session.send());
      session.sent();
    } else if (session.want() == SmtpSession::Want::kTls) {
      out.said.emplace_back("(tls)");
      session.secured();
    } else if (next < replies.size()) {
      const auto reply = replies[next++] + "\r\n";
      for (std::size_t at = 0; at < reply.size(); at += piece)
        session.feed(std::string_view(reply).substr(at, piece));
    } else {
      break;
    }
  }
  out.code = session.code();
  out.why = session.said();
  out.accepted = session.accepted();
  return out;
}

TEST(Smtp, DeliversAMessageHoweverRepliesAreCut) {
  const std::vector<std::string> replies = {"220-mail\r\n220 hello",
                                            "250-mail\r\n250-SIZE 100\r\n250 8BITMIME",
                                            "250 ok",
                                            "250 ok",
                                            "251 forwarded",
                                            "354 go",
                                            "250 queued as 1"};
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 1'000U}) {
    const auto t = talk(replies, envelope(), piece);
    EXPECT_THAT(t.said, ElementsAre("EHLO example.org\r\n", "MAIL FROM:<p@example.org>\r\n",
                                    "RCPT TO:<a@x>\r\n", "RCPT TO:<b@x>\r\n", "DATA\r\n",
                                    "Subject: s\r\n\r\n..dot\r\ntext\r\n.\r\n", "QUIT\r\n"));
    EXPECT_EQ(t.code, 250);
    EXPECT_EQ(t.why, "250 queued as 1");
    EXPECT_EQ(t.accepted, 2U);
  }
}

TEST(Smtp, SpeaksTlsWhereItIsOfferedAndForgetsWhatCameBefore) {
  const auto t = talk({"220 hi", "250-mail\r\n250 STARTTLS", "220 go\r\n250 injected", "250 mail", "250 ok",
                       "250 ok", "250 ok", "354 go", "250 done"});
  EXPECT_EQ(t.said.at(1), "STARTTLS\r\n");
  EXPECT_EQ(t.said.at(2), "(tls)");
  EXPECT_EQ(t.said.at(3), "EHLO example.org\r\n");
  EXPECT_EQ(t.code, 250);
}

TEST(Smtp, SendsNothingWhereTlsIsRequiredAndNotOffered) {
  auto with = envelope();
  with.starttls = Destination::StartTls::kRequired;
  const auto t = talk({"220 hi", "250 mail"}, with);
  EXPECT_EQ(t.code, 0);
  EXPECT_THAT(t.why, HasSubstr("STARTTLS"));
  EXPECT_THAT(t.said, ElementsAre("EHLO example.org\r\n", "QUIT\r\n"));
  EXPECT_EQ(talk({"220 hi", "250 STARTTLS", "454 not now"}, with).code, 454);
}

TEST(Smtp, LogsInOverTlsAlone) {
  auto with = envelope();
  with.starttls = Destination::StartTls::kRequired;
  with.user = "p@example.org";
  with.password = "two words";
  const std::vector<std::string> rest = {"235 in", "250 ok", "250 ok", "250 ok", "354 go", "250 done"};
  const auto after = [&](std::vector<std::string> begin) {
    begin.insert(begin.end(), rest.begin(), rest.end());
    return begin;
  };
  // "\0p@example.org\0two words", as RFC 4616 has it.
  const auto plain = talk(after({"220 hi", "250 STARTTLS", "220 go", "250-m\r\n250 auth LOGIN PLAIN"}), with);
  EXPECT_EQ(plain.said.at(4), "AUTH PLAIN AHBAZXhhbXBsZS5vcmcAdHdvIHdvcmRz\r\n");
  EXPECT_EQ(plain.code, 250);
  const auto login = talk(
      after({"220 hi", "250 STARTTLS", "220 go", "250 AUTH LOGIN", "334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6"}),
      with);
  EXPECT_EQ(login.said.at(4), "AUTH LOGIN\r\n");
  EXPECT_EQ(login.said.at(5), "cEBleGFtcGxlLm9yZw==\r\n");
  EXPECT_EQ(login.said.at(6), "dHdvIHdvcmRz\r\n");
  EXPECT_EQ(login.code, 250);

  EXPECT_THAT(talk({"220 hi", "250 STARTTLS", "220 go", "250 AUTH GSSAPI"}, with).why, HasSubstr("neither"));
  const auto refused = talk({"220 hi", "250 STARTTLS", "220 go", "250 AUTH PLAIN", "535 bad password"}, with);
  EXPECT_EQ(refused.code, 0) << "it is tried again";
  EXPECT_THAT(refused.why, HasSubstr("535 bad password"));
  with.starttls = Destination::StartTls::kIfOffered;
  const auto open = talk({"220 hi", "250 AUTH PLAIN"}, with);
  EXPECT_THAT(open.why, HasSubstr("without TLS"));
  EXPECT_THAT(open.said, ElementsAre("EHLO example.org\r\n", "QUIT\r\n"));
}

TEST(Smtp, SaysWhyItWasRefused) {
  EXPECT_EQ(talk({"554 no"}).code, 554);
  EXPECT_EQ(talk({"220 hi", "250 m", "550 you"}).code, 550);
  EXPECT_EQ(talk({"220 hi", "250 m", "250 ok", "250 ok", "550 nobody", "354 go", "250 done"}).accepted, 1U);
  EXPECT_EQ(talk({"220 hi", "250 m", "250 ok", "550 nobody", "451 later"}).code, 451)
      << "one may be accepted yet";
  EXPECT_EQ(talk({"220 hi", "250 m", "250 ok", "451 later", "550 nobody"}).code, 451);
  EXPECT_EQ(talk({"220 hi", "250 m", "250 ok", "250 ok", "250 ok", "354 go", "552 too large"}).code, 552);
}

TEST(Smtp, DoesNotBelieveWhatIsNoSmtp) {
  for (const char* reply :
       {"HTTP/1.1 200 OK", "22 hi", "220?hi", "abc", "", "220-a\r\n250 b", "999 x", "120 x"}) {
    const auto t = talk({reply});
    EXPECT_EQ(t.code, 0) << reply;
    EXPECT_THAT(t.why, HasSubstr("does not speak SMTP")) << reply;
  }
  EXPECT_THAT(talk({std::string(100'000, '2')}).why, HasSubstr("too long"));
  std::string endless;
  for (int i = 0; i < 10'000; ++i) endless += "220-x\r\n";
  EXPECT_THAT(talk({endless}).why, HasSubstr("too long"));
}

TEST(Smtp, ShowsWhatTheServerSaidAsOneLine) {
  EXPECT_EQ(talk({std::string("554 a\x01\xC3") + std::string(500, 'z')}).why.size(), 200U);
}

TEST(Smtp, StuffsDots) {
  EXPECT_EQ(stuffed(".\r\n..a\r\nb.\r\n"), "..\r\n...a\r\nb.\r\n.\r\n");
  EXPECT_EQ(stuffed("no end"), "no end\r\n.\r\n");
}

}  // namespace
}  // namespace plimsoll::notify
