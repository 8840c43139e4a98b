// Health, readiness, metrics.
#include "base/json.h"
#include "impl.h"

namespace plimsoll::res {

net::Task<> Service::Impl::health(Passage& p) {
  auto response = net::json_response(200, R"({"status":"ok"})");
  co_await p.exchange.respond(std::move(response));
}

net::Task<> Service::Impl::ready(Passage& p) {
  const bool writable = log.writable();
  json::object body{{"status", rebuilt && writable ? "ready" : "not ready"},
                    {"index", rebuilt ? "built" : "being built"},
                    {"log", writable ? "writable" : "not writable"}};
  auto response = net::json_response(rebuilt && writable ? 200 : 503, to_json(body));
  co_await p.exchange.respond(std::move(response));
}

net::Task<> Service::Impl::scrape(Passage& p) {
  net::Response response;
  response.headers.add("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  response.body = metrics.to_prometheus();
  co_await p.exchange.respond(std::move(response));
}

}  // namespace plimsoll::res
