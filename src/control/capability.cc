#include "capability.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>

#include "base/json.h"
#include "watch/statistics.h"

namespace plimsoll::control {
namespace {

constexpr std::array<std::string_view, 3> kNames = {"ruled_out", "cannot_rule_out", "ruled_in"};
constexpr std::size_t kMaxBody = 64U << 10U, kMaxName = 256, kMaxText = 4'096;
constexpr std::uint64_t kMostTrials = 1'000'000'000'000;
constexpr double kPlaces = 10'000;  // scores are kept to four places

using Wrong = std::expected<void, net::QueryProblem>;

std::unexpected<net::QueryProblem> wrong(std::string_view name, std::string message) {
  return std::unexpected(net::QueryProblem{std::string(name), std::move(message)});
}

// The members that an object may have, and what takes each.
class Reader {
 public:
  using Take = std::function<Wrong(const json::value&)>;

  Reader& text(std::string_view name, std::string& out, bool required, std::size_t most = kMaxName) {
    return add(name, required, [name, &out, required, most](const json::value& value) -> Wrong {
      const auto* found = value.if_string();
      if (found == nullptr || found->size() > most || (required && found->empty()))
        return wrong(name, "must be a string of " + std::string(required ? "1" : "0") + " to " +
                               std::to_string(most) + " bytes");
      out.assign(found->data(), found->size());
      return {};
    });
  }
  Reader& share(std::string_view name, std::optional<double>& out) {
    return add(name, false, [name, &out](const json::value& value) -> Wrong {
      const auto number = share_of(value);
      if (!number) return wrong(name, "must be a number from 0 to 1");
      out = number;
      return {};
    });
  }
  Reader& count(std::string_view name, std::optional<std::uint64_t>& out) {
    return add(name, false, [name, &out](const json::value& value) -> Wrong {
      if (!value.is_int64() || value.get_int64() < 0 ||
          static_cast<std::uint64_t>(value.get_int64()) > kMostTrials)
        return wrong(name, "must be a whole number");
      out = static_cast<std::uint64_t>(value.get_int64());
      return {};
    });
  }
  Reader& add(std::string_view name, bool required, Take take) {
    members_[name] = {required, std::move(take)};
    return *this;
  }

  Wrong read(std::string_view body) const {
    if (body.size() > kMaxBody) return wrong("the body", "may have 64 KiB");
    const auto value = parse_json(body);
    const auto* object = value ? value->if_object() : nullptr;
    if (object == nullptr) return wrong("the body", "must be a JSON object");
    for (const auto& [key, member] : *object) {
      const auto found = members_.find(key);
      if (found == members_.end()) return wrong("a member", "is not known; expected " + names());
      if (member.is_null()) continue;
      if (auto taken = found->second.take(member); !taken) return taken;
    }
    for (const auto& [name, member] : members_)
      if (member.required && (object->if_contains(name) == nullptr || object->at(name).is_null()))
        return wrong(name, "is missing");
    return {};
  }

  static std::optional<double> share_of(const json::value& value) {
    if (!value.is_number()) return std::nullopt;
    const auto number = value.to_number<double>();
    return number >= 0 && number <= 1 ? std::optional(std::round(number * kPlaces) / kPlaces) : std::nullopt;
  }

