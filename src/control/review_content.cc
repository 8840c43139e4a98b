// The texts of what waits or waited for review: for who reviews it, and, once it is let go, for who asked.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/hash.h"
#include "base/log.h"
#include "base/time.h"
#include "decide/keeper.h"
#include "decide/redact.h"
#include "impl.h"
#include "rows_json.h"

namespace plimsoll::control {
namespace {

// An item, and where its texts are.
struct Located {
  std::optional<store::ReviewDetail> item;
  std::optional<store::EventRow> event;
};

std::uint64_t number_in(const json::value& object, std::string_view name) {
  const auto* value = find(object, name);
  if (value == nullptr) return 0;
  if (value->is_uint64()) return value->get_uint64();
  return value->is_int64() && value->get_int64() > 0 ? static_cast<std::uint64_t>(value->get_int64()) : 0;
}

// Texts of a decision by their segment, in order. kNotFound: none were kept, or they are gone.
Result<std::map<std::uint64_t, std::string>> read_texts(vault::Vault* vault, const store::EventRow& event) {
  const auto content =
      event.content.empty() ? Result<json::value>(fail(Code::kNotFound, "")) : parse_json(event.content);
  const auto* parts = content ? find_array(*content, "parts") : nullptr;
  if (vault == nullptr || parts == nullptr || parts->empty())
    return fail(Code::kNotFound, "the policy kept no texts of this decision");
  const auto& decision = event.decision_id.empty() ? event.event_id : event.decision_id;
  std::map<std::uint64_t, std::string> out;
  std::size_t number = 0;
  for (const auto& part : *parts) {
    const auto lines = vault->get({.file = number_in(part, "file"), .offset = number_in(part, "offset")},
                                  decide::part_name(decision, number++));
    if (!lines) return std::unexpected(lines.error());
    std::string_view rest = *lines;
    while (!rest.empty()) {
      const auto line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      const auto read = parse_json(line);
      const auto* text = read ? find_string(*read, "text") : nullptr;
      if (text == nullptr) return fail(Code::kInternal, "a kept text is damaged");
      out[number_in(*read, "segment")] += std::string_view(*text);
    }
  }
  return out;
}

json::array to_array(const std::map<std::uint64_t, std::string>& texts) {
  json::array out;
  for (const auto& [segment, text] : texts)
    out.emplace_back(json::object{{"segment", segment}, {"text", text}});
  return out;
}

bool kept_redacted(const store::EventRow& event) {
  const auto content = parse_json(event.content);
  const auto* kept = content ? find_string(*content, "kept") : nullptr;
  return kept != nullptr && *kept == "redacted";
}

}  // namespace

// Whether the texts of an event are the caller's to have back: his own, or of his organisation where he is a service.
bool Service::Impl::asked_for(const Passage& p, const store::EventRow& event) const {
  if (!p.identity) return true;
  const auto& who = *p.identity;
  if (who.roles.any_of({identity::Role::kReviewer, identity::Role::kAdmin})) return true;
  const auto keyed = [](std::string_view key, std::string_view kind, std::string_view name) {
    HmacSha256 hmac(key);
    hmac.update(kind);
    hmac.update("\n");
    hmac.update(name);
    return to_hex(hmac.finish());
  };
  const auto& org = who.caller.org;
  const bool same =
      !org.empty() && (event.org == org || event.org == "hmac:" + keyed(options.commitment_key, "name", org));
  if (!same) return false;
  if (who.roles.has(identity::Role::kService)) return true;
  std::string key = options.commitment_key;
  if (options.vault != nullptr)
    if (const auto own = options.vault->commitment_key(decide::subject_of(who.caller)))
      key.assign(own->begin(), own->end());
  return !who.caller.user.empty() && event.user == keyed(key, "user", who.caller.user);
}

// Looked up, with the texts that `wanted` says are to be read.
net::Task<> Service::Impl::answer_content(Passage& p, bool to_reviewer) {
  std::function<Result<Located>(store::Reader&)> query = [id = p.id](store::Reader& reader) {
    Located out;
    auto item = store::review_item(reader, id);
    if (!item) return Result<Located>(std::unexpected(std::move(item).error()));
    out.item = *std::move(item);
    if (!out.item) return Result<Located>(std::move(out));
    auto event = store::event(reader, id);
    if (!event) return Result<Located>(std::unexpected(std::move(event).error()));
    out.event = *std::move(event);
    return Result<Located>(std::move(out));
  };
  const auto found = co_await ask(std::move(query));
  const bool theirs = found && found->item && found->event && (to_reviewer || asked_for(p, *found->event));
  if (!found || !theirs) {
    auto no = found ? problem_response(404, "no event with this id waits or waited for review")
                    : to_response(found.error());
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  const auto& item = found->item->item;
  const auto& event = *found->event;
  const bool let_go = item.state == store::ReviewState::kDecided && item.decision != "block";
  json::object body{{"event_id", item.event_id}, {"state", store::to_string(item.state)}};
  body["decision"] = item.decision.empty() ? json::value(nullptr) : json::value(item.decision);
  if (!to_reviewer && !let_go) {
    body["released"] = false;
    body["review_due"] = to_rfc3339(item.due);
    auto response = net::json_response(200, to_json(std::move(body)));
    co_await p.exchange.respond(std::move(response));
    co_return;
  }
  if (to_reviewer) {
    // Who reads what people wrote is on record before he does.
    const auto index = co_await record(
        to_canonical_json(json::object{{"actor", actor_of(p)},
                                       {"event_id", item.event_id},
                                       {"time", to_rfc3339_ms(std::chrono::system_clock::now())},
                                       {"type", "content_read"},
                                       {"v", 1}}));
    if (!index) {
      auto no = to_response(index.error());
      co_await p.exchange.respond(std::move(no));
      co_return;
    }
  }
  // What is let go redacted goes without whatever the detectors find in it.
  const bool redact = !to_reviewer && item.decision == "redact" && !kept_redacted(event);
  using Texts = std::map<std::uint64_t, std::string>;
  std::function<Result<Texts>()> work = [this, event, redact]() -> Result<Texts> {
    auto texts = read_texts(options.vault, event);
    if (!texts || !redact) return texts;
    const auto governed = governance.get();
    const auto scratch = governed->detector->make_scratch();
    decide::StandIn stand_in = [&](const Finding& finding, std::string_view) {
      return decide::placeholder(governed->policy->settings().redaction, finding);
    };
    for (auto& [segment, text] : *texts) {
      const auto seen = governed->detector->inspect(text, *scratch);
      text = decide::redact(text, seen.findings, 0, decide::kPrivate, stand_in);
    }
    return texts;
  };
  auto texts = co_await net::run_on(workers, std::move(work));
  if (!texts || !*texts) {
    auto no = texts && texts->error().code == Code::kNotFound
                  ? problem_response(410, "its texts were not kept, or are no longer")
                  : to_response(texts ? texts->error() : Error{Code::kInternal, "reading texts failed"});
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  if (!to_reviewer) body["released"] = true;
  body["redacted"] = redact || kept_redacted(event);
  body["texts"] = to_array(**texts);
  auto response = net::json_response(200, to_json(std::move(body)));
  response.headers.add("Cache-Control", "no-store");
  co_await p.exchange.respond(std::move(response));
}

net::Task<> Service::Impl::review_content(Passage& p) {
  return answer_content(p, true);
}

net::Task<> Service::Impl::released(Passage& p) {
  return answer_content(p, false);
}

}  // namespace plimsoll::control
