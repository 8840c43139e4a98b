#include "http_caller.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "net/client.h"

namespace plimsoll::app {
namespace {

struct Request {
  std::string method, target, body;
  net::Headers headers;
  std::size_t max_bytes;
};

net::Task<Result<HttpCaller::Answer>> send(net::Client& client, net::Origin origin, Request request) {
  auto answer =
      co_await client.send(origin, request.method, request.target, request.headers, std::move(request.body));
  if (!answer) co_return std::unexpected(std::move(answer).error());
  auto body = co_await (*answer)->read_all(request.max_bytes);
  if (!body) co_return std::unexpected(std::move(body).error());
  co_return HttpCaller::Answer{(*answer)->status(), *std::move(body)};
}

}  // namespace

struct HttpCaller::State {
  boost::asio::io_context loop{1};
  net::Origin origin;
  std::unique_ptr<net::Client> client = net::Client::create(loop, {});
};

HttpCaller::HttpCaller(std::unique_ptr<State> state) : state_(std::move(state)) {}
HttpCaller::~HttpCaller() = default;
HttpCaller::HttpCaller(HttpCaller&&) noexcept = default;
HttpCaller& HttpCaller::operator=(HttpCaller&&) noexcept = default;

Result<HttpCaller> HttpCaller::to(const std::string& url) {
  auto origin = net::parse_origin(url);
  if (!origin) return std::unexpected(std::move(origin).error());
  auto state = std::make_unique<State>();
  state->origin = *std::move(origin);
  return HttpCaller(std::move(state));
}

Result<HttpCaller::Answer> HttpCaller::call(const std::string& method, const std::string& path,
                                            std::string body, net::Headers headers, std::size_t max_bytes) {
  Result<Answer> found = fail(Code::kInternal, "no answer");
  Request request{method, path, std::move(body), std::move(headers), max_bytes};
  boost::asio::co_spawn(state_->loop, send(*state_->client, state_->origin, std::move(request)),
                        [&](const std::exception_ptr& thrown, Result<Answer> result) {
                          if (thrown) std::rethrow_exception(thrown);
                          found = std::move(result);
                          state_->loop.stop();
                        });
  state_->loop.restart();
  state_->loop.run();
  return found;
}

}  // namespace plimsoll::app
