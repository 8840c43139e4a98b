#include "practice.h"

#include <algorithm>
#include <array>

#include "letters.h"
#include "word_table.h"

extern "C" {
extern const char plimsoll_tagger_contexts[];      // NOLINT: defined by words.S
extern const char plimsoll_tagger_contexts_end[];  // NOLINT
}

namespace plimsoll::tagger {
namespace {

using Texts = std::vector<std::string_view>;

const Texts kOrganizationWords{
    "Inc",       "Inc.",       "Corp",      "Corporation", "Ltd",        "Ltd.",         "Limited",
    "LLC",       "PLC",        "GmbH",      "AG",          "KG",         "S.A.",         "SAS",
    "SpA",       "Srl",        "BV",        "AB",          "Oy",         "Group",        "Holdings",
    "Partners",  "& Sons",     "& Co",      "Bank",        "Insurance",  "Logistics",    "Systems",
    "Solutions", "Software",   "Labs",      "Consulting",  "Industries", "Technologies", "University",
    "Hospital",  "Foundation", "Institute", "Airlines",    "Motors",     "Energy",       "Foods",
    "Media",     "Health",     "Robotics"};
const Texts kOrganizationHeads{"Blue",    "Green",    "Bright",   "North",   "Northern", "South",  "Western",
                               "Eastern", "United",   "National", "General", "First",    "Global", "Central",
                               "Pacific", "Atlantic", "Alpine",   "Summit",  "Pioneer",  "Silver", "Golden",
                               "Red",     "Data",     "Cloud",    "Solar",   "Quantum",  "Bio",    "Med",
                               "Agri",    "Digital",  "Smart",    "Open",    "Urban",    "Royal",  "City",
                               "Star",    "Delta",    "Omega",    "Apex",    "Nova",     "Terra",  "Aqua",
                               "Inter",   "Trans",    "Euro",     "Ameri"};
const Texts kOrganizationTails{"Path",   "Works",  "Soft",  "Tech",   "Net",   "Mart",  "Flow", "Wave",
                               "Link",   "Point",  "Gate",  "Bridge", "Field", "Stone", "Leaf", "Light",
                               "Vision", "Logic",  "Sense", "Core",   "Hub",   "Force", "Pay",  "Care",
                               "Gen",    "Pharma", "Air",   "Line",   "Ship",  "Forge", "Nest"};
const Texts kTrees{"Oak",    "Maple",      "Pine",     "Cedar",   "Elm",    "Main",   "Church",   "High",
                   "Park",   "Lake",       "Hill",     "Station", "School", "Mill",   "River",    "Spring",
                   "Sunset", "Washington", "Victoria", "King",    "Queen",  "Market", "Chestnut", "Walnut",
                   "Cherry", "Willow",     "Highland", "Bridge",  "Garden", "Forest", "Meadow"};
const Texts kStates{"AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "FL", "GA", "HI", "ID", "IL",
                    "IN", "IA", "KS", "KY", "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT",
                    "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR", "PA", "RI",
                    "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY"};
const Texts kEnglishStreets{"Street",   "St",    "St.",     "Avenue", "Ave",     "Ave.",    "Road",
                            "Rd",       "Rd.",   "Lane",    "Ln",     "Drive",   "Dr",      "Boulevard",
                            "Blvd",     "Court", "Ct",      "Place",  "Square",  "Terrace", "Close",
                            "Crescent", "Way",   "Gardens", "Grove",  "Parkway", "Highway"};
const Texts kGermanEnds{"straße", "strasse", "str.", "weg",  "platz",
                        "allee",  "gasse",   "ring", "ufer", "damm"};
const Texts kDutchEnds{"straat", "laan", "plein", "weg", "kade", "gracht", "singel", "dreef"};
const Texts kNordicEnds{"gatan", "vägen", "gata", "gate", "veien", "vej", "gade", "katu", "tie", "väg"};
const Texts kFrenchStreets{"rue",   "Rue",    "avenue",  "Avenue", "boulevard",
                           "place", "chemin", "impasse", "allée",  "quai"};
const Texts kSpanishStreets{"Calle", "C/", "Avenida", "Avda.", "Paseo", "Plaza", "Camino", "Ctra.", "Ronda"};
const Texts kItalianStreets{"Via", "via", "Viale", "Piazza", "Corso", "Vicolo", "Largo"};
const Texts kPortugueseStreets{"Rua", "Avenida", "Av.", "Travessa", "Praça", "Largo"};

Texts sentences() {
  Texts out;
  std::string_view rest(plimsoll_tagger_contexts, plimsoll_tagger_contexts_end);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (!line.empty() && line.front() != '#') out.push_back(line);
  }
  return out;
}

std::string operator+(std::string_view a, std::string_view b) {
  return std::string(a).append(b);
}

std::string first_letter(std::string_view word) {
  return std::string(word.substr(0, letter_at(word, 0).size));
}

// The place, on a character's boundary, where a name is cut to be joined with half of another.
std::size_t middle(std::string_view name) {
  std::size_t at = (name.size() + 1) / 2;
  while (at < name.size() && (static_cast<unsigned char>(name[at]) & 0xC0U) == 0x80) ++at;
  return at;
}

}  // namespace

