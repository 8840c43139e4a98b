#include "fetch.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "ledger/tiles.h"
#include "net/client.h"

namespace plimsoll::app {
namespace {

net::Task<Result<std::string>> get(net::Client& client, net::Origin origin, std::string path) {
  const auto target = origin.base_path + "/" + path;
  net::Headers headers;
  auto answer = co_await client.send(origin, "GET", target, headers, std::string());
  if (!answer) co_return std::unexpected(std::move(answer).error());
  auto body = co_await (*answer)->read_all(ledger::kMaxBundleBytes);
  if (!body) co_return std::unexpected(std::move(body).error());
  const int status = (*answer)->status();
  if (status == 404) co_return fail(Code::kNotFound, target + ": not there (404)");
  if (status != 200) co_return fail(Code::kUnavailable, target + ": status " + std::to_string(status));
  co_return *std::move(body);
}

class RemoteLog {
 public:
  explicit RemoteLog(net::Origin origin)
      : origin_(std::move(origin)), client_(net::Client::create(loop_, {})) {}

  Result<std::string> fetch(const std::string& path) {
    Result<std::string> found;
    boost::asio::co_spawn(loop_, get(*client_, origin_, path),
                          [&](const std::exception_ptr& thrown, Result<std::string> result) {
                            if (thrown) std::rethrow_exception(thrown);
                            found = std::move(result);
                            loop_.stop();
                          });
    loop_.restart();
    loop_.run();
    return found;
  }

 private:
  boost::asio::io_context loop_{1};
  net::Origin origin_;
  std::unique_ptr<net::Client> client_;
};

}  // namespace

Result<ledger::Fetch> fetch_from(const std::string& url) {
  auto origin = net::parse_origin(url);
  if (!origin) return std::unexpected(std::move(origin).error());
  auto remote = std::make_shared<RemoteLog>(*std::move(origin));
  return [remote](const std::string& path) { return remote->fetch(path); };
}

}  // namespace plimsoll::app
