// A worker's gateway: what its route files share.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "act.h"
#include "decide/judge.h"
#include "gateway/gateway.h"
#include "meters.h"
#include "rate_headers.h"
#include "route/router.h"
#include "second_opinions.h"
#include "stream_guard.h"
#include "usage.h"
#include "wire/document.h"
#include "wire/guardrails.h"
#include "wire/stream.h"
#include "wire/surface.h"

namespace plimsoll::gateway {

using namespace decide;

// A detector, and this worker's memory for it. A request finishes with the one it began with.
struct Workbench {
  std::shared_ptr<const detect::Detector> detector;
  detect::ScratchPtr scratch;
  std::unordered_set<std::string> plain_names = {};  // in which the detector found nothing
};

// One request on its way through.
struct Passage {
  net::Exchange& exchange;
  std::string request_id;
  PolicyPtr policy;  // the one version this request is decided under
  std::shared_ptr<Workbench> bench;
  Caller caller;
  policy::Context context;
  int status = 0;                       // of the answer, once known
  net::Abort abort;                     // gives up what is on its way to the upstream when the client leaves
  const wire::Surface* api = nullptr;   // of routes that are a model's API
  std::string asked = {};               // the prompt's text, where the policy asks others about its answer
  std::string commitment_key = {};      // the caller's own, once asked for
  std::string retry_after = {};         // the upstream's, for an answer that says no
  identity::IdentityPtr identity = {};  // null: not asked for
  std::optional<identity::Standing> standing =
      {};                                         // against the limits of the caller's tier, where it has any
  std::optional<identity::Refusal> refused = {};  // why the caller is not let in
  UsageReader usage = {};                         // of the answer, as the upstream says

  net::Request& request() { return exchange.request(); }
};

inline std::uint64_t bytes_of(const Conversation& conversation) {
  std::uint64_t bytes = 0;
  for (const Segment& segment : conversation.segments) bytes += segment.text.size();
  return bytes;
}

// An upstream's answer, its headers read.
struct Reply {
  std::unique_ptr<net::Incoming> incoming;
  route::Attempt attempt;  // who was asked, in which protocol
  bool aws_frames = false;
};

struct Gateway::Impl {
  Impl(boost::asio::io_context& loop, Shared& shared);

  using Route = net::Task<> (Impl::*)(Passage&);
  struct Found {
    Route route = nullptr;
    std::string_view name = "other";
    const wire::Surface* api = nullptr;
    const identity::Permission* permission = nullptr;
    std::string_view allowed = {};  // the path's method
  };
  struct Entry {
    std::string_view method, path, name;
    Route route;
    const wire::Surface* api = nullptr;
    const identity::Permission* permission = nullptr;
  };
  static std::span<const Entry> entries();
  static Found find_route(std::string_view method, std::string_view path);
  static std::string request_id(const net::Headers& headers, const Workbench& bench);
  std::string plain_name(std::string name, Workbench& bench) const;
  std::shared_ptr<Workbench> workbench(const std::shared_ptr<const detect::Detector>& detector);
  // Fills in who calls, and counts the request. A problem: he is not let in, or has had enough.
  std::optional<wire::Problem> admit(Passage& p, const identity::Permission* permission) const;
  // The tokens that a request and its answer cost: as the upstream says, or else by their texts.
  void charge(const Passage& p, const Conversation& asked, std::uint64_t answer_bytes) const;
  void adopt(Passage& p, policy::Context context) const;

  // The routes.
  net::Task<> filter_prompt(Passage& p);
  net::Task<> filter_output(Passage& p);
  net::Task<> proxy(Passage& p);
  net::Task<> completion(Passage& p);
  net::Task<> models(Passage& p);
  net::Task<> moderations(Passage& p);
  net::Task<> apply_guardrail(Passage& p);
  net::Task<> litellm_guardrail(Passage& p);
  net::Task<> rules(Passage& p);
  net::Task<> ci_check(Passage& p);
  net::Task<> health(Passage& p);
  net::Task<> live(Passage& p);
  net::Task<> ready(Passage& p);
  net::Task<> metrics(Passage& p);
  net::Task<> docs(Passage& p);
  net::Task<> openapi(Passage& p);

