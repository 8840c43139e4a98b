// The evidence viewer: one page, nothing loaded from elsewhere; and what only it asks for.
#include <algorithm>

#include "base/hash.h"
#include "base/json.h"
#include "evidence/card.h"
#include "impl.h"

extern "C" {
extern const char plimsoll_evidence_page[];      // NOLINT: defined by page_text.S
extern const char plimsoll_evidence_page_end[];  // NOLINT
}

namespace plimsoll::res {

namespace {

constexpr std::size_t kMaxModels = 1'000;
constexpr std::size_t kMaxCardEvidence = 2'000;  // the latest of a model version that a card is made of

std::string_view page_text() {
  return {plimsoll_evidence_page, plimsoll_evidence_page_end};
}

// The page's own script and styles, by their hashes, and nothing else.
std::string hash_of(std::string_view open, std::string_view close) {
  const auto text = page_text();
  const auto begin = text.find(open) + open.size();
  const auto inside = text.substr(begin, text.find(close, begin) - begin);
  return "'sha256-" + to_base64(bytes_of(sha256(inside))) + "'";
}

const std::string& content_security_policy() {
  static const std::string policy = "default-src 'none'; connect-src 'self'; script-src " +
                                    hash_of("<script>", "</script>") + "; style-src " +
                                    hash_of("<style>", "</style>") +
                                    "; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";
  return policy;
}

}  // namespace

net::Task<> Service::Impl::page(Passage& p) {
  net::Response response;
  response.headers.add("Content-Type", "text/html; charset=utf-8");
  response.headers.add("Content-Security-Policy", content_security_policy());
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("Referrer-Policy", "no-referrer");
  response.headers.add("Cache-Control", "no-cache");
  response.body = page_text();
  co_await p.exchange.respond(std::move(response));
}

net::Task<> Service::Impl::models(Passage& p) {
  json::array items;
  for (const auto& risk : index.snapshots(kMaxModels)) {
    json::object one{{"model_version", risk.model_version}, {"artifacts", risk.artifacts}};
    one["latest"] = to_rfc3339(risk.time);
    one["eu_ai_act_tier"] =
        risk.values.eu_ai_act_tier.empty() ? json::value(nullptr) : json::value(risk.values.eu_ai_act_tier);
    items.emplace_back(std::move(one));
  }
  auto response = net::json_response(200, to_json(json::object{{"items", std::move(items)}}));
  co_await p.exchange.respond(std::move(response));
}

// A card of a model version or of a system, from the evidence about it, in the format asked for.
net::Task<> Service::Impl::card(Passage& p) {
  struct Format {
    std::string_view name, type;
    std::string (*write)(const evidence::Card&);
  };
  static constexpr Format kFormats[] = {
      {"markdown", "text/markdown; charset=utf-8", &evidence::to_markdown},
      {"html", "text/html; charset=utf-8", &evidence::to_html},
      {"cyclonedx", "application/vnd.cyclonedx+json; version=1.6", &evidence::to_cyclonedx},
      {"huggingface", "text/markdown; charset=utf-8", &evidence::to_huggingface},
      {"google", "application/json", &evidence::to_google},
      {"bias", "text/markdown; charset=utf-8", &evidence::to_bias_markdown},
      {"bias-json", "application/json", &evidence::to_bias_json}};
  const auto parameters = parse_query(p.request().query, {"model", "format"});
  if (!parameters) {
    auto no = to_response(parameters.error());
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  const auto named = parameters->find("model");
  const auto asked = parameters->find("format");
  const auto* format = std::ranges::find(
      kFormats, asked == parameters->end() ? std::string_view("html") : std::string_view(asked->second),
      &Format::name);
  const bool system = p.id == "system";
  const bool known = format != std::end(kFormats) && (system || p.id == "model");
  if (!known || named == parameters->end()) {
    auto no = to_response(
        named == parameters->end()
            ? evidence::field_problem("model", "is missing")
            : evidence::field_problem(
                  "format",
                  "expected markdown, html, cyclonedx, huggingface, google, bias or bias-json, of a model or "
                  "system card"));
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  evidence::Index::Query query;
  query.model = named->second;
  query.limit = kMaxCardEvidence;
  auto texts = co_await read(index.list(query).entries);
  if (!texts) {
    auto no = to_response(texts.error());
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  std::ranges::reverse(*texts);
  std::vector<evidence::CardSource> sources;
  for (const auto& entry : *texts) {
    const auto stored = evidence::read_entry(entry);
    const auto* artifact = stored ? std::get_if<evidence::Artifact>(&stored->content) : nullptr;
    if (artifact == nullptr) continue;
    const auto submitted = parse_json(artifact->submitted);
    const auto* metadata = submitted ? find_object(*submitted, "metadata") : nullptr;
    sources.push_back({.artifact_type = artifact->artifact_type,
                       .model_version = artifact->model_version,
                       .content_ref = artifact->content_ref,
                       .metadata = metadata != nullptr ? *metadata : json::object(),
                       .id = evidence::id_of(entry),
                       .evidence_hash = artifact->evidence_hash,
                       .stored_at = to_rfc3339(stored->time)});
  }
  const auto made = evidence::make_card(sources, {}, system);
  net::Response response;
  if (made) {
    response.headers.add("Content-Type", format->type);
    response.headers.add("X-Content-Type-Options", "nosniff");
    if (format->name == "html")
      response.headers.add("Content-Security-Policy",
                           "default-src 'none'; style-src 'unsafe-inline'; sandbox");
    response.body = format->write(*made);
  } else {
    response = made.error().code == Code::kNotFound ? problem_response(404, made.error().message, "model")
                                                    : problem_response(422, made.error().message, "model");
  }
  co_await p.exchange.respond(std::move(response));
}

}  // namespace plimsoll::res
