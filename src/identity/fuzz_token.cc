// Any bytes as a token, and any claims under a good signature: never a crash, and nobody is let in whom the rules keep out.
#include <cstdlib>

#include "identity/token.h"
#include "test_issuer.h"

namespace {

using namespace plimsoll;
using namespace plimsoll::identity;

const TokenRules& rules() {
  static const TokenRules made = [] {
    TokenRules out;
    out.secret = std::string(32, 'k');
    out.issuer = "i";
    out.audience = "a";
    return out;
  }();
  return made;
}

const KeySet& keys() {
  static const KeySet made = *KeySet::parse(TestIssuer(Algorithm::kEdDsa).jwks("k"));
  return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  const Time now(std::chrono::seconds(1'000'000));
  const auto raw = read_token(text, rules(), keys(), now);
  if (raw && text.find('.') == std::string_view::npos) std::abort();
  // The header is taken from the input, too, where its first byte says so.
  const auto cut = data[0] % 2U == 0 ? std::string_view::npos : text.find('\n');
  const auto header =
      cut == std::string_view::npos ? std::string_view(R"({"alg":"HS256"})") : text.substr(0, cut);
  const auto claims = cut == std::string_view::npos ? text : text.substr(cut + 1);
  const auto token = read_token(hs256_token(claims, rules().secret, header), rules(), keys(), now);
  if (token &&
      (token->expires <= now || !token->identity->caller.authenticated || token->identity->roles.empty()))
    std::abort();
  if (token && claims.find("\"i\"") == std::string_view::npos && claims.find('\\') == std::string_view::npos)
    std::abort();  // without the issuer
  return 0;
}
