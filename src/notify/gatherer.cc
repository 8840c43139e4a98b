#include "gatherer.h"

#include <algorithm>
#include <boost/json/array.hpp>

#include "base/id.h"
#include "base/json.h"

namespace plimsoll::notify {

std::string dedup_key(const Notice& notice) {
  return "plimsoll/" + std::string(to_string(notice.first.event)) + "/" + notice.subjects.front();
}

Gatherer::Gatherer(std::span<const Destination> destinations, std::string origin)
    : destinations_(destinations), origin_(std::move(origin)) {}

const Destination* Gatherer::find(const std::string& name) const {
  const auto found = std::ranges::find(destinations_, name, &Destination::name);
  return found == destinations_.end() ? nullptr : &*found;
}

bool Gatherer::add(const Trigger& trigger) {
  bool taken = false;
  for (const auto& destination : destinations_) {
    if (!destination.wants(trigger)) continue;
    const auto fresh = [&] {
      return Notice{.id = new_id(),
                    .first = trigger,
                    .count = 1,
                    .subjects = {trigger.subject},
                    .last = trigger.time,
                    .origin = origin_};
    };
    if (trigger.resolved) {
      // Only what it was told of is over for it.
      auto notice = fresh();
      auto& open = open_[destination.name];
      const auto known = std::ranges::find(open, dedup_key(notice));
      if (known == open.end()) continue;
      open.erase(known);
      over_.push_back({destination.name, std::move(notice)});
      taken = true;
      continue;
    }
    taken = true;
    const auto [at, first] = pending_.try_emplace({destination.name, trigger.event});
    if (first)
      at->second.notice = fresh();
    else
      notify::add(at->second.notice, trigger);
    if (destination.kind == Kind::kPagerDuty && first) {
      auto& open = open_[destination.name];
      auto key = dedup_key(at->second.notice);
      if (std::ranges::find(open, key) == open.end()) open.push_back(std::move(key));
      if (open.size() > kMostOpen) open.pop_front();
    }
  }
  return taken;
}

std::vector<Addressed> Gatherer::leave(Time now) {
  for (auto& [key, pending] : pending_) {
    const auto quiet = quiet_until_.find(key);
    const auto* destination = find(key.first);
    // A clock that was set back must not keep anything for longer than the interval.
    const bool early = quiet != quiet_until_.end() && now < quiet->second && destination != nullptr &&
                       quiet->second - now <= destination->every;
    if (!early) pending.leaving = true;
  }
  return leaving();
}

std::vector<Addressed> Gatherer::leaving() const {
  std::vector<Addressed> out = over_;
  for (const auto& [key, pending] : pending_)
    if (pending.leaving) out.push_back({key.first, pending.notice});
  return out;
}

void Gatherer::left(Time now) {
  over_.clear();
  for (auto at = pending_.begin(); at != pending_.end();) {
    if (!at->second.leaving) {
      ++at;
      continue;
    }
    if (const auto* destination = find(at->first.first)) quiet_until_[at->first] = now + destination->every;
    at = pending_.erase(at);
  }
}

json::object Gatherer::to_object() const {
  json::array pending, over, quiet, open;
  const auto item = [](const std::string& destination, const Notice& notice) {
    return json::object{{"destination", destination}, {"notice", notify::to_object(notice)}};
  };
  for (const auto& [key, value] : pending_) {
    auto one = item(key.first, value.notice);
    one["leaving"] = value.leaving;
    pending.emplace_back(std::move(one));
  }
  for (const auto& [destination, notice] : over_) over.emplace_back(item(destination, notice));
  for (const auto& [key, until] : quiet_until_)
    quiet.emplace_back(json::object{
        {"destination", key.first}, {"event", to_string(key.second)}, {"until", to_rfc3339_ms(until)}});
  for (const auto& [destination, keys] : open_)
    for (const auto& key : keys) open.emplace_back(json::object{{"destination", destination}, {"key", key}});
  return {{"open", std::move(open)},
          {"over", std::move(over)},
          {"pending", std::move(pending)},
          {"quiet", std::move(quiet)}};
}

void Gatherer::restore(const json::value& value) {
  const auto each = [&](std::string_view key, auto visit) {
    const auto* items = plimsoll::find_array(value, key);
    for (const auto& item : items != nullptr ? *items : json::array()) {
      const auto* name = plimsoll::find_string(item, "destination");
      if (name != nullptr && find(std::string(*name)) != nullptr) visit(std::string(*name), item);
    }
  };
  const auto notice_of = [](const json::value& item) -> std::optional<Notice> {
    const auto* found = plimsoll::find(item, "notice");
    auto notice = found != nullptr ? read_notice(*found) : fail(Code::kInvalid, "");
    if (!notice || notice->subjects.empty()) return std::nullopt;
    return *std::move(notice);
  };
  each("pending", [&](const std::string& destination, const json::value& item) {
    const auto* leaving = plimsoll::find(item, "leaving");
    if (auto notice = notice_of(item)) {
      const Key key{destination, notice->first.event};
      pending_[key] = {.notice = *std::move(notice),
                       .leaving = leaving != nullptr && leaving->is_bool() && leaving->get_bool()};
    }
  });
  each("over", [&](const std::string& destination, const json::value& item) {
    if (auto notice = notice_of(item)) over_.push_back({destination, *std::move(notice)});
  });
  each("quiet", [&](const std::string& destination, const json::value& item) {
    const auto* event = plimsoll::find_string(item, "event");
    const auto* until = plimsoll::find_string(item, "until");
    const auto what = event != nullptr ? parse_event(*event) : std::nullopt;
    const auto time = until != nullptr ? from_rfc3339(*until) : std::nullopt;
    if (what && time) quiet_until_[{destination, *what}] = *time;
  });
  each("open", [&](const std::string& destination, const json::value& item) {
    const auto* key = plimsoll::find_string(item, "key");
    auto& open = open_[destination];
    if (key != nullptr && open.size() < kMostOpen) open.emplace_back(*key);
  });
}

}  // namespace plimsoll::notify
