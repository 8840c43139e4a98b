// POST /ingest: read, inspect, decide, record; answered once the disk has all of it.
#include <algorithm>
#include <atomic>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/id.h"
#include "base/log.h"
#include "impl.h"

namespace plimsoll::control {
namespace {

constexpr std::size_t kChunk = 32;  // events that a thread takes at once
constexpr auto kQueueFull = std::chrono::milliseconds(2);

bool is_lines(std::string_view type) {
  return type.starts_with("application/x-ndjson") || type.starts_with("application/ndjson") ||
         type.starts_with("application/jsonl") || type.starts_with("application/x-jsonlines");
}

// The contract's four.
std::string_view tally_of(Action action) {
  switch (action) {
    case Action::kAllow:
    case Action::kLogOnly:
      return "allow";
    case Action::kSafeMode:
    case Action::kSummarize:
    case Action::kRedact:
      return "redact";
    case Action::kEscalate:
      return "escalate";
    case Action::kBlock:
    case Action::kErrorBlock:
      return "block";
  }
  return "block";
}

std::string path_of(const BatchProblem& problem) {
  if (!problem.index) return problem.field;
  auto path = "events[" + std::to_string(*problem.index) + "]";
  return problem.field.empty() ? path : path + "." + problem.field;
}

std::string sentence(const BatchProblem& problem) {
  const auto path = path_of(problem);
  return path.empty() ? problem.message : path + ": " + problem.message;
}

json::object to_object(const BatchProblem& problem) {
  json::object out{{"message", sentence(problem)}, {"param", path_of(problem)}};
  if (problem.index) out["index"] = *problem.index;
  if (!problem.field.empty()) out["field"] = problem.field;
  return out;
}

net::Response refused(const BatchProblem& problem) {
  auto error = to_object(problem);
  error["type"] = problem.forbidden ? "permission_error" : "invalid_request_error";
  return net::json_response(problem.forbidden ? 403 : 422,
                            to_json(json::object{{"error", std::move(error)}}));
}

// Entries on their way to the disk. Shared with the log, which may answer after nobody waits any more.
struct Pending : net::Waiting<bool> {
  using Waiting::Waiting;
  std::atomic<std::size_t> left{0};
  std::atomic<bool> failed{false};

  static void done(const std::shared_ptr<Pending>& pending, const net::Executor& executor) {
    if (--pending->left > 0) return;
    asio::post(executor, [pending] {
      pending->outcome = !pending->failed;
      pending->timer.cancel();
    });
  }
};

// A share of the service's room, given back at the end.
class Room {
 public:
  Room(std::size_t& held, std::size_t amount) : held_(held), amount_(amount) { held_ += amount_; }
  ~Room() { held_ -= amount_; }
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;