std::string in_case(std::string_view text, bool upper) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const Letter c = letter_at(text, at);
    const auto second = at + 1 < text.size() ? static_cast<unsigned char>(text[at + 1]) : 0U;
    if (c.code < 0x80) {
      const char b = text[at];
      const bool flips = upper ? c.kind == LetterKind::kLower : c.kind == LetterKind::kUpper;
      out.push_back(flips ? static_cast<char>(b ^ 0x20) : b);
    } else if (c.code >= 0xC0 && c.code < 0x100 && c.code != 0xDF && c.code != 0xFF) {
      // Latin-1: cases are 32 apart, in the second byte.
      const bool flips = upper ? c.kind == LetterKind::kLower : c.kind == LetterKind::kUpper;
      out.push_back(text[at]);
      out.push_back(static_cast<char>(flips ? second ^ 0x20U : second));
    } else {
      out.append(text.substr(at, c.size));
    }
    at += c.size;
  }
  return out;
}

Practice::Practice(std::uint64_t seed)
    : random_(seed),
      sentences_(sentences()),
      given_(WordTable::entries(List::kGiven)),
      family_(WordTable::entries(List::kFamily)),
      cities_(WordTable::entries(List::kCity)),
      countries_(WordTable::entries(List::kCountry)),
      organizations_(WordTable::entries(List::kOrganization)) {}

std::string Practice::digits(std::size_t n) {
  std::string out;
  for (std::size_t i = 0; i < n; ++i) out.push_back(static_cast<char>('0' + random_.below(10)));
  return out;
}

std::string Practice::house() {
  std::string out = std::to_string(1 + random_.below(random_.chance(70) ? 200 : 9900));
  if (random_.chance(8)) out.push_back(static_cast<char>('a' + random_.below(4)));
  return out;
}

// Two halves of different names: a name that is on no list.
std::string Practice::invented(const Texts& names) {
  for (int tries = 0; tries < 8; ++tries) {
    const std::string_view a = any(names), b = any(names);
    if (a.size() < 4 || b.size() < 4 || a.find(' ') != a.npos || b.find(' ') != b.npos) continue;
    std::string tail(b.substr(middle(b)));
    if (letter_at(tail, 0).kind == LetterKind::kLower) return a.substr(0, middle(a)) + tail;
  }
  return std::string(any(names));
}

std::string Practice::given() {
  return random_.chance(15) ? invented(given_) : std::string(any(given_));
}
std::string Practice::family() {
  return random_.chance(35) ? invented(family_) : std::string(any(family_));
}
std::string Practice::city() {
  return random_.chance(35) ? invented(cities_) : std::string(any(cities_));
}
std::string Practice::country() {
  return std::string(any(countries_));
}
std::string Practice::place() {
  return random_.chance(50) ? city() : country();
}