 private:
  struct Member {
    bool required;
    Take take;
  };
  std::string names() const {
    std::string out;
    for (const auto& [name, member] : members_) out.append(out.empty() ? "" : ", ").append(name);
    return out;
  }
  std::map<std::string_view, Member> members_;
};

// A threat's name: what policies call their triggers.
bool is_threat(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

// Rounded outwards, so that a bound never says more than it was computed to.
std::pair<double, double> outwards(std::pair<double, double> interval) {
  return {std::floor(interval.first * kPlaces) / kPlaces, std::ceil(interval.second * kPlaces) / kPlaces};
}

Wrong complete(CapabilityEvaluation& out, std::optional<double> score, std::optional<std::uint64_t> n,
               std::optional<std::pair<double, double>> interval) {
  out.n = n.value_or(0);
  if (!is_threat(out.threat))
    return wrong("threat", "must be 1 to 64 lower-case letters, digits, '_' or '-'");
  if (out.successes && (!n || *n == 0)) return wrong("n", "is missing: of how many trials");
  if (out.successes && *out.successes > *n) return wrong("successes", "are more than n");
  if (out.successes && score) return wrong("score", "is successes of n, where these are given");
  if (!out.successes && !score) return wrong("score", "is missing (or successes and n)");
  if (!out.successes && !interval) return wrong("interval", "is missing: [low, high], or successes and n");
  out.score =
      score ? *score
            : std::round(static_cast<double>(*out.successes) / static_cast<double>(*n) * kPlaces) / kPlaces;
  std::tie(out.low, out.high) = interval ? *interval : outwards(watch::clopper_pearson(*out.successes, *n));
  if (out.low > out.score || out.high < out.score) return wrong("interval", "does not hold the score");
  if (!out.threshold && !out.stated)
    return wrong("threshold", "is missing: what the score is held against; or state a status");
  if (!out.threshold_id.empty() && (out.framework.empty() || out.version.empty()))
    return wrong("framework", "and version are missing: whose threshold it is");
  return {};
}

}  // namespace

std::string_view to_string(Capability status) {
  return kNames.at(static_cast<std::size_t>(status));
}

std::optional<Capability> parse_capability(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Capability>(found - kNames.begin());
}

Capability CapabilityEvaluation::status() const {
  auto out = stated.value_or(Capability::kRuledOut);
  if (threshold)
    out = std::max(out, high < *threshold   ? Capability::kRuledOut
                        : low >= *threshold ? Capability::kRuledIn
                                            : Capability::kCannotRuleOut);
  return out;
}

std::expected<CapabilityEvaluation, net::QueryProblem> read_capability_evaluation(std::string_view body) {
  CapabilityEvaluation out;
  std::optional<double> score;
  std::optional<std::uint64_t> n;
  std::optional<std::pair<double, double>> interval;
  Reader reader;
  reader.text("model_version", out.model, true)
      .text("threat", out.threat, true)
      .text("framework", out.framework, false)
      .text("version", out.version, false)
      .text("threshold_id", out.threshold_id, false)
      .text("method", out.method, true, kMaxText)
      .text("evaluator", out.evaluator, true)
      .text("decision_maker", out.decision_maker, false)
      .text("notes", out.notes, false, kMaxText)
      .share("score", score)
      .share("threshold", out.threshold)
      .count("n", n)
      .count("successes", out.successes)
      .add("interval", false,
           [&](const json::value& value) -> Wrong {
             const auto* list = value.if_array();
             const auto low =
                 list != nullptr && list->size() == 2 ? Reader::share_of((*list)[0]) : std::nullopt;
             const auto high = low ? Reader::share_of((*list)[1]) : std::nullopt;
             if (!high || *low > *high) return wrong("interval", "must be [low, high], numbers from 0 to 1");
             interval = {*low, *high};
             return {};
           })
      .add("as_of", false,
           [&](const json::value& value) -> Wrong {
             const auto* text = value.if_string();
             if (text != nullptr && text->size() == 10)
               out.as_of = from_rfc3339(std::string(*text) + "T00:00:00Z");
             else if (text != nullptr)
               out.as_of = from_rfc3339(*text);
             if (!out.as_of || *text < "1970" || *text > "2200")
               return wrong("as_of", "must be a time such as 2026-01-31T12:00:00Z, or a day");
             return {};
           })
      .add("status", false, [&](const json::value& value) -> Wrong {
        if (const auto* text = value.if_string()) out.stated = parse_capability(*text);
        if (!out.stated) return wrong("status", "must be 'ruled_out', 'cannot_rule_out' or 'ruled_in'");
        return {};
      });
  if (auto read = reader.read(body); !read) return std::unexpected(std::move(read).error());
  if (auto whole = complete(out, score, n, interval); !whole)
    return std::unexpected(std::move(whole).error());
  return out;
}

std::expected<CapabilityDecision, net::QueryProblem> read_capability_decision(std::string_view body) {
  CapabilityDecision out;
  Reader reader;
  reader.text("decided_by", out.decided_by, true)
      .text("notes", out.notes, false, kMaxText)
      .add("decision", true, [&](const json::value& value) -> Wrong {
        const auto* text = value.if_string();
        if (text == nullptr || (*text != "freeze" && *text != "safeguards" && *text != "accept"))
          return wrong("decision", "must be 'freeze', 'safeguards' or 'accept'");
        out.decision = *text;
        return {};
      });
  if (auto read = reader.read(body); !read) return std::unexpected(std::move(read).error());
  if (out.decision != "freeze" && out.notes.empty())
    return wrong("notes", "are missing: which safeguards, or why it is accepted");
  return out;
}

}  // namespace plimsoll::control