 private:
  std::size_t& held_;
  std::size_t amount_;
};

// What a batch waits so that the store comes along: the longer the further it is behind, 25 ms at a second, 225 ms at two.
// A store that cannot be reached keeps nobody waiting.
std::chrono::milliseconds pause_for(const store::Projector& projector) {
  constexpr double kFrom = 0.5, kPerSquare = 100;
  constexpr std::chrono::milliseconds kMost(1'000);
  if (projector.failing()) return {};
  const double behind = std::chrono::duration<double>(projector.behind()).count() - kFrom;
  if (behind <= 0) return {};
  return std::min(kMost, std::chrono::milliseconds(static_cast<std::int64_t>(kPerSquare * behind * behind)));
}

}  // namespace

net::Task<> Service::Impl::ingest(Passage& p) {
  const auto parameters = net::parse_query(p.request().query, {"partial"});
  if (!parameters) {
    auto no = to_response(parameters.error());
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  const auto wish = parameters->find("partial");
  const bool partial = wish != parameters->end() && wish->second == "true";
  if (wish != parameters->end() && !partial && wish->second != "false") {
    auto no = problem_response(422, "partial: expected true or false", "partial");
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  if (!ids_known) {
    auto no =
        retry_later(503, "the store is still reading the log: events cannot be told from known ones yet");
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  const std::size_t bytes = p.request().body.size();
  if (batches >= kMostBatches || batch_bytes + bytes > kMostBatchBytes ||
      events_in_flight > kMostEventsInFlight) {
    batches_put_off->add();
    auto no = retry_later(429, "too many events at once; send this batch again");
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  const Room batch_room(batches, 1), byte_room(batch_bytes, bytes);
  if (const auto pause = pause_for(projector); pause.count() > 0) {
    const net::Executor executor = co_await asio::this_coro::executor;
    net::Waiting<bool> waiting(executor);
    waiting.timer.expires_after(pause);
    co_await waiting.timer.async_wait(net::kAwait);
  }

  struct Work {
    std::string body;
    std::shared_ptr<const decide::Governance> governance;
    std::expected<Batch, BatchProblem> batch{Batch{}};
    std::vector<std::int64_t> claimed;
    std::vector<Assessed> assessed;
    std::size_t known = 0;
    bool in_flight = false;  // one of them is another batch's
  };
  auto work = std::make_shared<Work>();
  work->body = std::move(p.request().body);
  work->governance = governance.get();
  const bool lines = is_lines(p.request().headers.get("content-type"));
  const auto reporter = actor_of(p);
  const auto reported = [this, id = p.request_id, reporter, known = p.identity != nullptr](const Work& w) {
    return Reported{.governance = *w.governance,
                    .commitment_key = options.commitment_key,
                    .vault = options.vault,
                    .accumulators = options.accumulators,
                    .instance = options.instance,
                    .request_id = id,
                    .reporter = reporter,
                    .authenticated = known};
  };

  // Read, and leave out what the log has.
  std::function<bool()> read = [this, work, lines, partial, reported, who = p.identity] {
    MayReport may_report;
    if (who) may_report = [&who](std::string_view org) { return who->may_report_for(org); };
    work->batch = parse_batch(work->body, lines, partial, may_report);
    std::string().swap(work->body);
    if (!work->batch) return true;
    auto& events = work->batch->events;
    std::vector<IngestEvent> fresh;
    for (auto& event : events) {
      event.id = plain_id(std::move(event.id), reported(*work));
      const auto key = store::event_key(event.id);
      const auto claim = ids.claim(key);
      const bool twice =
          claim == EventIds::Claim::kInFlight && std::ranges::find(work->claimed, key) != work->claimed.end();
      if (claim == EventIds::Claim::kNew) {
        work->claimed.push_back(key);
        fresh.push_back(std::move(event));
      } else if (claim == EventIds::Claim::kKnown || twice) {
        ++work->known;
      } else {
        work->in_flight = true;
      }
    }
    events = std::move(fresh);
    return true;
  };
  const auto was_read = co_await net::run_on(workers, std::move(read));
  const auto give_back = [this, work] {
    for (const auto key : work->claimed) ids.settle(key, false);
    work->claimed.clear();
  };
  if (!was_read || !work->batch || work->in_flight) {
    give_back();
    batches_refused->add();
    auto no = !was_read ? problem_response(500, "internal error", {}, "server_error")
              : !work->batch
                  ? refused(work->batch.error())
                  : retry_later(429, "events of this batch are being recorded for another request");
    co_await p.exchange.respond(std::move(no));
    co_return;
  }

  // What another process that shares the store was told.
  if (store.shared() && !work->batch->events.empty()) {
    std::vector<std::string> asked;
    for (const auto& event : work->batch->events) asked.push_back(event.id);
    using Ids = std::vector<std::string>;
    std::function<Result<Ids>(store::Reader&)> query = [asked = std::move(asked)](store::Reader& reader) {
      return store::known_events(reader, asked);
    };
    auto elsewhere = co_await ask(std::move(query), true);
    if (!elsewhere) {
      give_back();
      auto no = to_response(elsewhere.error());
      co_await p.exchange.respond(std::move(no));
      co_return;
    }
    std::ranges::sort(*elsewhere);
    std::erase_if(work->batch->events, [&](const IngestEvent& event) {
      if (!std::ranges::binary_search(*elsewhere, event.id)) return false;
      ids.settle(store::event_key(event.id), true);
      std::erase(work->claimed, store::event_key(event.id));
      ++work->known;
      return true;
    });
  }

  // Inspect and decide, on all threads.
  const net::Executor executor = co_await asio::this_coro::executor;
  auto& events = work->batch->events;
  const std::size_t count = events.size();
  const Room event_room(events_in_flight, count);
  work->assessed.resize(count);
  if (count > 0) {
    const auto first = decisions.fetch_add(count);
    auto pending = std::make_shared<Pending>(executor);
    pending->timer.expires_at(std::chrono::steady_clock::time_point::max());
    pending->left = (count + kChunk - 1) / kChunk;
    for (std::size_t begin = 0; begin < count; begin += kChunk)
      asio::post(workers,
                 [work, pending, executor, reported, begin, first, end = std::min(begin + kChunk, count)] {
                   try {
                     const auto common = reported(*work);
                     for (auto i = begin; i < end; ++i)
                       work->assessed[i] = assess(std::move(work->batch->events[i]), common, first + i + 1);
                   } catch (const std::exception&) {
                     pending->failed = true;
                   }
                   Pending::done(pending, executor);
                 });
    while (!pending->outcome) co_await pending->timer.async_wait(net::kAwait);
    if (!*pending->outcome) {
      give_back();
      auto no = problem_response(500, "internal error", {}, "server_error");
      co_await p.exchange.respond(std::move(no));
      co_return;
    }
  }

  // Record, texts and entries side by side.
  auto pending = std::make_shared<Pending>(executor);
  const auto deadline = std::chrono::steady_clock::now() + options.record_timeout;
  const bool texts = options.vault != nullptr && count > 0;
  pending->left = count + (texts ? 1U : 0U) + 1U;  // one for this coroutine, until all are queued
  if (texts)
    options.vault->sync([pending, executor](Result<void> synced) {
      if (!synced) pending->failed = true;
      Pending::done(pending, executor);
    });
  std::size_t queued = 0;
  while (queued < count) {
    const auto key = work->assessed[queued].key;
    auto entry = work->assessed[queued].entry;  // kept until it is taken
    auto taken = log.append(std::move(entry), [this, pending, executor, key](Result<ledger::Index> index) {
      ids.settle(key, index.has_value());
      if (index)
        note_recorded(*index);
      else
        pending->failed = true;
      Pending::done(pending, executor);
    });
    if (taken) {
      std::string().swap(work->assessed[queued++].entry);
      continue;
    }
    if (!log.writable() || std::chrono::steady_clock::now() >= deadline) break;
    pending->timer.expires_after(kQueueFull);
    co_await pending->timer.async_wait(net::kAwait);
  }
  for (auto i = queued; i < count; ++i) {
    ids.settle(work->assessed[i].key, false);
    pending->failed = true;
    Pending::done(pending, executor);
  }
  pending->timer.expires_at(deadline);
  Pending::done(pending, executor);
  while (!pending->outcome && std::chrono::steady_clock::now() < deadline)
    co_await pending->timer.async_wait(net::kAwait);
  if (!pending->outcome || !*pending->outcome) {
    log_warn("a batch is not recorded as a whole", {{"request_id", p.request_id}, {"events", count}});
    auto no = retry_later(
        503, "the log cannot be written at the moment: send this batch again, with the same event_ids");
    co_await p.exchange.respond(std::move(no));
    co_return;
  }

  json::object actions{{"allow", 0}, {"block", 0}, {"redact", 0}, {"escalate", 0}};
  std::uint64_t triggers = 0;
  for (const auto& one : work->assessed) {
    auto& number = actions[tally_of(one.action)];
    number = number.to_number<std::uint64_t>() + 1;
    triggers += one.asl ? 1 : 0;
    ingested.at(static_cast<std::size_t>(one.action))->add();
  }
  batches_accepted->add();
  json::object body{{"processed", count}, {"actions", std::move(actions)}, {"asl_triggers", triggers}};
  if (work->known > 0) body["duplicates"] = work->known;
  if (partial) {
    json::array rest;
    for (const auto& problem : work->batch->refused) rest.emplace_back(to_object(problem));
    body["rejected"] = std::move(rest);
  }
  auto response = net::json_response(200, to_json(std::move(body)));
  co_await p.exchange.respond(std::move(response));
}

}  // namespace plimsoll::control