std::string Practice::person() {
  const std::size_t style = random_.below(100);
  if (style < 6) return given();
  if (style < 8) return family();
  if (style < 12) return given() + " " + first_letter(any(given_)) + ". " + family();
  if (style < 15) return given() + " " + given() + " " + family();
  if (style < 18) return given() + " " + family() + "-" + family();
  if (style < 20) return first_letter(any(given_)) + ". " + family();
  if (style < 22) return family() + ", " + given();
  if (style < 23) return given() + "-" + given() + " " + family();
  if (style < 25)
    return given() + (random_.chance(50) ? " van der " : random_.chance(50) ? " de " : " von ") + family();
  if (style < 26) return given() + " " + family() + (random_.chance(50) ? " Jr." : " PhD");
  return given() + " " + family();
}

std::string Practice::organization() {
  const std::size_t style = random_.below(100);
  if (style < 20) return std::string(any(organizations_));
  if (style < 40) return family() + " " + any(kOrganizationWords);
  if (style < 48) return family() + "-" + family();
  if (style < 54) return family() + (random_.chance(50) ? " & " : " and ") + family();
  if (style < 60) return family() + ", " + family() + " and " + family();
  if (style < 70) return any(kOrganizationHeads) + any(kOrganizationTails);
  if (style < 82)
    return any(kOrganizationHeads) + " " + any(kOrganizationTails) + " " + any(kOrganizationWords);
  if (style < 86) return "University of " + std::string(any(cities_));
  if (style < 91) return std::string(any(cities_)) + " " + any(kOrganizationWords);
  if (style < 92) return "St. " + given() + (random_.chance(60) ? "'s Hospital" : "'s School");
  if (style < 95) return any(kOrganizationHeads) + any(kOrganizationTails) + " " + any(kOrganizationWords);
  if (style < 97)
    return (random_.chance(50) ? "Ministry of " : "Department of ") + std::string(any(kOrganizationTails));
  return any(kOrganizationHeads) + " " + any(kOrganizationWords);
}

std::string Practice::street_name() {
  const std::size_t style = random_.below(10);
  if (style < 4) return std::string(any(kTrees));
  if (style < 8) return family();
  if (style < 9) return given() + " " + family();
  return std::to_string(1 + random_.below(180)) + "th";
}

std::string Practice::street() {
  switch (random_.below(12)) {
    case 0:
      return family() + any(kGermanEnds) + " " + house();
    case 1:
      return given() + "-" + family() + "-Straße " + house();
    case 2:
      return house() +
             (random_.chance(20)   ? " bis "
              : random_.chance(30) ? ", "
                                   : " ") +
             any(kFrenchStreets) + (random_.chance(40) ? " de " : " ") +
             (random_.chance(40) ? given() + " " : "") + family();
    case 3:
      return any(kSpanishStreets) + (random_.chance(25) ? " de " : " ") + family() +
             (random_.chance(30) ? ", " : " ") + house();
    case 4:
      return any(kItalianStreets) + " " + (random_.chance(40) ? given() + " " : "") + family() +
             (random_.chance(30) ? ", " : " ") + house();
    case 5:
      return family() + any(kDutchEnds) + " " + house();
    case 6:
      return (random_.chance(70) ? family() : given()) + any(kNordicEnds) + " " + house();
    case 7:
      return random_.chance(60) ? any(kPortugueseStreets) + " " + family() + ", " + house()
                                : "ul. " + family() + " " + house() + "/" + digits(1);
    default: {
      const std::string direction = random_.chance(12) ? (random_.chance(50) ? "N " : "West ") : "";
      return house() + " " + direction + street_name() + " " + any(kEnglishStreets);
    }
  }
}

std::string Practice::zip() {
  switch (random_.below(8)) {
    case 0:
      return digits(4) + " " + static_cast<char>('A' + random_.below(26)) +
             static_cast<char>('A' + random_.below(26));
    case 1: {
      std::string out;
      out.push_back(static_cast<char>('A' + random_.below(26)));
      if (random_.chance(60)) out.push_back(static_cast<char>('A' + random_.below(26)));
      out += digits(1 + random_.below(2)) + " " + digits(1);
      out.push_back(static_cast<char>('A' + random_.below(26)));
      out.push_back(static_cast<char>('A' + random_.below(26)));
      return out;
    }
    case 2:
      return digits(5) + "-" + digits(4);
    case 3:
      return digits(3) + " " + digits(2);
    case 4:
      return digits(4);
    default:
      return digits(5);
  }
}

