#include "api_key_json.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>

#include "base/json.h"

namespace plimsoll::identity {
namespace {

constexpr std::size_t kMaxRequestBytes = 64U << 10U;
constexpr auto kFarthest = std::chrono::days(3'660);

bool is_name(std::string_view text) {
  return text.size() <= kMaxNameBytes &&
         std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::unexpected<Error> wrong(std::string_view member, std::string_view why) {
  return fail(Code::kInvalid, std::string(member) + ": " + std::string(why));
}

Result<std::string> text_in(const json::value& object, std::string_view name) {
  const auto* member = find(object, name);
  if (member == nullptr || member->is_null()) return std::string();
  if (!member->is_string() || !is_name(member->get_string()))
    return wrong(name, "expected a text of at most 256 bytes without control characters");
  return std::string(member->get_string());
}

Result<std::vector<std::string>> texts_in(const json::value& object, std::string_view name) {
  std::vector<std::string> out;
  const auto* member = find(object, name);
  if (member == nullptr || member->is_null()) return out;
  const auto* list = member->if_array();
  if (list == nullptr || list->size() > kMaxListed) return wrong(name, "expected a list of at most 64 texts");
  for (const auto& item : *list) {
    if (!item.is_string() || item.get_string().empty() || !is_name(item.get_string()))
      return wrong(name, "expected texts of 1 to 256 bytes without control characters");
    out.emplace_back(item.get_string());
  }
  return out;
}

json::value time_or_null(const std::optional<Time>& time) {
  return time ? json::value(to_rfc3339(*time)) : json::value(nullptr);
}

json::array list_of(const std::vector<std::string>& texts) {
  json::array out;
  for (const auto& text : texts) out.emplace_back(text);
  return out;
}

json::array list_of(Roles roles) {
  json::array out;
  for (std::size_t i = 0; i < kRoleCount; ++i)
    if (const auto role = static_cast<Role>(i); roles.has(role)) out.emplace_back(to_string(role));
  return out;
}

json::value tier_or_null(const std::optional<Tier>& tier) {
  return tier ? json::value(to_string(*tier)) : json::value(nullptr);
}

// What the file and requests have in common.
Result<KeyRequest> read_what(const json::value& object) {
  KeyRequest out;
  for (const auto& [name, member] : {std::pair("name", &KeyRequest::name),
                                     {"org", &KeyRequest::org},
                                     {"user", &KeyRequest::user},
                                     {"lawful_basis", &KeyRequest::lawful_basis}}) {
    auto text = text_in(object, name);
    if (!text) return std::unexpected(std::move(text).error());
    out.*member = *std::move(text);
  }
  for (const auto& [name, member] :
       {std::pair("scopes", &KeyRequest::scopes), {"report_for", &KeyRequest::report_for}}) {
    auto texts = texts_in(object, name);
    if (!texts) return std::unexpected(std::move(texts).error());
    out.*member = *std::move(texts);
  }
  auto tier = text_in(object, "tier");
  if (!tier) return std::unexpected(std::move(tier).error());
  out.tier = parse_tier(*tier);
  if (!tier->empty() && !out.tier) return wrong("tier", "expected general, enterprise or research_sandbox");
  auto roles = texts_in(object, "roles");
  if (!roles) return std::unexpected(std::move(roles).error());
  for (const auto& name : *roles) {
    const auto role = parse_role(name);
    if (!role) return wrong("roles", "expected developer, service, reviewer, compliance, auditor or admin");
    out.roles.add(*role);
  }
  return out;
}

Result<Time> required_time(const json::value& object, std::string_view name) {
  const auto* text = find_string(object, name);
  const auto time = text != nullptr ? from_rfc3339(*text) : std::nullopt;
  if (!time) return wrong(name, "expected a time");
  return *time;
}

Result<std::optional<Time>> optional_time(const json::value& object, std::string_view name) {
  const auto* member = find(object, name);
  if (member == nullptr || member->is_null()) return std::nullopt;
  auto time = required_time(object, name);
  if (!time) return std::unexpected(std::move(time).error());
  return *time;
}

bool flag(const json::value& object, std::string_view name) {
  const auto* member = find(object, name);
  return member != nullptr && member->is_bool() && member->get_bool();
}

bool is_hex(std::string_view text, std::size_t digits) {
  return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Digest digest_of(std::string_view hex) {
  const auto value = [](char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10); };
  Digest out{};
  for (std::size_t i = 0; i < out.size(); ++i)
    out.at(i) = static_cast<std::uint8_t>(value(hex[2 * i]) << 4U | value(hex[2 * i + 1]));
  return out;
}

Result<ApiKey> read_key(const json::value& object) {
  auto what = read_what(object);
  if (!what) return std::unexpected(std::move(what).error());
  const auto *id = find_string(object, "id"), *hash = find_string(object, "hash");
  if (id == nullptr || !id->starts_with("key-") || !is_hex(std::string_view(*id).substr(4), 16))
    return wrong("id", "expected key- and 16 hexadecimal digits");
  if (hash == nullptr || !is_hex(*hash, 64)) return wrong("hash", "expected 64 hexadecimal digits");
  const auto created = required_time(object, "created");
  auto expires = optional_time(object, "expires"), revoked = optional_time(object, "revoked");
  auto created_by = text_in(object, "created_by"), revoked_by = text_in(object, "revoked_by");
  if (!created) return std::unexpected(created.error());
  for (const auto* time : {&expires, &revoked})
    if (!*time) return std::unexpected(time->error());
  for (const auto* text : {&created_by, &revoked_by})
    if (!*text) return std::unexpected(text->error());
  what->expires = *expires;
  return ApiKey{.id = std::string(*id),
                .hash = digest_of(*hash),
                .what = *std::move(what),
                .created = *created,
                .created_by = *std::move(created_by),
                .revoked = *revoked,
                .revoked_by = *std::move(revoked_by),
                .creation_logged = flag(object, "creation_logged"),
                .revocation_logged = flag(object, "revocation_logged")};
}

json::object shown(const ApiKey& key) {
  return {{"id", key.id},
          {"name", key.what.name},
          {"org", key.what.org},
          {"user", key.what.user},
          {"tier", tier_or_null(key.what.tier)},
          {"roles", list_of(key.what.roles)},
          {"scopes", list_of(key.what.scopes)},
          {"report_for", list_of(key.what.report_for)},
          {"lawful_basis", key.what.lawful_basis},
          {"created", to_rfc3339(key.created)},
          {"created_by", key.created_by},
          {"expires", time_or_null(key.what.expires)},
          {"revoked", time_or_null(key.revoked)},
          {"revoked_by", key.revoked_by}};
}

}  // namespace

std::optional<Time> parse_expiry(std::string_view text, Time now) {
  unsigned number = 0;
  const auto* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec == std::errc() && end - read.ptr == 1 && number > 0 && number <= 100'000) {
    if (*read.ptr == 'd') return now + std::chrono::days(number);
    if (*read.ptr == 'h') return now + std::chrono::hours(number);
  }
  if (text.size() == 10) return from_rfc3339(std::string(text) + "T00:00:00Z");
  return from_rfc3339(text);
}

Result<void> check(const KeyRequest& request, Time now) {
  if (request.roles.empty()) return wrong("roles", "at least one is needed");
  for (const auto* text : {&request.name, &request.org, &request.user, &request.lawful_basis})
    if (!is_name(*text) || !is_utf8(*text))
      return fail(Code::kInvalid, "names may have 256 bytes of text and no control characters");
  for (const auto* list : {&request.scopes, &request.report_for}) {
    if (list->size() > kMaxListed) return fail(Code::kInvalid, "a list may have 64 items");
    for (const auto& text : *list)
      if (text.empty() || !is_name(text) || !is_utf8(text))
        return fail(Code::kInvalid, "names may have 256 bytes of text and no control characters");
  }
  for (const auto& scope : request.scopes)
    if (!is_scope(scope)) return wrong("scopes", "one of them is not known; docs/identity.md lists them");
  if (!request.lawful_basis.empty() && !is_lawful_basis(request.lawful_basis))
    return wrong("lawful_basis",
                 "expected consent, contract, legal_obligation, legitimate_interest, public_task or "
                 "vital_interests");
  if (request.expires && *request.expires <= now) return wrong("expires", "lies in the past");
  if (request.expires && *request.expires > now + kFarthest) return wrong("expires", "lies too far away");
  return {};
}

Result<KeyRequest> read_key_request(std::string_view body, Time now) {
  const auto value = parse_json(body, {.max_bytes = kMaxRequestBytes, .max_depth = 8});
  if (!value) return fail(Code::kInvalid, "the body: " + value.error().message);
  const auto* object = value->if_object();
  if (object == nullptr) return fail(Code::kInvalid, "the body must be a JSON object");
  constexpr std::string_view kKnown[] = {"name",   "org",        "user",         "tier",   "roles",
                                         "scopes", "report_for", "lawful_basis", "expires"};
  for (const auto& member : *object)
    if (std::ranges::find(kKnown, std::string_view(member.key())) == std::end(kKnown))
      return fail(Code::kInvalid,
                  "a member is not known; expected name, org, user, tier, roles, scopes, report_for, "
                  "lawful_basis or expires");
  auto out = read_what(*value);
  if (!out) return out;
  const auto expires = text_in(*value, "expires");
  if (!expires) return std::unexpected(expires.error());
  out->expires = parse_expiry(*expires, now);
  if (!expires->empty() && !out->expires)
    return wrong("expires", "expected a time such as 2027-01-31T00:00:00Z, or days: 90d");
  if (auto fine = check(*out, now); !fine) return std::unexpected(std::move(fine).error());
  return out;
}

std::string to_json(const ApiKey& key, std::optional<Time> last_used) {
  auto out = shown(key);
  out["last_used"] = time_or_null(last_used);
  return plimsoll::to_json(out);
}

std::string to_file(std::span<const ApiKey> keys) {
  json::array all;
  for (const ApiKey& key : keys) {
    auto one = shown(key);
    one["hash"] = to_hex(key.hash);
    one["creation_logged"] = key.creation_logged;
    one["revocation_logged"] = key.revocation_logged;
    all.push_back(std::move(one));
  }
  return plimsoll::to_json(json::object{{"v", 1}, {"keys", std::move(all)}}) + "\n";
}

Result<std::vector<ApiKey>> read_keys(std::string_view text) {
  const auto value = parse_json(text, {.max_bytes = kMaxKeyFileBytes, .max_depth = 8});
  if (!value) return std::unexpected(value.error());
  const auto* version = find(*value, "v");
  const auto* list = find_array(*value, "keys");
  if (version == nullptr || *version != 1 || list == nullptr || list->size() > kMaxKeys)
    return fail(Code::kInvalid, "expected {\"v\":1,\"keys\":[…]} with at most 10000 keys");
  std::vector<ApiKey> out;
  for (const auto& item : *list) {
    auto key = read_key(item);
    if (!key) return std::unexpected(std::move(key).error().in("keys[" + std::to_string(out.size()) + "]"));
    out.push_back(*std::move(key));
  }
  return out;
}

std::string to_entry(const ApiKey& key, std::string_view act, std::string_view commitment_key) {
  const bool made = act == "api_key_created";
  json::object out{
      {"v", 1},           {"type", "admin"},
      {"act", act},       {"actor", made ? key.created_by : key.revoked_by},
      {"key_id", key.id}, {"time", to_rfc3339_ms(made ? key.created : key.revoked.value_or(key.created))}};
  if (!made) return to_canonical_json(out);
  Identity who;
  who.caller.user = key.what.user;
  out["org"] = key.what.org;
  const auto user = who.pseudonym(commitment_key);
  out["user"] = user.empty() ? json::value(nullptr) : json::value(user);
  out["tier"] = tier_or_null(key.what.tier);
  out["roles"] = list_of(key.what.roles);
  out["scopes"] = list_of(key.what.scopes);
  out["report_for"] = list_of(key.what.report_for);
  out["lawful_basis"] = key.what.lawful_basis;
  out["expires"] = time_or_null(key.what.expires);
  return to_canonical_json(out);
}

}  // namespace plimsoll::identity
