// `notices` of the configuration: who is told of what the log says (docs/notices.md).
#include <algorithm>
#include <sstream>

#include "base/files.h"
#include "config_upstreams.h"

namespace plimsoll::app {
namespace {

using notify::Destination;
using notify::Kind;
using yaml::Fields;
using yaml::Node;
using yaml::Problems;

constexpr std::size_t kMaxSecretFile = 16'384;

std::string at(std::size_t i) {
  return "notices[" + std::to_string(i) + "]";
}

void read_events(Fields& fields, Destination& to, Problems& problems) {
  const Node* node = fields.get("events");
  if (node == nullptr) return;
  const auto names = yaml::read_texts(*node, "events", problems);
  if (!names) return;
  to.events.fill(false);
  for (const auto& name : *names) {
    const auto event = notify::parse_event(name);
    if (event && *event != notify::Event::kTest)
      to.events.at(static_cast<std::size_t>(*event)) = true;
    else
      problems.add(node->mark,
                   "'events' may name policy_fail, incident_opened, risk_threshold_exceeded, review_overdue, "
                   "asl_trigger, watch_alert and clock_due");
  }
}

void read_mail(Fields& fields, Destination& to) {
  fields.require("host");
  fields.read("host", to.host);
  std::uint64_t port = to.port;
  fields.read("port", port, 1, 65'535);
  to.port = static_cast<std::uint16_t>(port);
  fields.read("user", to.user);
  fields.require("from");
  fields.read("from", to.from);
  fields.require("to");
  fields.read("to", to.to);
  using enum Destination::StartTls;
  fields.choose<Destination::StartTls>(
      {"starttls"}, to.starttls, {{"never", kNever}, {"if_offered", kIfOffered}, {"required", kRequired}});
}

NamedDestination read_destination(const Node& node, Problems& problems) {
  NamedDestination out;
  Destination& to = out.destination;
  Fields fields(node, "a notice's destination", problems);
  fields.require("name");
  fields.read("name", to.name);
  fields.require("kind");
  fields.choose<Kind>({"kind"}, to.kind,
                      {{"webhook", Kind::kWebhook},
                       {"slack", Kind::kSlack},
                       {"pagerduty", Kind::kPagerDuty},
                       {"email", Kind::kEmail}});
  if (to.kind == Kind::kEmail) {
    to.allow_private = true;  // the mail server of one's own
    read_mail(fields, to);
  } else {
    if (to.kind == Kind::kPagerDuty) to.url = notify::kPagerDutyUrl;
    fields.read("url", to.url);
    fields.read("url_env", out.url_env);
    fields.read("url_file", out.url_file);
  }
  fields.read("secret_env", out.secret_env);
  fields.read("secret_file", out.secret_file);
  if (node.find("secret") != nullptr)
    problems.add(fields.get("secret")->mark,
                 "'secret' must not stand in this file; name the variable (secret_env) or the file "
                 "(secret_file) that holds it");
  read_events(fields, to, problems);
  using enum notify::Severity;
  fields.choose<notify::Severity>(
      {"min_severity"}, to.min_severity,
      {{"info", kInfo}, {"warning", kWarning}, {"error", kError}, {"critical", kCritical}});
  std::uint64_t asl = 0, every = static_cast<std::uint64_t>(to.every.count());
  fields.read("min_asl", asl, 0, 4);
  to.min_asl = static_cast<int>(asl);
  fields.read("every_s", every, 1, 86'400);
  to.every = std::chrono::seconds(every);
  fields.read("allow_private", to.allow_private);
  fields.read("link_base", to.link_base);
  fields.read("ca_file", to.ca_file);
  fields.finish();
  return out;
}

// What a variable or a file holds, apart by white space.
std::vector<std::string> words(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> out;
  for (std::string word; out.size() < 3 && in >> word;) out.push_back(std::move(word));
  return out;
}

// A password may have blanks in it, but is one line.
std::vector<std::string> whole(std::string text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  if (text.empty()) return {};
  return {std::move(text)};
}

// From the file that a setting names.
void read_secret_file(const std::string& setting, const std::string& path, std::string& out,
                      std::vector<std::string>& problems) {
  if (path.empty()) return;
  if (auto text = plimsoll::read_file(path, kMaxSecretFile))
    out = *std::move(text);
  else
    problems.push_back(setting + ": " + text.error().message);
}

}  // namespace

void read_notices(Fields& file, Config& c, Problems& problems) {
  const Node* node = file.get("notices");
  if (node == nullptr) return;
  if (node->kind != Node::Kind::kList) {
    problems.add(node->mark, "'notices' must be a list; found " + std::string(yaml::describe(*node)));
    return;
  }
  for (const Node& item : node->items) c.notices.push_back(read_destination(item, problems));
}

void read_notice_secrets(const Environment& environment, Config& c, std::vector<std::string>& problems) {
  for (std::size_t i = 0; i < c.notices.size(); ++i) {
    auto& named = c.notices[i];
    read_named(environment, at(i) + ".url_env", named.url_env, named.url, problems);
    read_named(environment, at(i) + ".secret_env", named.secret_env, named.secret, problems);
  }
}

std::expected<std::vector<Destination>, std::vector<std::string>> Config::destinations() const {
  std::vector<std::string> out;
  notify::Options options;
  for (std::size_t i = 0; i < notices.size(); ++i) {
    const auto& named = notices[i];
    Destination to = named.destination;
    if (!named.secret_env.empty() && !named.secret_file.empty())
      out.push_back(at(i) + ": has both secret_env and secret_file; keep one of them");
    const bool usual = to.url.empty() || to.url == notify::kPagerDutyUrl;
    if (static_cast<int>(!usual) + static_cast<int>(!named.url_env.empty()) +
            static_cast<int>(!named.url_file.empty()) >
        1)
      out.push_back(at(i) + ": has more than one of url, url_env and url_file; keep one of them");
    std::string url = named.url, secret = named.secret;
    read_secret_file(at(i) + ".url_file", named.url_file, url, out);
    read_secret_file(at(i) + ".secret_file", named.secret_file, secret, out);
    if (const auto found = words(url); !found.empty()) to.url = found.front();
    to.secrets = to.kind == Kind::kEmail ? whole(secret) : words(secret);
    options.destinations.push_back(std::move(to));
  }
  for (const auto& problem : options.problems()) out.push_back("notices: " + problem);
  if (!out.empty()) return std::unexpected(std::move(out));
  return std::move(options.destinations);
}

}  // namespace plimsoll::app
