#include "http2_session.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <typeinfo>
#include <utility>

#include "base/log.h"

namespace plimsoll::net {
namespace {

using boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kReadBytes = 8'192;
constexpr std::size_t kOutBytes = 65'536;    // gathered for one write
constexpr std::size_t kKeptBuffer = 16'384;  // an idle connection holds no more
constexpr auto kTick = std::chrono::milliseconds(500);
constexpr auto kForever = std::chrono::hours(24 * 365);  // Http2::expire() has the deadlines

}  // namespace

class Http2Session::Stream final : public Exchange, public std::enable_shared_from_this<Stream> {
 public:
  Stream(std::shared_ptr<Http2Session> session, Http2::Id id, Request request, std::optional<Refusal> refused,
         bool routed)
      : session_(std::move(session)),
        id_(id),
        request_(std::move(request)),
        refused_(refused),
        routed_(routed),
        drained_(session_->executor()) {}

  Request& request() override { return request_; }
  bool answered() const override { return answered_; }

  Task<Result<void>> respond(Response response) override {
    answered_ = true;
    if (!gone_) {
      std::string body = std::move(response.body);
      session_->http2_.respond(id_, response, std::move(body), Clock::now());
    }
    auto sent = co_await sent_enough();
    co_return sent;
  }
  Task<Result<void>> begin_stream(int status, Headers headers) override {
    answered_ = streaming_ = true;
    if (!gone_) session_->http2_.begin(id_, status, headers);
    auto sent = co_await sent_enough();
    co_return sent;
  }
  Task<Result<void>> write(std::string_view bytes) override {
    if (!gone_) session_->http2_.write(id_, bytes, Clock::now());
    auto sent = co_await sent_enough();
    co_return sent;
  }
  Task<Result<void>> end_stream() override {
    streaming_ = false;
    if (!gone_) session_->http2_.end(id_);
    auto sent = co_await sent_enough();
    co_return sent;
  }

  void on_disconnect(std::function<void()> action) override {
    disconnected_ = std::move(action);
    if (disconnected_ && gone_) tell();
  }

  // Nobody listens any more.
  void lose() {
    gone_ = true;
    drained_.notify();
    if (disconnected_) tell();
  }
  void wake() { drained_.notify(); }

  Task<> run() {
    bool threw = false;
    const Serving& serving = *session_->serving_;
    try {
      if (!refused_) {
        co_await serving.handler(*this);
      } else if (routed_ && serving.refuser) {
        co_await serving.refuser(*this, *refused_);
      } else {
        auto response = to_response(*refused_);
        co_await respond(std::move(response));
      }
    } catch (const std::exception& error) {
      threw = true;
      log_error("request failed", {{"exception", typeid(error).name()}});  // its words may be the client's
    }
    disconnected_ = {};
    if (!answered_) {
      auto response = json_response(500, R"({"error":{"message":"internal error","type":"server_error"}})");
      co_await respond(std::move(response));
    } else if (streaming_ || (threw && !gone_)) {  // a stream that was never ended must not look whole
      session_->http2_.reset(id_);
    }
    session_->streams_.erase(id_);
    session_->http2_.release(id_);
    session_->flush_soon();
    --session_->running_;
    session_->changed_.notify();
  }

 private:
  // Later: the caller may be in the middle of something.
  void tell() {
    asio::post(session_->executor(), [self = shared_from_this()] {
      if (self->disconnected_) std::exchange(self->disconnected_, {})();
    });
  }

  Task<Result<void>> sent_enough() {
    if (!gone_) session_->flush_soon();
    while (!gone_ && session_->http2_.unsent(id_) > Http2::kSendAhead) co_await drained_.wait();
    if (gone_)
      co_return fail(Code::kUnavailable, "the client has gone: it gave up the request or the connection");
    co_return Result<void>();
  }

