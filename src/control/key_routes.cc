// API keys: who may use what is decided here, and every act is in the log.
#include <boost/json/object.hpp>

#include "impl.h"

namespace plimsoll::control {
namespace {

net::Response none() {
  return problem_response(501, "this server manages no API keys");
}

}  // namespace

net::Task<> Service::Impl::list_keys(Passage& p) {
  if (options.keys == nullptr) {
    co_await p.exchange.respond(none());
    co_return;
  }
  std::string body = R"({"keys":[)";
  bool first = true;
  for (const auto& [key, last_used] : options.keys->list()) {
    if (!std::exchange(first, false)) body += ',';
    body += identity::to_json(key, last_used);
  }
  auto response = net::json_response(200, body + "]}");
  co_await p.exchange.respond(std::move(response));
}

net::Task<> Service::Impl::create_key(Passage& p) {
  if (options.keys == nullptr) {
    co_await p.exchange.respond(none());
    co_return;
  }
  auto wanted = identity::read_key_request(p.request().body, std::chrono::system_clock::now());
  if (!wanted) {
    auto no = problem_response(422, wanted.error().message);
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  std::function<Result<identity::ApiKeys::Created>()> work =
      [this, what = *std::move(wanted), actor = actor_of(p)] { return options.keys->create(what, actor); };
  auto made = co_await net::run_on(workers, std::move(work));
  net::Response response;
  if (!made) {
    response = problem_response(500, "internal error; the server's log says more", {}, "server_error");
  } else if (!*made) {
    response = (*made).error().code == Code::kTooLarge ? problem_response(409, (*made).error().message)
                                                       : to_response((*made).error());
  } else {
    // The only time that anybody is shown it.
    auto body = parse_json(identity::to_json((*made)->key, std::nullopt))->as_object();
    body["key"] = (*made)->secret;
    response = net::json_response(201, to_json(std::move(body)));
    response.headers.add("Cache-Control", "no-store");
  }
  co_await p.exchange.respond(std::move(response));
}

net::Task<> Service::Impl::revoke_key(Passage& p) {
  if (options.keys == nullptr) {
    co_await p.exchange.respond(none());
    co_return;
  }
  std::function<Result<identity::ApiKey>()> work = [this, id = p.id, actor = actor_of(p)] {
    return options.keys->revoke(id, actor);
  };
  const auto revoked = co_await net::run_on(workers, std::move(work));
  net::Response response;
  if (!revoked)
    response = problem_response(500, "internal error; the server's log says more", {}, "server_error");
  else if (!*revoked)
    response = to_response((*revoked).error());
  else
    response = net::json_response(200, identity::to_json(**revoked, std::nullopt));
  co_await p.exchange.respond(std::move(response));
}

}  // namespace plimsoll::control
