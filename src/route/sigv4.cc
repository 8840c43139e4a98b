#include "sigv4.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "base/hash.h"
#include "base/time.h"

namespace plimsoll::route {
namespace {

std::string hashed(std::string_view text) {
  return to_hex(bytes_of(sha256(text)));
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

// Spaces around a value go, runs of them become one.
std::string trimmed(std::string_view value) {
  std::string out;
  for (const char c : value)
    if (c != ' ' || (!out.empty() && out.back() != ' ')) out.push_back(c);
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

// "20150830T123600Z"
std::string basic_time(std::chrono::system_clock::time_point now) {
  std::string out = to_rfc3339(std::chrono::floor<std::chrono::seconds>(now));
  std::erase_if(out, [](char c) { return c == '-' || c == ':'; });
  return out;
}

}  // namespace

std::string uri_encode(std::string_view text, bool keep_slash) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~' || (c == '/' && keep_slash);
    if (plain) {
      out.push_back(c);
    } else {
      out.push_back('%');
      out.push_back(kDigits[byte >> 4U]);
      out.push_back(kDigits[byte & 15U]);
    }
  }
  return out;
}

net::Headers signature(const ToSign& request, const AwsCredentials& credentials,
                       std::chrono::system_clock::time_point now) {
  const std::string time = basic_time(now);
  net::Headers added;
  added.add("X-Amz-Date", time);
  if (!credentials.session_token.empty()) added.add("X-Amz-Security-Token", credentials.session_token);

  std::vector<std::pair<std::string, std::string>> fields;
  for (const net::Headers* headers : std::initializer_list<const net::Headers*>{&request.headers, &added})
    for (const auto& [name, value] : *headers) fields.emplace_back(lower(name), trimmed(value));
  std::ranges::sort(fields);
  std::string canonical;
  std::string names;
  canonical.append(request.method).append("\n").append(uri_encode(request.path, true)).append("\n\n");
  for (const auto& [name, value] : fields) {
    canonical.append(name).append(":").append(value).append("\n");
    names.append(names.empty() ? "" : ";").append(name);
  }
  canonical.append("\n").append(names).append("\n").append(hashed(request.body));

  const std::string date = time.substr(0, 8);
  const std::string scope =
      date + "/" + credentials.region + "/" + std::string(request.service) + "/aws4_request";
  const std::string text = "AWS4-HMAC-SHA256\n" + time + "\n" + scope + "\n" + hashed(canonical);
  Digest key = hmac_sha256("AWS4" + credentials.secret_access_key, date);
  for (const std::string_view part :
       {std::string_view(credentials.region), request.service, std::string_view("aws4_request")})
    key = hmac_sha256(bytes_of(key), part);
  added.add("Authorization", "AWS4-HMAC-SHA256 Credential=" + credentials.access_key_id + "/" + scope +
                                 ", SignedHeaders=" + names +
                                 ", Signature=" + to_hex(bytes_of(hmac_sha256(bytes_of(key), text))));
  return added;
}

}  // namespace plimsoll::route
