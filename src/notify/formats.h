// A notice in the words of whoever gets it. Pure.
#pragma once

#include <string>

#include "net/http.h"
#include "notify/destination.h"

namespace plimsoll::notify {

struct Message {
  net::Headers headers;
  std::string body;
};

// The notice as JSON, signed as Standard Webhooks says (github.com/standard-webhooks): webhook-id, webhook-timestamp,
// and in webhook-signature one "v1,<base64>" for each key.
Message webhook_message(const Destination& destination, const Notice& notice, Time now);
// An incoming webhook's payload: blocks, and the text that notifications show.
Message slack_message(const Destination& destination, const Notice& notice);
// An event of PagerDuty's Events API v2: trigger, or resolve where the notice says that something is over.
Message pagerduty_message(const Destination& destination, const Notice& notice);
// Of a webhook, Slack or PagerDuty.
Message http_message(const Destination& destination, const Notice& notice, Time now);

// A message of RFC 5322 with CRLF, all of it ASCII: header fields with encoded words (RFC 2047) where need be, the text
// quoted-printable (RFC 2045).
std::string mail_message(const Destination& destination, const Notice& notice, Time now);

}  // namespace plimsoll::notify
