#include "batch.h"

#include <algorithm>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <cmath>

#include "base/id.h"
#include "base/json.h"

namespace plimsoll::control {
namespace {

using Wrong = std::expected<void, BatchProblem>;

std::unexpected<BatchProblem> wrong(std::string field, std::string message) {
  return std::unexpected(BatchProblem{.index = {}, .field = std::move(field), .message = std::move(message)});
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

// A name for a message: what a client sent is only repeated where it can be nothing but a name.
std::string shown(std::string_view name) {
  const bool plain =
      !name.empty() && name.size() <= 40 &&
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") ==
          std::string_view::npos;
  return plain ? std::string(name) : "(a name)";
}

constexpr double kYear2200 = 7'258'118'400;

// A day and a time as Python writes them without an offset is UTC.
std::optional<Time> read_time(std::string_view text) {
  if (text.substr(0, 4) < "1970" || text.substr(0, 4) > "2199") return std::nullopt;
  if (const auto time = from_rfc3339(text)) return time;
  return text.size() <= 40 ? from_rfc3339(std::string(text) + "Z") : std::nullopt;
}

class EventReader {
 public:
  EventReader(const json::value& value, IngestEvent& event) : value_(value), event_(event) {}

  Wrong read() {
    const auto* object = value_.if_object();
    if (object == nullptr) return wrong("", "an event must be an object");
    for (const auto& [key, value] : *object)
      if (auto done = member(key, value); !done) return done;
    for (const std::string_view name : {"user_id", "org_id", "surface", "tier", "prompt"})
      if (const auto* found = object->if_contains(name); found == nullptr || found->is_null())
        return wrong(std::string(name), "is missing");
    if (event_.id.empty()) event_.id = new_id();
    return {};
  }

 private:
  Wrong member(std::string_view key, const json::value& value) {
    const bool optional =
        key != "user_id" && key != "org_id" && key != "surface" && key != "tier" && key != "prompt";
    if (value.is_null() && optional && known(key)) return {};
    if (key == "event_id") return id(value);
    if (key == "user_id") return name("user_id", value, event_.user, 1);
    if (key == "org_id") return name("org_id", value, event_.org, 1);
    if (key == "session_id") return name("session_id", value, event_.session, 0);
    if (key == "model_version") return name("model_version", value, event_.model, 0);
    if (key == "surface") return surface(value);
    if (key == "tier") return tier(value);
    if (key == "prompt") return text("prompt", value, event_.prompt);
    if (key == "completion") return text("completion", value, event_.completion.emplace());
    if (key == "timestamp") return timestamp(value);
    if (key == "risk_scores") return risk_scores(value);
    if (key == "tags") return tags(value);
    if (key == "lawful_basis") return lawful_basis(value);
    return wrong(shown(key), "is not a member of an event");
  }

  static bool known(std::string_view key) {
    constexpr std::string_view kOptional[] = {"completion",  "event_id",   "lawful_basis", "model_version",
                                              "risk_scores", "session_id", "tags",         "timestamp"};
    return std::ranges::find(kOptional, key) != std::end(kOptional);
  }

  static Wrong text(std::string_view field, const json::value& value, std::string& out) {
    const auto* found = value.if_string();
    if (found == nullptr) return wrong(std::string(field), "must be a string");
    out.assign(found->data(), found->size());
    return {};
  }

  static Wrong name(std::string_view field, const json::value& value, std::string& out, std::size_t least) {
    const auto* found = value.if_string();
    if (found == nullptr || found->size() < least || found->size() > kMaxNameBytes)
      return wrong(std::string(field), "must be a string of " + std::to_string(least) + " to " +
                                           std::to_string(kMaxNameBytes) + " bytes");
    out.assign(found->data(), found->size());
    return {};
  }

  Wrong id(const json::value& value) {
    const auto* found = value.if_string();
    if (found == nullptr || found->empty() || found->size() > 4 * kMaxIdBytes ||
        characters(*found) > kMaxIdBytes)
      return wrong("event_id", "must be a string of 1 to 128 characters");
    event_.id.assign(found->data(), found->size());
    return {};
  }

  Wrong surface(const json::value& value) {
    if (const auto* found = value.if_string())
      for (const auto known : kSurfaces)
        if (*found == known) {
          event_.surface = known;
          return {};
        }
    return wrong("surface", "must be 'claude_web', 'api', 'aws_bedrock' or 'app'");
  }

  Wrong tier(const json::value& value) {
    const auto* found = value.if_string();
    const auto tier = found != nullptr ? parse_tier(*found) : std::nullopt;
    if (!tier) return wrong("tier", "must be 'general', 'enterprise' or 'research_sandbox'");
    event_.tier = *tier;
    return {};
  }

  Wrong timestamp(const json::value& value) {
    if (const auto* found = value.if_string()) {
      event_.occurred = read_time(*found);
    } else if (value.is_number()) {
      const auto seconds = value.to_number<double>();
      if (seconds >= 0 && seconds < kYear2200)
        event_.occurred = Time(std::chrono::milliseconds(std::llround(seconds * 1'000)));
    }
    if (!event_.occurred)
      return wrong(
          "timestamp",
          "must be a time such as 2026-01-31T12:00:00Z, or seconds since 1970, before the year 2200");
    return {};
  }

  Wrong risk_scores(const json::value& value) {
    const auto* scores = value.if_object();
    if (scores == nullptr) return wrong("risk_scores", "must be an object of numbers from 0 to 1");
    for (const auto& [name, score] : *scores) {
      const auto category = parse_category(name);
      if (!category) return wrong("risk_scores." + shown(name), "is no category of risk");
      const auto number = score.is_number() ? score.to_number<double>() : -1;
      if (!(number >= 0 && number <= 1))
        return wrong("risk_scores." + shown(name), "must be a number from 0 to 1");
      event_.reported.set(*category, number);
    }
    return {};
  }

  Wrong tags(const json::value& value) {
    const auto* list = value.if_array();
    if (list == nullptr || list->size() > kMaxTags)
      return wrong("tags", "must be a list of at most " + std::to_string(kMaxTags) + " strings");
    for (const auto& tag : *list)
      if (auto read = name("tags", tag, event_.tags.emplace_back(), 1); !read) return read;
    return {};
  }

  Wrong lawful_basis(const json::value& value) {
    if (const auto* basis = value.if_string())
      event_.lawful_basis = is_lawful_basis(*basis);
    else if (value.is_bool())
      event_.lawful_basis = value.get_bool();
    else
      return wrong("lawful_basis", "must be true, false or one of GDPR Art. 6(1)'s bases");
    return {};
  }

  const json::value& value_;
  IngestEvent& event_;
};

class BatchReader {
 public:
  BatchReader(bool partial, const MayReport& may_report) : partial_(partial), may_report_(may_report) {}

  // False: the batch is refused.
  std::expected<void, BatchProblem> take(const json::value& value) {
    return keep(EventReader(value, next_).read());
  }
  std::expected<void, BatchProblem> keep(Wrong read) {
    const auto index = count_++;
    if (read && may_report_ && !may_report_(next_.org)) {
      read = wrong("org_id", "this key or token may not report for this organisation");
      read.error().forbidden = true;
    }
    if (!read) {
      read.error().index = index;
      if (!partial_) return read;
      batch_.refused.push_back(std::move(read).error());
    } else {
      batch_.events.push_back(std::move(next_));
    }
    next_ = {};
    return {};
  }
  std::size_t count() const { return count_; }
  Batch finish() { return std::move(batch_); }

 private:
  bool partial_;
  const MayReport& may_report_;
  std::size_t count_ = 0;
  IngestEvent next_;
  Batch batch_;
};

constexpr JsonLimits kLimits{.max_bytes = kMaxBatchBytes, .max_depth = 16};

std::unexpected<BatchProblem> too_many() {
  return wrong("events", "a batch may have " + std::to_string(kMaxEvents) + " events");
}

std::expected<Batch, BatchProblem> parse_lines(std::string_view body, bool partial,
                                               const MayReport& may_report) {
  BatchReader reader(partial, may_report);
  while (!body.empty()) {
    auto line = body.substr(0, body.find('\n'));
    body.remove_prefix(std::min(line.size() + 1, body.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
    if (reader.count() == kMaxEvents) return too_many();
    json::monotonic_resource memory;
    const auto value = parse_json(line, kLimits, &memory);
    auto taken = value ? reader.take(*value) : reader.keep(wrong("", value.error().message));
    if (!taken) return std::unexpected(std::move(taken).error());
  }
  return reader.finish();
}

}  // namespace

std::expected<Batch, BatchProblem> parse_batch(std::string_view body, bool lines, bool partial,
                                               const MayReport& may_report) {
  if (lines) return parse_lines(body, partial, may_report);
  json::monotonic_resource memory;
  const auto value = parse_json(body, kLimits, &memory);
  if (!value) return wrong("", value.error().message);
  const auto* object = value->if_object();
  if (object == nullptr) return wrong("", R"(the body must be an object: {"events":[…]})");
  for (const auto& [key, ignored] : *object)
    if (key != "events") return wrong(shown(key), "is not a member of a batch");
  const auto* events = find_array(*value, "events");
  if (events == nullptr) return wrong("events", "must be a list of events");
  if (events->size() > kMaxEvents) return too_many();
  BatchReader reader(partial, may_report);
  for (const auto& event : *events)
    if (auto taken = reader.take(event); !taken) return std::unexpected(std::move(taken).error());
  return reader.finish();
}

}  // namespace plimsoll::control
