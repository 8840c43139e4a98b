#include "gateway/gateway.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/hash.h"
#include "base/id.h"
#include "base/log.h"
#include "impl.h"
#include "record.h"
#include "wire/openai_chat.h"
#include "wire/surfaces.h"
#include "wire/translate.h"

namespace plimsoll::gateway {
namespace {

// Whether a pointer names only places that the protocols themselves have, and numbers.
bool is_protocols_own(std::string_view pointer) {
  constexpr std::array<std::string_view, 26> kKnown = {
      "messages",    "content",  "text",     "tool_calls", "function", "arguments",         "tools",
      "description", "name",     "prompt",   "output",     "choices",  "message",           "refusal",
      "reasoning",   "input",    "model",    "parameters", "type",     "reasoning_content", "properties",
      "enum",        "required", "metadata", "user",       "stop"};
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const auto token = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(token.size());
    const bool number = token.size() <= 6 && token.find_first_not_of("0123456789") == std::string_view::npos;
    if (!number && std::ranges::find(kKnown, token) == kKnown.end()) return false;
  }
  return true;
}

// To the microsecond: "0.012".
void append_milliseconds(std::string& out, std::chrono::nanoseconds time) {
  const auto micros = static_cast<std::uint64_t>(std::max<std::int64_t>(time.count() + 500, 0)) / 1'000;
  std::array<char, 24> text{};
  char* const end = std::to_chars(text.data(), text.data() + text.size(), micros / 1'000).ptr;
  out.append(text.data(), static_cast<std::size_t>(end - text.data())) += '.';
  for (const std::uint64_t unit : {100U, 10U, 1U}) out += static_cast<char>('0' + micros / unit % 10);
}

constexpr std::string_view kGuardrail = "/guardrail/{id}/version/{id}/apply";  // known by its shape
constexpr std::size_t kMaxPlainNames = 1'024;                                  // remembered by a worker
constexpr std::size_t kMaxPlainName = 128;                                     // bytes of one

}  // namespace

Shared::Shared(Options o, const Snapshot<Governance>& g, ledger::Sink& l, net::Metrics& m,
               const route::Table& u)
    : options(std::move(o)),
      governance(g),
      log(l),
      metrics(m),
      upstreams(u),
      meters(std::make_unique<Meters>(m)) {
  m.gauge("plimsoll_policy_info", "The policy in force, as a label.", [&g] {
    const auto policy = g.get()->policy;
    return net::Metrics::Samples{{{{"version", policy ? policy->version() : "none"}}, policy ? 1.0 : 0.0}};
  });
  m.gauge("plimsoll_log_writable", "1 while decisions are being written to disk.",
          [&l] { return net::Metrics::Samples{{{}, l.writable() ? 1.0 : 0.0}}; });
}

Shared::~Shared() = default;

Gateway::Gateway(boost::asio::io_context& loop, Shared& shared)
    : impl_(std::make_unique<Impl>(loop, shared)) {}
Gateway::~Gateway() = default;

Traffic Shared::traffic() const {
  return meters->traffic();
}

Gateway::Impl::Impl(boost::asio::io_context& l, Shared& s)
    : loop(l),
      shared(s),
      governance(s.governance),
      corpus(s.options.corpus != nullptr
                 ? std::optional<Snapshot<verbatim::Index>::Reader>(std::in_place, *s.options.corpus)
                 : std::nullopt),
      router(s.upstreams, {.clock = {}, .wall = {}, .chance = {}, .carries = &wire::can_translate}),
      opinions(l, s.options.guards) {
  for (const route::Upstream& upstream : s.upstreams.upstreams())
    clients.push_back(net::Client::create(l, upstream.client));
}

std::shared_ptr<Workbench> Gateway::Impl::workbench(const std::shared_ptr<const detect::Detector>& detector) {
  if (!current_bench || current_bench->detector != detector) {
    auto scratch = detector->make_scratch();
    current_bench = std::make_shared<Workbench>(detector, std::move(scratch));
  }
  return current_bench;
}

std::span<const Gateway::Impl::Entry> Gateway::Impl::entries() {
  using wire::Protocol;
  using wire::surface;
  static const auto kRoutes = [] {
    auto all = std::to_array<Entry>({
        {"POST", "/filter/prompt", "filter.prompt", &Impl::filter_prompt},
        {"POST", "/filter/output", "filter.output", &Impl::filter_output},
        {"POST", "/v1/chat/completions", "chat.completions", &Impl::proxy, &surface(Protocol::kChat)},
        {"POST", "/v1/messages", "messages", &Impl::proxy, &surface(Protocol::kMessages)},
        {"POST", "/v1/messages/count_tokens", "messages.count_tokens", &Impl::proxy,
         &wire::count_tokens_surface()},
        {"POST", "/v1/responses", "responses", &Impl::proxy, &surface(Protocol::kResponses)},
        {"POST", "/v1/completions", "completions", &Impl::proxy, &surface(Protocol::kCompletions)},
        {"POST", "/v1/embeddings", "embeddings", &Impl::proxy, &surface(Protocol::kEmbeddings)},
        {"GET", "/v1/models", "models", &Impl::models},
        {"POST", "/v1/moderations", "moderations", &Impl::moderations},
        {"POST", "/beta/litellm_basic_guardrail_api", "guardrail.litellm", &Impl::litellm_guardrail},
        {"POST", kGuardrail, "guardrail.bedrock", &Impl::apply_guardrail},
        {"POST", "/proxy/completion", "proxy.completion", &Impl::completion, &surface(Protocol::kCompletion)},
        {"POST", "/proxy/completion/stream", "proxy.completion", &Impl::completion,
         &surface(Protocol::kCompletion)},
        {"POST", "/ci/check", "ci.check", &Impl::ci_check},
        {"GET", "/rules", "rules", &Impl::rules},
        {"GET", "/health", "health", &Impl::health},
        {"GET", "/livez", "health", &Impl::live},
        {"GET", "/readyz", "health", &Impl::ready},
        {"GET", "/metrics", "metrics", &Impl::metrics},
        {"GET", "/docs", "docs", &Impl::docs},
        {"GET", "/openapi.json", "docs", &Impl::openapi},
    });
    for (Entry& entry : all)
      entry.permission = identity::find_permission(identity::Listener::kGateway, entry.method, entry.path);
    return all;
  }();
  return kRoutes;
}

std::vector<std::pair<std::string_view, std::string_view>> Gateway::routes() {
  std::vector<std::pair<std::string_view, std::string_view>> out;
  for (const auto& entry : Impl::entries()) out.emplace_back(entry.method, entry.path);
  return out;
}

Gateway::Impl::Found Gateway::Impl::find_route(std::string_view method, std::string_view path) {
  if (path.starts_with("/v1/models/")) path = "/v1/models";  // models() tells them apart
  if (wire::parse_guardrail_path(path)) path = kGuardrail;
  Found found;
  for (const Entry& entry : entries()) {
    if (entry.path != path) continue;
    found.name = entry.name;
    found.api = entry.api;
    found.allowed = entry.method;
    if (entry.method != method && !(method == "HEAD" && entry.method == "GET")) continue;
    found.route = entry.route;
    found.permission = entry.permission;
  }
  return found;
}

std::optional<wire::Problem> Gateway::Impl::admit(Passage& p, const identity::Permission* permission) const {
  const auto& options = shared.options;
  if (options.authenticator == nullptr || (permission != nullptr && permission->open())) return std::nullopt;
  const auto now = std::chrono::system_clock::now();
  auto admitted = options.authenticator->admit(p.request().headers, permission, now);
  if (!admitted) {
    p.refused = std::move(admitted).error();
    return wire::Problem{
        .kind = p.refused->status == 503 ? wire::ProblemKind::kUndecided : wire::ProblemKind::kStranger,
        .status = p.refused->status,
        .message = p.refused->message,
        .code = std::string(p.refused->code)};
  }
  p.identity = *std::move(admitted);
  p.caller = p.identity->caller;
  if (options.limiter == nullptr || !permission->counted || !p.policy) return std::nullopt;
  const auto column = p.caller.tier ? static_cast<std::size_t>(*p.caller.tier) : kTierCount;
  const auto& limits = p.policy->settings().rate_limits.at(column);
  if (limits.requests_per_hour == 0 && limits.tokens_per_day == 0) return std::nullopt;
  p.standing = options.limiter->admit(p.identity->account, limits, now);
  if (p.standing->exceeded() == nullptr) return std::nullopt;
  shared.meters->count_limited(column, *p.standing->refused);
  return limit_problem(*p.standing);
}

void Gateway::Impl::charge(const Passage& p, const Conversation& asked, std::uint64_t answer_bytes) const {
  if (!p.standing || p.standing->tokens.limit == 0 || (p.api != nullptr && p.api->counts_tokens)) return;
  constexpr std::uint64_t kBytesPerToken = 4;
  auto tokens = p.usage.total();
  if (!tokens) tokens = (bytes_of(asked) + answer_bytes + kBytesPerToken - 1) / kBytesPerToken;
  shared.options.limiter->charge(p.identity->account, *tokens, std::chrono::system_clock::now());
}

// Without authentication a caller is who the request says; with it, the request's own words change nothing.
void Gateway::Impl::adopt(Passage& p, policy::Context context) const {
  p.context = std::move(context);
  if (shared.options.authenticator != nullptr) {
    p.context.lawful_basis = false;
    return;
  }
  p.caller.tier = p.context.tier;
  p.caller.user = p.context.user;
  p.caller.org = p.context.org;
  p.caller.lawful_basis = p.context.lawful_basis;
}

net::Task<> Gateway::handle(net::Exchange& exchange, std::optional<net::Refusal> refused) {
  Impl& self = *impl_;
  const auto arrived = exchange.request().arrived;
  const Impl::Found found = Impl::find_route(exchange.request().method, exchange.request().path);
  const auto governed = self.governance.current();
  auto bench = self.workbench(governed->detector);
  Passage p{.exchange = exchange,
            .request_id = Impl::request_id(exchange.request().headers, *bench),
            .policy = governed->policy,
            .bench = bench,
            .caller = {},
            .context = {},
            .status = 0,
            .abort = {},
            .api = found.api};
  const wire::Surface& api = found.api != nullptr ? *found.api : wire::surface(wire::Protocol::kChat);
  wire::Problem problem;
  if (p.request().headers.get("via").find(self.shared.options.instance) != std::string_view::npos) {
    problem = {wire::ProblemKind::kInternal, kLoopDetected, "the gateway is its own upstream",
               "loop_detected"};
  } else if (found.route == nullptr) {
    const bool known = found.name != "other";
    problem = {wire::ProblemKind::kInvalid, known ? 405 : 404,
               known ? "method not allowed on this path" : "no such path; see docs/api.md",
               known ? "method_not_allowed" : "unknown_path"};
  } else if (auto no = self.admit(p, found.permission)) {
    problem = *std::move(no);
  } else if (refused) {
    problem = {wire::ProblemKind::kInvalid, refused->status, std::string(refused->why),
               std::string(refused->code)};
  }
  if (!problem.code.empty())
    co_await self.answer_problem(p, api, std::move(problem), nullptr, found.allowed);
  else
    co_await (self.*found.route)(p);
  self.shared.meters->count_request(found.name, p.status, std::chrono::steady_clock::now() - arrived);
}

void Gateway::Impl::stamp(const Passage& p, net::Headers& headers, const Judgement* judgement) const {
  headers.add("X-Request-Id", p.request_id);
  if (p.api != nullptr && p.api->protocol == wire::Protocol::kMessages)
    headers.add("Request-Id", p.request_id);  // where Anthropic's clients look for it
  if (p.policy) headers.add("X-Policy-Version", p.policy->version());
  if (p.standing) add_limits(*p.standing, p.api, std::chrono::system_clock::now(), headers);
  if (judgement == nullptr) return;
  headers.add("X-Decision-Id", judgement->id);
  if (judgement->entry) headers.add("X-Ledger-Index", std::to_string(*judgement->entry));
  std::string timing = "inspect;dur=";
  append_milliseconds(timing, judgement->inspecting);
  append_milliseconds(timing += ", decide;dur=", judgement->deciding);
  headers.add("Server-Timing", timing);
}

net::Task<> Gateway::Impl::answer(Passage& p, net::Response response, const Judgement* judgement) {
  stamp(p, response.headers, judgement);
  p.status = response.status;
  co_await p.exchange.respond(std::move(response));
}

Judgement Gateway::Impl::judge_alone(Passage& p, const Conversation& conversation) {
  return judge(p.policy, *p.bench->detector, *p.bench->scratch, conversation, p.caller, p.context,
               shared.options.faults, current_corpus());
}

void Gateway::Impl::count_over_time(Passage& p, Judgement& j, bool late) const {
  if (shared.options.accumulators == nullptr) return;
  const auto subject = [&] {
    return Subject{.org = plain_name(p.caller.org, *p.bench),
                   .user = p.caller.user.empty() ? "" : pseudonym(commitment_key(p), "user", p.caller.user),
                   .session = {}};
  };
  accumulate(j, *shared.options.accumulators, p.caller.tier, subject, std::chrono::system_clock::now(), {},
             late);
}

net::Task<> Gateway::Impl::ask_others(Passage& p, Judgement& j, const Conversation& conversation) {
  const bool changed = co_await opinions.ask(j, conversation, p.asked);
  if (changed) decide_again(j, conversation, p.caller, p.context, shared.options.faults);
}

net::Task<Judgement> Gateway::Impl::judged(Passage& p, const Conversation& conversation) {
  Judgement j = judge_alone(p, conversation);
  if (j.policy && j.policy->settings().asks_about(conversation.direction))
    co_await ask_others(p, j, conversation);
  count_over_time(p, j);
  shared.meters->count_decision(conversation.direction, j);
  co_return j;
}

// Most requests wait for nobody here, and pay for no coroutine but this one.
net::Task<Judgement> Gateway::Impl::judge_and_record(Passage& p, const Conversation& conversation) {
  Judgement j = judge_alone(p, conversation);
  if (j.policy && j.policy->settings().asks_about(conversation.direction))
    co_await ask_others(p, j, conversation);
  count_over_time(p, j);
  shared.meters->count_decision(conversation.direction, j);
  Event event = event_of(p, j, conversation);
  if (must_wait(j))
    co_await record(p, j, std::move(event));
  else
    record_now(p, j, std::move(event));
  co_return j;
}

net::Task<> Gateway::Impl::answer_problem(Passage& p, const wire::Surface& api, wire::Problem problem,
                                          const Judgement* judgement, std::string_view allowed) {
  if (problem.kind == wire::ProblemKind::kRefused) {
    problem.status = api.refusal_status;
    if (problem.param.empty()) problem.param = api.content;
  }
  auto response = net::json_response(problem.status, api.error(problem));
  if (p.refused)
    identity::add_headers(*p.refused, response.headers);
  else if (problem.kind == wire::ProblemKind::kStranger)
    response.headers.add("WWW-Authenticate", "Bearer");
  if (p.standing && p.standing->exceeded() != nullptr) add_retry(*p.standing, response.headers);
  if (problem.status == 405) response.headers.add("Allow", allowed);
  if (problem.status == 415) response.headers.add("Accept-Encoding", net::kAcceptedEncodings);
  if (!p.retry_after.empty()) response.headers.add("Retry-After", p.retry_after);
  co_await answer(p, std::move(response), judgement);
}

// A client's own id is kept when it can be nothing but an id.
std::string Gateway::Impl::request_id(const net::Headers& headers, const Workbench& bench) {
  const auto given = headers.get("x-request-id");
  const bool plain =
      !given.empty() && given.size() <= 128 &&
      given.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._-") ==
          std::string_view::npos;
  return plain && bench.detector->inspect(given, *bench.scratch).findings.empty() ? std::string(given)
                                                                                  : new_id();
}

// Names that a client chooses can carry what it says, too: one in which something is found is recorded as a
// pseudonym under the log's key.
std::string Gateway::Impl::plain_name(std::string name, Workbench& bench) const {
  if (name.empty() || bench.plain_names.contains(name)) return name;
  // What stands between the slashes of a path stands alone.
  std::string apart = name;
  std::ranges::replace(apart, '/', ' ');
  if (bench.detector->inspect(apart, *bench.scratch).findings.empty()) {
    if (bench.plain_names.size() >= kMaxPlainNames) bench.plain_names.clear();
    if (name.size() <= kMaxPlainName) bench.plain_names.insert(name);
    return name;
  }
  HmacSha256 hmac(shared.options.commitment_key);
  hmac.update("name\n");
  hmac.update(name);
  return "hmac:" + to_hex(hmac.finish());
}

const std::string& Gateway::Impl::commitment_key(Passage& p) const {
  if (!p.commitment_key.empty()) return p.commitment_key;
  p.commitment_key = shared.options.commitment_key;
  if (shared.options.vault == nullptr) return p.commitment_key;
  // Not to have it is no reason to refuse: nobody can check a guess without the common key either.
  if (const auto key = shared.options.vault->commitment_key(subject_of(p.caller)))
    p.commitment_key.assign(key->begin(), key->end());
  else
    log_warn("no key of the caller's own", {{"request_id", p.request_id}, {"error", key.error().message}});
  return p.commitment_key;
}

Event Gateway::Impl::event_of(Passage& p, const Judgement& judgement,
                              const Conversation& conversation) const {
  auto event = to_event(judgement, conversation, p.caller, p.request_id, p.bench->detector->revision(),
                        commitment_key(p));
  if (shared.options.vault == nullptr || !judgement.policy) return event;
  event.content = keep_texts(*shared.options.vault, judgement.policy->settings(), p.caller, judgement.id,
                             conversation, event.findings);
  return event;
}

std::string Gateway::Impl::entry_of(Passage& p, Event event) const {
  event.instance = shared.options.instance;
  event.seq = shared.decisions.fetch_add(1, std::memory_order_relaxed) + 1;
  event.model = plain_name(std::move(event.model), *p.bench);
  event.caller.org = plain_name(std::move(event.caller.org), *p.bench);
  for (SegmentRecord& segment : event.segments)
    if (!is_protocols_own(segment.pointer))
      segment.pointer = plain_name(std::move(segment.pointer), *p.bench);
  return to_log_entry(event, commitment_key(p));
}

bool Gateway::Impl::must_wait(const Judgement& j) const {
  return !j.verdict.allowed() || j.verdict.review || (j.policy && j.policy->settings().wait_for_disk);
}

bool Gateway::Impl::not_recorded(const Passage& p, Judgement& j, std::string_view surface,
                                 const Error& error) {
  shared.meters->count_unrecorded();
  log_error(
      "decision not recorded",
      {{"decision_id", j.id}, {"request_id", p.request_id}, {"surface", surface}, {"error", error.message}});
  j.verdict = no_decision(nullptr, surface, "the decision could not be recorded");
  return false;
}

bool Gateway::Impl::record_now(Passage& p, Judgement& j, Event event) {
  const std::string_view surface = event.surface;
  std::string entry = entry_of(p, std::move(event));
  const auto kept = shared.options.faults.has(Fault::kLogRefuses)
                        ? Result<void>(fail(Code::kUnavailable, "as asked"))
                        : shared.log.append(std::move(entry));
  return kept || not_recorded(p, j, surface, kept.error());
}

net::Task<bool> Gateway::Impl::record(Passage& p, Judgement& judgement, const Conversation& conversation) {
  const bool kept = co_await record(p, judgement, event_of(p, judgement, conversation));
  co_return kept;
}

net::Task<bool> Gateway::Impl::record(Passage& p, Judgement& j, Event event) {
  if (!must_wait(j)) co_return record_now(p, j, std::move(event));
  const std::string_view surface = event.surface;
  if (event.content && !event.content->parts.empty()) {
    // Whoever reviews it needs its texts.
    auto kept = co_await sync_and_wait(*shared.options.vault, shared.options.record_timeout);
    event.content->complete = event.content->complete && kept;
  }
  std::string entry = entry_of(p, std::move(event));
  Result<void> outcome;
  if (shared.options.faults.has(Fault::kLogRefuses)) {
    outcome = fail(Code::kUnavailable, "as asked");
  } else if (shared.options.faults.has(Fault::kLogSilent)) {
    outcome = co_await wait_in_vain(shared.options.record_timeout);
  } else {
    auto index = co_await append_and_wait(shared.log, std::move(entry), shared.options.record_timeout);
    if (index)
      j.entry = *index;
    else
      outcome = std::unexpected(std::move(index).error());
  }
  co_return outcome || not_recorded(p, j, surface, outcome.error());
}

StreamGuard Gateway::Impl::guard(Passage& p, const wire::Surface& api, const Conversation& request) {
  return StreamGuard(p.policy, *p.bench->detector, *p.bench->scratch, api.protocol, request, p.caller,
                     p.context, commitment_key(p), shared.options.faults, current_corpus(),
                     shared.options.vault);
}

}  // namespace plimsoll::gateway
