// One connection of a server, in HTTP/1.1: requests one after another, each given to the handler. A client that
// speaks HTTP/2 is passed on to Http2Session.
#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <memory>

#include "serving.h"
#include "transport.h"

namespace plimsoll::net {

class RequestReader;

class Session final : public Exchange, public Connection, public std::enable_shared_from_this<Session> {
 public:
  Session(std::shared_ptr<Serving> serving, Socket socket);
  ~Session() override;

  Task<> run();
  void wind_up() override {
    if (idle_) close();
  }
  void close() override {
    if (transport_) transport_->close();
  }

  Request& request() override { return request_; }
  bool answered() const override { return answered_; }
  Task<Result<void>> respond(Response response) override;
  Task<Result<void>> begin_stream(int status, Headers headers) override;
  Task<Result<void>> write(std::string_view bytes) override;
  Task<Result<void>> end_stream() override;
  void on_disconnect(std::function<void()> action) override;

 private:
  enum class Read { kRequest, kHttp2, kNothing };
  Task<Read> read_request();
  Task<bool> read_more(std::chrono::milliseconds timeout);
  Task<> refuse(Refusal refusal, bool routed);
  Task<> serve_one(const Refusal* refusal);  // null: the request is sound
  Task<Result<void>> send(std::string_view bytes);
  Task<Result<void>> send_rest(std::string_view head, std::string_view body, std::size_t taken);
  std::string head(int status, const Headers& headers) const;
  void watch_client();
  void on_deadline() override;  // the client has waited for a while: see whether it still does

  const std::shared_ptr<Serving> serving_;
  std::unique_ptr<Transport> transport_;  // null: passed on
  boost::beast::flat_buffer buffer_;
  Request request_;
  std::function<void()> disconnected_;
  bool watching_ = false;
  bool idle_ = true;
  bool fresh_ = true;  // no request yet on this connection
  bool keep_alive_ = true;
  bool answered_ = false;
  bool streaming_ = false;
  bool http11_ = true;
};

}  // namespace plimsoll::net