  // The stages.
  net::Task<Judgement> judge_as_guard(Passage& p, wire::GuardrailRequest& request);
  net::Task<> filter(Passage& p, Direction direction);
  Judgement judge_alone(Passage& p, const Conversation& conversation);
  net::Task<Judgement> judged(Passage& p, const Conversation& conversation);
  // What this message and those before it add up to. Once for each decision, before it is acted on.
  void count_over_time(Passage& p, Judgement& judgement, bool late = false) const;
  net::Task<> ask_others(Passage& p, Judgement& judgement, const Conversation& conversation);
  net::Task<Judgement> judge_and_record(Passage& p, const Conversation& conversation);
  // Puts the decision into the log: waits for the disk when something is withheld or the policy says so.
  // False: it could not be, and the judgement has become the refusal of an undecided request.
  net::Task<bool> record(Passage& p, Judgement& judgement, Event event);
  net::Task<bool> record(Passage& p, Judgement& judgement, const Conversation& conversation);
  bool record_now(Passage& p, Judgement& judgement, Event event);  // for the next batch
  bool must_wait(const Judgement& judgement) const;                // for the disk
  // The key of the caller's own for commitments, so that they go with the caller when he is erased.
  const std::string& commitment_key(Passage& p) const;
  // Seals the texts that the policy keeps.
  Event event_of(Passage& p, const Judgement& judgement, const Conversation& conversation) const;
  std::string entry_of(Passage& p, Event event) const;
  bool not_recorded(const Passage& p, Judgement& judgement, std::string_view surface, const Error& error);
  // A request that has been read, through all of them.
  net::Task<> pass(Passage& p, const wire::Surface& api, wire::Document request);
  // Asks the upstreams that the routes name, one after another, until one answers.
  net::Task<std::expected<Reply, wire::Problem>> ask(Passage& p, const wire::Surface& api,
                                                     wire::Document& request);
  net::Task<Result<std::unique_ptr<net::Incoming>>> send(Passage& p, std::size_t upstream,
                                                         route::Outgoing out);
  net::Task<Result<void>> begin_events(Passage& p, const Judgement& prompt);
  net::Task<> record_stream(Passage& p, const Conversation& asked, StreamGuard& guarded);
  // A whole answer's body; the client's leaving gives it up.
  net::Task<Result<std::string>> read_body(Passage& p, Reply& reply);
  net::Task<> relay_whole(Passage& p, const wire::Surface& api, Reply reply, const wire::Document& request,
                          const Judgement& prompt, const Placeholders& taken);
  net::Task<> relay_stream(Passage& p, const wire::Surface& api, Reply reply, const wire::Document& request,
                           const Judgement& prompt, const Placeholders& taken);
  // A stream that cannot be judged piece by piece: gathered, decided, acted on, and only then sent.
  net::Task<> relay_gathered(Passage& p, const wire::Surface& api, Reply reply, const wire::Document& request,
                             const Judgement& prompt, const Placeholders& taken);

  // Puts a summary in place of every text of an answer: the model's own, or, where that fails, the text without
  // its verbatim spans.
  net::Task<std::string> summary_of(Passage& p, const std::string& text, std::uint32_t segment,
                                    std::string model, const Judgement& judgement);
  net::Task<std::optional<std::string>> ask_for_summary(Passage& p, std::string model, std::string text);

  // Answers. `judgement`, where there is one, is named in the headers.
  net::Task<> answer(Passage& p, net::Response response, const Judgement* judgement = nullptr);
  net::Task<> answer_problem(Passage& p, const wire::Surface& api, wire::Problem problem,
                             const Judgement* judgement = nullptr, std::string_view allowed = {});
  void stamp(const Passage& p, net::Headers& headers, const Judgement* judgement) const;
  StreamGuard guard(Passage& p, const wire::Surface& api, const Conversation& request);

  boost::asio::io_context& loop;
  Shared& shared;
  CorpusPtr current_corpus() { return corpus ? corpus->current() : nullptr; }

  Snapshot<Governance>::Reader governance;
  std::optional<Snapshot<verbatim::Index>::Reader> corpus;
  std::shared_ptr<Workbench> current_bench;
  std::vector<std::unique_ptr<net::Client>> clients;  // one per upstream
  route::Router router;
  SecondOpinions opinions;
};

// What a gateway answers to a request that it has sent itself (RFC 5842).
inline constexpr int kLoopDetected = 508;

// What an API's error object says about an upstream that failed: 502 or 504, and "upstream_timeout",
// "upstream_unavailable", "upstream_invalid", …
wire::Problem describe(const Error& error);
wire::Problem describe(const wire::BadBody& bad);

}  // namespace plimsoll::gateway
