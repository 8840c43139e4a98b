#include "formats.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <chrono>

#include "base/hash.h"
#include "base/json.h"
#include "gatherer.h"

namespace plimsoll::notify {
namespace {

constexpr std::size_t kSlackText = 2'800;  // of 3,000 that a section may have
constexpr std::size_t kSlackHeader = 140;  // of 150
constexpr std::size_t kPagerSummary = 1'024;
constexpr std::size_t kPagerKey = 255;

std::string cut(std::string text, std::size_t most) {
  if (text.size() <= most) return text;
  text.resize(most);
  while (!text.empty() && !is_utf8(text)) text.pop_back();
  return text;
}

Message json_message(const json::value& body) {
  Message out;
  out.headers.add("Content-Type", "application/json");
  out.body = to_json(body);
  return out;
}

std::string encoded_path(std::string_view path) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/:@").contains(c);
    if (plain)
      out += c;
    else
      out.append("%").append(1, kDigits[byte >> 4U]).append(1, kDigits[byte & 15U]);
  }
  return out;
}

std::string link_of(const Destination& d, const Notice& n) {
  if (d.link_base.empty() || n.first.path.empty()) return {};
  const bool slash = d.link_base.ends_with('/');
  return d.link_base.substr(0, d.link_base.size() - (slash ? 1 : 0)) + encoded_path(n.first.path);
}

// The numbers and words of a notice, a line each: "tier: general".
std::vector<std::pair<std::string, std::string>> lines_of(const Notice& n) {
  std::vector<std::pair<std::string, std::string>> out;
  const auto text_of = [](const json::value& value) {
    return value.is_string() ? std::string(value.get_string()) : to_json(value);
  };
  for (const auto& [key, value] : n.first.data) {
    if (const auto* array = value.if_array()) {
      std::string joined;
      for (const auto& item : *array) joined += (joined.empty() ? "" : ", ") + text_of(item);
      if (!joined.empty()) out.emplace_back(key, joined);
    } else if (const auto* object = value.if_object()) {
      std::string joined;
      for (const auto& [name, inner] : *object)
        joined += (joined.empty() ? "" : ", ") + std::string(name) + " " + text_of(inner);
      if (!joined.empty()) out.emplace_back(key, joined);
    } else {
      out.emplace_back(key, text_of(value));
    }
  }
  return out;
}

std::string escape_slack(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else
      out += c == '`' ? '\'' : c;
  }
  return out;
}

json::object mrkdwn(std::string text) {
  return {{"type", "mrkdwn"}, {"text", cut(std::move(text), kSlackText)}};
}

// "Sat, 28 Nov 2026 18:00:00 +0000"
std::string mail_date(Time time) {
  constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const auto iso = to_rfc3339(time);  // 2026-11-28T18:00:00Z
  std::string out(kDays.at(std::chrono::weekday(day).c_encoding()));
  out.append(", ").append(iso, 8, 2).append(" ");
  out.append(kMonths.at(static_cast<unsigned>(date.month()) - 1)).append(" ").append(iso, 0, 4).append(" ");
  return out.append(iso, 11, 8).append(" +0000");
}

// Lines of 60 bytes and one word more at most, broken where a space is.
std::string folded(std::string_view text) {
  std::string out;
  std::size_t line = 0;
  for (const char c : text) {
    if (c == ' ' && line >= 48) {
      out += "\r\n";
      line = 0;
    }
    out += c;
    ++line;
  }
  return out;
}

// As a header field's text: ASCII as it is, everything else as encoded words of at most 75 characters, folded.
std::string header_text(std::string_view text) {
  const bool plain = std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; });
  if (plain && text.size() <= 200 && !text.contains("=?")) return folded(text);
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = std::min(at + 42, text.size());  // 56 characters of base64
    while (end < text.size() && end > at + 1 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
      --end;
    out.append(out.empty() ? "" : "\r\n ")
        .append("=?UTF-8?B?")
        .append(to_base64(text.substr(at, end - at)))
        .append("?=");
    at = end;
  }
  return out;
}

std::string quoted_printable(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out, line;
  const auto end_line = [&](bool soft) {
    out.append(line).append(soft ? "=\r\n" : "\r\n");
    line.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') {
      end_line(false);
      continue;
    }
    const bool last = i + 1 == text.size() || text[i + 1] == '\n';
    const bool plain = (c > 0x20 && c < 0x7F && c != '=') || (c == ' ' && !last);
    const auto byte = static_cast<unsigned char>(c);
    std::string piece(1, c);
    if (!plain) piece = {'=', kDigits[byte >> 4U], kDigits[byte & 15U]};
    if (line.size() + piece.size() > 75) end_line(true);
    line += piece;
  }
  if (!line.empty()) end_line(false);
  return out;
}

}  // namespace

