#include "sender.h"

#include <algorithm>
#include <array>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <vector>

#include "formats.h"
#include "net/address.h"
#include "net/wait.h"
#include "smtp.h"

namespace plimsoll::notify {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using boost::system::error_code;
using net::kAwait;
using Socket = asio::basic_stream_socket<tcp, net::Executor>;
using Resolver = asio::ip::basic_resolver<tcp, net::Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, net::Executor>;

constexpr std::size_t kMaxAnswer = 16U << 10U;
constexpr std::size_t kMaxSaid = 200;

std::string printable(std::string_view text) {
  std::string out(text.substr(0, kMaxSaid));
  std::ranges::replace_if(out, [](char c) { return c < 0x20 || c >= 0x7F; }, ' ');
  return out;
}

// A mail server's connection, which one timer ends.
struct Mail {
  explicit Mail(asio::io_context& loop) : socket(loop.get_executor()), timer(loop.get_executor()) {}

  net::Task<Result<void>> connect(asio::io_context& loop, const Destination& d) {
    Resolver resolver(loop.get_executor());
    auto [failed, found] = co_await resolver.async_resolve(d.host, std::to_string(d.port), kAwait);
    if (failed) co_return fail(Code::kUnavailable, "looking up the mail server: " + failed.message());
    std::vector<tcp::endpoint> to;
    for (const auto& entry : found)
      if (d.allow_private || net::is_public(entry.endpoint().address())) to.push_back(entry.endpoint());
    if (to.empty())
      co_return fail(Code::kUnavailable,
                     "the host has no public address, and others are not connected to (allow_private)");
    auto [error, endpoint] = co_await asio::async_connect(socket, to, kAwait);
    if (error) co_return fail(Code::kUnavailable, "connecting to the mail server: " + error.message());
    co_return Result<void>();
  }

  net::Task<Result<void>> secure(const Destination& d) {
    context.emplace(asio::ssl::context::tls_client);
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    error_code error;
    if (d.ca_file.empty())
      context->set_default_verify_paths(error);
    else
      context->load_verify_file(d.ca_file, error);
    if (error) co_return fail(Code::kInvalid, "the certificates to trust cannot be read: " + error.message());
    tls.emplace(socket, *context);
    if (SSL_set_tlsext_host_name(tls->native_handle(), d.host.c_str()) != 1)
      co_return fail(Code::kInternal, "TLS: cannot set the server name");
    tls->set_verify_mode(asio::ssl::verify_peer);
    tls->set_verify_callback(asio::ssl::host_name_verification(d.host));
    auto [refused] = co_await tls->async_handshake(asio::ssl::stream_base::client, kAwait);
    if (refused)
      co_return fail(Code::kUnavailable, "the TLS handshake with the mail server: " + refused.message());
    co_return Result<void>();
  }

  net::Task<Result<std::size_t>> read(std::array<char, 4'096>& into) {
    error_code error;
    std::size_t size = 0;
    if (tls) {
      auto [failed, n] = co_await tls->async_read_some(asio::buffer(into), kAwait);
      error = failed;
      size = n;
    } else {
      auto [failed, n] = co_await socket.async_read_some(asio::buffer(into), kAwait);
      error = failed;
      size = n;
    }
    if (error) co_return fail(Code::kUnavailable, "the mail server broke off: " + error.message());
    co_return size;
  }

  net::Task<Result<void>> write(const std::string& bytes) {
    error_code error;
    if (tls) {
      auto [failed, n] = co_await asio::async_write(*tls, asio::buffer(bytes), kAwait);
      error = failed;
    } else {
      auto [failed, n] = co_await asio::async_write(socket, asio::buffer(bytes), kAwait);
      error = failed;
    }
    if (error) co_return fail(Code::kUnavailable, "the mail server broke off: " + error.message());
    co_return Result<void>();
  }

