#include "identity/permissions.h"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/json.h"

namespace plimsoll::identity {
namespace {

using enum Listener;
using enum Role;

constexpr std::array<std::string_view, kRoleCount> kRoleNames = {"developer",  "service", "reviewer",
                                                                 "compliance", "auditor", "admin"};

constexpr Roles kEverybody = {kDeveloper, kService, kReviewer, kCompliance, kAuditor, kAdmin};
constexpr Roles kCallers = {kDeveloper, kService, kAdmin};                  // of models
constexpr Roles kReporters = {kService, kAdmin};                            // of traffic
constexpr Roles kSubmitters = {kDeveloper, kService, kCompliance, kAdmin};  // of evidence
constexpr Roles kOverseers = {kReviewer, kCompliance, kAuditor, kAdmin};    // who see what was decided
constexpr Roles kDeciders = {kReviewer, kAdmin};
constexpr Roles kWitnesses = {kDeveloper, kService, kReviewer, kCompliance, kAdmin};  // of incidents
constexpr Roles kAskers = {kDeveloper, kService, kReviewer, kAdmin};  // of their own released texts
constexpr Roles kHandlers = {kReviewer, kCompliance, kAdmin};         // of incidents
constexpr Roles kExporters = {kCompliance, kAuditor, kAdmin};
constexpr Roles kNobody = {};
constexpr bool kCounted = true, kRecorded = true;

constexpr auto kTable = std::to_array<Permission>({
    {kGateway, "GET", "/health", "", kNobody},
    {kGateway, "GET", "/livez", "", kNobody},
    {kGateway, "GET", "/readyz", "", kNobody},
    {kGateway, "GET", "/metrics", "", kNobody},
    {kGateway, "GET", "/docs", "", kNobody},
    {kGateway, "GET", "/openapi.json", "", kNobody},
    {kGateway, "POST", "/v1/chat/completions", "models", kCallers, kCounted},
    {kGateway, "POST", "/v1/messages", "models", kCallers, kCounted},
    {kGateway, "POST", "/v1/messages/count_tokens", "models", kCallers, kCounted},
    {kGateway, "POST", "/v1/responses", "models", kCallers, kCounted},
    {kGateway, "POST", "/v1/completions", "models", kCallers, kCounted},
    {kGateway, "POST", "/v1/embeddings", "models", kCallers, kCounted},
    {kGateway, "POST", "/proxy/completion", "models", kCallers, kCounted},
    {kGateway, "POST", "/proxy/completion/stream", "models", kCallers, kCounted},
    {kGateway, "GET", "/v1/models", "models", kCallers},
    {kGateway, "POST", "/filter/prompt", "filter", kCallers, kCounted},
    {kGateway, "POST", "/filter/output", "filter", kCallers, kCounted},
    {kGateway, "POST", "/v1/moderations", "filter", kCallers, kCounted},
    {kGateway, "POST", "/guardrail/{id}/version/{id}/apply", "filter", kCallers, kCounted},
    {kGateway, "POST", "/beta/litellm_basic_guardrail_api", "filter", kCallers, kCounted},
    {kGateway, "POST", "/ci/check", "gate", kSubmitters},
    {kGateway, "GET", "/rules", "policy:read", kEverybody},

    {kEvidence, "GET", "/", "", kNobody},
    {kEvidence, "GET", "/health", "", kNobody},
    {kEvidence, "GET", "/readyz", "", kNobody},
    {kEvidence, "GET", "/metrics", "", kNobody},
    {kEvidence, "GET", "/docs", "", kNobody},
    {kEvidence, "GET", "/openapi.json", "", kNobody},
    {kEvidence, "GET", "/attestation/key", "", kNobody},
    {kEvidence, "GET", "/attestation/trusted-root", "", kNobody},
    {kEvidence, "GET", "/checkpoint", "", kNobody},
    {kEvidence, "GET", "/tile/{id}", "", kNobody},
    {kEvidence, "GET", "/ledger/vkey", "", kNobody},
    {kEvidence, "POST", "/evidence", "evidence:write", kSubmitters},
    {kEvidence, "PUT", "/artifacts/{id}", "evidence:write", kSubmitters},
    {kEvidence, "GET", "/evidence", "evidence:read", kEverybody},
    {kEvidence, "GET", "/evidence/{id}", "evidence:read", kEverybody},
    {kEvidence, "GET", "/evidence/{id}/attestation", "evidence:read", kEverybody},
    {kEvidence, "GET", "/evidence/{id}/bundle", "evidence:read", kEverybody},
    {kEvidence, "GET", "/artifacts/{id}", "evidence:read", kEverybody},
    {kEvidence, "GET", "/ledger/receipt/{id}", "evidence:read", kEverybody},
    {kEvidence, "GET", "/models", "evidence:read", kEverybody},
    {kEvidence, "GET", "/cards/{id}", "evidence:read", kEverybody},
    {kEvidence, "GET", "/risk/snapshot", "evidence:read", kEverybody},
    {kEvidence, "POST", "/incident", "incidents:report", kWitnesses},
    {kEvidence, "GET", "/incident", "incidents:read", kOverseers},
    {kEvidence, "GET", "/incident/{id}", "incidents:read", kOverseers},
    {kEvidence, "POST", "/incident/{id}", "incidents:handle", kHandlers},
    {kEvidence, "GET", "/exports/audit", "export", kExporters, false, kRecorded},

    {kControl, "GET", "/", "", kNobody},
    {kControl, "GET", "/health", "", kNobody},
    {kControl, "GET", "/readyz", "", kNobody},
    {kControl, "GET", "/metrics", "", kNobody},
    {kControl, "GET", "/docs", "", kNobody},
    {kControl, "GET", "/openapi.json", "", kNobody},
    {kControl, "POST", "/ingest", "ingest", kReporters},
    {kControl, "GET", "/thresholds", "policy:read", kEverybody},
    {kControl, "GET", "/thresholds/history", "policy:read", kOverseers},
    {kControl, "POST", "/thresholds/rollback", "policy:change", kDeciders},
    {kControl, "POST", "/replay", "policy:replay", kOverseers},
    {kControl, "GET", "/hourly-stats", "events:read", kOverseers},
    {kControl, "GET", "/events", "events:read", kOverseers},
    {kControl, "GET", "/events/{id}", "events:read", kOverseers},
    {kControl, "GET", "/review-queue", "reviews:read", kOverseers},
    {kControl, "GET", "/review/{id}", "reviews:read", kOverseers},
    {kControl, "POST", "/review/{id}", "reviews:decide", kDeciders},
    {kControl, "GET", "/review/{id}/content", "content:read", kDeciders},
    {kControl, "GET", "/review/{id}/released", "content:released", kAskers},
    {kControl, "GET", "/capability-evaluations", "evaluations:read", kOverseers},
    {kControl, "POST", "/capability-evaluations", "evaluations:write", kSubmitters},
    {kControl, "GET", "/capability-evaluations/{id}", "evaluations:read", kOverseers},
    {kControl, "POST", "/capability-evaluations/{id}", "evaluations:decide", kHandlers},
    {kControl, "GET", "/frameworks/capability", "", kNobody},
    {kControl, "GET", "/watch", "events:read", kOverseers},
    {kControl, "GET", "/export/iso-evidence", "export", kExporters, false, kRecorded},
    {kControl, "GET", "/export/nist-ai-rmf", "export", kExporters, false, kRecorded},
    {kControl, "GET", "/export/eu-ai-act", "export", kExporters, false, kRecorded},
    {kControl, "GET", "/export/controls", "export", kExporters, false, kRecorded},
    {kControl, "GET", "/keys", "keys:read", Roles{kAuditor, kAdmin}},
    {kControl, "POST", "/keys", "keys:manage", Roles{kAdmin}},
    {kControl, "DELETE", "/keys/{id}", "keys:manage", Roles{kAdmin}},
});

constexpr std::array<std::uint16_t, 3> kUsualPorts = {8081, 8080, 8000};

}  // namespace

std::string_view to_string(Role role) {
  return kRoleNames.at(static_cast<std::size_t>(role));
}

std::optional<Role> parse_role(std::string_view name) {
  const auto* const at = std::ranges::find(kRoleNames, name);
  if (at == kRoleNames.end()) return std::nullopt;
  return static_cast<Role>(at - kRoleNames.begin());
}

std::string_view to_string(Listener listener) {
  constexpr std::array<std::string_view, 3> kNames = {"gateway", "evidence", "control"};
  return kNames.at(static_cast<std::size_t>(listener));
}

std::span<const Permission> permissions() {
  return kTable;
}

const Permission* find_permission(Listener listener, std::string_view method, std::string_view path) {
  const auto* const at = std::ranges::find_if(kTable, [&](const Permission& p) {
    return p.listener == listener && p.method == method && p.path == path;
  });
  return at == kTable.end() ? nullptr : at;
}

bool is_scope(std::string_view name) {
  return !name.empty() && std::ranges::any_of(kTable, [&](const Permission& p) { return p.scope == name; });
}

std::string use_entry(const Permission& permission, std::string_view actor, std::string_view of, Time now) {
  json::object out{{"v", 1},
                   {"type", "admin"},
                   {"act", permission.scope},
                   {"actor", actor},
                   {"listener", to_string(permission.listener)},
                   {"route", permission.path},
                   {"time", to_rfc3339_ms(now)}};
  if (!of.empty()) out["of"] = of;
  return to_canonical_json(out);
}

std::string permissions_as_markdown() {
  std::string out = "| port | route | scope |";
  for (const auto role : kRoleNames) out.append(" ").append(role).append(" |");
  out += "\n|---|---|---|";
  for (std::size_t i = 0; i < kRoleCount; ++i) out += "---|";
  out += '\n';
  for (const Permission& p : kTable) {
    out.append("| ").append(std::to_string(kUsualPorts.at(static_cast<std::size_t>(p.listener))));
    out.append(" | `").append(p.method).append(" ").append(p.path).append("` | ");
    out.append(p.open() ? std::string_view("open") : p.scope).append(" |");
    for (std::size_t i = 0; i < kRoleCount; ++i)
      out.append(p.open() || p.roles.has(static_cast<Role>(i)) ? " yes |" : " |");
    out += '\n';
  }
  return out;
}

std::string permissions_as_json() {
  json::array rows;
  for (const Permission& p : kTable) {
    json::array roles;
    for (std::size_t i = 0; i < kRoleCount; ++i)
      if (p.roles.has(static_cast<Role>(i))) roles.emplace_back(kRoleNames.at(i));
    rows.push_back(json::object{{"listener", to_string(p.listener)},
                                {"method", p.method},
                                {"path", p.path},
                                {"scope", p.scope},
                                {"open", p.open()},
                                {"roles", std::move(roles)}});
  }
  return to_json(rows);
}

}  // namespace plimsoll::identity
