// Routes for operators: health, readiness, metrics, the effective policy, and the merge gate's check.
#include <boost/json/value.hpp>

#include "base/json.h"
#include "gate/check.h"
#include "impl.h"
#include "spec/openapi.h"

namespace plimsoll::gateway {

net::Task<> Gateway::Impl::health(Passage& p) {
  auto response = net::json_response(200, R"({"status":"ok"})");
  co_await answer(p, std::move(response));
}

net::Task<> Gateway::Impl::live(Passage& p) {
  auto response = net::json_response(200, R"({"status":"ok"})");
  co_await answer(p, std::move(response));
}

net::Task<> Gateway::Impl::ready(Passage& p) {
  const bool policy = p.policy != nullptr;
  const bool writable = shared.log.writable();
  json::object body;
  body["status"] = policy && writable ? "ready" : "not ready";
  body["policy"] = policy ? p.policy->version() : "none";
  body["log"] = writable ? "writable" : "not writable";
  auto response = net::json_response(policy && writable ? 200 : 503, to_json(body));
  co_await answer(p, std::move(response));
}

net::Task<> Gateway::Impl::metrics(Passage& p) {
  net::Response response;
  response.headers.add("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  response.body = shared.metrics.to_prometheus();
  co_await answer(p, std::move(response));
}

net::Task<> Gateway::Impl::docs(Passage& p) {
  auto response = net::page_response(spec::docs_page(spec::gateway_openapi()));
  co_await answer(p, std::move(response));
}

net::Task<> Gateway::Impl::openapi(Passage& p) {
  auto response = net::json_response(200, std::string(spec::gateway_openapi()));
  co_await answer(p, std::move(response));
}

net::Task<> Gateway::Impl::rules(Passage& p) {
  if (!p.policy) {
    auto missing =
        net::json_response(503, R"({"error":{"message":"no policy is loaded","type":"server_error"}})");
    co_await answer(p, std::move(missing));
    co_return;
  }
  json::object body = p.policy->document().as_object();
  body["version"] = p.policy->version();
  auto response = net::json_response(200, to_json(body));
  co_await answer(p, std::move(response));
}

net::Task<> Gateway::Impl::ci_check(Passage& p) {
  std::string problem;
  int status = 400;
  auto metrics = parse_json(p.request().body);
  if (!p.policy) {
    problem = "no policy is loaded";
    status = 503;
  } else if (!metrics) {
    problem = metrics.error().message;
  } else {
    auto report = gate::check(p.policy->thresholds(), *metrics);
    if (report) {
      auto response = net::json_response(200, to_json(gate::to_json(*report)));
      co_await answer(p, std::move(response));
      co_return;
    }
    problem = report.error().message;
    status = 422;
  }
  json::object error{{"message", problem}, {"type", "invalid_request_error"}};
  auto response = net::json_response(status, to_json(json::object{{"error", error}}));
  co_await answer(p, std::move(response));
}

}  // namespace plimsoll::gateway