  const std::shared_ptr<Http2Session> session_;
  const Http2::Id id_;
  Request request_;
  const std::optional<Refusal> refused_;
  const bool routed_;
  std::function<void()> disconnected_;
  Wakeup drained_;
  bool answered_ = false;
  bool streaming_ = false;
  bool gone_ = false;
};

Http2Session::Http2Session(std::shared_ptr<Serving> serving, std::unique_ptr<Transport> transport)
    : serving_(std::move(serving)),
      transport_(std::move(transport)),
      http2_(serving_->options, *this, Clock::now()),
      changed_(executor()) {
  serving_->deadlines.add(*this);
}

Task<> Http2Session::run(std::string seen) {
  if (serving_->draining) http2_.wind_up(Clock::now());
  bool sound = seen.empty() || http2_.feed(seen, Clock::now());
  expire_after(kTick);
  flush();
  const auto buffer = std::make_unique_for_overwrite<char[]>(kReadBytes);
  while (sound && !finished_ && !http2_.is_over()) {
    if (writing_) {  // a client that does not read what it caused is not listened to
      co_await changed_.wait();
      continue;
    }
    reading_ = true;
    auto size = co_await transport_->read_some(asio::buffer(buffer.get(), kReadBytes), kForever);
    reading_ = false;
    if (size.value_or(0) == 0) break;
    sound = http2_.feed({buffer.get(), *size}, Clock::now());
    flush();
  }
  co_await finish();
}

// Says what is left to say, and lets it arrive: closing with unread input would reset it away.
Task<> Http2Session::finish() {
  flush();
  while (writing_) co_await changed_.wait();
  finished_ = true;
  never_expire();
  for (const auto& [id, stream] : std::exchange(streams_, {})) stream->lose();
  transport_->end_sending();
  std::string rest(1'024, '\0');
  for (int i = 0; i < 64; ++i) {
    auto size = co_await transport_->read_some(asio::buffer(rest), std::chrono::seconds(1));
    if (size.value_or(0) == 0) break;
  }
  transport_->close();
  while (running_ > 0) co_await changed_.wait();
}

void Http2Session::wind_up() {
  http2_.wind_up(Clock::now());
  flush();
}

void Http2Session::close() {
  finished_ = true;
  transport_->close();
  changed_.notify();
}

void Http2Session::on_deadline() {
  if (finished_) return;
  http2_.expire(Clock::now());
  expire_after(kTick);
  flush();
}

void Http2Session::flush_soon() {
  if (std::exchange(flushing_, true)) return;
  asio::post(executor(), [self = shared_from_this()] { self->flush(); });
}

void Http2Session::flush() {
  flushing_ = false;
  if (writing_ || finished_) return;
  for (;;) {
    http2_.produce(out_, kOutBytes, Clock::now());
    if (out_.empty()) break;
    const std::size_t sent = transport_->write_now(out_, {});
    if (sent < out_.size()) {
      out_.erase(0, sent);
      writing_ = true;
      asio::co_spawn(executor(), write_rest(shared_from_this()), asio::detached);
      return;
    }
    out_.clear();
  }
  if (out_.capacity() > kKeptBuffer && http2_.is_idle()) out_.shrink_to_fit();
  if (reading_ && http2_.is_over()) {  // run() waits for a client that has nothing more to say
    error_code ignored;
    transport_->socket().cancel(ignored);
  }
}

Task<> Http2Session::write_rest(std::shared_ptr<Http2Session> self) {
  while (!self->out_.empty()) {
    auto sent = co_await self->transport_->write_all(self->out_, {}, self->serving_->options.write_timeout);
    self->out_.clear();
    if (!sent) {
      self->close();
      break;
    }
    self->http2_.produce(self->out_, kOutBytes, Clock::now());
  }
  self->writing_ = false;
  self->changed_.notify();
  self->flush();
}

void Http2Session::on_request(Http2::Id id, Request request, std::optional<Refusal> refused, bool routed) {
  auto stream = std::make_shared<Stream>(shared_from_this(), id, std::move(request), refused, routed);
  streams_.emplace(id, stream.get());
  ++running_;
  asio::co_spawn(executor(), serve(std::move(stream)), asio::detached);
}

Task<> Http2Session::serve(std::shared_ptr<Stream> stream) {
  co_await stream->run();
}

void Http2Session::on_closed(Http2::Id id, bool whole) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  if (whole)
    found->second->wake();
  else
    found->second->lose();
  streams_.erase(found);
}

void Http2Session::on_drained(Http2::Id id) {
  const auto found = streams_.find(id);
  if (found != streams_.end()) found->second->wake();
}

}  // namespace plimsoll::net
