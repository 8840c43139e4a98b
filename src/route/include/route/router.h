// Which upstream a request goes to, in which protocol, under which name; and what to do when that fails.
//
//   auto plan = router.plan({.protocol = surface.protocol, .model = conversation.model});
//   if (!plan) …                                        // a wire::Problem for the client
//   for (std::size_t i = 0;;) {
//     const auto& attempt = plan->attempts[i];
//     json::value body = …;                             // in attempt.protocol: translated where it is not ours
//     router.fit(body, attempt, sending);
//     auto out = router.request(attempt, sending, to_json(body));
//     auto answer = co_await clients[attempt.upstream]->send(upstream.origin, out.method, out.path, …);
//     const auto next = answer ? router.answered(*plan, i, status, retry_after)
//                              : router.failed(*plan, i, answer.error());
//     if (!next) break;                                 // this answer, or this failure, is the client's
//     i = next->attempt;                                // after next->wait
//   }
//
// No I/O: clocks and chance are given.
#pragma once

#include <boost/json/value.hpp>
#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "route/upstream.h"

namespace plimsoll::route {

// Of one upstream, since the start, over all workers.
struct UpstreamStats {
  std::string_view name;
  std::uint64_t answered = 0;     // with a status that is the caller's affair: 2xx, 4xx
  std::uint64_t limited = 0;      // 429
  std::uint64_t failed = 0;       // 5xx
  std::uint64_t unreachable = 0;  // no connection, or cut off before or within the answer
  std::uint64_t timed_out = 0;
  std::uint64_t retried = 0;   // answers and failures above that were followed by another attempt
  std::uint64_t opened = 0;    // how often a worker's breaker opened
  std::uint64_t rejected = 0;  // times that it was left out of a plan because its breaker was open
  std::uint64_t open_now = 0;  // workers that hold it open
};

// The settings, ready for use, and the counts. Made once; every worker's Router shares it and must not
// outlive it. Immutable but for the counts, which any thread may read.
class Table {
 public:
  // kInvalid: all of problems(settings), one per line.
  static Result<std::unique_ptr<Table>> create(Settings settings);
  ~Table();
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  const std::vector<Upstream>& upstreams() const;
  // Models that a route names exactly: what GET /v1/models can say without asking anybody.
  std::vector<std::string> model_names() const;
  std::vector<UpstreamStats> stats() const;

 private:
  friend class Router;
  struct Impl;
  explicit Table(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

// What a client wants.
struct Ask {
  wire::Protocol protocol = wire::Protocol::kChat;
  std::string_view model;     // as the client named it; may be empty
  bool count_tokens = false;  // Anthropic's /v1/messages/count_tokens
};

// One way to get it.
struct Attempt {
  std::size_t upstream = 0;                         // index in Table::upstreams()
  wire::Protocol protocol = wire::Protocol::kChat;  // what it is spoken to in; another than asked: translate
  std::string model;  // the name to send; empty: none was asked for and none is configured
  bool count_tokens = false;
};

struct Plan {
  std::vector<Attempt> attempts;  // never empty; in the order to be tried, an upstream and model at most once

 private:
  friend class Router;
  unsigned repeats = 0;  // of the attempt under way
  unsigned tries = 0;    // in all
};

// What a request's headers are made of, beside the upstream's own.
struct Sending {
  const net::Headers& client;
  std::string_view request_id;
  std::string_view instance;  // for Via, by which loops are noticed
  bool stream = false;
  wire::Protocol asked = wire::Protocol::kChat;  // the client's protocol
};

struct Outgoing {
  std::string method = "POST";
  std::string path;  // without the origin's base path
  net::Headers headers;
  std::string body;
  bool aws_frames = false;  // a streamed answer is in AWS's event stream encoding, each "bytes" one event
};

struct Next {
  std::size_t attempt;  // index in the plan
  std::chrono::milliseconds wait{0};
};

// What the router cannot know by itself. The defaults are the process's; `carries` is wire::can_translate.
struct Surroundings {
  std::function<std::chrono::steady_clock::time_point()> clock;
  std::function<std::chrono::system_clock::time_point()> wall;        // for signatures
  std::function<double()> chance;                                     // in [0, 1)
  bool (*carries)(wire::Protocol from, wire::Protocol to) = nullptr;  // null: nothing is translated
};

// One per worker, used by its thread only: the breakers are a worker's own.
class Router {
 public:
  Router(const Table& table, Surroundings surroundings);
  ~Router();

  // In order: the route's targets drawn by weight, then its fallbacks. Upstreams whose breaker is open, that
  // cannot be spoken to, or that come twice are left out; if no other is left, open breakers do not count. No
  // way at all: 404 (no route), 400 (the upstreams speak nothing that the request could be carried over to;
  // says what they do speak). A completion (wire::Protocol::kCompletion) also goes as chat (wire::completion_as_chat), or as
  // whatever chat can be carried over to.
  std::expected<Plan, wire::Problem> plan(const Ask& ask) const;

  // Makes a body in the attempt's protocol that of this upstream: the model's name; for Bedrock no "model"
  // and "stream", but "anthropic_version" (and "anthropic_beta", from the header).
  void fit(boost::json::value& body, const Attempt& attempt, const Sending& sending) const;

  // The request, ready to be sent: path, credentials, content type, trace context, and what of the client's
  // headers fits the provider (anthropic-version, anthropic-beta, openai-organization, openai-project).
  // Nothing else of the client's passes. Call it right before sending: signatures are good for minutes, and
  // an open breaker's probe counts as taken.
  Outgoing request(const Attempt& attempt, const Sending& sending, std::string body);

  // What became of attempt `i`. While nothing has been sent to the client, 429, 502, 503 and 504, failures to
  // connect and connections cut before an answer are tried again: here as often as the upstream's `retries`
  // (after Retry-After, if that is not too long), then at the next. A deadline that passed is not tried here
  // again, but at the next. nullopt: no more; this is the client's answer. Not to be called when the client
  // itself has left.
  std::optional<Next> answered(Plan& plan, std::size_t i, int status, std::string_view retry_after);
  std::optional<Next> failed(Plan& plan, std::size_t i, const Error& error);
  // An answer that had begun broke off, was late, or could not be read. Nothing is tried again.
  void broke_off(const Attempt& attempt, const Error& error);

  // GET of the upstream's own list of models (OpenAI's or Anthropic's shape); nullopt: it has none.
  std::optional<Outgoing> list_models(std::size_t upstream, const Sending& sending) const;

 private:
  struct Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace plimsoll::route
