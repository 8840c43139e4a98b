#include "notify/destination.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

#include "base/hash.h"
#include "net/address.h"

namespace plimsoll::notify {
namespace {

constexpr std::array<std::string_view, 4> kKinds = {"webhook", "slack", "pagerduty", "email"};
constexpr std::string_view kSecretPrefix = "whsec_";
constexpr std::size_t kMaxRecipients = 20;

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_host(std::string_view text) {
  return !text.empty() && text.size() <= 253 && std::ranges::all_of(text, [](char c) {
    return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_';
  });
}

// A literal address of somebody's own; names are looked at when they are connected to.
bool is_private_literal(const std::string& host) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  return error ? host == "localhost" : !net::is_public(address);
}

constexpr std::string_view kPrivate =
    " is no address of the internet; if it is meant, set 'allow_private: true'";

}  // namespace

std::string_view to_string(Kind kind) {
  return kKinds.at(static_cast<std::size_t>(kind));
}
std::optional<Kind> parse_kind(std::string_view name) {
  const auto* const found = std::ranges::find(kKinds, name);
  if (found == kKinds.end()) return std::nullopt;
  return static_cast<Kind>(found - kKinds.begin());
}

bool Destination::wants(const Trigger& t) const {
  if (!events.at(static_cast<std::size_t>(t.event))) return false;
  if (t.resolved) return kind == Kind::kPagerDuty;
  return t.severity >= min_severity && (t.asl == 0 || t.asl >= min_asl);
}

bool is_mail_address(std::string_view text) {
  const auto at = text.find('@');
  if (text.size() > 254 || at == std::string_view::npos || at == 0 || at > 64) return false;
  const auto local = text.substr(0, at);
  return !local.starts_with('.') && is_host(text.substr(at + 1)) && std::ranges::all_of(local, [](char c) {
    return is_letter_or_digit(c) || std::string_view("!#$%&'*+-/=?^_`{|}~.").contains(c);
  });
}

std::optional<std::string> read_webhook_secret(std::string_view text) {
  if (!text.starts_with(kSecretPrefix)) return std::nullopt;
  auto bytes = from_base64(text.substr(kSecretPrefix.size()));
  if (!bytes || bytes->size() < 24 || bytes->size() > 64) return std::nullopt;
  return bytes;
}

Result<Target> parse_target(std::string_view url) {
  const auto mark = url.find('?');
  auto origin = net::parse_origin(url.substr(0, mark));
  if (!origin) return std::unexpected(std::move(origin).error());
  const auto query = mark == std::string_view::npos ? std::string_view() : url.substr(mark);
  if (std::ranges::any_of(query, [](unsigned char c) { return c <= 0x20 || c >= 0x7F || c == '#'; }))
    return fail(Code::kInvalid, "a query with characters that belong escaped");
  const bool bare = origin->base_path.empty();
  return Target{.origin = *std::move(origin), .path = (bare ? "/" : "") + std::string(query)};
}

std::vector<std::string> Destination::problems() const {
  std::vector<std::string> out;
  const auto add = [&](std::string_view field, std::string_view what) {
    out.push_back((name.empty() ? std::string() : name + ": ") + "'" + std::string(field) + "' " +
                  std::string(what));
  };
  if (!is_name(name)) add("name", "must be 1 to 64 of a-z, 0-9, '-' and '_'");
  if (std::ranges::none_of(events, [](bool wanted) { return wanted; })) add("events", "names none");
  if (every < std::chrono::seconds(1) || every > std::chrono::hours(24)) add("every_s", "must be 1 to 86400");
  if (!link_base.empty())
    if (const auto base = net::parse_origin(link_base); !base)
      add("link_base", "is no URL: " + base.error().message);
  if (kind == Kind::kEmail) {
    if (!is_host(host)) add("host", "must be the name or address of a mail server");
    if (!allow_private && is_private_literal(host))
      add("host", std::string("'") + host + "'" + std::string(kPrivate));
    if (user.size() > 254) add("user", "must have at most 254 bytes");
    if (!user.empty() && (secrets.size() != 1 || secrets.front().size() > 1'024))
      add("secret",
          "must be the password of 'user', of at most 1024 bytes: name the variable (secret_env) or the file "
          "(secret_file) that holds it");
    if (user.empty() && !secrets.empty()) add("user", "must say whose password that is");
    if (!user.empty() && starttls != StartTls::kRequired)
      add("starttls", "must be 'required' where a password is sent");
    if (!is_mail_address(from)) add("from", "must be a mail address");
    if (to.empty() || to.size() > kMaxRecipients) add("to", "must name 1 to 20 mail addresses");
    for (const auto& address : to)
      if (!is_mail_address(address)) add("to", "has an item that is no mail address");
    return out;
  }
  const auto target = parse_target(url);
  if (url.empty())
    add("url", kind == Kind::kSlack
                   ? "must be set: the incoming webhook's URL is a secret, name the variable "
                     "(url_env) or the file (url_file) that holds it"
                   : "must be set");
  else if (!target)
    add("url", "cannot be used: " + target.error().message);
  else if (!allow_private && is_private_literal(target->origin.host))
    add("url", "'" + target->origin.host + "'" + std::string(kPrivate));
  else if (!allow_private && !target->origin.tls)
    add("url",
        "must be https where others can read along; in a network of your own set 'allow_private: true'");
  if (kind == Kind::kWebhook) {
    if (secrets.empty() || secrets.size() > 2)
      add("secret",
          "is missing: name the variable (secret_env) or the file (secret_file) that holds one key, or two "
          "while they are exchanged");
    for (const auto& secret : secrets)
      if (!read_webhook_secret(secret))
        add("secret",
            "must be whsec_ and 24 to 64 bytes in base64; make one with: echo whsec_$(openssl rand -base64 "
            "32)");
  }
  if (kind == Kind::kPagerDuty &&
      (secrets.size() != 1 || secrets.front().size() < 16 || secrets.front().size() > 64 ||
       !std::ranges::all_of(secrets.front(), is_letter_or_digit)))
    add("secret",
        "must be the routing key of an Events API v2 integration: name the variable (secret_env) or the file "
        "(secret_file) that holds it");
  return out;
}

std::string Destination::describe() const {
  std::string out = name + ": " + std::string(to_string(kind)) + " ";
  if (kind == Kind::kEmail) {
    out += host + ":" + std::to_string(port);
  } else if (const auto target = parse_target(url)) {
    out += (target->origin.tls ? "https://" : "http://") + target->origin.host;
  }
  out += ", ";
  std::size_t wanted = 0;
  std::string names;
  for (std::size_t i = 0; i < kEvents; ++i)
    if (static_cast<Event>(i) != Event::kTest && events.at(i)) {
      ++wanted;
      names += (names.empty() ? "" : " ") + std::string(to_string(static_cast<Event>(i)));
    }
  out += wanted == kEvents - 1 ? "every event" : names;
  out += ", " + std::string(to_string(min_severity)) + " and above, every " + std::to_string(every.count()) +
         " s";
  if (allow_private) out += ", private addresses allowed";
  return out;
}

}  // namespace plimsoll::notify