std::string Practice::address() {
  if (random_.chance(7)) {
    const std::string box = (random_.chance(60)   ? "P.O. Box "
                             : random_.chance(50) ? "PO Box "
                                                  : "Postfach ") +
                            digits(2 + random_.below(3));
    return random_.chance(50) ? box : box + ", " + city() + ", " + any(kStates) + " " + digits(5);
  }
  const std::string gap = random_.chance(70) ? ", " : random_.chance(50) ? "\n" : "\n ";
  std::string out = street();
  if (random_.chance(30)) {
    const std::array<std::string_view, 6> units{"Apt. ", "Apt ", "Suite ", "Unit ", "Flat ", "Floor "};
    out += gap + units[random_.below(units.size())] + digits(1 + random_.below(3));
  }
  if (random_.chance(20)) return out;
  switch (random_.below(4)) {
    case 0:
      out += gap + city() + (random_.chance(70) ? ", " : " ") + any(kStates) + " " + digits(5);
      break;
    case 1:
      out += gap + zip() + " " + city();
      break;
    case 2:
      out += gap + city() + (random_.chance(60) ? " " : ", ") + zip();
      break;
    default:
      out += gap + city();
      break;
  }
  if (random_.chance(25)) out += gap + country();
  return out;
}

std::string Practice::value(std::string_view slot, Kind& kind, bool& named) {
  named = true;
  kind = Kind::kPerson;
  if (slot == "person") return person();
  if (slot == "first") return given();
  if (slot == "family") return family();
  kind = Kind::kOrganization;
  if (slot == "org") return organization();
  kind = Kind::kLocation;
  if (slot == "city") return city();
  if (slot == "country") return country();
  if (slot == "place") return place();
  kind = Kind::kAddress;
  if (slot == "address") return address();
  if (slot == "street") return street();
  if (slot == "zip") return zip();
  named = false;
  return std::to_string(1 + random_.below(120));
}

Example Practice::fill(std::string_view sentence) {
  Example out;
  while (!sentence.empty()) {
    if (sentence.starts_with("\\n")) {
      out.text.push_back('\n');
      sentence.remove_prefix(2);
      continue;
    }
    const std::size_t close = sentence.find('}');
    if (sentence.front() == '{' && close != sentence.npos) {
      Kind kind = Kind::kPerson;
      bool named = false;
      const std::string filled = value(sentence.substr(1, close - 1), kind, named);
      const std::size_t begin = out.text.size();
      out.text += filled;
      if (named) out.spans.push_back({.begin = begin, .end = out.text.size(), .kind = kind});
      sentence.remove_prefix(close + 1);
      continue;
    }
    out.text.push_back(sentence.front());
    sentence.remove_prefix(1);
  }
  return out;
}

std::vector<Example> Practice::round() {
  std::vector<Example> out;
  for (const auto sentence : sentences_) {
    Example example = fill(sentence);
    const std::size_t style = random_.below(100);
    if (style < 25) example.text = in_case(example.text, false);
    if (style >= 97) example.text = in_case(example.text, true);
    out.push_back(std::move(example));
  }
  return out;
}

Example Practice::with_other_values(const Example& example) {
  Example out;
  out.annotation = example.annotation;
  std::size_t at = 0;
  for (const NameSpan& span : example.spans) {
    out.text.append(example.text, at, span.begin - at);
    const std::string_view old = std::string_view(example.text).substr(span.begin, span.end - span.begin);
    const bool several = old.find(' ') != old.npos;
    std::string filled;
    if (span.kind == Kind::kPerson) filled = several ? person() : random_.chance(75) ? given() : family();
    if (span.kind == Kind::kOrganization) filled = organization();
    if (span.kind == Kind::kLocation) filled = place();
    // Parts of addresses would fit nowhere else.
    if (span.kind == Kind::kAddress) filled = old.size() > 25 ? address() : std::string(old);
    const Letter head = letter_at(old, 0);
    if (head.kind == LetterKind::kLower) filled = in_case(filled, false);
    const std::size_t begin = out.text.size();
    out.text += filled;
    out.spans.push_back({.begin = begin, .end = out.text.size(), .kind = span.kind});
    at = span.end;
  }
  out.text.append(example.text, at, std::string::npos);
  return out;
}

}  // namespace plimsoll::tagger
