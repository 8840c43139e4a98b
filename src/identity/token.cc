#include "identity/token.h"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>

#include "base/hash.h"
#include "base/json.h"

namespace plimsoll::identity {
namespace {

constexpr std::size_t kMaxNameBytes = 1'024;
constexpr std::size_t kMaxListed = 64;
constexpr JsonLimits kLimits{.max_bytes = kMaxTokenBytes, .max_depth = 16};
constexpr std::string_view kScopePrefix = "plimsoll:";

std::unexpected<TokenProblem> no(Reason reason, std::string_view message) {
  return std::unexpected(TokenProblem{reason, message});
}

// nullopt: not there. NaN: there, and no time.
std::optional<double> number_in(const json::value& claims, std::string_view name) {
  const auto* claim = find(claims, name);
  if (claim == nullptr) return std::nullopt;
  boost::json::error_code error;
  const double seconds = claim->is_number() ? claim->to_number<double>(error) : NAN;
  return error || !(seconds >= 0 && seconds < 1e11) ? NAN : seconds;
}

Time instant(double seconds) {
  return Time(std::chrono::seconds(static_cast<std::int64_t>(seconds)));
}

std::string text_in(const json::value& claims, std::string_view name) {
  const auto* claim = find_string(claims, name);
  return claim != nullptr ? std::string(*claim) : std::string();
}

// Of a text, or a list of texts; false where it is neither.
template <class Visit>
bool for_each_text(const json::value* claim, Visit visit) {
  if (claim == nullptr) return true;
  if (claim->is_string()) {
    visit(std::string_view(claim->get_string()));
    return true;
  }
  const auto* list = claim->if_array();
  if (list == nullptr || list->size() > kMaxListed) return false;
  for (const auto& item : *list) {
    if (!item.is_string()) return false;
    visit(std::string_view(item.get_string()));
  }
  return true;
}

// Of a kind that a bearer token may be: other tokens of the same issuer are not let in (RFC 8725, section 3.11).
bool is_bearer_type(std::string type) {
  std::ranges::transform(type, type.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return type.empty() || type == "jwt" || type == "at+jwt" || type == "application/at+jwt" ||
         type == "application/jwt";
}

std::expected<void, TokenProblem> check_signature(std::string_view header_json, std::string_view text,
                                                  std::string_view signature, const TokenRules& rules,
                                                  const KeySet& keys) {
  const auto header = parse_json(header_json, kLimits);
  if (!header || !header->is_object()) return no(Reason::kMalformed, "the token's header is not JSON");
  if (find(*header, "crit") != nullptr)
    return no(Reason::kMalformed, "the token needs extensions this server has not");
  if (find(*header, "typ") != nullptr && !is_bearer_type(text_in(*header, "typ")))
    return no(Reason::kMalformed, "the token is of another type than a bearer token");
  const auto algorithm = text_in(*header, "alg");
  if (algorithm == "HS256") {
    if (rules.secret.empty()) return no(Reason::kAlgorithm, "tokens of the algorithm HS256 are not accepted");
    const auto expected = hmac_sha256(rules.secret, text);
    if (!equal_in_constant_time(signature, bytes_of(expected)))
      return no(Reason::kSignature, "the token's signature does not verify");
    return {};
  }
  std::optional<Algorithm> known;
  for (const auto one : {Algorithm::kRs256, Algorithm::kEs256, Algorithm::kEdDsa})
    if (algorithm == to_string(one)) known = one;
  if (!known) return no(Reason::kAlgorithm, "the token's algorithm is not accepted");
  const auto id = text_in(*header, "kid");
  if (id.size() > kMaxKeyIdBytes) return no(Reason::kMalformed, "the token's key id is too long");
  const PublicKey* const key = keys.find(id, *known);
  if (key == nullptr) return no(Reason::kUnknownKey, "the token's key is not known");
  if (!key->verifies(text, signature)) return no(Reason::kSignature, "the token's signature does not verify");
  return {};
}

std::expected<Time, TokenProblem> check_times(const json::value& claims, const TokenRules& rules, Time now) {
  const auto expires = number_in(claims, "exp");
  if (!expires || std::isnan(*expires)) return no(Reason::kExpired, "the token does not say when it expires");
  if (instant(*expires) + rules.leeway <= now) return no(Reason::kExpired, "the token has expired");
  for (const auto* const name : {"nbf", "iat"}) {
    const auto begins = number_in(claims, name);
    if (begins && (std::isnan(*begins) || instant(*begins) > now + rules.leeway))
      return no(Reason::kNotYet, "the token is not valid yet");
  }
  return instant(*expires) + rules.leeway;
}

std::expected<void, TokenProblem> check_address(const json::value& claims, const TokenRules& rules) {
  if (!rules.issuer.empty() && text_in(claims, "iss") != rules.issuer)
    return no(Reason::kIssuer, "the token is not of the issuer that is trusted here");
  if (rules.audience.empty()) return {};
  bool ours = false;
  if (!for_each_text(find(claims, "aud"),
                     [&](std::string_view one) { ours = ours || one == rules.audience; }) ||
      !ours)
    return no(Reason::kAudience, "the token is for another audience");
  return {};
}

std::expected<std::shared_ptr<Identity>, TokenProblem> read_caller(const json::value& claims,
                                                                   const TokenRules& rules) {
  auto out = std::make_shared<Identity>();
  Caller& caller = out->caller;
  caller.authenticated = true;
  caller.user = text_in(claims, "sub");
  caller.org = text_in(claims, "org");
  if (caller.user.size() > kMaxNameBytes || caller.org.size() > kMaxNameBytes)
    return no(Reason::kClaims, "the token names a user or an organisation of more than 1024 bytes");
  if (find(claims, "tier") != nullptr) {
    caller.tier = parse_tier(text_in(claims, "tier"));
    if (!caller.tier) return no(Reason::kClaims, "the token names an unknown tier");
  }
  if (const auto* basis = find(claims, "lawful_basis"); basis != nullptr)
    caller.lawful_basis =
        (basis->is_bool() && basis->get_bool()) || is_lawful_basis(text_in(claims, "lawful_basis"));
  const auto add_role = [&](std::string_view name) {
    if (const auto role = parse_role(name)) out->roles.add(*role);
  };
  if (!for_each_text(find(claims, "roles"), add_role) || !for_each_text(find(claims, "role"), add_role))
    return no(Reason::kClaims, "the token's roles are neither a text nor a list of texts");
  if (out->roles.empty()) out->roles = rules.default_roles;
  if (!for_each_text(find(claims, "report_for"),
                     [&](std::string_view org) { out->report_for.emplace_back(org); }))
    return no(Reason::kClaims, "the token's report_for is neither a text nor a list of texts");
  const auto scopes = text_in(claims, "scope");
  for (std::string_view rest = scopes; !rest.empty();) {
    const auto word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    if (word.starts_with(kScopePrefix)) out->scopes.emplace_back(word.substr(kScopePrefix.size()));
  }
  HmacSha256 account(rules.account_key);
  account.update("account " + std::to_string(caller.org.size()) + "\n");
  account.update(caller.org);
  account.update(caller.user);
  out->account = account.finish();
  return out;
}

}  // namespace

std::string_view to_string(Reason reason) {
  constexpr std::array<std::string_view, kReasonCount> kNames = {
      "missing", "malformed", "algorithm", "signature", "unknown_key", "expired",   "not_yet",
      "issuer",  "audience",  "claims",    "replayed",  "revoked",     "forbidden", "unavailable"};
  return kNames.at(static_cast<std::size_t>(reason));
}

std::expected<Token, TokenProblem> read_token(std::string_view token, const TokenRules& rules,
                                              const KeySet& keys, Time now) {
  const auto first = token.find('.');
  const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (token.size() > kMaxTokenBytes || second == std::string_view::npos ||
      token.find('.', second + 1) != std::string_view::npos)
    return no(Reason::kMalformed, "this is neither an API key nor a JSON Web Token");
  const auto header = from_base64url(token.substr(0, first));
  const auto body = from_base64url(token.substr(first + 1, second - first - 1));
  const auto signature = from_base64url(token.substr(second + 1));
  if (!header || !body || !signature) return no(Reason::kMalformed, "the token is not base64url");
  if (const auto fine = check_signature(*header, token.substr(0, second), *signature, rules, keys); !fine)
    return std::unexpected(fine.error());

  const auto claims = parse_json(*body, kLimits);
  if (!claims || !claims->is_object()) return no(Reason::kMalformed, "the token's claims are not JSON");
  const auto expires = check_times(*claims, rules, now);
  if (!expires) return std::unexpected(expires.error());
  if (const auto fine = check_address(*claims, rules); !fine) return std::unexpected(fine.error());
  auto identity = read_caller(*claims, rules);
  if (!identity) return std::unexpected(identity.error());
  Token out{.identity = *std::move(identity), .expires = *expires, .id = {}};
  const auto id = text_in(*claims, "jti");
  if (rules.needs_id && id.empty()) return no(Reason::kReplayed, "the token has no id (jti)");
  if (!id.empty()) {
    const auto digest = sha256(text_in(*claims, "iss") + "\n" + id);
    out.id = bytes_of(digest);
  }
  return out;
}

}  // namespace plimsoll::identity
