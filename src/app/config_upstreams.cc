#include "config_upstreams.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>

namespace plimsoll::app {
namespace {

using Texts = std::vector<std::string>;

constexpr std::string_view kDefault = "default";
constexpr std::size_t kLongestKeyFile = 16'384;

std::string at(std::size_t i) {
  return "upstreams[" + std::to_string(i) + "]";
}

// So that a key that was written where its variable's name belongs is not repeated in a message.
bool is_variable(std::string_view name) {
  constexpr std::string_view kAllowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
  return !name.empty() && name.size() <= 64 && name.find_first_not_of(kAllowed) == std::string_view::npos &&
         (name.front() < '0' || name.front() > '9');
}

// A key on the first line of a file.
Result<std::string> read_key_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text(kLongestKeyFile + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  if (!in.eof() && text.empty()) return fail(Code::kNotFound, "cannot be read");
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.pop_back();
  if (text.empty()) return fail(Code::kInvalid, "is empty; put the key on its first line");
  if (text.size() > kLongestKeyFile) return fail(Code::kTooLarge, "is no key: longer than 16 KiB");
  return text;
}

bool unreadable(const std::string& path) {
  return !path.empty() && ::access(path.c_str(), R_OK) != 0;
}

void set_origin(route::Upstream& u, const std::string& url, const std::string& setting, Texts& problems) {
  u.origin.host = "invalid";  // until it is known: what is told here need not be told again
  if (url.empty()) {
    // Bedrock's address follows from its region; that this is missing is told elsewhere.
    if (u.provider != route::Provider::kBedrock)
      problems.push_back(setting + ": must be set, such as http://localhost:8000");
    return;
  }
  if (auto origin = net::parse_origin(url))
    u.origin = *std::move(origin);
  else
    problems.push_back(setting + ": " + origin.error().message);
}

route::Upstream complete(const NamedUpstream& named, std::size_t i, bool auth, Texts& problems) {
  route::Upstream u = named.upstream;
  set_origin(u, named.url.empty() ? route::usual_url(u.provider, u.aws.region) : named.url, at(i) + ".url",
             problems);
  if (!named.api_key_env.empty() && !named.api_key_file.empty())
    problems.push_back(at(i) + ": has both api_key_env and api_key_file; keep one of them");
  if (!named.api_key_file.empty()) {
    if (auto key = read_key_file(named.api_key_file))
      u.api_key = *std::move(key);
    else
      problems.push_back(at(i) + ".api_key_file: " + key.error().message);
  }
  if (u.pass_authorization && auth)
    problems.push_back(at(i) +
                       ".pass_authorization: with authentication on the client's Authorization is this "
                       "gateway's own token, which must not leave it; set api_key_env or api_key_file");
  if (unreadable(u.client.ca_file)) problems.push_back(at(i) + ".tls.ca_file: cannot be read");
  return u;
}

// The upstream that the variables describe.
route::Upstream default_upstream(const Config& c, Texts& problems) {
  route::Upstream u;
  u.name = kDefault;
  if (const auto provider = route::parse_provider(c.provider))
    u.provider = *provider;
  else
    problems.push_back("PAC_LLM_PROVIDER (upstream.provider): " + provider.error().message);
  const bool bedrock = u.provider == route::Provider::kBedrock;
  std::string url = c.upstream_url;
  if (bedrock && url == Config().upstream_url) url = route::usual_url(u.provider, c.aws.region);
  set_origin(u, url, "PAC_UPSTREAM_URL (upstream.url)", problems);
  u.api_key = c.upstream_key;
  if (u.api_key.empty() && bedrock) u.aws = c.aws;
  u.pass_authorization = u.api_key.empty() && !bedrock && !c.auth;
  u.client.ca_file = c.upstream_ca_file;
  u.client.response_timeout = u.client.read_timeout = std::chrono::seconds(c.upstream_timeout_s);
  if (unreadable(c.upstream_ca_file))
    problems.emplace_back("PAC_UPSTREAM_CA_FILE (upstream.ca_file): cannot be read");
  return u;
}

// What the router says of the default upstream, under the names of its own settings.
std::string renamed(std::string problem, const std::string& prefix) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kNames = {
      {{".api_key", "PAC_UPSTREAM_API_KEY (upstream.api_key)"},
       {".aws.region", "AWS_REGION"},
       {".aws", "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY"}}};
  if (!problem.starts_with(prefix)) return problem;
  problem.erase(0, prefix.size());
  for (const auto& [key, name] : kNames)
    if (problem.starts_with(key)) return problem.replace(0, key.size(), name);
  return "PAC_LLM_PROVIDER (upstream.provider)" + problem;
}

std::string seconds(std::chrono::milliseconds time) {
  std::string out = std::to_string(time.count() / 1'000);
  if (const auto rest = time.count() % 1'000; rest != 0) out += "." + std::to_string(1'000 + rest).substr(1);
  return out + " s";
}

}  // namespace

void read_named(const Environment& environment, const std::string& setting, const std::string& name,
                std::string& out, Texts& problems) {
  if (name.empty()) return;
  if (!is_variable(name)) {
    problems.push_back(setting + ": expected the name of a variable, not the key itself");
    return;
  }
  const auto value = environment(name);
  if (value && !value->empty())
    out = *value;
  else
    problems.push_back(setting + ": the variable " + name + " is not set; export it, or correct its name");
}

void read_upstream_secrets(const Environment& environment, Config& c, Texts& problems) {
  const auto read = [&](std::string_view name, std::string& out) {
    if (auto value = environment(name); value && !value->empty()) out = *std::move(value);
  };
  read("AWS_DEFAULT_REGION", c.aws.region);
  read("AWS_REGION", c.aws.region);
  read("AWS_ACCESS_KEY_ID", c.aws.access_key_id);
  read("AWS_SECRET_ACCESS_KEY", c.aws.secret_access_key);
  read("AWS_SESSION_TOKEN", c.aws.session_token);
  for (std::size_t i = 0; i < c.upstreams.size(); ++i) {
    NamedUpstream& named = c.upstreams[i];
    route::Upstream& u = named.upstream;
    read_named(environment, at(i) + ".api_key_env", named.api_key_env, u.api_key, problems);
    const bool own = !named.access_key_id_env.empty() || !named.secret_access_key_env.empty() ||
                     !named.session_token_env.empty();
    read_named(environment, at(i) + ".aws.access_key_id_env", named.access_key_id_env, u.aws.access_key_id,
               problems);
    read_named(environment, at(i) + ".aws.secret_access_key_env", named.secret_access_key_env,
               u.aws.secret_access_key, problems);
    read_named(environment, at(i) + ".aws.session_token_env", named.session_token_env, u.aws.session_token,
               problems);
    if (u.provider != route::Provider::kBedrock) continue;
    if (u.aws.region.empty()) u.aws.region = c.aws.region;
    const bool other = !named.api_key_env.empty() || !named.api_key_file.empty() || u.pass_authorization;
    if (own || other) continue;  // the usual ones belong together: none of them is mixed with others
    const std::string region = u.aws.region;
    u.aws = c.aws;
    u.aws.region = region;
  }
}

std::expected<route::Settings, Texts> Config::routing() const {
  Texts out;
  route::Settings settings;
  for (std::size_t i = 0; i < upstreams.size(); ++i)
    settings.upstreams.push_back(complete(upstreams[i], i, auth, out));
  const bool named =
      std::ranges::any_of(upstreams, [](const auto& n) { return n.upstream.name == kDefault; });
  if (!named)
    settings.upstreams.push_back(default_upstream(*this, out));
  else if (upstream_url != Config().upstream_url)
    out.emplace_back(
        "PAC_UPSTREAM_URL (upstream.url): is set, and one of upstreams is named default; keep one of them");
  settings.routes = routes;
  settings.otherwise = kDefault;
  for (auto& problem : route::problems(settings))
    out.push_back(named ? problem : renamed(std::move(problem), at(upstreams.size())));
  if (!out.empty()) return std::unexpected(std::move(out));
  return settings;
}

std::string describe_upstream(const NamedUpstream& named) {
  const route::Upstream& u = named.upstream;
  std::string out = u.name + ": " + std::string(to_string(u.provider));
  const std::string url = named.url.empty() ? route::usual_url(u.provider, u.aws.region) : named.url;
  if (net::parse_origin(url)) out += " at " + url;  // a URL that is none might have a password in it
  const auto set = [](const std::string& s) { return s.empty() ? " (not set)" : " (set)"; };
  if (!named.api_key_env.empty() && is_variable(named.api_key_env))
    out += ", key from " + named.api_key_env + set(u.api_key);
  else if (!named.api_key_file.empty())
    out += ", key from a file";
  else if (u.pass_authorization)
    out += ", the client's key";
  else if (u.provider == route::Provider::kBedrock)
    out += ", AWS key" + std::string(set(u.aws.secret_access_key));
  out += ", timeouts " + seconds(u.client.connect_timeout) + ", " + seconds(u.client.response_timeout) +
         ", " + seconds(u.client.read_timeout);
  if (!u.client.ca_file.empty()) out += ", certificates of " + u.client.ca_file;
  if (!u.client.pins.empty()) out += ", " + std::to_string(u.client.pins.size()) + " pins";
  if (u.retries > 0) out += ", " + std::to_string(u.retries) + " retries";
  return out;
}

std::string describe_route(const route::Route& route) {
  std::string out = route.model + " ->";
  for (const auto& target : route.to) {
    out += " " + target.upstream + " (" + std::to_string(target.weight) +
           (target.model.empty() ? "" : ", as " + target.model) + ")";
  }
  for (const auto& target : route.fallback)
    out += ", else " + target.upstream + (target.model.empty() ? "" : " (as " + target.model + ")");
  return out;
}

}  // namespace plimsoll::app
