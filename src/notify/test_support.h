// A decision and a notice, for the module's tests.
#pragma once

#include <string>

#include "notify/destination.h"

namespace plimsoll::notify {

inline Time at(const char* text) {
  return *from_rfc3339(text);
}

inline std::string decision(const std::string& id, const std::string& action, int asl,
                            const std::string& rule = "risk_thresholds.cbrn.general") {
  return R"({"action":")" + action + R"(","asl":)" + std::to_string(asl) +
         R"(,"caller":{"org":"acme","tier":"general","user":"a-pseudonym"},"decision_id":"d-)" + id +
         R"(","direction":"prompt","event_id":")" + id +
         R"(","policy":"p1","review":false,"rules":[{"id":")" + rule +
         R"(","state":"fired"}],"scores":{"cbrn":0.42},"surface":"api","time":"2026-01-02T03:04:05.678Z","type":"decision","v":1})";
}

inline Destination webhook(const std::string& name = "ops") {
  Destination to;
  to.name = name;
  to.kind = Kind::kWebhook;
  to.url = "https://hooks.example.org/in";
  to.secrets = {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"};
  return to;
}

inline Trigger trigger(const std::string& subject, Event event = Event::kAslTrigger,
                       Severity severity = Severity::kError) {
  return {.event = event,
          .severity = severity,
          .asl = 3,
          .time = at("2026-01-02T03:04:05.678Z"),
          .subject = subject,
          .summary = "ASL-3 trigger: cbrn 0.42 (general), block",
          .path = "/events/" + subject,
          .data = {{"asl", 3}, {"tier", "general"}, {"scores", json::object{{"cbrn", 0.42}}}},
          .index = 7};
}

inline Notice notice(const std::string& id = "n-1", const std::string& subject = "e-1") {
  return {.id = id,
          .first = trigger(subject),
          .count = 1,
          .subjects = {subject},
          .last = at("2026-01-02T03:04:05.678Z"),
          .origin = "example.org/log"};
}

}  // namespace plimsoll::notify
