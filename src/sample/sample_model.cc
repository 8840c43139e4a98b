#include "sample/sample_model.h"

#include <array>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/object.hpp>
#include <memory>
#include <mutex>
#include <optional>

#include "base/json.h"
#include "replies.h"

namespace plimsoll::sample {
namespace {

namespace asio = boost::asio;
using net::Exchange;
using net::Task;

constexpr std::size_t kMaxRemembered = 1U << 20U;

constexpr std::string_view kAbout =
    "This is Plimsoll's sample model: it answers like a model's server and thinks nothing.\n\n"
    "POST /completion  /v1/chat/completions  /v1/completions  /v1/responses  /v1/embeddings\n"
    "     /v1/messages  /v1/messages/count_tokens  /model/{id}/invoke[-with-response-stream]\n"
    "GET  /v1/models  /health  /_last (the last POST body received)  /_last_headers\n\n"
    "It repeats the last user message. \"call the tool\" calls the first tool offered.\n"
    "Directives in the last user message:\n"
    "  [[say: text]]  [[say64: base64]]  [[canned: email|card|aws-key|crlf|empty]]  [[repeat: 1000]]\n"
    "  [[think: text]]  [[think64: base64]]  [[args: {json}]]  [[args64: base64]]\n"
    "  [[chunks: 3]] (bytes)  [[delay: 20ms]]  [[first-delay: 500ms]]\n"
    "  [[fault: 400..599|reset|stall|truncate|garbage|event]]\n";

// A JSON object: names in lower case, several fields of a name in one, joined as HTTP joins them.
std::string headers_of(const net::Request& request) {
  json::object all{{":method", request.method}, {":path", request.path}, {":query", request.query}};
  for (const auto& [name, value] : request.headers) {
    std::string key(name);
    for (char& c : key) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    const auto* before = all.if_contains(key);
    const auto text =
        (before != nullptr ? std::string(before->get_string()) + ", " : std::string()).append(value);
    all[key] = is_utf8(text) ? json::value(text) : json::value("(not UTF-8)");
  }
  return to_json(all);
}

// What the workers share.
class Model {
 public:
  explicit Model(SampleOptions o) : options(std::move(o)) {}

  void remember(const net::Request& request) {
    auto headers = headers_of(request);
    const std::lock_guard lock(mutex_);
    last_ = std::string_view(request.body).substr(0, kMaxRemembered);
    last_headers_ = std::move(headers);
  }
  std::string last() const {
    const std::lock_guard lock(mutex_);
    return last_;
  }
  std::string last_headers() const {
    const std::lock_guard lock(mutex_);
    return last_headers_;
  }

  const SampleOptions options;

 private:
  mutable std::mutex mutex_;
  std::string last_;
  std::string last_headers_ = "{}";
};
using ModelPtr = std::shared_ptr<Model>;

// Sleeps, but no longer than the client stays.
Task<> pause(Exchange& exchange, std::chrono::milliseconds time) {
  if (time.count() == 0) co_return;
  using Clock = std::chrono::steady_clock;
  auto executor = co_await asio::this_coro::executor;
  asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, net::Executor> timer(executor, time);
  exchange.on_disconnect([&timer] { timer.cancel(); });
  boost::system::error_code ignored;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable_t<net::Executor>(), ignored));
  exchange.on_disconnect({});
}

// Half of a reply's writes have been made: go wrong as asked. True: the stream ends as if nothing were
// missing; false: it breaks off, since a stream that is never ended drops the connection.
Task<bool> go_wrong(ModelPtr model, Exchange& exchange, Fault fault, std::string failure) {
  if (fault == Fault::kStall) co_await pause(exchange, model->options.stall);
  if (fault == Fault::kGarbage) {
    const std::string_view garbage = "data: {\"id\": <html>\xFF\n\n";
    co_await exchange.write(garbage);
  }
  if (fault == Fault::kEvent) co_await exchange.write(failure);
  co_return fault == Fault::kTruncate || fault == Fault::kGarbage || fault == Fault::kEvent;
}

// Writes the frames, or the first half of them and then the fault.
Task<> send_frames(ModelPtr model, Exchange& exchange, Reply reply) {
  const auto fault = reply.script.fault;
  const auto count = fault == Fault::kNone ? reply.frames.size() : reply.frames.size() / 2;
  net::Headers headers;
  headers.add("Content-Type", std::move(reply.content_type));
  headers.add("Cache-Control", "no-cache");
  auto begun = co_await exchange.begin_stream(200, std::move(headers));
  if (!begun) co_return;
  for (std::size_t i = 0; i < count; ++i) {
    auto written = co_await exchange.write(reply.frames[i]);
    if (!written) co_return;
    co_await pause(exchange, reply.script.delay);
  }
  if (fault != Fault::kNone) {
    const bool ends = co_await go_wrong(model, exchange, fault, std::move(reply.failure));
    if (!ends) co_return;
  }
  co_await exchange.end_stream();
}