  Socket socket;
  Timer timer;
  bool expired = false;
  std::optional<asio::ssl::context> context;
  std::optional<asio::ssl::stream<Socket&>> tls;
};

net::Task<Result<void>> converse(Mail& mail, SmtpSession& session, const Destination& d) {
  std::array<char, 4'096> buffer{};
  while (session.want() != SmtpSession::Want::kEnd) {
    Result<void> done;
    if (session.want() == SmtpSession::Want::kSend) {
      done = co_await mail.write(session.send());
      if (done) session.sent();
    } else if (session.want() == SmtpSession::Want::kTls) {
      done = co_await mail.secure(d);
      if (done) session.secured();
    } else {
      const auto size = co_await mail.read(buffer);
      if (size)
        session.feed({buffer.data(), *size});
      else
        done = std::unexpected(size.error());
    }
    if (!done) co_return done;
  }
  co_return Result<void>();
}

}  // namespace

Sender::Sender(asio::io_context& loop, const Destination& destination)
    : loop_(loop), destination_(destination) {
  if (destination.kind == Kind::kEmail) return;
  if (auto target = parse_target(destination.url)) target_ = *std::move(target);
  net::ClientOptions options;
  options.connect_timeout = options.response_timeout = options.read_timeout = kSendPatience;
  options.ca_file = destination.ca_file;
  options.public_only = !destination.allow_private;
  options.max_idle_per_origin = 1;
  client_ = net::Client::create(loop, std::move(options));
}
Sender::~Sender() = default;

net::Task<Outcome> Sender::send(Notice notice, Time now) {
  if (destination_.kind == Kind::kEmail) return send_mail(std::move(notice), now);
  return send_http(std::move(notice), now);
}

net::Task<Outcome> Sender::send_http(Notice notice, Time now) {
  Message message = http_message(destination_, notice, now);
  message.headers.add("User-Agent", "Plimsoll");
  auto answer = co_await client_->send(target_.origin, "POST", target_.path, std::move(message.headers),
                                       std::move(message.body));
  if (!answer)
    co_return Outcome{.verdict = Verdict::kAgain,
                      .status = 0,
                      .said = printable(answer.error().message),
                      .retry_after = {}};
  Outcome out{.verdict = judge_http((*answer)->status()),
              .status = (*answer)->status(),
              .said = {},
              .retry_after = {}};
  if (out.verdict == Verdict::kAgain)
    out.retry_after = read_retry_after((*answer)->headers().get("retry-after"), now);
  const auto body = co_await (*answer)->read_all(kMaxAnswer);
  if (out.status / 100 == 3)
    out.said = "redirects are not followed; write down the URL that it leads to";
  else if (body)
    out.said = printable(*body);
  co_return out;
}

net::Task<Outcome> Sender::send_mail(Notice notice, Time now) {
  SmtpSession session({.from = destination_.from,
                       .to = destination_.to,
                       .message = mail_message(destination_, notice, now),
                       .starttls = destination_.starttls,
                       .user = destination_.user,
                       .password = destination_.user.empty() ? "" : destination_.secrets.front()});
  auto mail = std::make_shared<Mail>(loop_);
  mail->timer.expires_after(kMailPatience);
  mail->timer.async_wait([weak = std::weak_ptr(mail)](const error_code& error) {
    const auto late = weak.lock();
    if (error || !late) return;
    late->expired = true;
    error_code ignored;
    late->socket.close(ignored);
  });
  auto done = co_await mail->connect(loop_, destination_);
  if (done) done = co_await converse(*mail, session, destination_);
  mail->timer.cancel();
  // Once the server has said what it makes of the message, a connection that breaks changes nothing.
  const bool decided = session.code() != 0 || !session.said().empty();
  if (!decided)
    co_return Outcome{
        .verdict = Verdict::kAgain,
        .status = 0,
        .said = mail->expired ? "the mail server took too long" : printable(done ? "" : done.error().message),
        .retry_after = {}};
  co_return Outcome{.verdict = judge_smtp(session.code()),
                    .status = session.code(),
                    .said = session.said(),
                    .retry_after = {}};
}

}  // namespace plimsoll::notify
