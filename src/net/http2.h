// HTTP/2 (RFC 9113) on a server's connection: bytes in, requests out; answers in, bytes out. No I/O, no clock.
#pragma once

#include <nghttp2/nghttp2.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "body_reader.h"
#include "net/http.h"
#include "net/server.h"

namespace plimsoll::net {

// The bytes that a client begins with (section 3.4).
inline constexpr std::string_view kHttp2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

// One connection. As strict as the reader of HTTP/1.1: what that refuses is refused here (connection-specific
// headers, a Host beside another :authority, a body of another length than stated, …), stream by stream.
//
// Bounded: the headers and the body of a request, the requests at once, the bodies together, and the frames that
// carry nothing (PING, SETTINGS, RST_STREAM, …), which a client may send about as fast as it is served.
class Http2 {
 public:
  using Id = std::int32_t;  // of a stream: one request and its answer
  using Time = std::chrono::steady_clock::time_point;

  // Told from within feed(), produce() and expire().
  class Events {
   public:
    virtual ~Events() = default;
    // A request, whole; or one that is refused. `routed`: its method, path and headers are known.
    virtual void on_request(Id id, Request request, std::optional<Refusal> refused, bool routed) = 0;
    // The whole answer is out; or nothing more of it can be sent. Not told of streams without a request.
    virtual void on_closed(Id id, bool whole) = 0;
    // unsent(id) has fallen to kSendAhead or less.
    virtual void on_drained(Id id) = 0;
  };

  // What of a stream's answer may wait to be sent before whoever writes it should wait, too.
  static constexpr std::size_t kSendAhead = 32'768;

  Http2(const ServerOptions& options, Events& events, Time now);
  ~Http2();
  Http2(const Http2&) = delete;
  Http2& operator=(const Http2&) = delete;

  // Takes what has arrived, the preface included. False: that was no HTTP/2, and the connection is to be closed. After
  // most errors the connection is_over() instead, once what says why has been produced.
  bool feed(std::string_view bytes, Time now);
  // Appends what is to be sent until `out` has grown to about `most` bytes.
  void produce(std::string& out, std::size_t most, Time now);
  // Closes what has taken too long: call it a few times a second.
  void expire(Time now);
  bool is_over() const;  // once all is sent that there is: no request is under way and none will come
  bool is_idle() const { return streams_.empty(); }

  // Answers to a request; nothing happens once it is closed. The body of one to HEAD stays behind.
  void respond(Id id, const Response& response, std::string body, Time now);
  void begin(Id id, int status, const Headers& headers);
  void write(Id id, std::string_view bytes, Time now);
  void end(Id id);
  void reset(Id id);  // an answer that breaks off must not look whole
  // Whoever answered has finished: until then its request counts, even when the client has given it up.
  void release(Id id);
  std::size_t unsent(Id id) const;

  // Says that the connection will end (GOAWAY) and takes the requests that are on their way already; ends it when
  // those are answered.
  void wind_up(Time now);

 private:
  struct Stream;
  struct Callbacks;
  enum class Winding { kNo, kAnnounced, kEnding };

  Stream* find(Id id) const;
  void take_header(Stream& stream, std::string_view name, std::string_view value);
  void finish_head(Stream& stream);
  void take_body(Stream& stream, std::string_view bytes);
  void finish_body(Stream& stream);
  void stop_receiving(const Stream& stream);
  void hand_over(Stream& stream, std::optional<Refusal> refused);
  void submit(Stream& stream, int status, const Headers& headers, std::optional<std::size_t> length);
  void resume(Stream& stream);
  void spend_token();
  void earn(double tokens);
  void grant_windows();
  const Stream* oldest_unfinished() const;
  void end_winding();
  void erase_if_done(Stream& stream);

  const ServerOptions& options_;
  Events& events_;
  nghttp2_session* session_ = nullptr;
  std::map<Id, std::unique_ptr<Stream>> streams_;  // in the order in which they were opened
  Time now_;
  Time idle_since_;
  std::optional<Time> head_since_;  // the client's settings, or a request's headers, have begun and not ended
  std::string* out_ = nullptr;      // while producing
  std::size_t out_most_ = 0;
  std::size_t bodies_held_ = 0;
  double tokens_;  // for frames that carry nothing
  Time tokens_at_;
  Winding winding_ = Winding::kNo;
  Time winding_since_;
};

}  // namespace plimsoll::net