net::Response as_response(Reply reply) {
  auto response = net::json_response(reply.status, std::move(reply.body));
  for (auto& [name, value] : reply.headers) response.headers.add(std::move(name), std::move(value));
  return response;
}

Task<> send_reply(ModelPtr model, Exchange& exchange, Reply reply) {
  co_await pause(exchange, reply.script.first_delay);
  if (!reply.frames.empty()) {
    co_await send_frames(model, exchange, std::move(reply));
  } else if (reply.script.fault == Fault::kNone || reply.script.fault == Fault::kStatus) {
    auto response = as_response(std::move(reply));
    co_await exchange.respond(std::move(response));
  } else {  // a whole answer goes wrong half way, too
    const auto half = reply.body.size() / 2;
    reply.frames = {reply.body.substr(0, half), reply.body.substr(half)};
    reply.content_type = "application/json";
    co_await send_frames(model, exchange, std::move(reply));
  }
}

// Where a request goes.
struct Route {
  Protocol protocol = Protocol::kChat;
  std::string model;  // when the path names one
};

std::optional<Route> route_of(std::string_view path) {
  static constexpr std::array<std::pair<std::string_view, Protocol>, 7> kPaths{{
      {"/completion", Protocol::kCompletion},
      {"/v1/chat/completions", Protocol::kChat},
      {"/v1/completions", Protocol::kText},
      {"/v1/messages", Protocol::kMessages},
      {"/v1/messages/count_tokens", Protocol::kCountTokens},
      {"/v1/responses", Protocol::kResponses},
      {"/v1/embeddings", Protocol::kEmbeddings},
  }};
  for (const auto& [known, protocol] : kPaths)
    if (path == known) return Route{protocol, {}};
  constexpr std::string_view kModel = "/model/";
  if (!path.starts_with(kModel)) return std::nullopt;
  path.remove_prefix(kModel.size());
  const auto end = path.rfind('/');
  if (end == 0 || end == std::string_view::npos) return std::nullopt;
  const auto action = path.substr(end);
  const std::string model(path.substr(0, end));
  if (action == "/invoke") return Route{Protocol::kBedrock, model};
  if (action == "/invoke-with-response-stream") return Route{Protocol::kBedrockStream, model};
  return std::nullopt;
}

net::Response look_up(const Model& model, const net::Request& request) {
  const std::string_view path = request.path;
  constexpr std::string_view kModels = "/v1/models";
  const auto style = request.headers.has("anthropic-version") ? Style::kAnthropic : Style::kOpenAi;
  const auto& name = model.options.model;
  if (path == "/health") return net::json_response(200, R"({"status":"ok"})");
  if (path == kModels) return net::json_response(200, list_models(style, name));
  if (path == std::string(kModels) + "/" + name) return net::json_response(200, show_model(style, name));
  if (path == "/_last") return net::json_response(200, model.last());
  if (path == "/_last_headers") return net::json_response(200, model.last_headers());
  if (path != "/") return as_response(make_error(Protocol::kChat, 404, "no such path; see /"));
  net::Response about;
  about.headers.add("Content-Type", "text/plain; charset=utf-8");
  about.body = kAbout;
  return about;
}

Reply answer(const Model& model, const net::Request& request) {
  const auto route = route_of(request.path);
  if (!route) return make_error(Protocol::kChat, 404, "no such path; see /");
  const auto body = parse_json(request.body);
  if (!body || !body->is_object()) return make_error(route->protocol, 400, "the body must be a JSON object");
  return make_reply(route->protocol, *body, route->model.empty() ? model.options.model : route->model);
}

Task<> serve(ModelPtr model, Exchange& exchange) {
  const auto& request = exchange.request();
  if (request.method != "POST") {
    auto response = look_up(*model, request);
    co_await exchange.respond(std::move(response));
    co_return;
  }
  model->remember(request);
  auto reply = answer(*model, request);
  co_await send_reply(std::move(model), exchange, std::move(reply));
}

}  // namespace

net::Handler make_sample_model(SampleOptions options) {
  auto model = std::make_shared<Model>(std::move(options));
  return [model](Exchange& exchange) { return serve(model, exchange); };
}

}  // namespace plimsoll::sample
