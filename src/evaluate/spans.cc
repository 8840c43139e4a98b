#include "spans.h"

#include <algorithm>
#include <tuple>

namespace plimsoll::evaluate {
namespace {

// The right-hand names are Presidio's, which are the detectors', too; national licences and passports are one
// type each, since data sets rarely say whose they are.
constexpr std::pair<std::string_view, std::string_view> kAliases[] = {
    {"BIC", "SWIFT_CODE"},
    {"CARD_NUMBER", "CREDIT_CARD"},
    {"CREDIT_CARD_NUMBER", "CREDIT_CARD"},
    {"DATE", "DATE_TIME"},
    {"DATE_OF_BIRTH", "DATE_TIME"},
    {"DOB", "DATE_TIME"},
    {"DOMAIN", "URL"},
    {"DOMAIN_NAME", "URL"},
    {"DRIVERS_LICENSE", "DRIVER_LICENSE"},
    {"DRIVING_LICENCE", "DRIVER_LICENSE"},
    {"EMAIL", "EMAIL_ADDRESS"},
    {"GPE", "LOCATION"},
    {"IBAN", "IBAN_CODE"},
    {"IP", "IP_ADDRESS"},
    {"IPV4", "IP_ADDRESS"},
    {"IPV6", "IP_ADDRESS"},
    {"LOC", "LOCATION"},
    {"MAC", "MAC_ADDRESS"},
    {"NAME", "PERSON"},
    {"ORG", "ORGANIZATION"},
    {"PASSPORT_NUMBER", "PASSPORT"},
    {"PER", "PERSON"},
    {"PHONE", "PHONE_NUMBER"},
    {"SSN", "US_SSN"},
    {"STREET_ADDRESS", "ADDRESS"},
    {"UK_DRIVING_LICENCE", "DRIVER_LICENSE"},
    {"UK_PASSPORT", "PASSPORT"},
    {"URL_CREDENTIALS", "URL"},
    {"US_DRIVER_LICENSE", "DRIVER_LICENSE"},
    {"US_PASSPORT", "PASSPORT"},
};

struct Candidate {
  double overlap;
  std::size_t marked, found;
  std::size_t begin;
};

}  // namespace

std::string_view canonical_type(std::string_view type) {
  const auto* const alias =
      std::ranges::lower_bound(kAliases, type, {}, [](const auto& a) { return a.first; });
  return alias != std::end(kAliases) && alias->first == type ? alias->second : type;
}

double overlap(const Span& a, const Span& b) {
  const auto begin = std::max(a.begin, b.begin);
  const auto end = std::min(a.end, b.end);
  if (begin >= end) return 0;
  const auto either = std::max(a.end, b.end) - std::min(a.begin, b.begin);
  return static_cast<double>(end - begin) / static_cast<double>(either);
}

std::vector<std::pair<std::size_t, std::size_t>> match(std::span<const Place> marked,
                                                       std::span<const Place> found, bool typed) {
  std::vector<Candidate> candidates;
  for (std::size_t m = 0; m < marked.size(); ++m)
    for (std::size_t f = 0; f < found.size(); ++f) {
      if (typed && marked[m].type != found[f].type) continue;
      const double share = overlap(marked[m].span, found[f].span);
      if (share > kLeastOverlap) candidates.push_back({share, m, f, marked[m].span.begin});
    }
  std::ranges::sort(candidates, {},
                    [](const Candidate& c) { return std::tuple(-c.overlap, c.begin, c.marked, c.found); });
  std::vector<bool> marked_taken(marked.size()), found_taken(found.size());
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  for (const auto& c : candidates) {
    if (marked_taken[c.marked] || found_taken[c.found]) continue;
    marked_taken[c.marked] = found_taken[c.found] = true;
    pairs.emplace_back(c.marked, c.found);
  }
  return pairs;
}

}  // namespace plimsoll::evaluate
