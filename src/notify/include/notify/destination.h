// Where notices go, and what of them.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/client.h"
#include "notify/notice.h"

namespace plimsoll::notify {

enum class Kind : std::uint8_t { kWebhook, kSlack, kPagerDuty, kEmail };
std::string_view to_string(Kind kind);  // "webhook", "slack", "pagerduty", "email"
std::optional<Kind> parse_kind(std::string_view name);

struct Destination {
  std::string name;  // 1 to 64 of a-z, 0-9, '-', '_'
  Kind kind = Kind::kWebhook;

  std::array<bool, kEvents> events = all_events();
  Severity min_severity = Severity::kInfo;
  int min_asl = 0;  // of what has an ASL level
  std::chrono::seconds every{
      60};                     // one notice of an event in so long: the first at once, what follows together
  bool allow_private = false;  // whether it may be at an address that is not public (net/address.h)
  std::string link_base;       // URL that paths of this program's listeners are behind; empty: no links
  std::string ca_file;         // of https and STARTTLS; empty: the system's certificates

  // Webhook, Slack, PagerDuty. Slack's is a secret.
  std::string url;
  // Webhook: one or two keys (while they are exchanged), as Standard Webhooks writes them: "whsec_" and 24 to 64 bytes
  // in base64. PagerDuty: the integration's routing key. E-mail: the password of `user`.
  std::vector<std::string> secrets;

  // E-mail.
  std::string host;
  std::uint16_t port = 25;
  enum class StartTls : std::uint8_t { kNever, kIfOffered, kRequired };
  StartTls starttls = StartTls::kIfOffered;
  std::string user;  // to log in as; empty: nobody
  std::string from;
  std::vector<std::string> to;  // 1 to 20

  static constexpr std::array<bool, kEvents> all_events() {
    std::array<bool, kEvents> all{};
    all.fill(true);
    return all;
  }
  bool wants(const Trigger& trigger) const;

  // Every reason it cannot be used, worded for the operator, none quoting a secret.
  std::vector<std::string> problems() const;

  // Without secrets: kind, host, events.
  std::string describe() const;
};

// PagerDuty's Events API v2.
inline constexpr std::string_view kPagerDutyUrl = "https://events.pagerduty.com/v2/enqueue";

// An address as it may stand in SMTP and in a header: ASCII, local part and domain, nothing that ends a line or a list.
bool is_mail_address(std::string_view text);

// The bytes of a Standard Webhooks secret, "whsec_…"; nullopt for what is none.
std::optional<std::string> read_webhook_secret(std::string_view text);

// A URL as net::Client takes it, with the query that parse_origin() does not.
struct Target {
  net::Origin origin;
  std::string path;  // what goes behind origin.base_path: empty, or "/", and the query
};
Result<Target> parse_target(std::string_view url);

}  // namespace plimsoll::notify
