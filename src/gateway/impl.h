// A worker's gateway: what its route files share.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "act.h"
#include "gateway/gateway.h"
#include "judge.h"
#include "meters.h"
#include "stream_guard.h"
#include "wire/document.h"
#include "wire/stream.h"

namespace plimsoll::gateway {

// One request on its way through.
struct Passage {
  net::Exchange& exchange;
  std::string request_id;
  PolicyPtr policy;  // the one version this request is decided under
  Caller caller;
  policy::Context context;
  int status = 0;    // of the answer, once known
  net::Abort abort;  // gives up what is on its way to the upstream when the client leaves

  net::Request& request() { return exchange.request(); }
};

// A completion request that has been decided on; owns what the passage's context borrows.
struct CompletionAsked {
  std::optional<wire::Document> document;
  boost::json::object context;
  Judgement prompt;
};

struct Gateway::Impl {
  Impl(boost::asio::io_context& loop, Shared& shared);

  using Route = net::Task<> (Impl::*)(Passage&);
  struct Found {
    Route route = nullptr;
    std::string_view name = "other";
    bool open = false;  // to callers without a token
  };
  static Found find_route(std::string_view method, std::string_view path);
  std::string request_id(const net::Headers& headers) const;
  std::string plain_name(std::string name) const;
  bool identify(Passage& p, std::string& why) const;
  void adopt(Passage& p, policy::Context context) const;

  // The routes.
  net::Task<> filter_prompt(Passage& p);
  net::Task<> filter_output(Passage& p);
  net::Task<> chat(Passage& p);
  net::Task<> completion(Passage& p);
  net::Task<> completion_stream(Passage& p);
  // The stages that the two completion routes share, up to the answer's headers. Null: the caller has been
  // answered.
  net::Task<std::unique_ptr<net::Incoming>> ask_completion(Passage& p, bool stream, CompletionAsked& asked);
  net::Task<> rules(Passage& p);
  net::Task<> ci_check(Passage& p);
  net::Task<> health(Passage& p);
  net::Task<> live(Passage& p);
  net::Task<> ready(Passage& p);
  net::Task<> metrics(Passage& p);

  // The stages.
  net::Task<> filter(Passage& p, Direction direction);
  Judgement judge_now(Passage& p, const Conversation& conversation);
  // Puts the decision into the log: waits for the disk when something is withheld or the policy says so.
  // False: it could not be, and the judgement has become the refusal of an undecided request.
  net::Task<bool> record(Passage& p, Judgement& judgement, Event event);
  net::Task<bool> record(Passage& p, Judgement& judgement, const Conversation& conversation);
  net::Task<Result<std::unique_ptr<net::Incoming>>> forward(Passage& p, std::string path, std::string body,
                                                            bool stream);
  net::Task<> relay(Passage& p, std::unique_ptr<net::Incoming> upstream, wire::StreamCodec& codec,
                    StreamGuard& guard, const Judgement& prompt);

  // Puts a summary in place of every text of an answer: the model's own, or, where that fails, the text without
  // its verbatim spans.
  net::Task<> summarize(Passage& p, wire::Document& answer, const Judgement& judgement);
  net::Task<std::optional<std::string>> ask_for_summary(Passage& p, std::string model, std::string text);

  // Answers. `judgement`, where there is one, is named in the headers.
  net::Task<> answer(Passage& p, net::Response response, const Judgement* judgement = nullptr);
  void stamp(const Passage& p, net::Headers& headers, const Judgement* judgement) const;
  StreamGuard guard(Passage& p, const Conversation& request);

  boost::asio::io_context& loop;
  Shared& shared;
  Snapshot<policy::Policy>::Reader policies;
  detect::ScratchPtr scratch;
  std::unique_ptr<net::Client> client;
};

// What a gateway answers to a request that it has sent itself (RFC 5842).
inline constexpr int kLoopDetected = 508;

// What an API's error object says about an upstream that failed.
struct UpstreamProblem {
  int status;             // 502 or 504
  std::string_view code;  // "upstream_timeout", "upstream_unavailable", "upstream_invalid"
  std::string message;
};
UpstreamProblem describe(const Error& error);

}  // namespace plimsoll::gateway
