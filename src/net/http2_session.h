// One connection of a server, in HTTP/2: its requests run side by side, each given to the handler.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "http2.h"
#include "serving.h"
#include "transport.h"
#include "wakeup.h"

namespace plimsoll::net {

class Http2Session final : public Connection,
                           private Http2::Events,
                           public std::enable_shared_from_this<Http2Session> {
 public:
  Http2Session(std::shared_ptr<Serving> serving, std::unique_ptr<Transport> transport);

  Task<> run(std::string seen);  // what has been read of it already
  void wind_up() override;
  void close() override;

 private:
  class Stream;  // the Exchange of one request
  friend class Stream;

  static Task<> serve(std::shared_ptr<Stream> stream);
  static Task<> write_rest(std::shared_ptr<Http2Session> self);
  void flush();
  void flush_soon();
  Task<> finish();
  void on_deadline() override;
  void on_request(Http2::Id id, Request request, std::optional<Refusal> refused, bool routed) override;
  void on_closed(Http2::Id id, bool whole) override;
  void on_drained(Http2::Id id) override;
  Executor executor() { return transport_->socket().get_executor(); }

  const std::shared_ptr<Serving> serving_;
  const std::unique_ptr<Transport> transport_;
  Http2 http2_;
  std::unordered_map<Http2::Id, Stream*> streams_;  // that are being answered, and whose client listens
  std::size_t running_ = 0;                         // handlers
  std::string out_;
  Wakeup changed_;         // for run(): a write or a handler has ended
  bool writing_ = false;   // write_rest() has out_
  bool flushing_ = false;  // flush() is on its way
  bool reading_ = false;
  bool finished_ = false;  // nothing more can be sent
};

}  // namespace plimsoll::net