Message webhook_message(const Destination& d, const Notice& n, Time now) {
  auto body = to_object(n);
  if (const auto link = link_of(d, n); !link.empty()) body["link"] = link;
  Message out = json_message(body);
  const auto timestamp =
      std::to_string(std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count());
  const std::string signed_text = n.id + "." + timestamp + "." + out.body;
  std::string signatures;
  for (const auto& secret : d.secrets) {
    const auto key = read_webhook_secret(secret);
    if (!key) continue;
    const auto digest = hmac_sha256(*key, signed_text);
    signatures += (signatures.empty() ? "v1," : " v1,") + to_base64(bytes_of(digest));
  }
  out.headers.add("webhook-id", n.id);
  out.headers.add("webhook-timestamp", timestamp);
  out.headers.add("webhook-signature", signatures);
  return out;
}

Message slack_message(const Destination& d, const Notice& n) {
  const std::string severity(to_string(n.first.severity));
  std::string text = "*" + escape_slack(severity) + "* `" + std::string(to_string(n.first.event)) + "`\n";
  std::string subjects;
  for (const auto& subject : n.subjects)
    subjects += (subjects.empty() ? "`" : ", `") + escape_slack(subject) + "`";
  text += subjects;
  if (n.count > n.subjects.size()) text += " …";
  for (const auto& [key, value] : lines_of(n)) text += "\n" + escape_slack(key) + ": " + escape_slack(value);
  if (const auto link = link_of(d, n); !link.empty()) text += "\n<" + escape_slack(link) + "|Open>";
  json::array blocks;
  json::object header{{"type", "header"}};
  header["text"] = json::object{{"type", "plain_text"}, {"text", cut(headline(n), kSlackHeader)}};
  blocks.emplace_back(std::move(header));
  blocks.emplace_back(json::object{{"type", "section"}, {"text", mrkdwn(std::move(text))}});
  json::object context{{"type", "context"}};
  context["elements"] = json::array{mrkdwn("Plimsoll, log " + escape_slack(n.origin) + ", entry " +
                                           std::to_string(n.first.index) + ", " + to_rfc3339(n.first.time))};
  blocks.emplace_back(std::move(context));
  return json_message(
      json::object{{"text", escape_slack(severity + ": " + headline(n))}, {"blocks", std::move(blocks)}});
}

Message pagerduty_message(const Destination& d, const Notice& n) {
  json::object out{{"routing_key", d.secrets.empty() ? std::string() : d.secrets.front()},
                   {"event_action", n.first.resolved ? "resolve" : "trigger"},
                   {"dedup_key", cut(dedup_key(n), kPagerKey)}};
  if (n.first.resolved) return json_message(out);
  json::object payload{{"summary", cut(headline(n), kPagerSummary)}, {"source", n.origin}};
  payload["severity"] = to_string(n.first.severity);  // info, warning, error, critical are theirs, too
  payload["timestamp"] = to_rfc3339_ms(n.first.time);
  payload["component"] = "plimsoll";
  payload["class"] = to_string(n.first.event);
  payload["custom_details"] = to_object(n);
  out["payload"] = std::move(payload);
  out["client"] = "Plimsoll";
  if (const auto link = link_of(d, n); !link.empty()) {
    out["client_url"] = link;
    out["links"] = json::array{json::object{{"href", link}, {"text", "Open"}}};
  }
  return json_message(out);
}

Message http_message(const Destination& d, const Notice& n, Time now) {
  return d.kind == Kind::kSlack       ? slack_message(d, n)
         : d.kind == Kind::kPagerDuty ? pagerduty_message(d, n)
                                      : webhook_message(d, n, now);
}

std::string mail_message(const Destination& d, const Notice& n, Time now) {
  const std::string severity(to_string(n.first.severity));
  std::string to;
  for (const auto& address : d.to) to += (to.empty() ? "" : ",\r\n ") + address;
  std::string out;
  const auto field = [&](std::string_view name, const std::string& value) {
    out.append(name).append(": ").append(value).append("\r\n");
  };
  field("Date", mail_date(now));
  field("From", d.from);
  field("To", to);
  field("Subject", header_text("[plimsoll] " + severity + ": " + headline(n)));
  field("Message-ID", "<" + n.id + "@" + d.from.substr(d.from.find('@') + 1) + ">");
  field("Auto-Submitted", "auto-generated");
  field("X-Plimsoll-Event", std::string(to_string(n.first.event)));
  field("MIME-Version", "1.0");
  field("Content-Type", "text/plain; charset=utf-8");
  field("Content-Transfer-Encoding", "quoted-printable");
  std::string text = headline(n) + "\n\n";
  const auto line = [&](std::string_view name, std::string_view value) {
    text.append(name).append(": ").append(value).append("\n");
  };
  line("event", to_string(n.first.event));
  line("severity", severity);
  line("time", to_rfc3339(n.first.time));
  line("count", std::to_string(n.count));
  for (const auto& subject : n.subjects) line("subject", subject);
  for (const auto& [key, value] : lines_of(n)) line(key, value);
  line("log", n.origin + ", entry " + std::to_string(n.first.index));
  line("notice", n.id);
  if (const auto link = link_of(d, n); !link.empty()) line("link", link);
  return out + "\r\n" + quoted_printable(text);
}

}  // namespace plimsoll::notify
