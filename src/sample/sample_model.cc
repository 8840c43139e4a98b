#include "sample/sample_model.h"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
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
    "POST /completion  /v1/chat/completions  /v1/completions  /v1/messages  /v1/embeddings\n"
    "GET  /v1/models  /health  /_last (the last POST body received)\n\n"
    "It repeats the last user message. \"call the tool\" calls the first tool offered.\n"
    "Directives in the last user message:\n"
    "  [[say: text]]  [[say64: base64]]  [[canned: email|card|aws-key|crlf|empty]]  [[repeat: 1000]]\n"
    "  [[chunks: 3]] (bytes)  [[delay: 20ms]]  [[first-delay: 500ms]]\n"
    "  [[fault: 400..599|reset|stall|truncate|garbage]]\n";

// What the workers share.
class Model {
 public:
  explicit Model(SampleOptions o) : options(std::move(o)) {}

  void remember(std::string_view body) {
    const std::lock_guard lock(mutex_);
    last_ = body.substr(0, kMaxRemembered);
  }
  std::string last() const {
    const std::lock_guard lock(mutex_);
    return last_;
  }

  const SampleOptions options;

 private:
  mutable std::mutex mutex_;
  std::string last_;
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
Task<bool> go_wrong(ModelPtr model, Exchange& exchange, Fault fault) {
  if (fault == Fault::kStall) co_await pause(exchange, model->options.stall);
  if (fault == Fault::kGarbage) {
    const std::string_view garbage = "data: {\"id\": <html>\xFF\n\n";
    co_await exchange.write(garbage);
  }
  co_return fault == Fault::kTruncate || fault == Fault::kGarbage;
}

// Writes the frames, or the first half of them and then the fault.
Task<> send_frames(ModelPtr model, Exchange& exchange, Reply reply, std::string type) {
  const auto fault = reply.script.fault;
  const auto count = fault == Fault::kNone ? reply.frames.size() : reply.frames.size() / 2;
  net::Headers headers;
  headers.add("Content-Type", std::move(type));
  headers.add("Cache-Control", "no-cache");
  auto begun = co_await exchange.begin_stream(200, std::move(headers));
  if (!begun) co_return;
  for (std::size_t i = 0; i < count; ++i) {
    auto written = co_await exchange.write(reply.frames[i]);
    if (!written) co_return;
    co_await pause(exchange, reply.script.delay);
  }
  if (fault != Fault::kNone) {
    const bool ends = co_await go_wrong(model, exchange, fault);
    if (!ends) co_return;
  }
  co_await exchange.end_stream();
}

Task<> send_reply(ModelPtr model, Exchange& exchange, Reply reply) {
  co_await pause(exchange, reply.script.first_delay);
  if (!reply.frames.empty()) {
    co_await send_frames(model, exchange, std::move(reply), "text/event-stream; charset=utf-8");
  } else if (reply.script.fault == Fault::kNone || reply.script.fault == Fault::kStatus) {
    auto response = net::json_response(reply.status, std::move(reply.body));
    if (reply.status == 429) response.headers.add("Retry-After", "1");
    co_await exchange.respond(std::move(response));
  } else {  // a whole answer goes wrong half way, too
    const auto half = reply.body.size() / 2;
    reply.frames = {reply.body.substr(0, half), reply.body.substr(half)};
    co_await send_frames(model, exchange, std::move(reply), "application/json");
  }
}

std::optional<Protocol> protocol_of(std::string_view path) {
  if (path == "/completion") return Protocol::kCompletion;
  if (path == "/v1/chat/completions") return Protocol::kChat;
  if (path == "/v1/completions") return Protocol::kText;
  if (path == "/v1/messages") return Protocol::kMessages;
  return std::nullopt;
}

net::Response look_up(const Model& model, std::string_view path) {
  if (path == "/health") return net::json_response(200, R"({"status":"ok"})");
  if (path == "/v1/models") return net::json_response(200, list_models(model.options.model));
  if (path == "/_last") return net::json_response(200, model.last());
  if (path != "/") return net::json_response(404, error_body(Protocol::kChat, 404, "no such path; see /"));
  net::Response about;
  about.headers.add("Content-Type", "text/plain; charset=utf-8");
  about.body = kAbout;
  return about;
}

Task<> serve(ModelPtr model, Exchange& exchange) {
  const auto& request = exchange.request();
  if (request.method != "POST") {
    auto response = look_up(*model, request.path);
    co_await exchange.respond(std::move(response));
    co_return;
  }
  model->remember(request.body);
  const auto protocol = protocol_of(request.path);
  const auto body = parse_json(request.body);
  const auto shape = protocol.value_or(Protocol::kChat);
  if (!protocol && request.path != "/v1/embeddings") {
    auto response = net::json_response(404, error_body(shape, 404, "no such path; see /"));
    co_await exchange.respond(std::move(response));
  } else if (!body || !body->is_object()) {
    auto response = net::json_response(400, error_body(shape, 400, "the body must be a JSON object"));
    co_await exchange.respond(std::move(response));
  } else if (!protocol) {
    auto response = net::json_response(200, make_embeddings(*body, model->options.model));
    co_await exchange.respond(std::move(response));
  } else {
    auto reply = make_reply(*protocol, *body, model->options.model);
    co_await send_reply(std::move(model), exchange, std::move(reply));
  }
}

}  // namespace

net::Handler make_sample_model(SampleOptions options) {
  auto model = std::make_shared<Model>(std::move(options));
  return [model](Exchange& exchange) { return serve(model, exchange); };
}

}  // namespace plimsoll::sample
