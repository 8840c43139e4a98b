#include "net/auth.h"

#include <boost/json/value.hpp>

#include "base/hash.h"
#include "base/json.h"

namespace plimsoll::net {
namespace {

constexpr std::size_t kMaxToken = 8U << 10U;
constexpr std::chrono::seconds kLeeway{30};  // between clocks

std::optional<Time> instant(const json::value& claims, std::string_view name) {
  const auto* claim = find(claims, name);
  if (claim == nullptr || !claim->is_number()) return std::nullopt;
  boost::json::error_code error;
  const double seconds = claim->to_number<double>(error);
  if (error || !(seconds >= 0 && seconds < 1e11)) return std::nullopt;
  return Time(std::chrono::seconds(static_cast<std::int64_t>(seconds)));
}

std::string text(const json::value& claims, std::string_view name) {
  const auto* claim = find_string(claims, name);
  return claim != nullptr ? std::string(*claim) : std::string();
}

}  // namespace

Result<Caller> Authenticator::identify(const Headers& headers, Time now) const {
  const auto value = headers.get("authorization");
  constexpr std::string_view kScheme = "bearer ";
  const bool bearer = value.size() > kScheme.size() &&
                      std::equal(kScheme.begin(), kScheme.end(), value.begin(), [](char a, char b) {
                        return a == (b >= 'A' && b <= 'Z' ? b + ('a' - 'A') : b);
                      });
  // Where Anthropic's clients put their key.
  if (const auto key = headers.get("x-api-key"); value.empty() && !key.empty()) return verify(key, now);
  if (!bearer) return fail(Code::kInvalid, "a bearer token is required");
  return verify(value.substr(kScheme.size()), now);
}

Result<Caller> Authenticator::verify(std::string_view token, Time now) const {
  const auto first = token.find('.');
  const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (token.size() > kMaxToken || second == std::string_view::npos ||
      token.find('.', second + 1) != std::string_view::npos)
    return fail(Code::kInvalid, "the token is not a JSON Web Token");

  const auto signature = from_base64url(token.substr(second + 1));
  const auto expected = hmac_sha256(secret_, token.substr(0, second));
  if (!signature || !equal_in_constant_time(*signature, bytes_of(expected)))
    return fail(Code::kInvalid, "the token's signature does not verify");

  const auto head = from_base64url(token.substr(0, first));
  const auto body = from_base64url(token.substr(first + 1, second - first - 1));
  if (!head || !body) return fail(Code::kInvalid, "the token is not base64url");
  const auto header = parse_json(*head);
  const auto claims = parse_json(*body);
  if (!header || !claims || !claims->is_object()) return fail(Code::kInvalid, "the token is not JSON");
  if (text(*header, "alg") != "HS256") return fail(Code::kInvalid, "the token's algorithm is not HS256");
  if (find(*header, "crit") != nullptr)
    return fail(Code::kInvalid, "the token needs extensions this server has not");

  const auto expires = instant(*claims, "exp");
  if (!expires) return fail(Code::kInvalid, "the token does not say when it expires");
  if (*expires + kLeeway <= now) return fail(Code::kInvalid, "the token has expired");
  const auto begins = instant(*claims, "nbf");
  if (begins && *begins > now + kLeeway) return fail(Code::kInvalid, "the token is not valid yet");

  Caller caller;
  caller.authenticated = true;
  caller.user = text(*claims, "sub");
  caller.org = text(*claims, "org");
  if (const auto* tier = find(*claims, "tier"); tier != nullptr) {
    caller.tier = parse_tier(text(*claims, "tier"));
    if (!caller.tier) return fail(Code::kInvalid, "the token names an unknown tier");
  }
  if (const auto* basis = find(*claims, "lawful_basis"); basis != nullptr)
    caller.lawful_basis =
        (basis->is_bool() && basis->get_bool()) || is_lawful_basis(text(*claims, "lawful_basis"));
  return caller;
}

}  // namespace plimsoll::net
